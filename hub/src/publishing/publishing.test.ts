/** Opening data from the proposal to the public API, on every store. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { describeDb } from '../platform/db/testing.ts';
import { draft, edit, overrule } from './act.ts';
import { protectCells } from './build.ts';
import { findPersonal } from './check/patterns.ts';
import { answer, voices } from './desk/voices.ts';
import { editionsOf } from './editions.ts';
import type { plan } from './plan.ts';
import { feed } from './public/feed.ts';
import { OpenSearch } from './public/find.ts';
import { admit, keyOf, makeKey, revokeKey } from './public/keys.ts';
import { Limits } from './public/limits.ts';
import { answeredRequests, leaveMessage, messageBy, rate, ratingsOf } from './public/messages.ts';
import { filterIn, page } from './public/read.ts';
import { UseCounts } from './public/use.ts';
import { openDataset, openDatasets, openRows } from './rows.ts';
import { datasetOf, latestCheck, overrules, standing } from './store.ts';
import { sweep } from './sweep.ts';
import { type Bench, bench, GROUND, people, publishingMigrations } from './testing.ts';

type PlanInput = z.input<typeof plan>;
const items = (...names: (string | [string, object])[]) =>
  names.map((n) => (typeof n === 'string' ? { item: n } : { item: n[0], as: n[1] })) as NonNullable<PlanInput['items']>;
const code = (c: string) => expect.objectContaining({ kind: expect.objectContaining({ code: c }) });

describeDb('open data', publishingMigrations, (db) => {
  let b: Bench;
  beforeAll(async () => {
    b = await bench(db());
  });
  afterAll(() => b.end());
  const propose = (wanted: PlanInput, entry = 'scjg.permit') =>
    draft(b.ports, { entry, plan: { ground: GROUND, ...wanted } }, people.officer);
  const checked = async (id: number) => {
    await b.step(id, 'check', people.officer);
    const check = await latestCheck(db().kysely, id);
    return check!.findings.map((f) => `${f.gravity} ${f.code.replace('open.check.', '')} ${f.items.join('+')}`.trim());
  };

  test('what must never be opened stays closed, whoever asks, and every finding says why', async () => {
    expect(await checked(await propose({ items: items('permit_no', 'comp_nm') }, 'scjg.grave'))).toContain(
      'never level',
    );
    await expect(propose({ items: items('permit_no') }, 'scjg.none')).rejects.toEqual(code('open.unknown-entry'));
    const id = await propose({ items: items('comp_nm', 'contact', 'phone'), ground: '领导同意' });
    const found = await checked(id);
    expect(found).toEqual(
      expect.arrayContaining([
        'never item-sensitive phone',
        'never item-personal contact',
        'never value-token phone',
        'block ground',
        'block value-name contact',
      ]),
    );
    await expect(b.step(id, 'submit', people.officer)).rejects.toEqual(code('open.blocked'));
    const { version } = await datasetOf(db().kysely, id, null);
    await expect(
      overrule(b.ports, id, { version, finding: 'item-sensitive:phone', ground: GROUND }, people.steward),
    ).rejects.toEqual(code('open.not-yours'));
    // The example shows a form and nothing of the person.
    const check = await latestCheck(db().kysely, id);
    const shown = JSON.stringify(check!.findings.map((f) => f.examples));
    expect(shown).toContain('王**');
    expect(shown).not.toMatch(/王小/);
  });

  test('numbers that stand in a harmless column are found, and a mended plan passes', async () => {
    await b.ports.lake.write('t', (s) =>
      s.run("UPDATE f.firm SET remark = '联系 １３８－１２３４－５６７８' WHERE entity = 7"),
    );
    const id = await propose({ items: items('permit_no', 'comp_nm', 'remark') });
    expect(await checked(id)).toEqual(['never value-phone remark', 'note named permit_no+comp_nm']);
    const d = await datasetOf(db().kysely, id, null);
    const body = {
      version: d.version,
      title: d.title,
      abstract: d.abstract,
      plan: { ...d.plan, items: items('permit_no', 'comp_nm') },
    };
    await expect(edit(b.ports, id, { ...body, version: 99 }, people.officer)).rejects.toEqual(code('open.conflict'));
    await expect(edit(b.ports, id, body, people.other)).rejects.toEqual(code('open.unknown-dataset'));
    await edit(b.ports, id, body, people.officer);
    await expect(b.step(id, 'submit', people.officer)).rejects.toEqual(code('open.not-checked'));
    await b.ports.lake.write('t', (s) => s.run('UPDATE f.firm SET remark = NULL'));
    expect(await checked(id)).toEqual(['note named permit_no+comp_nm']);
  });

  test('the way: officer, head, authority; then rows, files with seals, feed, search; withdrawn it is gone', async () => {
    const id = await propose({
      items: items('permit_no', 'comp_nm', 'kind', ['issued', { kind: 'month' }], 'fee'),
      keywords: ['食品'],
    });
    await b.step(id, 'check', people.officer);
    await expect(b.step(id, 'open', people.steward)).rejects.toEqual(code('open.wrong-state'));
    await b.step(id, 'submit', people.officer);
    await expect(b.step(id, 'agree', people.officer)).rejects.toEqual(code('open.not-yours'));
    await b.step(id, 'agree', people.head);
    await expect(b.step(id, 'open', people.head)).rejects.toEqual(code('open.not-yours'));
    await b.step(id, 'open', people.steward);
    const { slug } = await datasetOf(db().kysely, id, null);
    const d = await openDataset(b.ports, slug);
    expect(d).toMatchObject({ rows: 60, edition: { number: 1 } });
    expect(d.files.map((f) => f.format)).toEqual(['csv', 'parquet', 'json', 'ndjson', 'xlsx']);
    expect(b.seals.map((s) => s.subject)).toContain(`open/${slug}/1/csv`);
    const found = await openRows(b.ports, slug, {
      fields: ['kind', 'issued'],
      filters: [{ item: 'fee', is: 'ge', values: ['590'] }],
      limit: 10,
      offset: 0,
    });
    expect(found).toMatchObject({ total: 2, rows: [{ issued: expect.stringMatching(/^20\d\d-\d\d$/) }, {}] });
    const search = new OpenSearch(b.ports);
    const hits = await search.find({ words: '食品', chosen: {}, sort: 'relevance', offset: 0, limit: 5 });
    expect(hits.hits[0]?.dataset.id).toBe(slug);
    expect(await feed(b.ports, null)).toContain(`/open/${slug}#1`);
    // A leader sees what is open and nothing of proposals; another department neither a draft nor its steps.
    await expect(datasetOf(db().kysely, id, people.other)).rejects.toEqual(code('open.unknown-dataset'));
    await b.step(id, 'withdraw', people.steward, '数据有误，撤回核对');
    await expect(openRows(b.ports, slug, { limit: 1, offset: 0 })).rejects.toEqual(code('open.unknown-dataset'));
    expect((await openDatasets(b.ports)).some((x) => x.id === slug)).toBe(false);
    // Opened again it has a new edition; the one that was withdrawn is had by nobody.
    await b.step(id, 'resume', people.officer);
    await b.open(id);
    const editions = await editionsOf(db().kysely, id);
    expect(editions.map((e) => e.state)).toEqual(['open', 'withdrawn']);
    await b.step(id, 'withdraw', people.head, '测试结束撤回');
  });

  test('no answer to a hostile query holds what is not open', async () => {
    const id = await propose({ items: items('permit_no', 'comp_nm', 'kind') });
    await b.open(id);
    const { slug } = await datasetOf(db().kysely, id, null);
    const ask = (q: object) => page(b.ports, slug, { limit: 5, format: 'json', ...q } as never, undefined);
    for (const fields of [
      'contact',
      'phone',
      '_entity',
      '_id',
      'entity',
      '"contact"',
      'permit_no" FROM f.firm --',
      '*',
    ])
      await expect(ask({ fields }), fields).rejects.toEqual(code('open.unknown-field'));
    for (const filter of ['phone:present:', 'contact:eq:王小明', 'kind) OR 1=1 --:eq:x', '_entity:eq:1'])
      await expect(ask({ filter: [filter] }), filter).rejects.toEqual(code('open.unknown-field'));
    for (const filter of ['kind', 'kind:like:%', 'kind:eq', 'kind:in:']) {
      const answer = await ask({ filter: [filter] }).catch((e: unknown) => e);
      if (!(answer instanceof Error)) expect((answer as { text: string }).text).toContain('"total":0');
    }
    const told = (await ask({ filter: ["kind:eq:x' OR '1'='1"], q: "' OR 1=1" })) as { text: string };
    expect(JSON.parse(told.text)).toMatchObject({ total: 0, rows: [] });
    await expect(ask({ sort: 'phone' })).rejects.toEqual(code('open.unknown-field'));
    await expect(openRows(b.ports, slug, { limit: 1001, offset: 0 })).rejects.toEqual(code('open.too-much'));
    await expect(openRows(b.ports, slug, { limit: 1, offset: 2_000_000 })).rejects.toEqual(code('open.too-much'));
    expect(filterIn('kind:eq:a:b')).toEqual({ item: 'kind', is: 'eq', values: ['a:b'] });
    // Cursors go on where they ended and end with what was asked and with their edition.
    const first = JSON.parse(((await ask({})) as { text: string }).text);
    const second = JSON.parse(((await ask({ cursor: first.next })) as { text: string }).text);
    expect(new Set([...first.rows, ...second.rows].map((r: { permit_no: string }) => r.permit_no)).size).toBe(10);
    await expect(ask({ cursor: first.next, q: '零售' })).rejects.toEqual(code('open.cursor-stale'));
    await expect(ask({ cursor: 'nonsense' })).rejects.toEqual(code('open.cursor-stale'));
    const etag = (await ask({})) as { etag: string };
    expect(await page(b.ports, slug, { limit: 5, format: 'json' } as never, etag.etag)).toMatchObject({ text: null });
  });

  test('people are opened only where nobody is alone; leaving small combinations out holds the least group', async () => {
    const alone = await propose(
      { items: items(['birth', { kind: 'year' }], 'town', 'aid'), quasi: ['birth', 'town'] },
      'scjg.aid',
    );
    const found = await checked(alone);
    expect(found).toContain('never k-anonymity birth+town+aid');
    const finding = (await latestCheck(db().kysely, alone))!.findings.find((f) => f.code === 'open.check.k-anonymity')!;
    expect(finding.mends.length).toBeGreaterThan(0);
    expect(finding.examples[0]).toMatch(/^1 × \d+$/);
    // Plain personal items are never let through, banded or left out they may be.
    const fine = await propose(
      {
        items: items(['town', { kind: 'prefix', length: 3 }], ['aid', { kind: 'prefix', length: 2 }]),
        quasi: ['town'],
        sensitive: ['aid'],
      },
      'scjg.aid',
    );
    expect((await checked(fine)).filter((f) => !f.startsWith('note'))).toEqual([]);
    const poor = await propose(
      {
        items: items(['birth', { kind: 'year' }], ['aid', { kind: 'prefix', length: 2 }]),
        quasi: ['birth'],
        leaveOutSmall: true,
      },
      'scjg.aid',
    );
    expect((await checked(poor)).join()).toMatch(/left-out-much|empty/);
  });

  test('for any table, what is published is k-anonymous and holds no number that the check names', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            town: fc.constantFrom('周巷镇', '浒山街道'),
            aid: fc.constantFrom('低保', '特困'),
            year: fc.integer({ min: 1950, max: 1951 }),
          }),
          { minLength: 30, maxLength: 60 },
        ),
        fc.boolean(),
        // Somebody wrote a number where a kind belongs.
        fc.boolean(),
        async (drawn, leaveOutSmall, planted) => {
          const rows = drawn.map((r, i) => (planted && i === 3 ? { ...r, aid: '13812345678' } : r));
          await b.ports.lake.write('t', async (s) => {
            await s.run('DELETE FROM f.aid');
            const lists = {
              towns: rows.map((r) => r.town),
              aids: rows.map((r) => r.aid),
              years: rows.map((r) => r.year),
            };
            await s.run(
              `INSERT INTO f.aid SELECT row_number() OVER (), DATE '2026-01-01', row_number() OVER (), NULL, 'A', '陈静', make_date(y, 5, 5), t, a
               FROM (SELECT unnest($towns::VARCHAR[]) AS t, unnest($aids::VARCHAR[]) AS a, unnest($years::INTEGER[]) AS y)`,
              lists,
            );
          });
          const id = await propose(
            {
              items: items(
                ['birth', { kind: 'year' }],
                ['town', { kind: 'prefix', length: 4 }],
                ['aid', { kind: 'prefix', length: 12 }],
              ),
              quasi: ['birth', 'town'],
              sensitive: ['aid'],
              leaveOutSmall,
            },
            'scjg.aid',
          );
          await b.open(id).catch(() => undefined);
          const d = await datasetOf(db().kysely, id, null);
          if (planted) expect(d.state).not.toBe('open');
          if (d.state !== 'open') return;
          n++;
          const { rows: told } = await openRows(b.ports, d.slug, { limit: 1000, offset: 0 });
          const groups = new Map<string, typeof told>();
          for (const r of told) {
            const key = `${r.birth}|${r.town}`;
            groups.set(key, [...(groups.get(key) ?? []), r]);
          }
          for (const g of groups.values()) {
            expect(g.length).toBeGreaterThanOrEqual(5);
            expect(new Set(g.map((r) => r.aid)).size).toBeGreaterThanOrEqual(2);
          }
          expect(told.flatMap((r) => Object.values(r).flatMap((v) => findPersonal(String(v))))).toEqual([]);
          await b.step(id, 'withdraw', people.steward, '测试结束撤回');
        },
      ),
      { numRuns: 6, seed: 5 },
    );
    expect(n).toBeGreaterThan(0);
  }, 30_000);

  test('a renewed edition that gives few away is held and told; an overruling holds for the places that it saw', async () => {
    const id = await propose({
      items: items('town'),
      aggregate: { measures: [{ kind: 'count' }] },
      cycle: 'daily',
    });
    await b.open(id);
    const { slug } = await datasetOf(db().kysely, id, null);
    const cells = async () => (await openRows(b.ports, slug, { limit: 100, offset: 0 })).rows;
    const before = await cells();
    expect(before.filter((r) => r.town === '小镇').every((r) => r.n === null)).toBe(true);
    const total = before.reduce((sum, r) => sum + Number(r.n ?? 0), 0);
    expect(before.filter((r) => r.n === null).length).toBeGreaterThan(1);
    expect(60 - total).toBeGreaterThanOrEqual(5);
    // One firm more in one cell: the difference of two editions would tell of it, so the cell is withheld.
    await b.ports.lake.write('t', (s) =>
      s.run(
        "INSERT INTO f.firm SELECT 900, day, 900, amount, 'P900', '新店', '零售', '周巷镇', NULL, NULL, issued, fee, NULL FROM f.firm WHERE entity = 3",
      ),
    );
    b.clock.advance(86_400_000);
    await sweep(b.ports);
    await b.runJobs();
    const d = await datasetOf(db().kysely, id, null);
    const after = await cells();
    expect(d.reason).toBeNull();
    expect(after.find((r) => r.town === '周巷镇')).toMatchObject({ n: null });
    // What was withheld stays so: told now, it would give the small cell of before away.
    for (const cell of before.filter((r) => r.n === null)) expect(after).toContainEqual(cell);
    await b.ports.lake.write('t', (s) => s.run('DELETE FROM f.firm WHERE entity = 900'));

    const named = await propose({ items: items('permit_no', 'comp_nm', 'remark'), cycle: 'daily' });
    await b.ports.lake.write('t', (s) => s.run("UPDATE f.firm SET remark = '总机 0574-63811234' WHERE entity <= 3"));
    await b.step(named, 'check', people.officer);
    await b.step(named, 'submit', people.officer);
    await b.step(named, 'agree', people.head);
    await expect(b.step(named, 'open', people.steward)).rejects.toEqual(code('open.blocked'));
    const pass = async (ground: string) => {
      const { version } = await datasetOf(db().kysely, named, null);
      await overrule(b.ports, named, { version, finding: 'value-fixed-phone:remark', ground }, people.steward);
    };
    await expect(pass('领导同意')).rejects.toEqual(code('open.ground-needed'));
    await pass(GROUND);
    await b.step(named, 'open', people.steward);
    const own = await datasetOf(db().kysely, named, null);
    expect(own.state).toBe('open');
    // One place more than was let pass: held, and what is open stays as it was.
    await b.ports.lake.write('t', (s) => s.run("UPDATE f.firm SET remark = '总机 0574-63811235' WHERE entity = 4"));
    await b.step(named, 'renew', people.officer);
    const held = await datasetOf(db().kysely, named, null);
    expect(held).toMatchObject({
      state: 'open',
      edition: own.edition,
      reason: { en: expect.stringContaining('held back') },
    });
    expect(
      standing((await latestCheck(db().kysely, named))!.findings, await overrules(db().kysely, named)),
    ).toHaveLength(1);
  });

  test('the public speaks without an account: one voice a visitor, nothing personal, answered and published', async () => {
    const [d] = await openDatasets(b.ports);
    const visitor = 'v'.repeat(24);
    await rate(b.ports, d!.id, { stars: 5, words: '很有用', visitor });
    await rate(b.ports, d!.id, { stars: 3, words: '', visitor });
    await rate(b.ports, d!.id, { stars: 4, words: '', visitor: 'w'.repeat(24) });
    expect(await ratingsOf(b.ports, d!.number)).toMatchObject({ count: 2, average: 3.5, said: [] });
    await expect(rate(b.ports, d!.id, { stars: 1, words: '打我电话一三八一二三四五六七八', visitor })).rejects.toEqual(
      code('open.personal-words'),
    );
    b.clock.advance(Date.parse('2026-03-04T02:00:00Z') - b.clock.now().getTime());
    const known = (o: string) => o === 'scjg';
    const asked = await leaveMessage(
      b.ports,
      { kind: 'request', organisation: 'scjg', title: '停车场位置', body: '周末出行要用' },
      known,
    );
    expect(asked).toMatchObject({ due: '2026-03-18' });
    expect(await messageBy(b.ports, asked.receipt.toLowerCase())).toMatchObject({
      state: 'waiting',
      organisation: 'scjg',
    });
    await expect(messageBy(b.ports, 'AAAAAA-AAAAAA-AAAAAA')).rejects.toEqual(code('open.unknown-receipt'));
    expect((await answeredRequests(b.ports)).items).toEqual([]);
    const [m] = (await voices(b.ports, people.officer)).messages;
    expect((await voices(b.ports, people.other)).messages).toEqual([]);
    await expect(answer(b.ports, m!.id, { outcome: 'will-open', answer: '下月开放' }, people.other)).rejects.toEqual(
      code('open.unknown-message'),
    );
    await answer(b.ports, m!.id, { outcome: 'will-open', answer: '下月开放' }, people.officer);
    expect((await answeredRequests(b.ports)).items).toMatchObject([{ title: '停车场位置', answer: '下月开放' }]);
  });

  test('keys are kept as hashes, raise the limit, and end', async () => {
    const limits = new Limits(b.clock);
    const counts = new UseCounts(b.ports);
    const { id, key } = await makeKey(b.ports, '停车小程序');
    const kept = await db().query<{ hash: string }>('SELECT hash FROM publishing.api_key');
    expect(JSON.stringify(kept)).not.toContain(key);
    const call = (k?: string) => admit(b.ports, limits, counts, { key: k, address: '10.0.0.1' });
    for (let n = 0; n < 60; n++) await call();
    await expect(call()).rejects.toEqual(code('open.too-often'));
    for (let n = 0; n < 70; n++) await call(key);
    await counts.write();
    expect(await keyOf(b.ports, key, counts)).toMatchObject({ today: 70 });
    await expect(makeKey(b.ports, '王小明 13812345678')).rejects.toEqual(code('open.personal-words'));
    await revokeKey(b.ports, id, null);
    await expect(keyOf(b.ports, key, counts)).rejects.toEqual(code('open.key-unknown'));
  });
});

describe('withheld cells', () => {
  test('with all totals known, no small cell is reckoned: its range reaches the least group', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 16, maxLength: 16 }),
        (rows, columns, values) => {
          const k = 5;
          const counts = Array.from({ length: rows }, (_, r) => values.slice(r * 4, r * 4 + columns));
          const marks = Array.from({ length: rows + 1 }, () => new Array<boolean>(columns + 1).fill(false));
          const told = protectCells(counts, k, marks);
          const hidden = told.flatMap((row, r) => row.flatMap((v, c) => (v === null ? [[r, c] as const] : [])));
          for (const [r, c] of counts.flatMap((row, i) => row.map((_, j) => [i, j] as const)))
            if (counts[r]![c]! > 0 && counts[r]![c]! < k) expect(told[r]![c]).toBeNull();
          if (rows === 1 || columns === 1) {
            const sum = hidden.reduce((n, [r, c]) => n + counts[r]![c]!, 0);
            const small = hidden.some(([r, c]) => counts[r]![c]! > 0 && counts[r]![c]! < k);
            const all = hidden.length === rows * columns;
            if (small && !all) expect(hidden.length > 1 && sum >= k).toBe(true);
            return;
          }
          // Somebody who solves every line that has one withheld cell finds no small one.
          const open = new Set(hidden.map(([r, c]) => `${r},${c}`));
          for (let again = true; again; ) {
            again = false;
            for (const [r, c] of hidden) {
              if (!open.has(`${r},${c}`)) continue;
              const alone = (same: (cell: readonly [number, number]) => boolean) =>
                hidden.filter((h) => same(h) && open.has(`${h[0]},${h[1]}`)).length === 1;
              if (alone((h) => h[0] === r) || alone((h) => h[1] === c)) {
                const n = counts[r]![c]!;
                if (hidden.length < rows * columns)
                  expect(n === 0 || n >= k, JSON.stringify({ counts, told })).toBe(true);
                open.delete(`${r},${c}`);
                again = true;
              }
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
