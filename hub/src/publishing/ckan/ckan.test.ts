import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entryBench, source } from '../../catalogue/entry/testing.ts';
import { takeOver, useCatalogue, useReader } from '../../catalogue/index.ts';
import { configSchema } from '../../platform/config/index.ts';
import { createHttp, createMetrics, type HttpServer } from '../../platform/http/index.ts';
import { silentLogger } from '../../platform/log/index.ts';
import type { OpenDataPort, RowsQuery } from './datastore.ts';
import { parseQuery, type Searched } from './query.ts';
import { actionRoutes } from './routes.ts';

let bench: Awaited<ReturnType<typeof entryBench>>;
let http: HttpServer;
const asked: RowsQuery[] = [];
const open: OpenDataPort = {
  open: async () => new Map([['scjg.permit', [{ id: 'permits', title: '许可', dataset: 7 }]]]),
  most: 1000,
  async rows(_dataset, query) {
    asked.push(query);
    return { fields: [{ id: 'permit_no', type: 'text' }], rows: [{ permit_no: 'P1' }], total: 41 };
  },
};
beforeAll(async () => {
  const sources = [
    source('scjg.permit', 11, { open: true }),
    source('scjg.fee', 12, { open: true, title: { zh: '收费 "标准" 信息', en: 'Fees' }, cadence: 'monthly' }),
    source('rsj.job', 13, { title: { zh: '就业登记', en: 'Jobs' } }),
    source('rsj.secret', 14, { sharing: { type: 'refused', ground: '《保密法》第十条' }, open: true }),
  ];
  bench = await entryBench(sources);
  useCatalogue(bench.context.ports.lake, bench.catalogue);
  await takeOver({ db: bench.db, clock: bench.clock }, bench.book, sources);
  useReader(bench.db, async (request) => (request.headers.authorization === 'the-key' ? 'government' : null));
  const config = configSchema.parse({});
  const cities = fileURLToPath(new URL('../../../../cities', import.meta.url));
  const deps = {
    ...{ db: bench.db, lake: bench.context.ports.lake, config, clock: bench.clock, log: silentLogger() },
    ...{ http: { url: () => 'https://hub.example' }, folders: { cities } },
  } as unknown as Parameters<typeof actionRoutes>[0];
  http = await createHttp({
    ...{ config: config.http, clock: bench.clock, log: silentLogger(), metrics: createMetrics(), version: '1' },
    ...{ routes: actionRoutes(deps, open), checkResponses: true, ready: {}, authenticate: async () => null },
  });
  await http.fastify.ready();
});
afterAll(async () => {
  await http.close();
  await bench.end();
});

/** An action by GET, or by POST with a body. */
async function call(name: string, given: Record<string, unknown> = {}, how: { post?: boolean; key?: string } = {}) {
  const headers = { ...(how.key ? { authorization: how.key } : {}), 'content-type': 'application/json' };
  const query = new URLSearchParams(Object.entries(given).map(([k, v]): [string, string] => [k, String(v)])).toString();
  const answer = await http.fastify.inject(
    how.post
      ? { method: 'POST', url: `/api/action/${name}`, headers, payload: JSON.stringify(given) }
      : { method: 'GET', url: `/api/3/action/${name}?${query}`, headers: how.key ? { authorization: how.key } : {} },
  );
  return { status: answer.statusCode, ...JSON.parse(answer.body) };
}
// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not used.
const result = async (...args: Parameters<typeof call>): Promise<any> => (await call(...args)).result;

test('answers stand in the envelope that clients know, by GET and by POST, with and without the version', async () => {
  const help = 'https://hub.example/api/3/action/help_show?name=package_list';
  expect(await call('package_list')).toEqual({ status: 200, help, success: true, result: ['scjg-fee', 'scjg-permit'] });
  expect(await result('package_list', {}, { post: true })).toEqual(['scjg-fee', 'scjg-permit']);
  expect(await result('package_list', { limit: 1, offset: 1 })).toEqual(['scjg-permit']);
  expect(await result('status_show')).toMatchObject({ ckan_version: '2.10.4', site_url: 'https://hub.example' });
  expect((await http.fastify.inject({ method: 'GET', url: '/api/3' })).json()).toEqual({ version: 3 });
});

