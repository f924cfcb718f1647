import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Lake } from '../platform/lake/index.ts';
import { factOf, fixtureLake, PHONE_1, token, ZHANG_1, ZHANG_2 } from './fixture.ts';
import { decode } from './records.ts';
import { person, Room } from './testing.ts';

let lake: Lake;
let room: Room;
beforeAll(async () => {
  lake = await fixtureLake();
  room = new Room(lake, { '11010519491231002X': ZHANG_1, '13800138000': PHONE_1 });
  await room.index.rebuild();
});
afterAll(async () => {
  await room.index.close();
  await lake.close();
});
beforeEach(() => {
  room.audit.length = 0;
});

const steward = person('data-steward', '核查');
const idle = person('data-steward');
const analyst = person('analyst', '研判');
const creditUser = person('credit-user', '授信');
const leader = person('leader');
const refusal = (code: string) => expect.objectContaining({ kind: expect.objectContaining({ code }) });
const panorama = (as = steward, query = {}) =>
  room.call('GET', '/enterprises/{entity}', { params: { entity: '1' }, query, as });

test('the panorama has heading, sources of values, classes with counts and sums, time line and quality', async () => {
  const p = await panorama();
  expect(p.heading).toMatchObject({
    name: '慈溪市公牛电器有限公司',
    uscc: '91330282000000001A',
    status: '存续',
    capital: '100.00',
    legalRepresentative: { value: '张伟', shown: 'plain' },
    industryTitle: '家用厨房电器具制造',
  });
  const of = (attribute: string) => p.registration.find((r: { attribute: string }) => r.attribute === attribute);
  expect(of('capital')).toMatchObject({ unit: '万元', contradictions: 2, source: { source: 'scjg.market-entity' } });
  expect(of('name').source).toMatchObject({ fact: String(factOf(1, 1)), since: '2001-05-17' });
  expect(of('address').source).toBeNull();
  const category = (name: string) => p.categories.find((c: { category: string }) => c.category === name);
  expect(p.categories.map((c: { category: string }) => c.category)).toHaveLength(13);
  expect(category('penalty')).toMatchObject({ count: 2, latest: '2021-04-02', amount: '3000.50' });
  expect(category('penalty').classes[0]).toMatchObject({ class: 2, unit: '元', amount: '3000.50' });
  expect(category('social-insurance')).toMatchObject({ count: 2, amount: '6913.56' });
  expect(category('tax')).toMatchObject({ count: 0, latest: null, amount: null, classes: [] });
  expect(p.timeline.years).toEqual([
    { year: 2001, count: 1 },
    { year: 2020, count: 1 },
    { year: 2021, count: 3 },
    { year: 2022, count: 1 },
  ]);
  expect(p.timeline.latest.map((e: { day: string }) => e.day)).toEqual([
    '2022-01-05',
    '2021-06-01',
    '2021-05-01',
    '2021-04-02',
    '2020-03-01',
    '2001-05-17',
  ]);
  expect(p.timeline.latest[3]).toMatchObject({ text: { value: '价格欺诈' }, amount: '1000.00', unit: '元' });
  expect(p.contradictions).toHaveLength(1);
  expect(p.contradictions[0].values.map((v: { cell: { value: string } }) => v.cell.value)).toEqual([
    '100.00',
    '120.00',
  ]);
  expect(p.formerNames.map((n: { kind: string; name: string }) => [n.kind, n.name])).toEqual([
    ['former', '慈溪市金狮插座厂'],
    ['variant', '公牛电气有限公司'],
  ]);
  expect(p.relations).toContainEqual({ kind: 'shareholder', title: { zh: '股东', en: 'Shareholder' }, count: 1 });
  expect(p.quality).toMatchObject({ score: 0.96, sources: 3, facts: 12 });
});

test('an enterprise that does not exist is a problem', async () => {
  await expect(room.call('GET', '/enterprises/{entity}', { params: { entity: '999' } })).rejects.toEqual(
    refusal('credit.enterprise-unknown'),
  );
});

