/**
 * Natural persons: who holds what, by name or by the token of an identity number. Persons of one name are one only when
 * their token is the same; without a token a person is known inside one enterprise and nowhere else.
 */
import type { z } from 'zod';
import { mask } from '../platform/auth/protection.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { VaultPort } from '../platform/room.ts';
import type { personsAnswer, personsBody, relationItem, relationsAnswer, relationsQuery } from './api.ts';
import type { Metadata } from './metadata.ts';
import { enterpriseUnknown, numberInvalid, personForbidden, personKeyNeeded } from './problems.ts';
import { fromCursor, PART, toCursor } from './records.ts';
import { personalNumber } from './search/text.ts';
import { relationTitle } from './titles.ts';
import type { Viewer } from './view.ts';

/** A relation as the view holds it, with what is shown of the enterprise. */
export interface RelationRow extends Record<string, unknown> {
  entity: number;
  kind: string;
  person_name: string | null;
  person_token: string | null;
  other_entity: number | null;
  other_name: string | null;
  position: string | null;
  amount: string | null;
  share: number | null;
  valid_from: string | null;
  valid_to: string | null;
  class: number | null;
  fact: number | bigint | null;
}

const COLUMNS = `entity, kind, person_name, person_token, other_entity, other_name, position, amount,
  CAST(share AS DOUBLE) AS share, valid_from, valid_to, class, fact`;

/** Which relations are wanted: any of these. */
export interface Wanted {
  /** Relations of these enterprises. */
  of?: readonly number[];
  /** Relations in which these enterprises are the other end. */
  to?: readonly number[];
  /** Relations of the persons with these tokens. */
  tokens?: readonly string[];
  /** Relations of persons of this name; inside one enterprise and without a token where `entity` is given. */
  names?: readonly { name: string; entity?: number }[];
}

/**
 * Reads relations, at most `limit` of each kind of wish, each once, in a fixed order. Where no relation names the legal
 * representative, the golden record does. Every wish is a look-up of its own, so that each is as quick as it can be.
 */
export async function readRelations(lake: Lake, wanted: Wanted, limit: number): Promise<RelationRow[]> {
  const params: Record<string, string> = {};
  const bind = (value: string): string => {
    const name = `p${Object.keys(params).length}`;
    params[name] = value;
    return `$${name}`;
  };
  const relation: string[] = [];
  const golden: string[] = [];
  if (wanted.of?.length) {
    relation.push(`entity IN (${wanted.of.join(', ')})`);
    golden.push(`entity IN (${wanted.of.join(', ')})`);
  }
  if (wanted.to?.length) relation.push(`other_entity IN (${wanted.to.join(', ')})`);
  if (wanted.tokens?.length) {
    const list = wanted.tokens.map(bind).join(', ');
    relation.push(`person_token IN (${list})`);
    golden.push(`legal_representative_id IN (${list})`);
  }
  for (const { name, entity } of wanted.names ?? []) {
    const value = bind(name);
    const inside = entity === undefined ? '' : ` AND entity = ${entity}`;
    relation.push(`person_name = ${value}${inside}${inside && ' AND person_token IS NULL'}`);
    golden.push(`legal_representative = ${value}${inside}${inside && ' AND legal_representative_id IS NULL'}`);
  }
  const parts = [
    ...relation.map(
      (where) => `(SELECT ${COLUMNS}, 0 AS golden FROM v.legal_person_relation_v1 WHERE ${where} LIMIT ${limit})`,
    ),
    ...golden.map(
      (
        where,
      ) => `(SELECT entity, 'legal-representative', legal_representative, legal_representative_id, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, 1 FROM v.legal_person_v1
        WHERE ${where} AND legal_representative IS NOT NULL LIMIT ${limit})`,
    ),
  ];
  if (parts.length === 0) return [];
  const rows = await lake.query<RelationRow & { golden: number }>(
    `SELECT DISTINCT * FROM (${parts.join(' UNION ALL ')}) WHERE entity > 0
     ORDER BY entity, golden, kind, share DESC NULLS LAST, person_token, person_name, other_name, fact`,
    params,
  );
  const named = new Set<string>();
  return rows.filter((r) => {
    const key = `${r.entity} ${r.person_name}`;
    if (r.golden === 1) return !named.has(key);
    if (r.kind === 'legal-representative') named.add(key);
    return true;
  });
}

/** The node of the other end of a relation; persons by token, else by name inside their enterprise. */
export function personNode(row: Pick<RelationRow, 'entity' | 'person_name' | 'person_token'>): string {
  return row.person_token ? `p:${row.person_token}` : `n:${row.entity}:${row.person_name ?? ''}`;
}

/**
 * The person's node when this viewer may walk to it: with person.read, and when the node's own text (a token, or a name)
 * tells no more than what is shown.
 */
export function walkableNode(viewer: Viewer, row: RelationRow, namePlain: boolean): string | null {
  if (!row.person_name || !viewer.look.principal.permissions.has('person.read')) return null;
  return row.person_token || namePlain ? personNode(row) : null;
}

/** How a person's name is guarded: as the class that told it declares, and never less than personal. */
export async function personGuard(metadata: Metadata, klass: number | null) {
  return { ...(await metadata.guard('legal-representative', klass)), format: 'person-name' };
}

/** What qualifies a relation, without its ends. */
export function qualities(row: RelationRow) {
  return {
    kind: row.kind,
    title: relationTitle(row.kind),
    position: row.position,
    amount: row.amount,
    share: row.share,
    validFrom: row.valid_from,
    validTo: row.valid_to,
    class: row.class,
    fact: row.fact === null ? null : String(row.fact),
  };
}