test('errors are those of CKAN: not found, missing values, bad queries, unknown actions, no SQL', async () => {
  expect(await call('package_show', { id: 'none' })).toMatchObject({
    ...{ status: 404, success: false, error: { __type: 'Not Found Error', message: 'Not found' } },
  });
  expect(await call('package_show')).toMatchObject({
    status: 409,
    error: { __type: 'Validation Error', id: ['Missing value'] },
  });
  expect(await call('package_search', { fq: 'title:("a' })).toMatchObject({
    status: 409,
    error: { __type: 'Search Query Error' },
  });
  expect(await call('package_search', { rows: 'many' })).toMatchObject({
    status: 409,
    error: { rows: ['Invalid integer'] },
  });
  expect(await call('datastore_search_sql', { sql: 'SELECT 1' })).toMatchObject({ status: 403 });
  for (const name of ['package_create', 'constructor', '__proto__']) {
    const answer = await http.fastify.inject({ method: 'GET', url: `/api/3/action/${name}` });
    expect([answer.statusCode, answer.json()]).toEqual([400, `Bad request - Action name not known: ${name}`]);
  }
  const broken = await http.fastify.inject({ method: 'POST', url: '/api/3/action/package_search', payload: '{"q":' });
  expect(broken.statusCode).toBe(400);
});

test('strangers find what is open and nothing else, whatever they ask; a key shows the departments’ catalogue', async () => {
  const all = async (key?: string) =>
    (
      await result('package_search', { rows: 1000, include_private: true, include_drafts: true }, key ? { key } : {})
    ).results.map((p: { name: string }) => p.name);
  expect((await all()).sort()).toEqual(['scjg-fee', 'scjg-permit']);
  expect((await all('the-key')).sort()).toEqual(['rsj-job', 'rsj-secret', 'scjg-fee', 'scjg-permit']);
  expect((await call('package_show', { id: 'rsj-job' })).status).toBe(404);
  expect((await call('organization_show', { id: 'rsj' })).status).toBe(404);
  const facets = await result('package_search', { 'facet.field': '["organization"]', rows: 0 });
  expect(facets.facets).toEqual({ organization: { scjg: 2 } });
  expect(JSON.stringify(await result('package_search', { q: '就业' }))).not.toContain('就业登记');
});