test('personal values: plain with a purpose and audited, else masked; numbers of the vault always by their mask', async () => {
  const legal = (p: { registration: { attribute: string; cell: unknown }[] }, attribute: string) =>
    p.registration.find((r) => r.attribute === attribute)!.cell;
  const plain = await panorama(steward);
  expect(legal(plain, 'legal-representative')).toEqual({ value: '张伟', shown: 'plain' });
  expect(legal(plain, 'legal-representative-id')).toMatchObject({ shown: 'masked', token: ZHANG_1 });
  expect(legal(plain, 'legal-representative-id')).toMatchObject({ value: expect.stringMatching(/^330282\*{8}/) });
  expect(room.audit).toEqual([
    expect.objectContaining({ action: 'credit.panorama', object: 'legal-person/1', purpose: '核查', outcome: 'ok' }),
  ]);
  room.audit.length = 0;
  for (const who of [idle, analyst, creditUser, leader]) {
    const p = await panorama(who);
    expect(legal(p, 'legal-representative')).toEqual({ value: '张**', shown: 'masked' });
    expect(p.heading.legalRepresentative.value).toBe('张**');
    expect(JSON.stringify(p)).not.toContain('张伟');
    // Only who may ask the vault is given the token to ask with.
    expect(JSON.stringify(p).includes(ZHANG_1)).toBe(who === idle);
  }
  expect(room.audit).toEqual([]);
  expect(legal(await panorama(analyst), 'phone')).toEqual({ value: null, shown: 'hidden' });
  expect(legal(await panorama(leader), 'phone')).toMatchObject({ shown: 'masked' });
});

test('wanting personal data plain without a purpose is refused; who may not see it anyway gets it masked', async () => {
  await expect(panorama(idle, { plain: 'true' })).rejects.toEqual(refusal('auth.purpose-needed'));
  expect((await panorama(analyst, { plain: 'true' })).heading.legalRepresentative.shown).toBe('masked');
});

test("a department's officer sees its own personal data plain and others' masked", async () => {
  const own = await panorama(person('data-officer', '核查', 'scjg'));
  const other = await panorama(person('data-officer', '核查', 'rsj'));
  expect(own.heading.legalRepresentative.value).toBe('张伟');
  expect(other.heading.legalRepresentative.value).toBe('张**');
});

test('a class of core level tells a credit user no more than how many records there are', async () => {
  const p = await panorama(creditUser);
  const court = p.categories.find((c: { category: string }) => c.category === 'court');
  expect(court).toMatchObject({ count: 1, latest: null, amount: null });
  expect(p.timeline.latest.map((e: { class: number }) => e.class)).not.toContain(4);
  expect(p.timeline.years.at(-1).year).toBe(2021);
  const facts = await room.call('GET', '/enterprises/{entity}/facts', {
    params: { entity: '1' },
    query: { class: '4' },
    as: creditUser,
  });
  expect(facts.records[0]).toMatchObject({ day: null, amount: null });
  expect(
    facts.records[0].cells.every((c: { value: null; shown: string }) => c.value === null && c.shown === 'hidden'),
  ).toBe(true);
  await expect(room.call('GET', '/facts', { query: { class: '4' }, as: creditUser })).rejects.toEqual(
    refusal('credit.class-protected'),
  );
});

test('a payload is taken apart by the version that cleaned it; uncleaned values are flagged', async () => {
  const { records, classes, total } = await room.call('GET', '/enterprises/{entity}/facts', {
    params: { entity: '1' },
    query: { class: '2' },
  });
  expect(total).toBe(2);
  const titles = classes[0].fields.map((f: { name: string }) => f.name);
  expect(titles).toEqual(['office', 'doc_no', 'reason', 'fine', 'person', 'day']);
  const values = (i: number) => records[i].cells.map((c: { value: string | null }) => c.value);
  expect(values(0)).toEqual(['市场监管局', '慈市监罚〔2021〕9号', '价格欺诈', '1000', '张  伟？', '2021-04-02']);
  expect(records[0].cells[4]).toMatchObject({ flagged: true });
  expect(values(1)).toEqual([null, '慈市监罚〔2020〕1号', '=虚假宣传', '2000.5', '张伟', '2020-03-01']);
  expect(records[1]).toMatchObject({ run: 2, row: 1, fact: String(factOf(2, 1)), amount: '2000.50' });
});

