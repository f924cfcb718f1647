import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openCatalogue, useCatalogue } from '../../catalogue/index.ts';
import { ManualClock } from '../../platform/clock.ts';
import { vaultTables } from '../../platform/vault/tables.ts';
import { baseLibraries, baseTables, baseViews } from '../base/index.ts';
import { openLibraries } from '../fixture.ts';
import { defineRecordViews } from '../records.ts';
import { loadLists } from './load.ts';
import { runList } from './run.ts';
import { listTables } from './tables.ts';

const root = (name: string) => fileURLToPath(new URL(`../../../../${name}`, import.meta.url));

test('the declared lists hold and run, those of persons over the declared library too', async () => {
  const lake = await openLibraries();
  const clock = new ManualClock('2026-03-01T00:00:00Z');
  const folders = { sources: root('sources'), cities: root('cities'), city: 'cixi' };
  const catalogue = await openCatalogue(lake, clock, folders);
  useCatalogue(lake, catalogue);
  const { libraries } = baseLibraries(lake, folders);
  await lake.define([...vaultTables, ...baseTables, ...baseViews(libraries.map((l) => l.declaration)), ...listTables]);
  await lake.session((s) => defineRecordViews(s));
  const { lists, problems } = await loadLists(root('lists'), lake, new Set(catalogue.organisations.keys()));
  expect(problems.map((p) => JSON.stringify(p.toJSON()))).toEqual([]);
  expect(lists.size).toBeGreaterThanOrEqual(6);
  for (const list of lists.values()) {
    expect(list.missing).toEqual([]);
    expect(await runList({ lake, clock }, list, '2026-03-01')).toMatchObject({ members: 0, fresh: 0 });
  }
  await lake.close();
}, 60_000);
