import { expect, test } from 'vitest';
import type { Design } from '../shared/pure.ts';
import { meant, type Result } from './hub.ts';
import { sha256, uuid7 } from './ids.ts';
import { fitted } from './pictures.ts';
import { tablesOf } from './pull.ts';
import { fileIdsIn } from './sender.ts';

test('identifiers are UUIDs of version 7, in the order of time', () => {
  const all = [1, 2, 3].map((ms) => uuid7(1_790_000_000_000 + ms));
  for (const id of all) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...all].sort()).toEqual(all);
  expect(uuid7()).not.toBe(uuid7());
});

test('SHA-256 is the one of FIPS 180-4', async () => {
  expect(await sha256(new TextEncoder().encode('abc').buffer as ArrayBuffer)).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('pictures are made smaller, never larger, never without a side', () => {
  expect(fitted(4000, 3000)).toEqual({ width: 1600, height: 1200 });
  expect(fitted(800, 600)).toEqual({ width: 800, height: 600 });
  expect(fitted(10_000, 1)).toEqual({ width: 1600, height: 1 });
});

test('files are found wherever they stand in values, relations and tokens are none', () => {
  const file = (id: string) => ({ id, type: 'image/jpeg', bytes: 3 });
  const values = {
    a: [file('1')],
    rows: [{ b: [file('2')] }],
    kin: { id: 'p', title: '王' },
    cid: { token: 't' },
    n: 1,
    x: null,
  };
  expect(fileIdsIn(values)).toEqual(['1', '2']);
});

test('the code tables that a form needs without a network, those of sub-tables too', () => {
  const choice = (table: string, under?: string) => ({ kind: 'choice', table, ...(under ? { under } : {}) });
  const design = {
    fields: [choice('division', '330282'), { kind: 'table', fields: [choice('industry')] }, { kind: 'text' }],
  };
  expect(tablesOf(design as unknown as Design)).toEqual(['division:330282', 'industry:']);
});

test('only an operation that was done lets go of the record; one kept with faults is to be mended', () => {
  const result = (outcome: Result['outcome']): Result => ({
    key: 'k',
    record: 'r',
    outcome,
    revision: 1,
    state: 'draft',
    code: null,
    message: null,
    faults: [{ at: 'a', code: 'c', zh: '错', en: 'wrong' }],
    again: false,
  });
  expect((['applied', 'conflict', 'kept', 'waiting', 'refused'] as const).map((o) => meant(result(o)).kind)).toEqual([
    'kept',
    'conflict',
    'refused',
    'busy',
    'refused',
  ]);
  expect(meant(result('kept'))).toMatchObject({ fault: { fields: [{ at: 'a', zh: '错', en: 'wrong' }] } });
});
