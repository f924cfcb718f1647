/** Roles that colleagues have lent to somebody, and organisations that somebody's own one has taken over. */
import { sql } from 'kysely';
import type { Role } from './principal.ts';
import type { Executor } from './store.ts';

/** A role that somebody holds for a colleague. */
export interface LentRole {
  /** Account id of who holds it now. */
  account: string;
  role: Role;
  organisation: string | null;
  /** Login of whose role it is. */
  owner: string;
  delegation: number;
}

/**
 * Roles lent to accounts on a day (yyyy-mm-dd). A lent role is never more than its owner has: it counts only while the
 * owner's account works, still holds the role itself and is of the same organisation; never to an administrator.
 */
export async function lentTo(accounts: readonly string[], day: string, db: Executor): Promise<LentRole[]> {
  if (accounts.length === 0) return [];
  const { rows } = await sql<LentRole>`SELECT d.delegate AS account, d.role, d.organisation, o.login AS owner,
      d.id AS delegation
    FROM auth.delegation AS d JOIN auth.account AS o ON o.id = d.owner JOIN auth.account AS a ON a.id = d.delegate
    JOIN auth.role_grant AS g ON g.account = o.id AND g.role = d.role
    WHERE d.delegate = ANY(${[...accounts]}::uuid[]) AND d.ended_at IS NULL
      AND d.from_day <= ${day}::date AND d.to_day >= ${day}::date AND NOT o.disabled
      AND g.organisation IS NOT DISTINCT FROM d.organisation
      AND (g.organisation IS NULL OR g.organisation = o.organisation)
      AND o.organisation IS NOT DISTINCT FROM a.organisation
      AND NOT EXISTS (SELECT 1 FROM auth.role_grant AS x WHERE x.account = a.id
        AND (x.role LIKE '%-admin' OR x.role = d.role))
    ORDER BY d.id`.execute(db);
  return rows;
}

/** The former organisations that an organisation answers for. */
export async function formersOf(organisation: string | null, db: Executor): Promise<string[]> {
  if (organisation === null) return [];
  const { rows } = await sql<{ former: string }>`SELECT former FROM auth.succession WHERE heir = ${organisation}
    ORDER BY former LIMIT 200`.execute(db);
  return rows.map((r) => r.former);
}
