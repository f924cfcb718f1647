/** Names for the answers that several pages share; all of them come from the OpenAPI document. */
import type { Answer } from './client.ts';

export type Me = Answer<'/api/v1/me'>;
export type SignInOptions = Answer<'/api/v1/sign-in'>;
export type PurposeCode = NonNullable<Me['purpose']>['code'];

export type ExchangeSummary = Answer<'/api/v1/exchange/summary'>;
export type SourceItem = Answer<'/api/v1/exchange/sources'>['items'][number];
export type SourceDetail = Answer<'/api/v1/exchange/sources/{id}'>;
export type RunItem = Answer<'/api/v1/exchange/runs'>['items'][number];
export type RunDetail = Answer<'/api/v1/exchange/runs/{run}'>;
export type QuarantineEntry = Answer<'/api/v1/exchange/quarantine'>['items'][number];
export type KeptProblem = NonNullable<SourceItem['lastRefusal']>['problem'];

export type ResourceSummary = Answer<'/api/v1/catalogue/resources'>['items'][number];
export type ResourceDetail = Answer<'/api/v1/catalogue/resources/{id}'>;
