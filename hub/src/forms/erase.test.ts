import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testToken } from '../exchange/testing.ts';
import { type TestDb, testStore } from '../platform/db/testing.ts';
import { type ErasureWork, telling } from '../platform/personal.ts';
import { type DesignInput, design } from './design.ts';
import { allTheirs, personFields } from './erase/values.ts';
import { formsHolder } from './erase.ts';
import { sendOutbox } from './source/outbox.ts';
import { type Bench, bench, CITIZEN, formsMigrations, people, visit, visitDesign } from './testing.ts';

const { officer, collector } = people;
const name = '欧阳擎苍';
const phone = '13957412345';
const OTHER = '330282194503070036';
const [mine, theirs, tel] = [
  testToken('citizen-id', CITIZEN),
  testToken('citizen-id', OTHER),
  testToken('phone', phone),
];
const person = {
  ...{ citizen: new Set([mine]), own: new Set([tel]), names: [name], entity: 9 },
  plain: telling([CITIZEN, phone]),
};
const work: ErasureWork = {
  subject: { erasure: 1, norm: mine, citizen: [mine], own: [tel] },
  ...{ plain: person.plain, names: [name], at: new Date('2026-03-05T00:00:00Z'), signal: new AbortController().signal },
};
const couple: DesignInput = {
  title: { zh: '婚姻登记', en: 'Couples' },
  caption: 'man',
  fields: [
    { kind: 'text', name: 'man', title: { zh: '男方' }, meaning: 'person-name' },
    { kind: 'citizen-id', name: 'man_id', title: { zh: '男方证号' } },
    { kind: 'text', name: 'woman', title: { zh: '女方' }, meaning: 'person-name' },
    { kind: 'citizen-id', name: 'woman_id', title: { zh: '女方证号' } },
    { kind: 'address', name: 'home', title: { zh: '住址' } },
    { kind: 'relation', name: 'guest', title: { zh: '对象' }, to: 'person' },
    { kind: 'picture', name: 'photo', title: { zh: '合影' } },
  ],
};
const TABLES = ['record', 'change', 'target', 'unique_value', 'operation', 'file', 'import', 'outbox'];
let store: TestDb;
let b: Bench;
beforeAll(async () => {
  store = await testStore(formsMigrations);
  b = await bench(store.db);
}, 60_000);
afterAll(async () => {
  await b.end();
  await store.end();
});

test('whose a value is: of one number everything guarded, of two what goes with the number, without one name and telephone or the library', () => {
  const of = (d: DesignInput, values: object) => {
    const fields = personFields(design.parse(d), values as never, person);
    return fields && [...fields].sort();
  };
  const one = visitDesign();
  const guarded = ['addr', 'at', 'elder', 'id_no', 'needs', 'photo', 'tel'];
  expect(of(one, { id_no: { token: mine } })).toEqual(guarded);
  expect(of(one, { id_no: { token: theirs }, elder: name, tel: { token: tel } })).toBeNull();
  expect(of(one, { elder: name })).toBeNull();
  expect(of(one, { elder: name, tel: { token: tel } })).toEqual(['elder', 'tel']);
  expect(of(couple, { man_id: { token: theirs }, woman_id: { token: mine } })).toEqual(['woman_id']);
  expect(of(couple, { guest: { id: '9', title: '欧**' } })).toContain('home');
  expect(of(couple, { guest: { id: '90', title: '欧**' } })).toBeNull();
  expect(of(couple, { guest: { id: '9', title: '欧**' }, man_id: { token: theirs } })).toBeNull();
});

test('whatever stands beside it, the person’s token is among the fields that go, and a record of others is left alone', () => {
  const secret = fc.constantFrom(mine, theirs).map((token) => ({ token }));
  const values = fc.record(
    { man: fc.string(), man_id: secret, woman: fc.string(), woman_id: secret, home: fc.constant({ text: '某路1号' }) },
    { requiredKeys: [] },
  );
  const d = design.parse(couple);
  fc.assert(
    fc.property(values, (v) => {
      const fields = personFields(d, v as never, person);
      const said = (['man_id', 'woman_id'] as const).filter((f) => v[f]?.token === mine);
      expect([...(fields ?? [])].filter((f) => f.endsWith('_id')).sort()).toEqual(said);
    }),
  );
});

