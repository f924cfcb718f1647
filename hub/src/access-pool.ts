/** What addresses of the planted city's routes are made of. Used by the test of access rules only. */
import type { Pool } from './access-crawl.ts';
import { faultPool } from './access-faults.ts';
import type { Granted } from './access-granted.ts';
import { planted } from './access-planted.ts';
import type { App } from './app.ts';

/** What routes cannot be asked without: a month, days, what is looked for. */
const asked: Pool = {
  ...{
    q: ['模具'],
    from: ['2026-10-01'],
    to: ['2026-11-30'],
    month: ['2026-10'],
    day: ['2026-10-02'],
    period: ['2026-10'],
  },
  ...{
    grain: ['month'],
    year: ['2026'],
    attribute: ['name'],
    field: ['person'],
    rule: ['required'],
    seat: ['seat'],
    by: ['town'],
  },
  ...{
    z: ['12'],
    x: ['3428'],
    y: ['1682'],
    file: ['services.json'],
    format: ['csv'],
    measure: ['output'],
    kind: ['enterprise'],
  },
  '/api/v1/catalogue/entries#from': ['1'],
  '/api/v1/catalogue/entries#to': ['1'],
  '/api/v1/catalogue/entries#version': ['1'],
  '/api/3/action#name': ['package_list', 'package_search', 'status_show'],
  '/api/action#name': ['package_list'],
  '/api/v1/linkage#library': ['population', 'legal-person'],
  '/api/v1/libraries/base#library': ['people', 'building'],
  '/api/v1/libraries/belonging#library': ['legal-person'],
  '/open311/v2#file': ['services.json', 'requests.json', 'discovery.json'],
};

/** Everything that stands in the planted city and can be named in an address. */
export async function fillPool(app: App, grants: readonly Granted[]): Promise<Pool> {
  const { lake } = app.deps;
  const all = async (sql: string, params: Record<string, unknown> = {}) =>
    (await lake.query<{ x: unknown }>(sql, params as never)).map(({ x }) => String(x));
  const ids = async (table: string) =>
    (await app.db.query<{ id: unknown }>(`SELECT id FROM ${table}`)).map(({ id }) => String(id));
  const sources = [...new Set(planted.map((p) => p.source))];
  const own = `source IN (${sources.map((source) => `'${source}'`).join(', ')})`;
  const runs = await all(`SELECT run AS x FROM v.run_v1 WHERE ${own}`);
  const entities = await all('SELECT entity AS x FROM v.legal_person_v1');
  const facts = await all(
    `SELECT fact AS x FROM v.legal_person_fact_all_v1 f JOIN v.class_v1 c ON c.class = f.class WHERE ${own}`,
  );
  return {
    entity: entities,
    node: entities.map((e) => `e:${e}`),
    fact: facts,
    run: runs,
    row: ['1', '2'],
    '/api/v1/sharing/shares#id': grants.map((g) => String(g.share)),
    '/api/v1/gateway/services#id': grants.map((g) => String(g.share)),
    '/api/v1/sharing/deliveries#id': await ids('sharing.delivery'),
    '/api/v1/sharing/requests#id': await ids('sharing.request'),
    '/api/v1/subscriptions#id': await ids('subscriptions.subscription'),
    source: sources,
    '/api/v1/people/users#id': (await ids('auth.account')).slice(0, 2),
    '/api/v1/exchange/deliveries#job': (await app.jobs.list({ kind: 'exchange.collect', limit: 6 })).map((j) => j.id),
    ...faultPool,
    ...asked,
    '/api/v1/exchange/sources#id': sources,
    '/api/v1/catalogue/resources#id': sources,
    '/api/v1/catalogue/entries#id': sources,
    '/api/v1/sharing/entries#id': sources,
  };
}
