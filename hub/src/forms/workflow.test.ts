import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogueOf } from '../catalogue/index.ts';
import { describeDb } from '../platform/db/testing.ts';
import { design } from './design.ts';
import { sendOutbox } from './source/outbox.ts';
import { type Bench, bench, bytesOf, CITIZEN, codeOf, formsMigrations, people, visit, visitDesign } from './testing.ts';

const { officer, second, collector, other, head, stranger, steward } = people;
type RecordView = {
  id: string;
  state: string;
  revision: number;
  version: number;
  values: Record<string, unknown>;
  faults: { at: string; code: string }[];
  may: { change: boolean; steps: string[]; settle: boolean };
  due: string | null;
  overdue: boolean;
  caption: string;
  source: { state: string; run: number | null } | null;
};
type FormView = {
  id: number;
  revision: number;
  version: number | null;
  versions: { version: number }[];
  source: string;
};

describeDb('forms', formsMigrations, (db) => {
  let b: Bench;
  let form: number;
  beforeAll(async () => {
    b = await bench(db());
    form = await b.form('visit');
  });
  afterAll(() => b.end());

  const fill = (values = visit(), p = collector, more: object = {}, at = form) =>
    b.call<RecordView>('POST', '/{form}/records', p, {
      params: { form: at },
      body: { id: randomUUID(), values, ...more },
    });
  const read = (record: string, p = officer, at = form) =>
    b.call<RecordView>('GET', '/{form}/records/{record}', p, { params: { form: at, record } });
  const step = async (record: string, action: string, p = officer, more: object = {}, at = form) => {
    const { revision } = await read(record, p, at);
    const body = { action, revision, ...more };
    return b.call<RecordView>('POST', '/{form}/records/{record}/steps', p, { params: { form: at, record }, body });
  };
  const unique = (n: number) => {
    const body = `3302821945030${String(1000 + n)}`.slice(0, 17);
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    return body + '10X98765432'[weights.reduce((s, w, i) => s + w * Number(body[i]), 0) % 11];
  };

  test('a record goes from draft to accepted, and its numbers stand in the vault only', async () => {
    const made = await fill(
      visit({
        tel: '13805741234',
        needs: [
          { item: '助浴', cost: 200 },
          { item: '理发', cost: 30 },
        ],
      }),
      collector,
      { submit: true },
    );
    expect(made).toMatchObject({
      state: 'submitted',
      caption: '王秀英',
      values: { total: 230 },
      due: '2026-03-11',
      overdue: false,
    });
    expect(made.values.id_no).toMatchObject({ shown: '***' });
    expect(JSON.stringify(await db().query('SELECT * FROM forms.record JOIN forms.change ON record = id'))).not.toMatch(
      `${CITIZEN}|13805741234`,
    );
    expect(await codeOf(step(made.id, 'accept', collector))).toBe('forms.record.may-not');
    const done = await step(made.id, 'accept');
    expect(done).toMatchObject({ state: 'accepted', due: null, source: { state: 'waiting' } });
    const { items } = await b.call<{ items: { action: string; by: { login: string } }[] }>(
      'GET',
      '/{form}/records/{record}/history',
      officer,
      {
        params: { form, record: made.id },
      },
    );
    expect(items.map((i) => [i.action, i.by.login])).toEqual([
      ['create', 'collector'],
      ['submit', 'collector'],
      ['accept', 'mzj-officer'],
    ]);
  });

  test('accepted records become rows of a source like any other, each change once, withdrawn ones end', async () => {
    expect(catalogueOf(b.lake).sources.get('mzj.visit')?.declaration).toMatchObject({
      mode: 'changes',
      key: ['record_id'],
      owner: 'mzj',
    });
    const { id } = await fill(
      visit({ id_no: unique(1), elder: '李桂花', at: { lon: 121.2665, lat: 30.1696, system: 'gcj02' } }),
      collector,
      { submit: true },
    );
    await step(id, 'accept');
    await sendOutbox(b.ports);
    const rows = () =>
      b.lake.query(
        `SELECT _op, elder, id_no, at_lon::DOUBLE AS lon, needs_rows FROM raw.mzj_visit WHERE record_id = '${id}' ORDER BY _run`,
      );
    const [first] = await rows();
    expect(first).toMatchObject({ _op: 'I', elder: '李桂花', needs_rows: '0' });
    // The received row holds the token of the number as the exchange gives it, and a WGS 84 point.
    expect(String(first!.id_no)).toMatch(/^c~/);
    expect(Number(first!.lon)).toBeCloseTo(121.2622, 3);
    b.clock.advance(1000);
    await step(id, 'reopen', officer, { reason: '住址有误' });
    const back = await read(id, collector);
    await b.call('PUT', '/{form}/records/{record}', collector, {
      params: { form, record: id },
      body: { revision: back.revision, values: { ...back.values, elder: '李桂芳' }, submit: true },
    });
    b.clock.advance(1000);
    await step(id, 'accept', second);
    await sendOutbox(b.ports);
    b.clock.advance(1000);
    await step(id, 'withdraw', officer, { reason: '重复登记' });
    await sendOutbox(b.ports);
    expect((await rows()).map((r) => [r._op, r.elder])).toEqual([
      ['I', '李桂花'],
      ['U', '李桂芳'],
      ['D', '李桂芳'],
    ]);
    expect(await read(id)).toMatchObject({ state: 'withdrawn', source: { state: 'collected' } });
    const entry = await db().query('SELECT provider, source FROM catalogue.entry WHERE id = $1', ['mzj.visit']);
    expect(entry).toEqual([{ provider: 'mzj', source: 'mzj.visit' }]);
  });

  test('a hub killed after the exchange took a batch sends it again under the same key, and no row is doubled', async () => {
    const { id } = await fill(visit({ id_no: unique(2) }), collector, { submit: true });
    await step(id, 'accept');
    await sendOutbox(b.ports);
    const before = await b.lake.first<{ n: number }>('SELECT count(*) AS n FROM raw.mzj_visit');
    // What a kill between the run and the mark leaves behind.
    await db().query('UPDATE forms.outbox SET sent_at = NULL, run = NULL WHERE record = $1', [id]);
    await sendOutbox(b.ports);
    expect(await b.lake.first('SELECT count(*) AS n FROM raw.mzj_visit')).toEqual(before);
    expect(await read(id)).toMatchObject({ source: { state: 'collected' } });
  });

  test('values are judged: required, conditions, ranges, rules, numbers in plain texts, values that stand once', async () => {
    const wrong = async (over: object) => {
      try {
        await fill(visit({ id_no: unique(50), ...over }), collector, { submit: true });
      } catch (error) {
        return (error as { details: { place?: { field?: string } }[] }).details.map((d) => d.place?.field);
      }
      return [];
    };
    expect(await wrong({ elder: '' })).toEqual(['elder']);
    expect(await wrong({ health: 'poor' })).toEqual(['illness']);
    expect(await wrong({ income: 100000.001 })).toEqual(['income']);
    expect(await wrong({ visited: '2026-03-05' })).toEqual(['visited']);
    expect(await wrong({ needs: [{ cost: 3 }] })).toEqual(['needs[1].item']);
    expect(await wrong({ needs: [{ item: '床', cost: 20000 }] })).toEqual(['needs']);
    expect(await wrong({ elder: `王秀英 ${CITIZEN}` })).toContain('elder');
    expect(await wrong({ id_no: '330282194503070018' })).toEqual(['id_no']);
    expect(await wrong({ id_no: CITIZEN })).toEqual(['id_no']);
    expect(await wrong({ nothing: 1 })).toContain('nothing');
    expect(await wrong({ shop: { id: '8', title: '虚构公司' } })).toEqual(['shop']);
    expect(await wrong({ id_no: { token: 'c~abc' } })).toEqual(['id_no']);
    expect(await wrong({ at: { lon: 121, lat: 30, accuracy: 900 } })).toEqual(['at']);
    // A hidden field keeps nothing, and what was calculated elsewhere is not believed.
    const made = await fill(
      visit({ id_no: unique(51), illness: '高血压', total: 9, shop: { id: '7', title: '别的' } }),
    );
    expect(made.values.illness).toBeUndefined();
    expect(made.values).toMatchObject({
      total: 0,
      shop: { id: '7', title: '慈溪市长河电器有限公司', code: '91330282MA2AF1Q11H' },
    });
  });

  test('collectors see their own records only, other departments none, and nobody accepts their own', async () => {
    const mine = await fill(visit({ id_no: unique(3) }), collector, { submit: true });
    expect(await codeOf(read(mine.id, other))).toBe('forms.record.unknown');
    expect(await codeOf(read(mine.id, stranger))).toBe('forms.record.unknown');
    expect(await codeOf(read(mine.id, steward))).toBe('forms.record.unknown');
    const list = (p: typeof officer, query = {}) =>
      b.call<{ items: RecordView[]; total: number }>('GET', '/{form}/records', p, { params: { form }, query });
    expect((await list(other)).total).toBe(0);
    expect((await list(head)).items.map((i) => i.id)).toContain(mine.id);
    expect(await codeOf(list(steward))).toBe('forms.form.not-yours');
    expect(
      (await list(officer, { state: ['submitted'], where: ['health:good'], q: '秀英' })).items.map((i) => i.id),
    ).toContain(mine.id);
    expect((await list(officer, { where: ['health:poor'] })).items.map((i) => i.id)).not.toContain(mine.id);
    const own = await fill(visit({ id_no: unique(4) }), officer, { submit: true });
    expect(own.may.steps).not.toContain('accept');
    expect(await codeOf(step(own.id, 'accept', officer))).toBe('forms.record.four-eyes');
    expect(await codeOf(step(own.id, 'return', officer))).toBe('forms.record.reason-needed');
    expect((await step(own.id, 'accept', second)).state).toBe('accepted');
    expect(
      await codeOf(b.call('POST', '/{form}/publish', collector, { params: { form }, body: { revision: 1 } })),
    ).toBe('403 forms.design');
    expect(
      await codeOf(
        b.call('PUT', '/{form}/draft', stranger, {
          params: { form },
          body: { revision: 1, design: design.parse(visitDesign()) },
        }),
      ),
    ).toBe('forms.form.not-yours');
  });

  test('the same id is one record, an old revision is told, a returned record is late after its working days', async () => {
    const id = randomUUID();
    const again = () =>
      b.call<RecordView>('POST', '/{form}/records', collector, {
        params: { form },
        body: { id, values: visit({ id_no: unique(5) }), submit: true },
      });
    expect((await again()).id).toBe((await again()).id);
    expect(
      await codeOf(b.call('POST', '/{form}/records', other, { params: { form }, body: { id, values: visit() } })),
    ).toBe('forms.record.id-taken');
    await step(id, 'return', officer, { reason: '照片不清' });
    const body = { revision: 1, values: visit() };
    expect(
      await codeOf(b.call('PUT', '/{form}/records/{record}', collector, { params: { form, record: id }, body })),
    ).toBe('forms.record.changed');
    b.clock.advance(8 * 86_400_000);
    expect(await read(id, collector)).toMatchObject({ state: 'returned', overdue: true, may: { change: true } });
  });

  test('a published version never changes; a new one keeps old records as they were filled or carries open ones over', async () => {
    const at = await b.form('ver');
    const kept = await fill(visit(), collector, { submit: true }, at);
    const open = await fill(visit({ id_no: unique(6), income: 5 }), collector, {}, at);
    const now = await b.call<FormView>('GET', '/{form}', officer, { params: { form: at } });
    const fields = design.parse(visitDesign()).fields.filter((f) => f.name !== 'income');
    const next = design.parse(
      visitDesign({ fields: [...fields, { kind: 'boolean', name: 'alone', title: { zh: '独居' } }] }),
    );
    const saved = await b.call<FormView>('PUT', '/{form}/draft', officer, {
      params: { form: at },
      body: { revision: now.revision, design: next },
    });
    expect(
      await codeOf(
        b.call('PUT', '/{form}/draft', officer, {
          params: { form: at },
          body: { revision: now.revision, design: next },
        }),
      ),
    ).toBe('forms.draft.changed');
    expect(await b.call('GET', '/{form}/draft/effects', officer, { params: { form: at } })).toMatchObject({
      added: ['alone'],
      removed: ['income'],
      open: 1,
      settled: 1,
    });
    await b.call('POST', '/{form}/publish', officer, {
      params: { form: at },
      body: { revision: saved.revision, old: 'carry' },
    });
    expect(await read(kept.id, officer, at)).toMatchObject({ version: 1 });
    const carried = await read(open.id, collector, at);
    expect(carried).toMatchObject({ version: 2, values: { elder: '王秀英' } });
    expect(carried.values.income).toBeUndefined();
    const declared = catalogueOf(b.lake).sources.get('mzj.ver')!;
    expect([
      declared.version,
      declared.declaration.fields.map((f) => f.name).filter((n) => n === 'alone' || n === 'income'),
    ]).toEqual([2, ['alone', 'income']]);
    await b.call('POST', '/{form}/retire', officer, { params: { form: at }, body: { reason: '工作结束' } });
    expect(await codeOf(fill(visit({ id_no: unique(7) }), collector, {}, at))).toBe('forms.form.retired');
  });

  test('pictures arrive in parts, are judged by their bytes, and what they say of place and camera is kept apart', async () => {
    const exif = Buffer.concat([
      Buffer.from([0xff, 0xe1, 0, 20]),
      Buffer.from('Exif\0\0GPS here 1234', 'latin1').subarray(0, 18),
    ]);
    const jpeg = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      exif,
      Buffer.from([0xff, 0xdb, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 9, 9, 9, 0xff, 0xd9]),
    ]);
    const begin = (id: string, content: Buffer, p = collector) =>
      b.call<{ received: number; state: string }>('POST', '/files', p, {
        body: {
          id,
          form,
          field: 'photo',
          name: 'a.jpg',
          bytes: content.length,
          sha256: createHash('sha256').update(content).digest('hex'),
        },
      });
    const part = (id: string, offset: number, raw: Buffer, p = collector) =>
      b.call<{ received: number; state: string; type: string }>('PUT', '/files/{file}', p, {
        params: { file: id },
        query: { offset },
        raw,
      });
    const id = randomUUID();
    await begin(id, jpeg);
    expect(await part(id, 0, jpeg.subarray(0, 10))).toMatchObject({ received: 10, state: 'open' });
    expect(await codeOf(part(id, 20, jpeg.subarray(20)))).toBe('forms.file.offset');
    expect(await codeOf(part(id, 10, jpeg.subarray(10), other))).toBe('forms.file.unknown');
    // A repeated part is passed over.
    expect(await part(id, 0, jpeg.subarray(0, 10))).toMatchObject({ received: 10 });
    expect(await part(id, 5, jpeg.subarray(5))).toMatchObject({
      received: jpeg.length,
      state: 'complete',
      type: 'image/jpeg',
    });
    expect(await begin(id, jpeg)).toMatchObject({ state: 'complete' });
    const made = await fill(visit({ id_no: unique(8), photo: [{ id }] }), collector);
    expect(made.values.photo).toEqual([{ id, name: 'a.jpg', type: 'image/jpeg', bytes: jpeg.length }]);
    const shown = await bytesOf(await b.call('GET', '/files/{file}/content', officer, { params: { file: id } }));
    expect(shown.includes('GPS')).toBe(false);
    expect(shown.subarray(0, 2)).toEqual(jpeg.subarray(0, 2));
    expect(await codeOf(b.call('GET', '/files/{file}/content', other, { params: { file: id } }))).toBe(
      'forms.file.unknown',
    );
    expect(await codeOf(fill(visit({ photo: [{ id }] }), other))).toBe('forms.record.faulty');
    const page = Buffer.from('<html><script>alert(1)</script></html>');
    const bad = randomUUID();
    await begin(bad, page);
    expect(await codeOf(part(bad, 0, page))).toBe('forms.file.refused');
  });

  test('a task goes to collectors by division, its progress is counted, and targets without a record can be given to another', async () => {
    const target = (title: string, division?: string) => ({
      title,
      ...(division ? { division } : {}),
      values: { elder: title },
    });
    const body = {
      ...{
        title: { zh: '三月走访' },
        days: 3,
        targets: [target('甲', '330282001'), target('乙', '330282002'), target('丙')],
      },
      assignees: [
        { login: 'collector', divisions: ['330282001'] },
        { login: 'other', divisions: ['330282'] },
      ],
    };
    const made = await b.call<{
      id: number;
      due: string;
      items: { id: number; title: string; assignee: { login: string } | null }[];
    }>('POST', '/{form}/tasks', officer, { params: { form }, body });
    expect(made.items.map((t) => t.assignee?.login ?? null)).toEqual(['collector', 'other', null]);
    expect(
      await codeOf(
        b.call('POST', '/{form}/tasks', officer, {
          params: { form },
          body: { ...body, assignees: [{ login: 'rsj-officer' }] },
        }),
      ),
    ).toBe('forms.task.assignee');
    const params = { form, task: made.id };
    const mine = await b.call<{ items: { title: string }[]; mine: number }>('GET', '/{form}/tasks/{task}', collector, {
      params,
    });
    expect([mine.items.map((t) => t.title), mine.mine]).toEqual([['甲'], 1]);
    await fill(visit({ id_no: unique(9) }), collector, { submit: true, task: made.id, target: made.items[0]!.id });
    expect(await codeOf(fill(visit({ id_no: unique(10) }), collector, { target: made.items[1]!.id }))).toBe(
      'forms.task.target',
    );
    await b.call('POST', '/{form}/tasks/{task}/assign', officer, {
      params,
      body: { targets: [made.items[2]!.id], login: 'collector' },
    });
    const now = await b.call<{ done: number; progress: object[] }>('GET', '/{form}/tasks/{task}', officer, { params });
    expect(now).toMatchObject({
      done: 1,
      progress: [
        { assignee: { login: 'collector' }, targets: 2, done: 1 },
        { targets: 1, done: 0 },
      ],
    });
    expect(await b.call('GET', '/desk', collector)).toMatchObject({ tasks: [{ id: made.id, mine: 2, mineDone: 1 }] });
    b.clock.advance(10 * 86_400_000);
    expect(await b.call('GET', '/desk', collector)).toMatchObject({ tasks: [{ overdue: true }] });
  });

  test('relations are found by search: enterprises by any part of their name, persons by the whole name and masked', async () => {
    const at = await b.form(
      'rel',
      visitDesign({
        fields: [
          { kind: 'relation', name: 'who', title: { zh: '人' }, to: 'person' },
          { kind: 'text', name: 'x', title: { zh: '注' } },
        ],
        rules: [],
        caption: 'who',
      }),
    );
    const find = (form: number, field: string, q: string, p = collector) =>
      b.call<{ items: { title: string }[] }>('GET', '/{form}/find', p, { params: { form }, query: { field, q } });
    expect((await find(form, 'shop', '长河')).items).toMatchObject([
      { title: '慈溪市长河电器有限公司', code: '91330282MA2AF1Q11H' },
    ]);
    expect((await find(at, 'who', '陈阿')).items).toEqual([]);
    expect((await find(at, 'who', '陈阿大')).items).toMatchObject([{ title: '陈**', code: null }]);
    expect(await codeOf(find(at, 'who', '陈阿大', stranger))).toBe('forms.form.not-yours');
  });
});
