/** Who belonged where and held which role on which day: kept beside the present state by whoever changes it. */
import { sql } from 'kysely';
import type { Executor } from './store.ts';

/**
 * Closes and begins rows of the history so that it ends in what the account is now. Called in the transaction of every
 * change of an account's organisation, state or roles.
 */
export async function keepHistory(account: string, at: Date, trx: Executor): Promise<void> {
  await sql`UPDATE auth.membership AS m SET to_at = ${at} FROM auth.account AS a
    WHERE a.id = ${account} AND m.account = a.id AND m.to_at IS NULL
      AND (m.organisation, m.disabled) IS DISTINCT FROM (a.organisation, a.disabled)`.execute(trx);
  await sql`INSERT INTO auth.membership (account, organisation, disabled, from_at)
    SELECT a.id, a.organisation, a.disabled, ${at} FROM auth.account AS a WHERE a.id = ${account}
      AND NOT EXISTS (SELECT 1 FROM auth.membership AS m WHERE m.account = a.id AND m.to_at IS NULL)`.execute(trx);
  await sql`UPDATE auth.role_history AS h SET to_at = ${at} WHERE h.account = ${account} AND h.to_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM auth.role_grant AS g WHERE g.account = h.account AND g.role = h.role
      AND g.organisation IS NOT DISTINCT FROM h.organisation)`.execute(trx);
  await sql`INSERT INTO auth.role_history (account, role, organisation, given_by, from_at)
    SELECT g.account, g.role, g.organisation, g.granted_by, ${at} FROM auth.role_grant AS g WHERE g.account = ${account}
      AND NOT EXISTS (SELECT 1 FROM auth.role_history AS h
        WHERE h.account = g.account AND h.role = g.role AND h.to_at IS NULL)`.execute(trx);
}

/** Somebody who belonged to an organisation on a day, with the roles that they held in it or beside it. */
export interface PastMember {
  login: string;
  name: string;
  roles: string[];
}

/** Who belonged to an organisation at an instant, by login. */
export async function membersAt(organisation: string, at: Date, db: Executor): Promise<PastMember[]> {
  const { rows } = await sql<PastMember>`SELECT a.login, a.name, coalesce((SELECT jsonb_agg(h.role ORDER BY h.role)
      FROM auth.role_history AS h WHERE h.account = a.id AND h.from_at <= ${at} AND (h.to_at IS NULL OR h.to_at > ${at})
        AND (h.organisation IS NULL OR h.organisation = m.organisation)), '[]') AS roles
    FROM auth.membership AS m JOIN auth.account AS a ON a.id = m.account
    WHERE m.organisation = ${organisation} AND NOT m.disabled AND m.from_at <= ${at}
      AND (m.to_at IS NULL OR m.to_at > ${at}) ORDER BY a.login LIMIT 1000`.execute(db);
  return rows;
}
