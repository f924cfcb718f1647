/** The addresses below `/services/{grant}` and what each does. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Problem } from '../../platform/problem.ts';
import type { Caller } from '../caller.ts';
import { clientSource } from '../docs/client.ts';
import { openApiOf } from '../docs/openapi.ts';
import type { Gateway } from '../gateway.ts';
import * as k from '../problems.ts';
import { exportOf } from '../serve/export.ts';
import { type Asking, bodies, count, list, manyRecords, type Outcome, oneKey, oneRecord } from '../serve/operations.ts';
import type { Served } from '../serve/served.ts';
import type { Service } from '../services.ts';
import { invalid, parsed, readJson, readQuery } from './read.ts';

/** What a step is given. */
export interface Taking {
  gateway: Gateway;
  caller: Caller;
  service: Service;
  served: Served;
  request: IncomingMessage;
  query: string;
  id: string;
  headers: OutgoingHttpHeaders;
  /** Takes calls of the quota; a Problem where there are none left. */
  quota(units: number): void;
}

/** What a step answers. */
export interface Done {
  status: number;
  text: string;
  headers?: OutgoingHttpHeaders;
  rows: number;
  units: number;
  key: string | null;
  fields: string | null;
  /** Records that were asked for one by one: those that were not there are charged. */
  missing?: boolean;
  stream?: (
    response: ServerResponse,
    headers: OutgoingHttpHeaders,
    ended: (rows: number, status: number) => Promise<void>,
  ) => Promise<void>;
}

/** An address and its method. */
export interface Step {
  operation: string;
  needsData: boolean;
  run(taking: Taking): Promise<Done>;
}

const askingOf = ({ gateway, caller, service, served }: Taking): Asking => ({
  ...{ served, fields: caller.grants.get(service.share.id) ?? null },
  ...{ lookups: gateway.lookups, heavy: gateway.heavy, lake: gateway.deps.lake },
});

const fieldsOf = (query: ReadonlyMap<string, string>): string[] | undefined => {
  const text = query.get('fields');
  if (text === undefined) return undefined;
  const names = text.split(',');
  if (names.length > 500 || names.some((n) => n.length > 64)) throw invalid('fields 过长', 'fields is too long');
  return names;
};

const done = (outcome: Outcome, headers?: OutgoingHttpHeaders): Done => {
  if (outcome.problem) throw new Problem(outcome.problem.kind, { ...outcome.problem.params, key: outcome.key });
  const { text, rows, units, key, fields } = outcome;
  return { status: 200, text, rows, units, key, fields, ...(headers ? { headers } : {}) };
};

/** Seconds for which an answer may be kept, by the entry's update cycle. */
const MAX_AGE: Readonly<Record<string, number>> = {
  ...{ realtime: 0, daily: 3600, weekly: 21_600, 'half-monthly': 43_200, monthly: 86_400, quarterly: 86_400 },
  yearly: 86_400,
};

/** Answers from the caller's own cache where the provider declared one: the same question of the same table has the same answer. */
async function cached(t: Taking, work: () => Promise<Outcome>): Promise<Done> {
  t.quota(1);
  if (!t.service.settings.cache) return done(await work());
  const scope = t.caller.grants.get(t.service.share.id);
  const asked = [t.served.mark, t.served.name, t.request.url, scope ? [...scope].join(',') : '*'];
  const etag = `"${createHash('sha256').update(asked.join('\n')).digest('base64url').slice(0, 27)}"`;
  const headers = {
    ...{ etag, 'cache-control': `private, max-age=${MAX_AGE[t.service.cycle] ?? 0}`, vary: 'Authorization' },
  };
  // The mark is the grant's secret: only who got the answer before can know its tag.
  if (t.request.headers['if-none-match'] === etag)
    return { status: 304, text: '', headers, rows: 0, units: 1, key: null, fields: null };
  return done(await work(), headers);
}

