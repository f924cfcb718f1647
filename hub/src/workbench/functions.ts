/** Which of the engine's functions a query may use: its own scalar functions, aggregates and macros that look at nothing but their arguments. */
import type { LakeSession } from '../platform/lake/index.ts';

/** Table functions that make rows of nothing but their arguments. */
export const ROWS: ReadonlySet<string> = new Set(['unnest', 'range', 'generate_series']);

/**
 * What looks at the engine, its settings, its session, its catalogue or its own notes of the data (`stats` tells the least and the
 * greatest value of what lies below a projection), plans or writes statements, waits, or prints its argument as an error.
 */
const OUTSIDE =
  /^(__|current_(?!date$|time$|timestamp$|localtime)|pg_(?!typeof$|size_pretty$)|has_|inet_|json_(de)?serialize|write_log|parse_duckdb|getvariable|getenv|get_block_size|stats$|version$|error$|sleep_ms$|setseed$|nextval$|currval$|txid_|in_search_path|session_user$|user$|(col|obj|shobj)_description$|format_pg_type$|map_to_pg_oid$|vector_type$|finalize$|combine$|query(_table)?$|which_secret|copy_database|unpivot_list$|variant_bytes|variant_to_parquet)/;

let listed: Promise<Set<string>> | undefined;

/** Names of the functions that may be used, in lower case. */
export function allowedFunctions(session: Pick<LakeSession, 'query'>): Promise<Set<string>> {
  listed ??= session
    .query<{ name: string }>(
      `SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions()
       WHERE internal AND function_type IN ('scalar', 'aggregate', 'macro')`,
    )
    .then((rows) => new Set(rows.map((r) => r.name).filter((name) => !OUTSIDE.test(name))))
    .catch((error) => {
      listed = undefined;
      throw error;
    });
  return listed;
}
