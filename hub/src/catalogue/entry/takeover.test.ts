import { afterAll, beforeAll, expect, test } from 'vitest';
import { entry, itemsOf, publishedEntries } from './published.ts';
import { takeOver } from './takeover.ts';
import { entryBench, source } from './testing.ts';

let bench: Awaited<ReturnType<typeof entryBench>>;
beforeAll(async () => {
  bench = await entryBench();
});
afterAll(() => bench.end());

const fields = source('scjg.permit', 7).declaration.fields;

test('a declared source is in the catalogue with its code, terms and items', async () => {
  expect(await takeOver(bench, bench.book, [source('scjg.permit', 7)])).toEqual({ taken: 1, drafts: 0 });
  expect(publishedEntries(bench.db).map((e) => [e.id, e.code, e.version])).toEqual([
    ['scjg.permit', '307001/000007', 1],
  ]);
  expect(entry(bench.db, 'scjg.permit')).toMatchObject({ provider: 'scjg', sharing: { type: 'unconditional' } });
  expect(itemsOf(bench.db, 'scjg.permit')!.map((i) => [i.name, i.type, i.protection])).toEqual([
    ['permit_no', 'C', 'public'],
    ['comp_nm', 'C', 'public'],
    ['valid_to', 'D', 'public'],
    ['fee', 'Y', 'public'],
  ]);
});

test('the same declaration changes nothing; a changed one becomes one draft beside what is in force', async () => {
  expect(await takeOver(bench, bench.book, [source('scjg.permit', 7)])).toEqual({ taken: 0, drafts: 0 });
  const changed = source('scjg.permit', 7, { fields: fields.slice(0, 3), cadence: 'weekly' }, 2);
  expect(await takeOver(bench, bench.book, [changed])).toEqual({ taken: 0, drafts: 1 });
  expect(await takeOver(bench, bench.book, [changed])).toEqual({ taken: 0, drafts: 0 });
  expect(bench.book.get('scjg.permit')).toMatchObject({
    published: { version: 1, content: { cycle: 'daily' } },
    open: { version: 2, state: 'draft', origin: 'declaration', declaration: 2, content: { cycle: 'weekly' } },
  });
  expect(itemsOf(bench.db, 'scjg.permit')).toHaveLength(4);
});

test('a draft of a declaration that was withdrawn is not made again', async () => {
  await bench.db.query("UPDATE catalogue.entry_version SET state = 'withdrawn' WHERE version = 2");
  await bench.book.refresh(['scjg.permit']);
  const changed = source('scjg.permit', 7, { fields: fields.slice(0, 3), cadence: 'weekly' }, 2);
  expect(await takeOver(bench, bench.book, [changed])).toEqual({ taken: 0, drafts: 0 });
});

test('an entry that nobody published is unknown to later rooms', () => {
  expect(entry(bench.db, 'scjg.nothing')).toBeUndefined();
  expect(itemsOf(bench.db, 'scjg.nothing')).toBeUndefined();
});