/** Conditions of equality and the rest of a query: `?permit_no=1&limit=20`. */
function shorthand(query: ReadonlyMap<string, string>, own: readonly string[]) {
  const rest: Record<string, unknown> = {};
  const filter = [];
  for (const [name, value] of query) {
    if (name === 'fields') rest.fields = fieldsOf(query);
    else if (own.includes(name)) rest[name] = name === 'limit' ? Number(value) : value;
    else filter.push({ item: name, is: 'eq', values: [value] });
  }
  return { ...rest, filter };
}

const record: Step = {
  ...{ operation: 'record', needsData: true },
  run: (t) => {
    const [, , , , number = ''] = t.request.url!.split('?', 1)[0]!.split('/');
    const query = readQuery(t.query);
    return cached(t, () => oneRecord(askingOf(t), number.slice(0, 64), fieldsOf(query)));
  },
};

const lookup: Step = {
  ...{ operation: 'lookup', needsData: true },
  run: (t) => {
    const query = readQuery(t.query);
    const fields = fieldsOf(query);
    query.delete('fields');
    const personal = (t.service.key ?? []).some((name) => {
      const item = t.service.items.find((i) => i.name === name)!;
      return item.protection !== 'public' && item.protection !== 'internal';
    });
    // Addresses stand in logs on the way.
    if (personal) throw new Problem(k.keyInAddress);
    return cached(t, () => oneKey(askingOf(t), Object.fromEntries(query), fields));
  },
};

const batch: Step = {
  ...{ operation: 'batch', needsData: true },
  async run(t) {
    const body = await readJson(t.request, bodies.lookup);
    t.quota(body.keys?.length ?? body.records!.length);
    return { ...done(await manyRecords(askingOf(t), body)), missing: true };
  },
};

const records: Step = {
  ...{ operation: 'list', needsData: true },
  run: (t) => {
    const body = parsed(bodies.search, shorthand(readQuery(t.query), ['limit', 'cursor']));
    return cached(t, () => list(askingOf(t), body));
  },
};

const search: Step = {
  ...{ operation: 'list', needsData: true },
  async run(t) {
    const body = await readJson(t.request, bodies.search);
    t.quota(1);
    return done(await list(askingOf(t), body));
  },
};

const counted: Step = {
  ...{ operation: 'count', needsData: true },
  run: (t) => {
    const body = parsed(bodies.count, shorthand(readQuery(t.query), []));
    return cached(t, () => count(askingOf(t), body));
  },
};

const countBy: Step = {
  ...{ operation: 'count', needsData: true },
  async run(t) {
    const body = await readJson(t.request, bodies.count);
    t.quota(1);
    return done(await count(askingOf(t), body));
  },
};

const exported: Step = { ...{ operation: 'export', needsData: true }, run: exportOf };

const described: Step = {
  ...{ operation: 'openapi', needsData: false },
  async run({ gateway, service }) {
    const text = JSON.stringify(openApiOf(service, gateway.deps.http.url()));
    return { status: 200, text, rows: 0, units: 0, key: null, fields: null };
  },
};

const typed: Step = {
  ...{ operation: 'client', needsData: false },
  async run({ gateway, service }) {
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="service-${service.share.id}.ts"`,
    };
    const text = clientSource(service, gateway.deps.http.url());
    return { status: 200, text, headers, rows: 0, units: 0, key: null, fields: null };
  },
};

const steps: Readonly<Record<string, Step>> = {
  'GET records/*': record,
  'GET records': records,
  'GET lookup': lookup,
  'POST lookup': batch,
  'POST search': search,
  'GET count': counted,
  'POST count': countBy,
  'GET export': exported,
  'GET openapi.json': described,
  'GET client.ts': typed,
};

const templateOf = (rest: readonly string[]): string =>
  rest.length === 2 && rest[0] === 'records' && rest[1] !== '' ? 'records/*' : rest.join('/');

/** The step of an address; undefined where there is none of this method. */
export function actionOf(rest: readonly string[], method: string): Step | undefined {
  const name = `${method} ${templateOf(rest)}`;
  return Object.hasOwn(steps, name) ? steps[name] : undefined;
}

/** Methods of an address; empty where nothing is there. */
export const addressesOf = (rest: readonly string[]): string[] =>
  ['GET', 'POST'].filter((m) => Object.hasOwn(steps, `${m} ${templateOf(rest)}`));
