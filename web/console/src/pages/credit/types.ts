import type { Answer } from '../../api/client.ts';

export type Panorama = Answer<'/api/v1/credit/enterprises/{entity}'>;
export type SearchAnswer = Answer<'/api/v1/credit/search'>;
export type SearchHit = SearchAnswer['hits'][number];
export type FactsAnswer = Answer<'/api/v1/credit/enterprises/{entity}/facts'>;
export type ClassWithFields = FactsAnswer['classes'][number];
export type CreditRecord = FactsAnswer['records'][number];
export type NetworkAnswer = Answer<'/api/v1/credit/network'>;
export type PersonItem = Answer<'/api/v1/credit/persons'>['persons'][number];

/** What an enterprise's status tells at a glance. */
export function statusTone(status: string | null | undefined): 'good' | 'bad' | 'warn' | undefined {
  if (!status) return undefined;
  if (/存续|在业|开业|在营|正常/.test(status)) return 'good';
  if (/吊销|失信|撤销/.test(status)) return 'bad';
  if (/异常|清算|迁出|停业/.test(status)) return 'warn';
  return undefined;
}