test('decoding keeps places: blanks are null, what is missing at the end too', () => {
  const field = {
    position: 1,
    name: 'a',
    title: { zh: '', en: '' },
    type: 'text',
    format: null,
    unit: null,
    protection: 'public' as const,
    role: null,
  };
  expect(decode('a\u001f\u001f\u0018x', [field, field, field, field])).toEqual(['a', null, '\u0018x', null]);
});

test('records are paged newest first without gap; a spoilt cursor is refused', async () => {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: { records: { fact: string }[]; next: string | null; total: number } = await room.call(
      'GET',
      '/enterprises/{entity}/facts',
      { params: { entity: '1' }, query: { limit: '2', ...(cursor ? { cursor } : {}) } },
    );
    expect(page.total).toBe(6);
    seen.push(...page.records.map((r) => r.fact));
    cursor = page.next;
  } while (cursor);
  expect(seen).toEqual(
    [factOf(5, 1), factOf(4, 2), factOf(4, 1), factOf(3, 1), factOf(2, 1), factOf(1, 1)].map(String),
  );
  for (const bad of [
    'x',
    Buffer.from('["2020-01-01"]').toString('base64url'),
    Buffer.from('["\'; --", 1]').toString('base64url'),
  ]) {
    await expect(
      room.call('GET', '/enterprises/{entity}/facts', { params: { entity: '1' }, query: { cursor: bad } }),
    ).rejects.toEqual(refusal('credit.cursor-invalid'));
  }
});

test('the origin of a record: class, run, file, row, leaf and root; also of a superseded one', async () => {
  const o = await room.call('GET', '/facts/{fact}/origin', { params: { fact: String(factOf(2, 5)) } });
  expect(o).toMatchObject({
    entity: 1,
    closedRun: 3,
    row: 5,
    leaf: '07'.repeat(32),
    class: { source: 'scjg.penalty' },
    run: { run: 2, input: 'scjg.penalty.csv', received: 5, accepted: 5, root: '02'.repeat(32), declaration: 1 },
  });
  await expect(room.call('GET', '/facts/{fact}/origin', { params: { fact: '12345' } })).rejects.toEqual(
    refusal('credit.fact-unknown'),
  );
});

test('why a value: candidates by rank and what it was before', async () => {
  const why = (attribute: string, as = steward) =>
    room.call('GET', '/enterprises/{entity}/why', { params: { entity: '1' }, query: { attribute }, as });
  const capital = await why('capital');
  expect(capital.cell.value).toBe('100.00');
  expect(capital.candidates.map((c: { chosen: boolean; rank: number }) => [c.chosen, c.rank])).toEqual([
    [true, 10],
    [false, 30],
  ]);
  expect(capital.reason.en).toContain('best rank (10)');
  const legal = await why('legal_representative');
  expect(legal.candidates.map((c: { cell: { value: string } }) => c.cell.value)).toEqual(['张伟']);
  expect(legal.history.map((h: { cell: { value: string } }) => h.cell.value)).toEqual(['张伟', '李强']);
  expect(JSON.stringify(await why('legal-representative', creditUser))).not.toMatch(/张伟|李强/);
  await expect(why('colour')).rejects.toEqual(refusal('credit.attribute-unknown'));
});

test('persons of one name are kept apart unless their token is the same', async () => {
  const { persons } = await room.call('GET', '/persons', { query: { name: '张伟' } });
  expect(
    persons.map((p: { node: string; enterprises: { entity: number }[] }) => [
      p.node,
      p.enterprises.map((e) => e.entity),
    ]),
  ).toEqual([
    [`p:${ZHANG_1}`, [1, 7]],
    ['n:3:张伟', [3]],
    [`p:${ZHANG_2}`, [6]],
  ]);
  expect(persons[0]).toMatchObject({ shareholdings: 2, offices: 1, identity: { shown: 'masked' } });
  expect(room.audit).toEqual([expect.objectContaining({ action: 'credit.person', purpose: '核查', outcome: 'ok' })]);
  expect(JSON.stringify(room.audit)).not.toContain('张伟');
});

