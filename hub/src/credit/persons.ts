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

/** Relations and, where no relation says so, the legal representatives of the golden records. */
export const RELATIONS = `(SELECT ${COLUMNS} FROM v.legal_person_relation_v1 UNION ALL
  SELECT p.entity, 'legal-representative', p.legal_representative, p.legal_representative_id, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL FROM v.legal_person_v1 p
  WHERE p.legal_representative IS NOT NULL AND NOT EXISTS (SELECT 1 FROM v.legal_person_relation_v1 r
    WHERE r.entity = p.entity AND r.kind = 'legal-representative' AND r.person_name = p.legal_representative))`;

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
  const rows = await lake.query<RelationRow & { ename: string; uscc: string | null; status: string | null }>(
    `SELECT r.*, p.name AS ename, p.uscc, p.status FROM ${RELATIONS} r JOIN v.legal_person_v1 p ON p.entity = r.entity
     WHERE ${name ? 'r.person_name = $name' : 'true'} AND ${token ? 'r.person_token = $token' : 'true'}
     ORDER BY r.person_token NULLS LAST, r.entity, r.kind LIMIT 2000`,
    { ...(name ? { name } : {}), ...(token ? { token } : {}) },
  );
  const byNode = new Map<string, typeof rows>();
  for (const r of rows) byNode.set(personNode(r), [...(byNode.get(personNode(r)) ?? []), r]);
  const groups = [...byNode].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  const answer: z.input<typeof personsAnswer>['persons'] = [];
  for (const [node, list] of groups.slice(0, query.limit)) {
    const first = list[0]!;
    const guard = await personGuard(metadata, first.class);
    const enterprises = new Map<number, (typeof answer)[number]['enterprises'][number]>();
    for (const r of list) {
      const e = enterprises.get(r.entity) ?? {
        entity: r.entity,
        name: r.ename,
        uscc: r.uscc,
        status: r.status,
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
  return { persons: answer, more: groups.length > query.limit || rows.length === 2000 };
}