test('drafts without a number are the person’s only where no version names somebody else', () => {
  const of = (d: DesignInput, ...versions: object[]) =>
    allTheirs(
      versions.map((values) => ({ design: design.parse(d), values: values as never })),
      person,
    );
  const one = visitDesign();
  const [stranger, unknown] = [
    { token: testToken('phone', '13800000000') },
    { token: testToken('phone', '13911112222') },
  ];
  expect(of(one, { elder: name }, { elder: name, tel: { token: tel } })).toBe(true);
  expect(of(one, { tel: unknown, addr: '某路' }, { tel: unknown, elder: name, id_no: { token: mine } })).toBe(true);
  expect(of(one, { elder: name, tel: { token: tel } }, { elder: '王小二', tel: stranger })).toBe(false);
  expect(of(one, { elder: name, tel: { token: tel } }, { elder: '王小二' })).toBe(false);
  expect(of(one, { id_no: { token: mine } }, { id_no: { token: theirs } })).toBe(false);
  expect(of(couple, { guest: { id: '9', title: '欧**' } }, { guest: { id: '90', title: '王**' } })).toBe(false);
});

/** Every row of the room's tables as text. */
async function everything(): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  for (const t of TABLES)
    for (const { r } of await store.db.query<{ r: Record<string, unknown> }>(
      `SELECT to_jsonb(x) AS r FROM forms.${t} x`,
    ))
      rows.set(`${t}/${r.id ?? r.seq ?? r.key ?? JSON.stringify([r.record, r.digest])}`, JSON.stringify(r));
  return rows;
}

