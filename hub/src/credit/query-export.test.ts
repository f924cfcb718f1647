import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Lake } from '../platform/lake/index.ts';
import { readXlsx } from '../platform/sheet/testing.ts';
import { factOf, fixtureLake, insert } from './fixture.ts';
import { gather, person, Room } from './testing.ts';

let lake: Lake;
let room: Room;
beforeAll(async () => {
  lake = await fixtureLake();
  room = new Room(lake);
});
afterAll(async () => {
  await lake.close();
});
beforeEach(() => {
  room.audit.length = 0;
});

const steward = person('data-steward', '核查');
const analyst = person('analyst', '研判');
const refusal = (code: string) => expect.objectContaining({ kind: expect.objectContaining({ code }) });
const ask = (query: Record<string, unknown>, as = steward) => room.call('GET', '/facts', { query, as });
const facts = async (query: Record<string, unknown>) =>
  (await ask(query)).records.map((r: { fact: string }) => BigInt(r.fact));

test('records of a class over all enterprises, newest first, with their enterprise', async () => {
  const answer = await ask({ class: '2' });
  expect(answer.count).toEqual({ value: 4, exact: true });
  expect(answer.records.map((r: { enterprise: { name: string } }) => r.enterprise.name)).toEqual([
    '慈溪市公牛电器有限公司',
    '慈溪市中庆贸易有限公司',
    '慈溪市公牛电器有限公司',
    '慈溪长兴化纤厂',
  ]);
});

test('filters: days, amounts, text in a field of any version, status, town, unmatched', async () => {
  expect(await facts({ class: '2', from: '2021-01-01' })).toEqual([factOf(3, 1)]);
  expect(await facts({ class: '2', to: '2020-12-31', minAmount: '300.00', maxAmount: '2000.50' })).toEqual([
    factOf(2, 2),
    factOf(2, 1),
  ]);
  expect(await facts({ class: '2', field: 'doc_no', contains: '〔202' })).toHaveLength(4);
  expect(await facts({ class: '2', field: 'reason', contains: '虚假' })).toEqual([factOf(2, 1)]);
  // A field that only the second version has.
  expect(await facts({ class: '2', field: 'office', contains: '监管' })).toEqual([factOf(3, 1)]);
  expect(await facts({ class: '2', status: ['注销'] })).toEqual([factOf(2, 3)]);
  expect(await facts({ class: '2', town: ['330282001'] })).toEqual([factOf(2, 2)]);
  expect(await facts({ class: '2', unmatched: 'only' })).toEqual([factOf(2, 4)]);
  expect(await facts({ class: '2', unmatched: 'yes' })).toHaveLength(5);
  expect(await facts({ category: 'penalty' })).toHaveLength(4);
});

test('every order is paged without gap or repetition', async () => {
  for (const sort of ['day-desc', 'day-asc', 'amount-desc', 'amount-asc']) {
    const whole = await facts({ class: '2', unmatched: 'yes', sort });
    const seen: bigint[] = [];
    let cursor: string | null = null;
    do {
      const page: { records: { fact: string }[]; next: string | null; count: unknown } = await ask({
        class: '2',
        unmatched: 'yes',
        sort,
        limit: '2',
        ...(cursor ? { cursor } : {}),
      });
      expect(page.count === null).toBe(cursor !== null);
      seen.push(...page.records.map((r) => BigInt(r.fact)));
      cursor = page.next;
    } while (cursor);
    expect([sort, ...seen]).toEqual([sort, ...whole]);
    expect(new Set(seen).size).toBe(5);
  }
});

test('what is not seen plain can be neither filtered nor sorted by', async () => {
  await expect(ask({ class: '2', field: 'person', contains: '张' }, analyst)).rejects.toEqual(
    refusal('credit.filter-protected'),
  );
  await expect(ask({ class: '1', field: 'phone', contains: '138' })).rejects.toEqual(
    refusal('credit.filter-protected'),
  );
  await expect(ask({ class: '2', field: 'nothing', contains: 'x' })).rejects.toEqual(refusal('credit.field-unknown'));
  await expect(ask({})).rejects.toEqual(refusal('credit.class-needed'));
  await expect(ask({ class: '77' })).rejects.toEqual(refusal('credit.class-unknown'));
  expect(await facts({ class: '2', field: 'person', contains: '张' })).toHaveLength(2);
});

const exported = async (query: Record<string, unknown>, as = steward) => {
  const file = await room.call('GET', '/export', { query, as });
  return { file, bytes: await gather(file.chunks) };
};

