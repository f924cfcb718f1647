/**
 * What the catalogue tells of itself for an assessment (考核): each entry with what a machine finds in it, and the duties to
 * update it. Facts only; what they are worth is declared elsewhere.
 */
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { cityDay } from '../platform/law/index.ts';
import type { Deps } from '../platform/room.ts';
import { contentOf, inForce } from './entry/book.ts';
import { check } from './entry/check.ts';
import { periodClock } from './entry/clock.ts';
import { declaredContent, entriesOf, legalDays, readWords } from './entry/index.ts';
import { mergedContent } from './entry/takeover.ts';
import { catalogueOf } from './module.ts';

/** An entry as it stands now. Days are of Asia/Shanghai. */
export interface AssessedEntry {
  entry: string;
  provider: string;
  title_zh: string;
  title_en: string;
  source: string | null;
  created: string;
  retired: string | null;
  /** Whether a version is in force. */
  in_force: boolean;
  published: string | null;
  sharing: string | null;
  level: string | null;
  /** Whether it is to be opened to the public. */
  opened: boolean;
  cycle: string | null;
  items: number;
  /** What the machine finds in what the entry says now: errors keep a draft from being submitted. */
  errors: number;
  warnings: number;
  /** What the errors say, the first three. */
  errors_zh: string;
  errors_en: string;
  /** Its source is declared otherwise than the version in force says. */
  behind: boolean;
}

/** Every entry that is not retired, or was retired in the last year. */
export function assessedEntries(deps: Pick<Deps, 'db' | 'lake' | 'folders'>): AssessedEntry[] {
  const book = entriesOf(deps.db);
  const { sources } = catalogueOf(deps.lake);
  const { words } = readWords(deps.folders.standards);
  return book.all().map((e) => {
    const content = contentOf(e);
    const errors = check(content, { words, known: (id) => book.get(id) !== undefined || id.includes('/') });
    const wrong = errors.filter((f) => f.severity === 'error');
    const declared = e.source ? sources.get(e.source)?.declaration : undefined;
    const behind =
      inForce(e) &&
      declared !== undefined &&
      !isDeepStrictEqual(mergedContent(content, declaredContent(declared)), content);
    return {
      ...{
        entry: e.id,
        provider: e.provider,
        title_zh: content.title.zh,
        title_en: content.title.en || content.title.zh,
      },
      ...{ source: e.source, created: cityDay(e.createdAt), retired: e.retiredAt ? cityDay(e.retiredAt) : null },
      ...{ in_force: inForce(e), published: e.published?.decided_at ? cityDay(e.published.decided_at) : null },
      ...{ sharing: content.sharing.type, level: content.level, opened: content.open.open, cycle: content.cycle },
      ...{ items: content.items.length, errors: wrong.length, warnings: errors.length - wrong.length, behind },
      errors_zh: wrong
        .slice(0, 3)
        .map((f) => f.zh)
        .join(' '),
      errors_en: wrong
        .slice(0, 3)
        .map((f) => f.en)
        .join(' '),
    };
  });
}

/** A duty to update the catalogue and when it had to be done (decree 809, article 17); `due` null where no calendar says. */
export interface AssessedDuty {
  duty: number;
  provider: string;
  entry: string | null;
  occurred: string;
  due: string | null;
  done: string | null;
  stopped: boolean;
}

/** Duties that began in the last year or are still open. */
export async function assessedDuties(deps: Pick<Deps, 'db' | 'clock' | 'folders' | 'config'>): Promise<AssessedDuty[]> {
  const legal = legalDays(deps.folders, deps.config.city);
  const now = deps.clock.now();
  type Row = Omit<AssessedDuty, 'due' | 'done' | 'stopped'> & {
    days: number;
    done_at: Date | null;
    stopped_at: Date | null;
  };
  const found =
    await sql<Row>`SELECT id AS duty, provider, entry, occurred::text AS occurred, extended_days AS days, done_at, stopped_at
    FROM catalogue.duty WHERE done_at IS NULL AND stopped_at IS NULL OR occurred > ${cityDay(now)}::date - 400
    ORDER BY id`.execute(deps.db.kysely);
  return found.rows.map(({ days, done_at, stopped_at, ...row }) => ({
    ...row,
    due: periodClock(legal.calendar(), legal.update, { from: row.occurred, extension: days, now }).due,
    ...{ done: done_at ? cityDay(done_at) : null, stopped: stopped_at !== null },
  }));
}