test('records, history, outbox, attachments, targets, refused operations and workbooks lose the person; others stay bit for bit', async () => {
  const form = await b.form('visit');
  const pair = await b.form('pair', couple);
  const params = { form };
  type View = { id: string; revision: number; values: Record<string, unknown> };
  const fill = (values: object, more: object = {}, at = form) =>
    b.call<View>('POST', '/{form}/records', collector, {
      params: { form: at },
      body: { id: randomUUID(), values, ...more },
    });
  const picture = async (color: number) => {
    const png = Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xdb, 0, 4, 1, color, 0xff, 0xda, 0, 2, 9, color, 9, 0xff, 0xd9]),
    ]);
    const id = randomUUID();
    const sha256 = createHash('sha256').update(png).digest('hex');
    const body = { id, form, field: 'photo', name: color === 1 ? `${name}.jpg` : 'b.jpg', bytes: png.length, sha256 };
    await b.call('POST', '/files', collector, { body });
    await b.call('PUT', '/files/{file}', collector, { params: { file: id }, query: { offset: 0 }, raw: png });
    return id;
  };
  const sheet = (rows: string[]) =>
    b.call<{ id: string; good: number }>('POST', '/{form}/imports', collector, {
      ...{ params, query: { name: 'a.csv' } },
      raw: Buffer.from(['姓名,身份证号,电话,走访日期,身体状况', ...rows].join('\n')),
    });

  // The person's record with everything; it waits for the exchange. Somebody else's beside it.
  const [own, other] = [await picture(1), await picture(2)];
  const first = await fill(
    visit({
      elder: name,
      tel: phone,
      addr: '浒山街道擎苍路7号',
      photo: [{ id: own }],
      illness: `${name}腿痛`,
      health: 'poor',
    }),
    { submit: true },
  );
  const second = await fill(visit({ id_no: OTHER, elder: '王小二', photo: [{ id: other }] }), { submit: true });
  for (const { id } of [first, second]) {
    const { revision } = await b.call<View>('GET', '/{form}/records/{record}', officer, {
      params: { form, record: id },
    });
    const body = { action: 'accept', revision };
    await b.call('POST', '/{form}/records/{record}/steps', officer, { params: { form, record: id }, body });
  }
  await sendOutbox(b.ports);
  const married = await fill(
    { man: '王小二', man_id: OTHER, woman: name, woman_id: CITIZEN, home: '浒山街道擎苍路7号' },
    { submit: true },
    pair,
  );
  const pointed = await fill({ guest: { id: '9', title: 'x' }, home: '浒山街道擎苍路7号' }, {}, pair);
  await b.call('POST', '/{form}/tasks', officer, {
    params,
    body: {
      title: { zh: '走访' },
      days: 3,
      targets: [
        { title: name, values: { elder: name, id_no: CITIZEN } },
        { title: '王小二', values: { elder: '王小二', id_no: OTHER } },
      ],
      assignees: [{ login: 'collector', divisions: [] }],
    },
  });
  const device = randomUUID();
  const refused = (id_no: string, tel_: string) => ({
    ...{
      kind: 'create',
      key: randomUUID(),
      record: randomUUID(),
      form: 999_999,
      at: '2026-03-04T00:00:00Z',
      version: 1,
    },
    values: { id_no, tel: tel_ },
  });
  const [gone, told] = [refused(CITIZEN, phone), refused(OTHER, '13800000000')];
  await b.call('POST', '/sync', collector, {
    body: { device, sentAt: '2026-03-04T00:00:00Z', operations: [gone, told] },
  });
  // Workbooks: by number, by name with telephone (never taken in), and two that only look alike.
  const numbered = await sheet([
    `李四,${OTHER},,2026-03-03,良好`,
    `${name}, ${CITIZEN.toLowerCase()} ,,2026-03-03,良好`,
  ]);
  const called = await sheet([`${name},坏号码,139-5741-2345,2026-03-03,良好`]);
  const namesake = await sheet([`${name},${OTHER},13800000000,2026-03-03,良好`]);
  const others = await sheet([`李四,${OTHER},${phone},2026-03-03,良好`]);
  const before = await everything();
  const blobOf = async (id: string) =>
    (await store.db.query<{ blob: string }>('SELECT blob FROM forms.import WHERE id::text = $1', [id]))[0]?.blob;
  const files = {
    numbered: (await blobOf(numbered.id))!,
    called: (await blobOf(called.id))!,
    others: (await blobOf(others.id))!,
  };
  const pictures = async (id: string) =>
    (await store.db.query<{ blob: string | null }>('SELECT blob FROM forms.file WHERE id::text = $1', [id]))[0]!.blob;
  const [ownBlob, otherBlob] = [(await pictures(own))!, (await pictures(other))!];

  const held = formsHolder(b.ports as never, async () => 9);
  const found = await held.find(work.subject, work);
  expect(found.map((f) => [f.place, f.count, f.action])).toEqual([
    ['records', 3, 'blank'],
    ['targets', 1, 'blank'],
    ['operations', 1, 'blank'],
    ['imports', 2, 'delete'],
  ]);
  expect(await everything()).toEqual(before);

  const { done } = await held.erase(work);
  expect(done.map((d) => [d.place, d.count])).toEqual([
    ['records', 3],
    ['files', 1],
    ['targets', 1],
    ['operations', expect.any(Number)],
    ['imports', 2],
  ]);
  const after = await everything();
  const says = (r: string) =>
    [mine, tel, name, '擎苍路', '"id":"9"', testToken('citizen-id', phone)].some((n) => r.includes(n));
  const left = [...after].filter(
    ([key, r]) => says(r) && key !== `import/${namesake.id}` && key !== `import/${others.id}`,
  );
  // The home of a couple is the other's as well.
  expect(left.filter(([, r]) => !r.includes(theirs)).map(([key, r]) => [key, r])).toEqual([]);
  expect(left.every(([, r]) => ![mine, tel, name].some((n) => r.includes(n)))).toBe(true);
  const ofPerson = new Set([first.id, married.id, pointed.id]);
  for (const [key, r] of before) {
    const row = JSON.parse(r) as { id?: string; record?: string };
    if (says(r) || ofPerson.has(row.id ?? '') || ofPerson.has(row.record ?? '')) continue;
    expect([key, after.get(key)]).toEqual([key, r]);
  }
  for (const id of [namesake.id, others.id])
    expect([id, after.get(`import/${id}`)]).toEqual([id, before.get(`import/${id}`)]);
  expect(after.get(`import/${numbered.id}`)).toBeUndefined();
  const has = (blob: string) => b.ports.blobs.has(blob);
  expect([await has(files.numbered), await has(files.called), await has(files.others)]).toEqual([false, false, true]);
  expect([await has(ownBlob), await has(otherBlob)]).toEqual([false, true]);
  // What stays is still a record: read, pulled by its phone as a change, its row for the exchange whole.
  const view = (id: string, at = form) =>
    b.call<View>('GET', '/{form}/records/{record}', officer, { params: { form: at, record: id } });
  expect((await view(first.id)).values).toMatchObject({ visited: '2026-03-03', health: 'poor', illness: '***腿痛' });
  expect((await view(married.id, pair)).values).toMatchObject({
    man: '王小二',
    man_id: expect.anything(),
    home: expect.anything(),
  });
  expect((await view(first.id)).revision).toBe(first.revision + 2);
  const line = JSON.parse([...after].find(([key, r]) => key.startsWith('outbox/') && r.includes(first.id))![1]) as {
    row: { texts: Record<string, string>; tokens: object };
  };
  expect(line.row).toMatchObject({
    texts: { record_id: first.id, health: expect.anything() },
    tokens: {},
  });
  // The phone's operation, sent again, is answered the same.
  const again = await b.call<{ results: { again: boolean; outcome: string }[] }>('POST', '/sync', collector, {
    body: { device, sentAt: '2026-03-04T00:00:00Z', operations: [gone] },
  });
  expect(again.results).toMatchObject([{ again: true, outcome: 'refused' }]);

  expect(await held.find(work.subject, work)).toEqual([]);
  const once = await everything();
  expect((await held.erase(work)).done).toEqual([]);
  expect(await everything()).toEqual(once);
}, 120_000);