/** The relations of one enterprise, page by page. */
export async function relationsOf(
  lake: Lake,
  metadata: Metadata,
  viewer: Viewer,
  entity: number,
  query: z.output<typeof relationsQuery>,
): Promise<z.input<typeof relationsAnswer>> {
  const skip = query.cursor ? Number(fromCursor(query.cursor, [PART.number])[0] ?? 0) : 0;
  const where = `entity = $entity ${query.kind ? 'AND kind = $kind' : ''}`;
  const params = { entity, ...(query.kind ? { kind: query.kind } : {}) };
  const [rows, count, known] = await Promise.all([
    lake.query<RelationRow>(
      `SELECT ${COLUMNS} FROM v.legal_person_relation_v1 WHERE ${where}
       ORDER BY kind, share DESC NULLS LAST, valid_from DESC NULLS LAST, person_name, other_name, fact
       LIMIT ${query.limit} OFFSET ${Math.max(0, skip)}`,
      params,
    ),
    lake.first<{ n: number }>(`SELECT count(*) AS n FROM v.legal_person_relation_v1 WHERE ${where}`, params),
    lake.first('SELECT 1 AS one FROM v.legal_person_v1 WHERE entity = $entity', { entity }),
  ]);
  if (!known) throw new Problem(enterpriseUnknown, { entity });
  const relations: z.input<typeof relationItem>[] = [];
  for (const r of rows) {
    const cell = r.person_name ? viewer.cell(await personGuard(metadata, r.class), 'person-name', r.person_name) : null;
    relations.push({
      ...qualities(r),
      node: r.other_entity ? `e:${r.other_entity}` : walkableNode(viewer, r, cell?.shown === 'plain'),
      person: cell,
      organisation: r.other_name || r.other_entity ? { entity: r.other_entity, name: r.other_name ?? '' } : null,
    });
  }
  await viewer.finish('credit.relations', `legal-person/${entity}`);
  const total = count?.n ?? 0;
  return { entity, relations, total, next: skip + rows.length < total ? toCursor(skip + rows.length) : null };
}

/** Relations read for one name or token. */
const ROWS = 2000;

type Named = { entity: number; name: string; uscc: string | null; status: string | null };

/** Names, codes and statuses of enterprises. */
export async function enterprisesOf(lake: Lake, entities: readonly number[]): Promise<Map<number, Named>> {
  if (entities.length === 0) return new Map();
  const rows = await lake.query<Named>(
    `SELECT entity, name, uscc, status FROM v.legal_person_v1 WHERE entity IN (${entities.join(', ')})`,
  );
  return new Map(rows.map((r) => [r.entity, r]));
}

const OFFICES = new Set(['executive', 'supervisor', 'legal-representative']);

/** Persons of a name, of a token, or of an identity or telephone number. Needs person.read and a purpose; audited. */
export async function persons(
  lake: Lake,
  metadata: Metadata,
  vault: Pick<VaultPort, 'tokenOf'>,
  viewer: Viewer,
  query: z.output<typeof personsBody>,
): Promise<z.input<typeof personsAnswer>> {
  let token = query.token;
  if (query.identity !== undefined) {
    const number = personalNumber(query.identity.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase());
    if (!number) throw new Problem(numberInvalid);
    token = vault.tokenOf(number.kind, number.value);
  }
  const name = query.name?.normalize('NFKC').trim();
  if (!name && !token) throw new Problem(personKeyNeeded);
  const object = token ? `person/${token}` : 'person/by-name';
  await viewer.requirePerson(object, personForbidden);
  const found = await readRelations(lake, token ? { tokens: [token] } : { names: [{ name: name! }] }, ROWS);
  const rows = found.filter((r) => (!name || r.person_name === name) && (!token || r.person_token === token));
  const known = await enterprisesOf(lake, [...new Set(rows.map((r) => r.entity))]);
  const byNode = new Map<string, typeof rows>();
  for (const r of rows) byNode.set(personNode(r), [...(byNode.get(personNode(r)) ?? []), r]);
  const groups = [...byNode].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  const answer: z.input<typeof personsAnswer>['persons'] = [];
  for (const [node, list] of groups.slice(0, query.limit)) {
    const first = list[0]!;
    const guard = await personGuard(metadata, first.class);
    const enterprises = new Map<number, (typeof answer)[number]['enterprises'][number]>();
    for (const r of list) {
      const of = known.get(r.entity);
      const e = enterprises.get(r.entity) ?? {
        entity: r.entity,
        name: of?.name ?? '',
        uscc: of?.uscc ?? null,
        status: of?.status ?? null,
        relations: [],
      };
      e.relations.push(qualities(r));
      enterprises.set(r.entity, e);
    }
    answer.push({
      node,
      token: first.person_token,
      name: viewer.cell(guard, 'person-name', first.person_name),
      identity: viewer.cell({ ...guard, protection: 'sensitive' }, 'citizen-id', first.person_token),
      shareholdings: list.filter((r) => r.kind === 'shareholder').length,
      offices: list.filter((r) => OFFICES.has(r.kind)).length,
      enterprises: [...enterprises.values()],
    });
  }
  await viewer.settle();
  await viewer.record('credit.person', object, {
    persons: answer.length,
    ...(name ? { name: mask('person-name', name) } : {}),
  });
  return { persons: answer, more: groups.length > query.limit || found.length >= ROWS };
}