test('CSV: byte order mark, CRLF, harmless formulas, flagged fields named, audited with its hash', async () => {
  const { file, bytes } = await exported({ class: '2' });
  const text = bytes.toString('utf8');
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const lines = text.slice(1).split('\r\n');
  expect(lines[0]).toBe(
    '企业名称,统一社会信用代码,登记状态,记录编号,处罚机关,决定书文号,违法事实,罚款金额（元）,当事人,处罚日期,待核实字段',
  );
  expect(lines).toHaveLength(6);
  expect(lines[1]).toBe(
    `慈溪市公牛电器有限公司,91330282000000001A,存续,${factOf(3, 1)},市场监管局,慈市监罚〔2021〕9号,价格欺诈,1000,张  伟？,2021-04-02,当事人`,
  );
  expect(text).toContain(",'=虚假宣传,");
  expect(text).toContain(",'+cmd,");
  expect(file.filename).toBe('行政处罚-20260105.csv');
  expect(room.audit.map((a) => [a.action, a.outcome, a.detail?.phase])).toEqual([
    ['credit.export', 'ok', 'begun'],
    ['credit.export', 'ok', 'ended'],
  ]);
  const imprint = new Uint8Array([1, ...createHash('sha256').update(bytes).digest()]);
  expect(room.seal.asked).toMatchObject([
    { kind: 'export', organisation: null, imprint, facts: { bytes: bytes.length } },
  ]);
  expect(room.audit[1]).toMatchObject({
    purpose: '核查',
    detail: { rows: 4, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), personal: 2 },
  });
});

test('an export is masked as the screen is', async () => {
  const { bytes } = await exported({ class: '2' }, analyst);
  expect(bytes.toString()).not.toContain('张伟');
  expect(bytes.toString()).toContain(',张**,');
  expect(room.audit[1]?.detail).toMatchObject({ personal: 0 });
  const tokens = (await exported({ class: '1' })).bytes.toString();
  expect(tokens).not.toMatch(/[cp]~/);
  expect(tokens).toContain('330282********');
});

test('an export that wants personal data plain without a purpose is refused before it begins', async () => {
  await expect(exported({ class: '2', plain: 'true' }, person('data-steward'))).rejects.toEqual(
    refusal('auth.purpose-needed'),
  );
  expect(room.audit).toEqual([]);
});

test('too many records are refused, or cut when asked for', async () => {
  const small = new Room(lake, {}, 2);
  await expect(small.call('GET', '/export', { query: { class: '2' } })).rejects.toEqual(
    refusal('credit.export-too-many'),
  );
  const file = await small.call('GET', '/export', { query: { class: '2', cut: 'true' } });
  expect((await gather(file.chunks)).toString().trimEnd().split('\r\n')).toHaveLength(3);
});

test('an export that the reader leaves is audited as failed', async () => {
  const file = await room.call('GET', '/export', { query: { class: '2' } });
  for await (const _ of file.chunks) break;
  expect(room.audit.at(-1)).toMatchObject({ outcome: 'failed', detail: { phase: 'ended' } });
});

test('XLSX: a valid package with texts as texts and numbers as numbers', async () => {
  const { file, bytes } = await exported({ class: '2', format: 'xlsx' });
  expect(file.contentType).toContain('spreadsheetml');
  const { names, rows } = readXlsx(bytes);
  expect(names[0]).toBe('[Content_Types].xml');
  expect(rows).toHaveLength(5);
  expect(rows[1]!.slice(3, 8)).toEqual([String(factOf(3, 1)), '市场监管局', '慈市监罚〔2021〕9号', '价格欺诈', 1000]);
  expect(rows[3]![6]).toBe('=虚假宣传');
  expect(room.audit.at(-1)?.detail).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex') });
});

test('with a text filter the count is estimated when there are very many records', async () => {
  const own = await fixtureLake();
  try {
    await insert(own, 'refined_run_v1', [{ run: 9, source: 'rsj.insurance', class: 3, version: 1 }]);
    await own.define([
      `INSERT INTO fx.legal_person_fact_all_v1 (entity, class, day, fact, amount, payload, run, row)
       SELECT 1 + i % 10, 3, DATE '2020-01-01', (9::BIGINT << 32) | i, 1, (i % 4) || chr(31) || '1' || chr(31) || '1', 9, i
       FROM range(40000) r(i)`,
    ]);
    const answer = await new Room(own).call('GET', '/facts', { query: { class: '3', field: 'month', contains: '3' } });
    expect(answer.count.exact).toBe(false);
    expect(Math.abs(answer.count.value - 10000)).toBeLessThan(500);
  } finally {
    await own.close();
  }
});
