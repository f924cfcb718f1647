import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GoingClock, permitSource, type TestHub, testHub, who } from './hub-testing.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not used.
type Any = any;
const clock = new GoingClock('2026-03-02T02:00:00Z');
const steward = who('data-steward', null);
const officer = who('data-officer', 'rsj');
const head = who('department-head', 'rsj');
const provider = { officer: who('data-officer', 'scjg'), head: who('department-head', 'scjg') };
const local = ['127.0.0.0/8'];
let ningbo: TestHub;
let cixi: TestHub;
let zhenhai: TestHub;

beforeAll(async () => {
  const conditional = { sharing: { type: 'conditional', condition: '用于行政管理，须说明用途' } };
  [ningbo, cixi, zhenhai] = await Promise.all([
    testHub('ningbo', clock, [permitSource('scjg', conditional), permitSource('sthj', { number: 12, level: 'core' })]),
    testHub('cixi', clock, [permitSource('scjg')]),
    testHub('zhenhai', clock),
  ]);
  await ningbo.app.lake.define([
    `CREATE TABLE f_permit AS SELECT i::INTEGER AS entity, DATE '2026-01-01' AS day, (7::BIGINT << 32) + i AS fact, NULL::DECIMAL(18,4) AS amount,
       'P' || i AS permit_no, '企业' || i || '有限公司' AS comp_nm, CASE WHEN i % 2 = 0 THEN '330282' ELSE '330211' END AS division,
       'p~' || repeat('a', 26) AS phone FROM range(1, 41) r(i)`,
    'CREATE VIEW v.record_scjg_permit_v1 AS FROM f_permit',
    'CREATE VIEW IF NOT EXISTS v.identity_v1 AS SELECT NULL::VARCHAR AS token, NULL::VARCHAR AS mask WHERE false',
  ]);
}, 120_000);
afterAll(() => Promise.all([ningbo?.end(), cixi?.end(), zhenhai?.end()]), 60_000);

const settings = (zh: string, en: string, level: string, more: object = {}) => ({
  ...{ name: { zh, en }, level, networks: local, ...more },
});
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (e) => e.kind?.code ?? String(e),
  );

/** Two hubs come to know each other; answers their numbers of each other. */
async function introduce(one: TestHub, other: TestHub, asOne: object, asOther: object) {
  const invited = await one.call<Any>('POST', '/peers/invitations', steward, {
    body: { ...asOther, url: other.app.url },
  });
  const taken = await other.call<Any>('POST', '/peers/introductions', steward, {
    body: { ...asOne, code: invited.code },
  });
  return { invited, taken };
}

test('hubs know each other when both administrators agreed, and a code is good for one', {
  timeout: 120_000,
}, async () => {
  const cixiThere = settings('慈溪市', 'Cixi', 'county', { divisions: ['330282'] });
  const ningboThere = settings('宁波市', 'Ningbo', 'city');
  const { invited, taken } = await introduce(ningbo, cixi, ningboThere, cixiThere);
  // Believed only when the check code was compared.
  expect(await code(cixi.call('POST', '/peers/{id}/contact', steward, { params: { id: taken.id } }))).toBe(
    'peers.answered',
  );
  const confirm = (check: string) =>
    ningbo.call('POST', '/peers/{id}/confirmation', steward, { params: { id: invited.id }, body: { check } });
  expect(await code(confirm('0000-0000'))).toBe('peers.check-wrong');
  await confirm(taken.check);
  await cixi.call('POST', '/peers/{id}/contact', steward, { params: { id: taken.id } });
  const again = zhenhai.call('POST', '/peers/introductions', steward, { body: { ...ningboThere, code: invited.code } });
  expect(await code(again)).toBe('peers.answered');
  const side = await introduce(
    cixi,
    zhenhai,
    settings('慈溪市', 'Cixi', 'sideways'),
    settings('镇海区', 'Zhenhai', 'sideways'),
  );
  await cixi.call('POST', '/peers/{id}/confirmation', steward, {
    params: { id: side.invited.id },
    body: { check: side.taken.check },
  });
  const { items } = await cixi.call<Any>('GET', '/peers', steward);
  expect(items.map((p: Any) => [p.name.en, p.level, p.state])).toEqual([
    ['Ningbo', 'city', 'active'],
    ['Zhenhai', 'sideways', 'active'],
  ]);
});

test('catalogues are read both ways and sideways, kept apart, and nothing comes back as another’s own', {
  timeout: 120_000,
}, async () => {
  for (const hub of [ningbo, cixi, zhenhai]) {
    await hub.look();
    await hub.jobs();
  }
  const entries = (hub: TestHub, query = {}) => hub.call<Any>('GET', '/peers/entries', officer, { query });
  const seen = await entries(cixi);
  expect(seen.items.map((e: Any) => [e.peer.name.en, e.peer.level, e.code, e.sharing])).toEqual(
    expect.arrayContaining([['Ningbo', 'city', expect.stringMatching(/^\d{6}\/\d{6}$/), 'conditional']]),
  );
  expect(seen.total).toBe(2);
  expect((await entries(ningbo)).items.map((e: Any) => e.peer.level)).toEqual(['county']);
  // Cixi's entry is Cixi's at both; what Cixi read of Ningbo is not told on to Zhenhai.
  expect((await entries(zhenhai)).items.map((e: Any) => e.uri.startsWith(cixi.app.url))).toEqual([true]);
  expect((await entries(cixi, { q: '企业名称' })).total).toBe(2);
  expect((await entries(cixi, { level: 'county' })).total).toBe(0);
  const { harvests } = await cixi.call<Any>('GET', '/peers/{id}', steward, { params: { id: 1 } });
  expect(harvests[0]).toMatchObject({ state: 'done', seen: 2, added: 2, gone: 0, twice: 0, own: 0, pages: 1 });
  // A second reading finds nothing new.
  await cixi.call('POST', '/peers/{id}/harvest', steward, { params: { id: 1 } });
  await cixi.jobs();
  const next = await cixi.call<Any>('GET', '/peers/{id}', steward, { params: { id: 1 } });
  expect(next.harvests[0]).toMatchObject({ seen: 2, added: 0, changed: 0, gone: 0 });
});

