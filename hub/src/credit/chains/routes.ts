/** Chains of control, ownership and guarantee over HTTP: of one enterprise, and circles of the whole city. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { cell } from '../api-base.ts';
import { entityParams } from '../api-enterprise.ts';
import type { Metadata } from '../metadata.ts';
import { personGuard, type RelationRow, readRelations } from '../persons.ts';
import { enterpriseUnknown } from '../problems.ts';
import { viewerOf } from '../score/routes.ts';
import type { Viewer } from '../view.ts';
import { namesOf } from '../warning/routes.ts';
import { examples, examplesAnswer } from './examples.ts';
import { circles, controlChain, effectiveOwners, type Holding } from './graph.ts';

/** Steps up and down that are followed, enterprises that are looked at, relations of one step. */
const LIMITS = { steps: 8, nodes: 600, rows: 4000, shared: 60 };

const node = z.object({
  id: z.string(),
  kind: z.enum(['enterprise', 'person', 'organisation']),
  entity: z.number().int().nullable(),
  label: cell,
});
const edge = z.object({
  from: z.string(),
  to: z.string(),
  kind: z.string(),
  share: z.number().nullable(),
  amount: z.string().nullable(),
  fact: z.string().nullable(),
});
const chainAnswer = z.object({
  entity: z.number().int(),
  name: z.string().nullable(),
  nodes: z.array(node),
  edges: z.array(edge),
  /** Everyone who holds a share over whatever paths; `ultimate`: nobody is known to hold them. Shares 0 to 1. */
  owners: z.array(z.object({ id: z.string(), share: z.number(), ultimate: z.boolean(), depth: z.number().int() })),
  /** What ends in nobody known. */
  unknown: z.number(),
  /** The holders of more than half, step by step upwards. */
  control: z.array(z.object({ holder: z.string(), of: z.string(), share: z.number() })),
  /** Enterprises that it holds, over all paths. */
  holdings: z.array(z.object({ id: z.string(), share: z.number() })),
  guarantees: z.object({ given: z.number().int(), received: z.number().int() }),
  circles: z.array(z.object({ kind: z.enum(['ownership', 'guarantee']), ids: z.array(z.string()) })),
  sharedOfficers: z.array(
    z.object({
      person: cell,
      enterprises: z.array(
        z.object({ entity: z.number().int(), name: z.string().nullable(), kinds: z.array(z.string()) }),
      ),
    }),
  ),
  sharedAddress: z.object({
    address: z.string().nullable(),
    enterprises: z.array(z.object({ entity: z.number().int(), name: z.string().nullable() })),
  }),
  /** Something was left out because it was too much. */
  cut: z.boolean(),
});
const circlesAnswer = z.object({
  items: z.array(
    z.object({
      kind: z.enum(['ownership', 'guarantee']),
      enterprises: z.array(z.object({ entity: z.number().int(), name: z.string().nullable() })),
    }),
  ),
});

/** What the routes stand on. */
export interface ChainPorts extends Pick<Deps, 'lake' | 'vault' | 'audit'> {
  metadata: Metadata;
}

/** The other end of a relation as an id; persons without a token are one only inside their enterprise. */
const otherId = (r: RelationRow): string | null =>
  r.other_entity
    ? `e:${r.other_entity}`
    : r.person_token
      ? `p:${r.person_token}`
      : r.person_name
        ? `n:${r.entity}:${r.person_name}`
        : r.other_name
          ? `o:${r.other_name}`
          : null;

/** One holding a holder and enterprise: the newest record counts. */
export function holdingsOf(rows: readonly RelationRow[]): Holding[] {
  const newest = new Map<string, { row: RelationRow; holder: string }>();
  for (const row of rows) {
    const holder = otherId(row);
    if (row.kind !== 'shareholder' || !holder || holder === `e:${row.entity}`) continue;
    const key = `${row.entity} ${holder}`;
    const known = newest.get(key);
    const later = (a: RelationRow, b: RelationRow) =>
      (a.valid_from ?? '') !== (b.valid_from ?? '')
        ? (a.valid_from ?? '') > (b.valid_from ?? '')
        : Number(a.fact ?? 0) > Number(b.fact ?? 0);
    if (!known || later(row, known.row)) newest.set(key, { row, holder });
  }
  return [...newest.values()].map(({ row, holder }) => ({
    holder,
    of: `e:${row.entity}`,
    share: (row.share ?? 0) / 100,
  }));
}

