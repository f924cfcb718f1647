/** Natural persons as legal persons' records know them: by the vault's token, or by name within one legal person. */
import type { Lake, LakeRow } from '../platform/lake/index.ts';

/** A person's tie to a legal person. */
export interface PersonRelation extends LakeRow {
  entity: number;
  kind: string;
  person_name: string | null;
  person_token: string | null;
  position: string | null;
  amount: string | null;
  share: string | null;
  valid_from: string | null;
  valid_to: string | null;
  class: number;
  fact: bigint | number;
}

/** Whom to look for: a token stands for one person everywhere; a name only within one legal person. */
export type PersonKey = { token: string } | { entity: number; name: string };

/**
 * The person's ties, at most `limit`. For a name, the tokens that stand beside it in that legal person lead on: two people of
 * one name in different legal persons are never taken for one.
 */
export async function personRelations(
  lake: Pick<Lake, 'query'>,
  key: PersonKey,
  limit = 500,
): Promise<PersonRelation[]> {
  const columns = 'entity, kind, person_name, person_token, position, amount, share, valid_from, valid_to, class, fact';
  if ('token' in key) {
    return lake.query<PersonRelation>(
      `SELECT ${columns} FROM v.legal_person_relation_v1 WHERE person_token = $token ORDER BY entity, kind, fact LIMIT ${limit}`,
      { token: key.token },
    );
  }
  return lake.query<PersonRelation>(
    `WITH named AS (SELECT person_token FROM v.legal_person_relation_v1 WHERE entity = $entity AND person_name = $name AND person_token IS NOT NULL)
     SELECT ${columns} FROM v.legal_person_relation_v1
     WHERE (entity = $entity AND person_name = $name) OR person_token IN (SELECT person_token FROM named)
     ORDER BY entity, kind, fact LIMIT ${limit}`,
    { entity: key.entity, name: key.name },
  );
}

/** A step of the network: the legal persons and persons next to a legal person. */
export async function neighbours(lake: Pick<Lake, 'query'>, entity: number, limit = 500): Promise<LakeRow[]> {
  return lake.query(
    `SELECT entity, kind, person_name, person_token, other_entity, other_name, position, amount, share, valid_from, valid_to, class, fact
     FROM v.legal_person_relation_v1 WHERE entity = $entity OR other_entity = $entity ORDER BY entity = $entity DESC, kind, fact LIMIT ${limit}`,
    { entity },
  );
}