test('a request goes up, waits while the hub is down, is granted, and its data is handed back with proof', {
  timeout: 180_000,
}, async () => {
  const { items } = await cixi.call<Any>('GET', '/peers/entries', officer, { query: { sharing: 'conditional' } });
  const content = {
    ...{
      ground: '《食品安全法》第六条',
      scene: '社保稽核',
      scope: '稽核科内部使用',
      until: '2026-12-31',
      contact: '张三 63800000',
    },
    ...{ items: ['permit_no', 'comp_nm', 'division', 'phone'], necessity: { phone: '核对企业联系人' } },
  };
  const { id } = await cixi.call<Any>('POST', '/peers/matters', officer, { body: { entry: items[0].id, content } });
  const matter = () => cixi.call<Any>('GET', '/peers/matters/{id}', officer, { params: { id } });
  const step = async (action: string, p = officer) =>
    cixi.call('POST', '/peers/matters/{id}/steps', p, {
      params: { id },
      body: { action, version: (await matter()).matter.version },
    });
  expect(await code(step('agree', head))).toBe('peers.state');
  await step('propose');
  // The upper hub is down when the head agrees: the request waits and is not lost.
  await ningbo.stop();
  await step('agree', head);
  await cixi.look();
  expect((await matter()).matter).toMatchObject({ state: 'passing', waiting: true });
  await ningbo.start();
  clock.skip(3_600_000);
  await cixi.look();
  const requests = async () => (await ningbo.call<Any>('GET', '/sharing/requests', provider.officer)).items;
  // Not complete: nobody there is bothered with it yet.
  expect(await requests()).toHaveLength(0);
  await ningbo.look();
  // The condition was not answered: told once, all of it, and supplemented.
  expect(await matter()).toMatchObject({
    matter: { state: 'supplement' },
    missing: [expect.stringContaining('有条件共享')],
  });
  await cixi.call('PUT', '/peers/matters/{id}', officer, {
    params: { id },
    body: { version: (await matter()).matter.version, content: { ...content, conditions: '仅用于社保稽核' } },
  });
  await step('resubmit');
  await cixi.look();
  await ningbo.look();
  expect((await matter()).matter).toMatchObject({
    state: 'received',
    clocks: [{ state: 'running', due: expect.any(String) }],
  });
  const [{ id: request, requester }] = await requests();
  expect(requester.name.zh).toBe('慈溪市');
  const decide = async (action: string, p = provider.officer, more = {}) => {
    const { version } = await ningbo.call<Any>('GET', '/sharing/requests/{id}', p, { params: { id: request } });
    await ningbo.call('POST', '/sharing/requests/{id}/steps', p, {
      params: { id: request },
      body: { action, version, ...more },
    });
  };
  await decide('advise', provider.officer, { comment: '符合条件', data: { share: true } });
  await decide('grant', provider.head);
  await ningbo.look();
  await ningbo.jobs();
  await expect
    .poll(async () => (await ningbo.app.seal.seals.of('delivery', '1')).every((s) => s.signature), { timeout: 60_000 })
    .toBe(true);
  await expect
    .poll(async () => (await ningbo.app.seal.seals.of('delivery', '1/manifest')).every((s) => s.signature), {
      timeout: 60_000,
    })
    .toBe(true);
  await ningbo.look();
  await cixi.jobs();
  const whole = await matter();
  expect(whole).toMatchObject({
    ...{ matter: { state: 'granted' }, share: { state: 'active' } },
    deliveries: [
      { state: 'laid', rows: 20, source: 'rsj.peer1-scjg-permit', signedAt: expect.any(String), problem: null },
    ],
  });
  // Only the county's own records, sensitive values masked, under the recipient's own record numbers.
  const inbox = join(cixi.app.deps.folders.inbox, 'rsj', 'peer1-scjg-permit');
  const name = readdirSync(inbox).find((f) => f.endsWith('.csv'))!;
  const lines = readFileSync(join(inbox, name), 'utf8').trim().split('\n');
  expect(lines[0]).toBe('_record,permit_no,comp_nm,division,phone');
  expect(lines.slice(1).every((l) => /^[0-9a-f]{20},P\d+,企业\d+有限公司,330282,/.test(l))).toBe(true);
  expect(lines.join('\n')).not.toContain('p~');
  await cixi.look();
  const [theirs] = (await ningbo.call<Any>('GET', '/peers/matters', steward)).items;
  const there = await ningbo.call<Any>('GET', '/peers/matters/{id}', steward, { params: { id: theirs.id } });
  expect(there).toMatchObject({
    matter: { departmentName: '慈溪市人力资源和社会保障局' },
    deliveries: [{ state: 'confirmed' }],
  });
  // Collected like any other delivery, with its receipt.
  await expect
    .poll(() => cixi.app.lake.query(`SELECT source, accepted FROM v.run_v1 WHERE source = 'rsj.peer1-scjg-permit'`), {
      timeout: 60_000,
    })
    .toEqual([{ source: 'rsj.peer1-scjg-permit', accepted: 20 }]);
});
