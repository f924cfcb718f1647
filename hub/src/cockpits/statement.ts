/** One declared statement: judged, described, filled with the moment. SQL reads published views only (`v.*`). */
import { publishedViews, readSelect, sqlCompile } from '../platform/declared/index.ts';
import type { LakeSession } from '../platform/lake/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { type Place, Problem } from '../platform/problem.ts';
import type { Kind } from './declaration.ts';
import * as k from './problems.ts';

/** A statement that may be run. */
export interface Statement {
  /** As the engine writes it, with `$day` and `$now` in it. */
  sql: string;
  /** As it is declared, for people. */
  text: string;
  views: string[];
  /** Views that nobody publishes yet: it waits while there are any. */
  missing: string[];
  /** Its answer changes with the hour although nothing that it reads changes. */
  timed: boolean;
  /** Names of columns that it reads, in lower case; `*` where whole rows are read. */
  reads: Set<string>;
  /** What it answers; empty while views are missing. */
  columns: string[];
}

/** What each kind must answer. */
export const answers: Record<Exclude<Kind, 'list'>, readonly string[]> = {
  value: ['value'],
  trend: ['at', 'value'],
  parts: ['label', 'value'],
  towns: ['division', 'value'],
  points: ['lon', 'lat', 'label'],
};

/** Fills the moment in: `$day` is the city's day, `$now` the instant (a TIMESTAMP in UTC). */
export function atMoment(sql: string, now: Date): string {
  return sql
    .replaceAll('$day', `DATE '${cityDay(now)}'`)
    .replaceAll('$now', `TIMESTAMP '${now.toISOString().slice(0, 19).replace('T', ' ')}'`);
}

/**
 * Reads and judges a statement; thrown as a Problem with its place. `place.line`: the line on which the text begins.
 * `published`: the published views, where many statements are read in one session.
 */
export async function readStatement(
  session: LakeSession,
  text: string,
  place: Place,
  published?: ReadonlySet<string>,
): Promise<Statement> {
  const file = place.file ?? '';
  try {
    const select = await readSelect(session, text, file, ['day', 'now']);
    const there = published ?? (await publishedViews(session));
    const missing = select.views.filter((v) => !there.has(v));
    return {
      ...{ sql: select.sql, text, views: select.views, missing, timed: select.usesDay || select.parameters.has('now') },
      reads: new Set(select.readsAll ? [...select.reads, '*'] : select.reads),
      columns: missing.length ? [] : await columnsOf(session, select.sql, place),
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const line = (place.line ?? 1) + (error.place?.line ?? 1) - 1;
    throw new Problem(error.kind, error.params, { ...error.place, ...place, line }, error.details);
  }
}

async function columnsOf(session: LakeSession, sql: string, place: Place): Promise<string[]> {
  try {
    const rows = await session.query<{ column_name: string }>(
      `DESCRIBE SELECT * FROM (${atMoment(sql, new Date(0))}\n)`,
    );
    return rows.map((r) => r.column_name.toLowerCase());
  } catch (error) {
    const message = (error as Error).message.split('\n')[0]!;
    throw new Problem(
      sqlCompile,
      { file: place.file, message },
      { ...(place.file ? { file: place.file } : {}), line: 1 },
    );
  }
}

/** Refuses a statement that does not answer what it must. */
export function needAnswers(statement: Statement, expected: readonly string[], place: Place): Problem | undefined {
  if (statement.missing.length) return undefined;
  const columns = expected.filter((c) => !statement.columns.includes(c));
  return columns.length
    ? new Problem(
        k.columnsMissing,
        { file: place.file, expected: expected.join(', '), columns: columns.join(', ') },
        place,
      )
    : undefined;
}
