/** Who else works in an organisation: for naming somebody of the own department, never for administration. */
import type { Db } from '../db/index.ts';

/** An account as colleagues may know it. */
export interface Colleague {
  login: string;
  name: string;
}

/** The enabled accounts of an organisation, by login; of a former one those of its successor. */
export const colleagues = (db: Db, organisation: string): Promise<Colleague[]> =>
  db.query<Colleague & Record<string, unknown>>(
    `SELECT login, name FROM auth.account WHERE NOT disabled AND organisation IN
      ($1, (SELECT heir FROM auth.succession WHERE former = $1)) ORDER BY login LIMIT 500`,
    [organisation],
  );
