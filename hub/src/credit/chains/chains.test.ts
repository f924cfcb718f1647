import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lake } from '../../platform/lake/index.ts';
import type { AuditEntry, VaultPort } from '../../platform/room.ts';
import { insert, token } from '../fixture.ts';
import { Metadata } from '../metadata.ts';
import { enterprises, sourcesLake } from '../score/testing.ts';
import { person } from '../testing.ts';
import { chainRoutes } from './routes.ts';

let lake: Lake;
const audit: AuditEntry[] = [];
const ZHANG = token('c', 'zhang');
const link = (
  entity: number,
  kind: string,
  other: number | null,
  share: number | null,
  who: string | null = null,
  of: string | null = null,
) => ({
  entity,
  kind,
  person_name: who,
  person_token: of,
  other_entity: other,
  other_name: other ? `企业${other}` : null,
  share,
  valid_from: '2020-01-01',
  class: 3,
  fact: entity * 100 + (other ?? 50),
});

beforeAll(async () => {
  lake = (await sourcesLake()).lake;
  await enterprises(
    lake,
    [1, 2, 3, 4, 5].map((entity) => ({ entity, address: entity < 3 ? '慈溪市工业路1号' : null })),
  );
  await insert(lake, 'legal_person_relation_v1', [
    link(1, 'shareholder', 2, 60),
    link(1, 'shareholder', null, 40, '张三', ZHANG),
    link(2, 'shareholder', null, 100, '张三', ZHANG),
    link(4, 'shareholder', 5, 30),
    link(5, 'shareholder', 4, 30),
    link(1, 'guarantee', 3, null),
    link(3, 'guarantee', 1, null),
    link(3, 'executive', null, null, '张三', ZHANG),
  ]);
}, 60_000);
afterAll(() => lake.close());

// A request as the server would make it.
async function ask(
  path: string,
  params: object = {},
  as = person('data-steward', '核查'),
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
): Promise<any> {
  const ports = {
    lake,
    metadata: new Metadata(lake),
    vault: { masks: async () => new Map() } as unknown as VaultPort,
    audit: { append: async (entry: AuditEntry) => void audit.push(entry) },
  };
  const route = chainRoutes(ports).find((r) => r.path === `/api/v1/credit/${path}`)!;
  const answer = await route.handler({
    params: route.params?.parse(params),
    principal: as,
    clock: { now: () => new Date() },
  } as never);
  return (route.response as unknown as { parse(v: unknown): unknown }).parse(answer);
}

test('an enterprise: who owns it in the end, who controls it, whom it guarantees, with whom it shares persons and address', async () => {
  const c = await ask('chains/{entity}', { entity: 1 });
  const label = (id: string) => c.nodes.find((n: { id: string }) => n.id === id).label.value;
  expect(
    c.owners.map((o: { id: string; share: number; ultimate: boolean }) => [label(o.id), o.share, o.ultimate]),
  ).toEqual([
    ['张三', 1, true],
    ['企业2', 0.6, false],
  ]);
  expect(c.control.map((s: { holder: string }) => label(s.holder))).toEqual(['企业2', '张三']);
  expect(c.circles).toEqual([{ kind: 'guarantee', ids: expect.arrayContaining(['e:1', 'e:3']) }]);
  expect(c.guarantees).toEqual({ given: 1, received: 1 });
  expect(c.sharedOfficers[0].enterprises.map((e: { entity: number }) => e.entity)).toEqual([2, 3]);
  expect(c.sharedAddress.enterprises).toEqual([{ entity: 2, name: '企业2' }]);
  expect(audit.at(-1)).toMatchObject({ action: 'credit.chains', object: 'legal-person/1' });
});

test('what it holds below; cross holdings end', async () => {
  expect((await ask('chains/{entity}', { entity: 2 })).holdings).toEqual([{ id: 'e:1', share: 0.6 }]);
  const four = await ask('chains/{entity}', { entity: 4 });
  expect(four.circles.map((c: { kind: string }) => c.kind)).toEqual(['ownership']);
  expect(four.unknown).toBeGreaterThan(0.5);
});

test('a person is masked for an analyst and never told by token', async () => {
  const c = await ask('chains/{entity}', { entity: 1 }, person('analyst'));
  const text = JSON.stringify(c);
  expect(text).not.toContain('张三');
  expect(text).not.toContain(ZHANG);
  expect(text).toContain('张**');
});

test('circles of the whole city', async () => {
  const { items } = await ask('circles');
  expect(
    items.map((i: { kind: string; enterprises: { entity: number }[] }) => [
      i.kind,
      i.enterprises.map((e) => e.entity).sort(),
    ]),
  ).toEqual([
    ['ownership', [4, 5]],
    ['guarantee', [1, 3]],
  ]);
});

test('where to begin: the largest group, guarantees, a shared address, a person in several enterprises, masked by role', async () => {
  const e = await ask('chain-examples');
  expect(e.groups[0]).toEqual({ entity: 2, name: '企业2', n: 1 });
  expect(e.guarantees.map((g: { entity: number; n: number }) => [g.entity, g.n])).toEqual([
    [1, 1],
    [3, 1],
  ]);
  expect(e.addresses).toEqual([{ address: '慈溪市工业路1号', entity: 1, name: '企业1', n: 2 }]);
  expect(e.officers).toMatchObject([{ person: { value: '张三' }, n: 3 }]);
  const seen = JSON.stringify(await ask('chain-examples', {}, person('analyst')));
  expect(seen).not.toContain('张三');
  expect(seen).not.toContain(ZHANG);
});