/** Walks from an enterprise in one direction, step by step. */
async function walk(
  lake: Lake,
  root: number,
  kinds: ReadonlySet<string>,
  way: 'of' | 'to',
): Promise<{ rows: RelationRow[]; cut: boolean }> {
  const seen = new Set([root]);
  const rows: RelationRow[] = [];
  let frontier = [root];
  let cut = false;
  for (let step = 0; step < LIMITS.steps && frontier.length > 0; step++) {
    const found = await readRelations(lake, { [way]: frontier }, LIMITS.rows);
    if (found.length >= LIMITS.rows) cut = true;
    const next = new Set<number>();
    for (const r of found) {
      if (!kinds.has(r.kind)) continue;
      rows.push(r);
      const other = way === 'of' ? r.other_entity : r.entity;
      if (other && !seen.has(other)) next.add(other);
    }
    frontier = [...next];
    if (seen.size + frontier.length > LIMITS.nodes) {
      frontier = frontier.slice(0, Math.max(0, LIMITS.nodes - seen.size));
      cut = true;
    }
    for (const e of frontier) seen.add(e);
  }
  return { rows, cut: cut || frontier.length > 0 };
}

/** Everything about one enterprise's chains. */
export async function chainsOf(
  ports: ChainPorts,
  viewer: Viewer,
  entity: number,
): Promise<z.input<typeof chainAnswer>> {
  const { lake } = ports;
  const self = await lake.first<{ name: string | null; address: string | null }>(
    'SELECT name, address FROM v.legal_person_v1 WHERE entity = $entity',
    { entity },
  );
  if (!self) throw new Problem(enterpriseUnknown, { entity });
  const owning = new Set(['shareholder']);
  const [up, down, given, received] = await Promise.all([
    walk(lake, entity, owning, 'of'),
    walk(lake, entity, owning, 'to'),
    walk(lake, entity, new Set(['guarantee']), 'of'),
    walk(lake, entity, new Set(['guarantee']), 'to'),
  ]);
  const root = `e:${entity}`;
  const upHoldings = holdingsOf(up.rows);
  const { owners, unknown } = effectiveOwners(root, upHoldings);
  // What it holds: the same sum with every arrow turned round.
  const downHoldings = holdingsOf(down.rows);
  const held = heldBy(root, downHoldings);
  const guaranteeRows = [...given.rows, ...received.rows].filter((r) => r.other_entity);
  const told = [
    ...circles([...upHoldings, ...downHoldings].map((h) => ({ from: h.holder, to: h.of }))).map((ids) => ({
      kind: 'ownership' as const,
      ids,
    })),
    ...circles(guaranteeRows.map((r) => ({ from: `e:${r.entity}`, to: `e:${r.other_entity}` }))).map((ids) => ({
      kind: 'guarantee' as const,
      ids,
    })),
  ];
  const shared = await sharedOfficers(ports, viewer, entity);
  const neighbours = self.address
    ? await lake.query<{ entity: number; name: string | null }>(
        `SELECT entity, name FROM v.legal_person_v1 WHERE address = $address AND entity <> $entity ORDER BY entity LIMIT ${LIMITS.shared}`,
        { address: self.address, entity },
      )
    : [];
  const rows = [...up.rows, ...down.rows, ...given.rows, ...received.rows];
  const drawn = await draw(ports, viewer, entity, rows);
  const id = (full: string) => drawn.ids.get(full) ?? full;
  await viewer.settle();
  await viewer.record('credit.chains', `legal-person/${entity}`, {
    nodes: drawn.nodes.length,
    personal: viewer.personal,
  });
  return {
    entity,
    name: self.name,
    nodes: drawn.nodes,
    edges: drawn.edges,
    owners: owners.map((o) => ({ ...o, id: id(o.id) })),
    unknown,
    control: controlChain(root, upHoldings).map((s) => ({ ...s, holder: id(s.holder), of: id(s.of) })),
    holdings: held.map((h) => ({ ...h, id: id(h.id) })),
    guarantees: {
      given: given.rows.filter((r) => r.entity === entity).length,
      received: received.rows.filter((r) => r.other_entity === entity).length,
    },
    circles: told.map((c) => ({ ...c, ids: c.ids.map(id) })),
    sharedOfficers: shared,
    sharedAddress: { address: self.address, enterprises: neighbours },
    cut: up.cut || down.cut || given.cut || received.cut || neighbours.length === LIMITS.shared,
  };
}

/** Effective shares of the enterprises below a root: product along paths, summed over them. */
export function heldBy(root: string, holdings: readonly Holding[]): { id: string; share: number }[] {
  const below = [...new Set(holdings.map((h) => h.of))].filter((id) => id !== root);
  return below
    .map((id) => ({ id, share: effectiveOwners(id, holdings).owners.find((o) => o.id === root)?.share ?? 0 }))
    .filter((h) => h.share > 0)
    .sort((a, b) => b.share - a.share || a.id.localeCompare(b.id));
}