test('a legal representative that no relation names is found all the same', async () => {
  const { persons } = await room.call('GET', '/persons', { query: { name: '王芳' } });
  expect(persons).toEqual([expect.objectContaining({ node: 'n:3:王芳', offices: 1 })]);
});

test('looking up a person needs a key, a purpose and a valid number', async () => {
  await expect(room.call('GET', '/persons', { query: { name: '张伟' }, as: idle })).rejects.toEqual(
    refusal('auth.purpose-needed'),
  );
  expect(room.audit.at(-1)).toMatchObject({ action: 'credit.person', outcome: 'refused' });
  await expect(room.call('GET', '/persons', { query: {} })).rejects.toEqual(refusal('credit.person-key-needed'));
  await expect(room.call('POST', '/persons', { body: { identity: '110105194912310021' } })).rejects.toEqual(
    refusal('credit.number-invalid'),
  );
  const { persons } = await room.call('POST', '/persons', { body: { identity: '11010519491231002x' } });
  expect(persons.map((p: { node: string }) => p.node)).toEqual([`p:${ZHANG_1}`]);
});

test('the network is walked step by step, with limits', async () => {
  const walk = (query: Record<string, string>, as = steward) => room.call('GET', '/network', { query, as });
  const one = await walk({ node: 'e:1' });
  const ids = (n: { nodes: { id: string }[] }) => n.nodes.map((x) => x.id).sort();
  expect(ids(one)).toEqual(['e:1', 'e:2', 'n:1:李强', `p:${ZHANG_1}`].sort());
  expect(one.edges.find((e: { to: string; from: string }) => e.to === 'e:2')).toMatchObject({
    from: 'e:1',
    kind: 'shareholder',
    share: 40,
  });
  expect(one.nodes.find((n: { id: string }) => n.id === 'e:1')).toMatchObject({
    complete: true,
    label: { value: '慈溪市公牛电器有限公司' },
  });
  const two = await walk({ node: 'e:1', depth: '2' });
  expect(ids(two)).toContain('e:7');
  // Another person of the same name is not reached.
  expect(ids(two)).not.toContain('e:6');
  const byPerson = await walk({ node: `p:${ZHANG_1}` });
  expect(ids(byPerson)).toEqual(['e:1', 'e:7', `p:${ZHANG_1}`].sort());
  expect(byPerson.nodes[0]).toMatchObject({ id: `p:${ZHANG_1}`, depth: 0, complete: true });
  expect(ids(await walk({ node: 'n:3:张伟' }))).toEqual(['e:3', 'n:3:张伟']);
  expect((await walk({ node: 'e:1', depth: '3', limit: '10' })).nodes.length).toBeLessThanOrEqual(10);
});

test('in the network, names that may not be seen are masked and their nodes tell nothing', async () => {
  const n = await room.call('GET', '/network', { query: { node: 'e:1', depth: '2' }, as: leader });
  expect(JSON.stringify(n)).not.toMatch(/张伟|李强|c~/);
  const masked = n.nodes.filter((x: { kind: string }) => x.kind === 'person');
  expect(masked.length).toBeGreaterThan(0);
  expect(
    masked.every((x: { walkable: boolean; label: { shown: string } }) => !x.walkable && x.label.shown === 'masked'),
  ).toBe(true);
  await expect(room.call('GET', '/network', { query: { node: `p:${ZHANG_1}` }, as: leader })).rejects.toEqual(
    refusal('credit.person-forbidden'),
  );
  await expect(room.call('GET', '/network', { query: { node: `p:${ZHANG_1}` }, as: idle })).rejects.toEqual(
    refusal('auth.purpose-needed'),
  );
  for (const node of ['x:1', 'e:abc', 'p:nonsense', "e:1' OR 1=1"]) {
    await expect(room.call('GET', '/network', { query: { node } })).rejects.toEqual(refusal('credit.node-invalid'));
  }
  for (const node of ['e:999', `p:${token('c', 'nobody')}`]) {
    await expect(room.call('GET', '/network', { query: { node } })).rejects.toEqual(refusal('credit.node-unknown'));
  }
});