test('a package says what harvesters read: ids, organisation, extras, resources; by id, name or entry', async () => {
  const one = await result('package_show', { id: 'scjg-permit' });
  expect(one).toMatchObject({
    ...{
      name: 'scjg-permit',
      title: '行政许可信息',
      type: 'dataset',
      state: 'active',
      private: false,
      num_resources: 1,
    },
    organization: { name: 'scjg', title: '慈溪市市场监督管理局', is_organization: true },
    resources: [{ package_id: one.id, datastore_active: true, format: 'JSON' }],
  });
  expect(one.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(one.metadata_modified).toMatch(/^2026-03-02T02:00:00\.\d{6}$/);
  expect(one.owner_org).toBe(one.organization.id);
  expect(await result('package_show', { id: one.id })).toEqual(one);
  expect(await result('package_show', { id: 'scjg.permit' }, { post: true })).toEqual(one);
  expect(await result('resource_show', { id: one.resources[0].id })).toEqual(one.resources[0]);
  expect(one.extras).toContainEqual({ key: 'entry', value: 'scjg.permit' });
});

test('what harvesters page by: fq over organisations and days, sort by id or change, rows and start', async () => {
  const names = async (given: Record<string, unknown>) =>
    (await result('package_search', given)).results.map((p: { name: string }) => p.name).sort();
  expect(await names({ fq: 'organization:scjg' })).toHaveLength(2);
  expect(await names({ fq: '+organization:"scjg" +dataset_type:dataset -name:scjg-fee' })).toEqual(['scjg-permit']);
  expect(await names({ fq: '(organization:rsj OR organization:scjg) AND NOT extras_update_cycle:daily' })).toEqual([
    'scjg-fee',
  ]);
  expect(await names({ fq: 'metadata_modified:[2026-03-02T00:00:00Z TO *]' })).toHaveLength(2);
  expect(await names({ fq: 'metadata_modified:{2026-03-02T02:00:00Z TO *}' })).toHaveLength(0);
  expect(await names({ fq: 'metadata_modified:[NOW-1DAY TO NOW]' })).toHaveLength(2);
  expect(await names({ q: 'title:收费 notes:企业' })).toEqual(['scjg-fee']);
  expect(await names({ q: '"收费 \\"标准\\""' })).toEqual(['scjg-fee']);
  expect(await names({ fq: 'name:scjg-p*' })).toEqual(['scjg-permit']);
  const ids: string[] = [];
  for (let start = 0; start < 4; start++) {
    const page = await result('package_search', { q: '*:*', sort: 'id asc', rows: 1, start });
    expect(page.count).toBe(2);
    ids.push(...page.results.map((p: { id: string }) => p.id));
  }
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(ids).toHaveLength(2);
});

test('organisations, groups, tags and licences are listed, in names or whole, page by page', async () => {
  expect(await result('organization_list')).toEqual(['scjg']);
  expect(await result('organization_list', { all_fields: true })).toMatchObject([{ name: 'scjg', package_count: 2 }]);
  expect(await result('organization_list', { offset: 1 })).toEqual([]);
  expect(await result('organization_show', { id: 'scjg', include_datasets: true })).toMatchObject({
    packages: [{}, {}],
  });
  const [group] = await result('group_list');
  expect(await result('group_show', { id: group })).toMatchObject({ name: group, package_count: 2 });
  expect((await result('license_list'))[0].id).toBe('cn-open-government');
  expect(await result('vocabulary_list')).toEqual([]);
  expect(await result('current_package_list_with_resources', { limit: 1 })).toHaveLength(1);
  expect(await result('resource_search', { query: 'format:json' })).toMatchObject({ count: 1 });
});

test('rows are asked of open resources only, with filters, order and page as given', async () => {
  const { resources } = await result('package_show', { id: 'scjg-permit' });
  const given = {
    resource_id: resources[0].id,
    filters: { permit_no: ['P1', 'P2'] },
    sort: 'permit_no desc',
    limit: 10,
    offset: 20,
  };
  expect(await result('datastore_search', given, { post: true })).toMatchObject({
    ...{ total: 41, records: [{ permit_no: 'P1' }], fields: [{ id: 'permit_no', type: 'text' }] },
    _links: { prev: expect.stringContaining('offset=10'), next: expect.stringContaining('offset=30') },
  });
  expect(asked.at(-1)).toEqual({
    ...{ filters: { permit_no: ['P1', 'P2'] }, sort: [{ field: 'permit_no', desc: true }], limit: 10, offset: 20 },
  });
  expect((await call('datastore_search', { resource_id: 'none' })).status).toBe(404);
  expect((await call('datastore_search', { ...given, sort: 'a; DROP TABLE x' }, { post: true })).status).toBe(409);
  expect((await call('datastore_search', { ...given, filters: '[1]' })).status).toBe(409);
});

test('any text is a query or a told fault, and quickly so', async () => {
  const doc: Searched = { text: 'abc', values: (field) => (field === 'name' ? ['a'.repeat(300)] : null) };
  const stuff = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc
      .array(fc.constantFrom('(', ')', '+', '-', 'AND', 'OR', 'NOT', 'name:', 'a*', '"', '[a TO b]', '*:*', ' '), {
        maxLength: 40,
      })
      .map((p) => p.join('')),
  );
  fc.assert(
    fc.property(stuff, (text) => {
      try {
        expect(typeof parseQuery(text, 0)(doc)).toBe('boolean');
      } catch (error) {
        expect((error as { type?: string }).type).toBe('Search Query Error');
      }
    }),
    { numRuns: 400 },
  );
  const before = performance.now();
  expect(parseQuery(`name:${'a*'.repeat(100)}b`, 0)(doc)).toBe(false);
  expect(performance.now() - before).toBeLessThan(1000);
});