/** Nodes and edges as they may be seen: a person's id tells nothing (no token, no name). */
async function draw(ports: ChainPorts, viewer: Viewer, root: number, rows: readonly RelationRow[]) {
  const entities = new Set([root, ...rows.map((r) => r.entity), ...rows.flatMap((r) => r.other_entity ?? [])]);
  const names = await namesOf(ports.lake, [...entities]);
  const ids = new Map<string, string>();
  const nodes: z.input<typeof node>[] = [...entities].map((entity) => ({
    id: `e:${entity}`,
    kind: 'enterprise' as const,
    entity,
    label: { value: names.get(entity) ?? null, shown: 'plain' as const },
  }));
  const edges = new Map<string, z.input<typeof edge>>();
  for (const r of rows) {
    const full = otherId(r);
    if (!full) continue;
    if (!r.other_entity && !ids.has(full)) {
      const person = r.person_name !== null || r.person_token !== null;
      ids.set(full, `${person ? 'p' : 'o'}${ids.size + 1}`);
      nodes.push({
        id: ids.get(full)!,
        kind: person ? 'person' : 'organisation',
        entity: null,
        label: person
          ? viewer.cell(await personGuard(ports.metadata, r.class), 'person-name', r.person_name)
          : { value: r.other_name, shown: 'plain' },
      });
    }
    const other = ids.get(full) ?? full;
    // A share points from its holder to what is held, a guarantee from who gives it to whom it is given for.
    const [from, to] = r.kind === 'guarantee' ? [`e:${r.entity}`, other] : [other, `e:${r.entity}`];
    edges.set(`${from} ${to} ${r.kind} ${r.fact}`, {
      from,
      to,
      kind: r.kind,
      share: r.share === null ? null : r.share / 100,
      amount: r.amount,
      fact: r.fact === null ? null : String(r.fact),
    });
  }
  return { nodes, edges: [...edges.values()], ids };
}

/** Persons of this enterprise who stand in others too, known by the token of their identity number only. */
async function sharedOfficers(ports: ChainPorts, viewer: Viewer, entity: number) {
  const own = await readRelations(ports.lake, { of: [entity] }, LIMITS.rows);
  const tokens = [...new Set(own.flatMap((r) => r.person_token ?? []))].slice(0, LIMITS.shared);
  if (tokens.length === 0) return [];
  const others = (await readRelations(ports.lake, { tokens }, LIMITS.rows)).filter((r) => r.entity !== entity);
  const names = await namesOf(
    ports.lake,
    others.map((r) => r.entity),
  );
  const answer: z.input<typeof chainAnswer>['sharedOfficers'] = [];
  for (const token of tokens) {
    const mine = others.filter((r) => r.person_token === token);
    if (mine.length === 0) continue;
    const row = own.find((r) => r.person_token === token)!;
    const enterprises = [...new Set(mine.map((r) => r.entity))].map((e) => ({
      entity: e,
      name: names.get(e) ?? null,
      kinds: [...new Set(mine.filter((r) => r.entity === e).map((r) => r.kind))],
    }));
    answer.push({
      person: viewer.cell(await personGuard(ports.metadata, row.class), 'person-name', row.person_name),
      enterprises,
    });
  }
  return answer;
}

/** All routes. */
export function chainRoutes(ports: ChainPorts): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/credit/chains/{entity}',
      room: 'credit',
      summary: { zh: '控制、股权与担保链', en: 'Chains of control, ownership and guarantee' },
      access: 'credit.read',
      params: entityParams,
      response: chainAnswer,
      problems: [enterpriseUnknown],
      handler: (c) => chainsOf(ports, viewerOf(ports, c), c.params.entity),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/credit/circles',
      room: 'credit',
      summary: { zh: '全市循环持股与循环担保', en: 'Circles of shares and of guarantees in the city' },
      access: 'credit.read',
      response: circlesAnswer,
      handler: async (c) => {
        const rows = await ports.lake.query<{ kind: string; entity: number; other: number }>(
          `SELECT DISTINCT kind, entity, other_entity AS other FROM v.legal_person_relation_v1
           WHERE other_entity IS NOT NULL AND other_entity <> entity AND kind IN ('shareholder', 'guarantee')`,
        );
        const of = (kind: string) =>
          circles(
            rows.filter((r) => r.kind === kind).map((r) => ({ from: String(r.entity), to: String(r.other) })),
            200,
          );
        const found = [
          ...of('shareholder').map((ids) => ({ kind: 'ownership' as const, ids: ids.reverse() })),
          ...of('guarantee').map((ids) => ({ kind: 'guarantee' as const, ids })),
        ];
        const names = await namesOf(
          ports.lake,
          found.flatMap((f) => f.ids.map(Number)),
        );
        await viewerOf(ports, c).record('credit.circles', 'credit/circles', { n: found.length });
        return {
          items: found.map((f) => ({
            kind: f.kind,
            enterprises: f.ids.map((e) => ({ entity: Number(e), name: names.get(Number(e)) ?? null })),
          })),
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/credit/chain-examples',
      room: 'credit',
      summary: {
        zh: '链条入口：最大的集团、担保、共用地址与人员',
        en: 'Chains to begin with: groups, guarantees, shared addresses and persons',
      },
      access: 'credit.read',
      response: examplesAnswer,
      handler: (c) => examples(ports, viewerOf(ports, c)),
    }),
  ];
}