test('relations of an enterprise, and where each can be walked to', async () => {
  const r = await room.call('GET', '/enterprises/{entity}/relations', { params: { entity: '2' } });
  expect(r.relations.map((x: { node: string; share: number }) => [x.node, x.share])).toEqual([
    ['n:2:单云', 60],
    ['e:1', 40],
  ]);
  const masked = await room.call('GET', '/enterprises/{entity}/relations', { params: { entity: '2' }, as: creditUser });
  expect(masked.relations[0]).toMatchObject({ node: null, person: { value: '单**' } });
});

test('search protects the legal representative and a matched person', async () => {
  const hit = async (as: typeof steward) => (await room.call('GET', '/search', { query: { q: '阮立' }, as })).hits[0];
  expect(await hit(steward)).toMatchObject({
    legalRepresentative: { value: '阮立', shown: 'plain' },
    highlights: [{ field: 'person', text: '阮立', ranges: [[0, 2]] }],
  });
  expect(await hit(creditUser)).toMatchObject({
    legalRepresentative: { value: '阮**', shown: 'masked' },
    highlights: [{ field: 'person', text: '阮**', ranges: [] }],
  });
  expect((await room.call('GET', '/search', { query: { q: '阮立' }, as: leader })).total).toBe(0);
});

test('an identity or telephone number is looked up by POST, with permission and purpose, and audited', async () => {
  const post = (q: string, as = steward, by = 'auto') => room.call('POST', '/search', { body: { q, by }, as });
  const found = await post('13800138000');
  expect(found.hits.map((h: { entity: number; route: string }) => [h.entity, h.route])).toEqual([[1, 'number']]);
  expect(room.audit[0]).toMatchObject({ action: 'credit.person', object: `person/${PHONE_1}`, purpose: '核查' });
  expect((await post('11010519491231002X')).hits.map((h: { entity: number }) => h.entity)).toEqual([7, 1]);
  const inUrl = await room.call('GET', '/search', { query: { q: '13800138000' } });
  expect([inUrl.total, inUrl.hints[0].code]).toEqual([0, 'credit.number-not-in-url']);
  expect((await post('13800138000', idle)).hints[0].code).toBe('credit.number-needs-purpose');
  await expect(post('13800138000', idle, 'number')).rejects.toEqual(refusal('auth.purpose-needed'));
  await expect(post('13800138000', leader, 'number')).rejects.toEqual(refusal('credit.person-forbidden'));
});

test('empty, endless and too deep searches are problems with their field', async () => {
  const get = (query: Record<string, string>) => room.call('GET', '/search', { query });
  for (const q of ['', '   ', '\u0000\u200b', '（）！'])
    await expect(get({ q })).rejects.toEqual(refusal('credit.query-empty'));
  await expect(get({ q: '公'.repeat(101) })).rejects.toEqual(refusal('credit.query-too-long'));
  await expect(get({ q: '公牛', page: '500', size: '100' })).rejects.toEqual(refusal('credit.page-too-deep'));
});

test('before the index stands, search answers from the lake and says so', async () => {
  const early = new Room(lake);
  const answer = await early.call('GET', '/search', { query: { q: '公牛' } });
  expect(answer).toMatchObject({ engine: 'lake', total: 4, hints: [{ code: 'credit.index-building' }] });
  expect(early.index.state().state).toBe('empty');
});

test('classes are listed with their fields', async () => {
  const { classes, categories } = await room.call('GET', '/classes');
  expect(classes.map((c: { class: number }) => c.class)).toEqual([1, 2, 3, 4]);
  expect(categories[0]).toEqual({ category: 'registration', title: { zh: '登记信息', en: 'Registration' } });
});

test('the state of the index and its rebuilding', async () => {
  expect(await room.call('GET', '/index')).toMatchObject({ state: 'ready', enterprises: 10, error: null });
  expect(await room.call('POST', '/index/rebuild')).toMatchObject({ state: 'building' });
  await room.index.rebuild();
  expect(room.index.state().state).toBe('ready');
  expect(room.audit).toEqual([expect.objectContaining({ action: 'credit.index-rebuild' })]);
});
