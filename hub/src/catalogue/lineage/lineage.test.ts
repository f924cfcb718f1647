import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, openDuckDbLake } from '../../platform/lake/index.ts';
import { Catalogue } from '../catalogue.ts';
import { organisations, source } from '../entry/testing.ts';
import { lineageOf } from './graph.ts';
import { LineageEvents } from './openlineage.ts';
import { DeclaredUses } from './uses.ts';

let root: string;
let lake: Lake;
const catalogue = new Catalogue([source('scjg.permit', 7), source('rsj.staff', 8)], organisations, []);
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'jingwei-lineage-'));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put(
    'libraries/park/library.yaml',
    'library: park\ntitle: { zh: 园区库, en: Parks }\nsources:\n  - { source: scjg.permit, keys: { no: permit_no }, attributes: { fee: fee } }\n',
  );
  put('lists/expiring/list.yaml', 'id: expiring\ntitle: { zh: 到期许可, en: Expiring permits }\n');
  put(
    'lists/expiring/who.sql',
    '-- comp_nm is not read\nSELECT entity FROM v.record_scjg_permit_v1 WHERE valid_to < $day',
  );
  put('themes/parks/theme.yaml', 'theme: parks\ntitle: { zh: 园区专题, en: Parks }\nlibrary: park\n');
  put('themes/parks/members.sql', 'SELECT entity FROM v.park_v1');
  put('themes/broken/theme.yaml', ': [');
  lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await lake.define([
    'CREATE SCHEMA IF NOT EXISTS v',
    `CREATE VIEW v.run_v1 AS SELECT 4 AS run, 'scjg.permit' AS source, TIMESTAMP '2026-03-01 02:00:00' AS started,
       TIMESTAMP '2026-03-01 02:00:09' AS finished, 12 AS accepted`,
    "CREATE VIEW v.integration_v1 AS SELECT 1 AS integration, TIMESTAMP '2026-03-01 03:00:00' AS started, NULL::TIMESTAMP AS finished",
    "CREATE VIEW v.refined_run_v1 AS SELECT 4 AS run, 'scjg.permit' AS source, 1 AS integration",
  ]);
});
afterAll(async () => {
  await lake.close();
  rmSync(root, { recursive: true });
});
const uses = () => new DeclaredUses(join(root, 'sources'), catalogue).all();

test('the graph goes from the department through runs and the class to all that is made of it', async () => {
  const graph = await lineageOf(lake, catalogue, uses(), 'scjg.permit');
  expect(graph.edges.map((e) => [e.from, e.to, e.fields])).toEqual([
    ['provider/scjg', 'source/scjg.permit', null],
    ['source/scjg.permit', 'run/4', null],
    ['run/4', 'class/scjg.permit', null],
    ['class/scjg.permit', 'library/legal-person', ['comp_nm']],
    ['class/scjg.permit', 'library/park', ['permit_no', 'fee']],
    ['class/scjg.permit', 'list/expiring', ['valid_to']],
    ['library/park', 'theme/parks', null],
  ]);
  expect(graph.fields.find((f) => f.name === 'fee')!.uses).toEqual(['library/park']);
});

test('of one field only what that field reaches is left', async () => {
  const graph = await lineageOf(lake, catalogue, uses(), 'scjg.permit', 'valid_to');
  expect(graph.nodes.map((n) => n.id).filter((id) => /^(library|list|theme)/.test(id))).toEqual(['list/expiring']);
});

/** The required properties of the published schema of run events, checked by hand. */
function faults(event: unknown): string[] {
  const out: string[] = [];
  const need = (at: string, object: unknown, properties: Record<string, RegExp>) => {
    for (const [p, form] of Object.entries(properties)) {
      const value = (object as Record<string, unknown> | undefined)?.[p];
      if (typeof value !== 'string' || !form.test(value)) out.push(`${at}.${p}`);
    }
  };
  const any = /./;
  const uri = /^(https?:\/\/|urn:)\S+$/;
  const e = event as Record<string, never> & {
    run: object;
    job: { facets: object };
    inputs: object[];
    outputs: object[];
  };
  need('event', e, {
    eventType: /^(START|RUNNING|COMPLETE|ABORT|FAIL|OTHER)$/,
    eventTime: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
    producer: uri,
    schemaURL: /^https:\/\/openlineage\.io\/spec\/2-0-2\/OpenLineage\.json/,
  });
  need('run', e.run, { runId: /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/ });
  need('job', e.job, { namespace: any, name: any });
  for (const d of [...e.inputs, ...e.outputs]) {
    need('dataset', d, { namespace: any, name: any });
    const { facets = {}, outputFacets = {} } = d as { facets?: object; outputFacets?: object };
    for (const f of Object.values({ ...facets, ...outputFacets }))
      need('facet', f, { _producer: uri, _schemaURL: uri });
  }
  for (const f of Object.values(e.job.facets)) need('facet', f, { _producer: uri, _schemaURL: uri });
  return out;
}

test('collections and integrations are OpenLineage run events, the same run always with the same identifier', async () => {
  const events = new LineageEvents('http://127.0.0.1:8420', catalogue);
  const { events: collected, next } = await events.collections(lake, 0, 10);
  expect([collected.map((e) => e.eventType), next, collected.flatMap(faults)]).toEqual([
    ['START', 'COMPLETE'],
    null,
    [],
  ]);
  expect(collected[1]).toMatchObject({
    ...{ eventTime: '2026-03-01T02:00:09.000Z', job: { name: 'collect.scjg.permit' } },
    outputs: [{ name: 'raw.scjg_permit', outputFacets: { outputStatistics: { rowCount: 12 } } }],
  });
  const again = await events.collections(lake, 0, 10);
  expect(again.events[0]!.run).toEqual(collected[0]!.run);
  expect((await events.collections(lake, 4, 10)).events).toEqual([]);
  const { events: integrated } = await events.integrations(lake, 0, 10);
  expect([
    integrated.map((e) => e.eventType),
    integrated[0]!.inputs.map((d) => d.name),
    integrated.flatMap(faults),
  ]).toEqual([['START'], ['raw.scjg_permit'], []]);
});

test('the check of events can fail', async () => {
  const { events } = await new LineageEvents('nowhere', catalogue).collections(lake, 0, 1);
  expect(faults(events[0])).toContain('event.producer');
});