test('a number of the person in the words of somebody else’s record leaves these words, in every version, and nothing else goes', async () => {
  const form = await b.form('daughters', couple);
  const values = { man: '王小二', man_id: OTHER, home: '浒山街道新城大道1号' };
  const { id } = await b.call<{ id: string }>('POST', '/{form}/records', collector, {
    params: { form },
    body: { id: randomUUID(), values },
  });
  // As it stands after a return, and as older versions of a form took it in.
  const said = `请核对，女儿 ${phone}`;
  await store.db.query('UPDATE forms.record SET reason = $2 WHERE id::text = $1', [id, said]);
  await store.db.query(
    `UPDATE forms.change SET reason = $2, values = jsonb_set(values, '{woman}', to_jsonb($2::text)) WHERE record::text = $1`,
    [id, said],
  );
  const held = formsHolder(b.ports as never, async () => 9);
  expect((await held.find(work.subject, work)).map((f) => [f.place, f.count])).toEqual([['mentions', 1]]);
  expect((await held.erase(work)).done.map((d) => [d.place, d.count])).toEqual([['mentions', 1]]);
  expect([...(await everything()).values()].filter((r) => r.includes(phone))).toEqual([]);
  const left = await b.call<{ values: object }>('GET', '/{form}/records/{record}', officer, {
    params: { form, record: id },
  });
  expect(left.values).toMatchObject({ man: '王小二', man_id: expect.anything(), home: expect.anything() });
  const history = await store.db.query('SELECT reason, values FROM forms.change WHERE record::text = $1', [id]);
  expect(history).toMatchObject([{ reason: '请核对，女儿 ***', values: { man: '王小二', woman: '请核对，女儿 ***' } }]);
  expect(await held.find(work.subject, work)).toEqual([]);
});
