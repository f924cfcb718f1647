/**
 * Received files: what replaces an original has every record but those of persons who were erased. The receipt of a run names the original's
 * digest for ever; `ex.cut_file` says by which order it was replaced and by what.
 */
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SourceDeclaration } from '../../catalogue/index.ts';
import type { BlobStore } from '../../platform/blobs/index.ts';
import { type Lake, literal } from '../../platform/lake/index.ts';
import { type CutFormat, without } from './cut.ts';

/** What cutting files needs. */
export interface CutDeps {
  lake: Lake;
  blobs: BlobStore;
  /** A folder of its own for files in between. */
  work: string;
}

interface Due extends Record<string, unknown> {
  run: number;
  source: string;
  blob: string;
  received: number;
  kind: string;
  erasure: number;
}

/** Records of a run's file that are the erased persons': their rows, and repeated ones that refer to them. */
const ROWS = `SELECT run, row, erasure FROM ex.erased
  UNION SELECT d.run, d.row, e.erasure FROM ex.duplicate d JOIN ex.erased e ON e.run = d.of_run AND e.row = d.of_row`;

/** Runs whose file still has records of persons who were erased. */
const DUE = `WITH gone AS (${ROWS}), cut AS (SELECT blob, unnest(string_split(cut, ' '))::INTEGER AS row FROM ex.cut_file WHERE cut <> '')
  SELECT r.run, r.source, r.blob, r.received, r.kind, max(g.erasure) AS erasure FROM ex.run r JOIN gone g ON g.run = r.run
  WHERE r.blob IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cut c WHERE c.blob = r.blob AND c.row = g.row)
    AND NOT EXISTS (SELECT 1 FROM ex.cut_file f WHERE f.blob = r.blob AND f.replacement IS NULL)
  GROUP BY ALL ORDER BY r.run`;

const formatOf = (d: SourceDeclaration | undefined): CutFormat | null =>
  d?.transport.kind === 'file'
    ? { format: d.transport.format, encoding: d.transport.encoding, delimiter: d.transport.delimiter }
    : null;

/** What happened to one file. */
export interface CutFile {
  run: number;
  source: string;
  blob: string;
  replacement: string | null;
  cut: number;
}

/** One at a time: an order that is carried out and the look at what came since would cut the same file twice. */
const busy = new WeakMap<Lake, Promise<unknown>>();

/**
 * Cuts every file that has records of erased persons, each in one transaction behind a new file that is on disk, then removes what was replaced. A file
 * that several runs received (the same bytes) is one file.
 */
export function cutFiles(
  deps: CutDeps,
  sourceOf: (id: string) => SourceDeclaration | undefined,
  at: Date,
  signal?: AbortSignal,
): Promise<CutFile[]> {
  const work = (busy.get(deps.lake) ?? Promise.resolve())
    .catch(() => undefined)
    .then(async () => {
      const done = await cutAll(deps, sourceOf, at, signal);
      await removeReplaced(deps);
      return done;
    });
  busy.set(deps.lake, work);
  return work;
}

async function cutAll(
  deps: CutDeps,
  sourceOf: (id: string) => SourceDeclaration | undefined,
  at: Date,
  signal?: AbortSignal,
): Promise<CutFile[]> {
  const done: CutFile[] = [];
  for (const due of await deps.lake.query<Due>(DUE)) {
    signal?.throwIfAborted();
    const now = await newest(deps.lake, due.blob);
    // A file that was never kept (rows of databases, of HTTP, of a release) has nothing to be cut.
    if (now.blob === null || !(await deps.blobs.has(now.blob))) continue;
    const cut = await cutOne(
      deps,
      due,
      now as { blob: string; turn: number; gone: Set<number> },
      formatOf(sourceOf(due.source)),
      at,
    );
    if (cut) done.push(cut);
  }
  return done;
}

/** What stands for a received file now; null: removed whole. */
export async function newest(
  lake: Lake,
  blob: string,
): Promise<{ blob: string | null; turn: number; gone: Set<number> }> {
  const cuts = await lake.query<{ turn: number; replacement: string | null; cut: string }>(
    'SELECT turn, replacement, cut FROM ex.cut_file WHERE blob = $blob ORDER BY turn',
    { blob },
  );
  const gone = new Set(cuts.flatMap((c) => (c.cut === '' ? [] : c.cut.split(' ').map(Number))));
  const last = cuts.at(-1);
  return { blob: last ? last.replacement : blob, turn: last?.turn ?? 0, gone };
}

async function cutOne(
  deps: CutDeps,
  due: Due,
  now: { blob: string; turn: number; gone: Set<number> },
  how: CutFormat | null,
  at: Date,
): Promise<CutFile | null> {
  const { lake } = deps;
  const rows = await lake.query<{ row: number }>(`SELECT DISTINCT row FROM (${ROWS}) WHERE run = $run ORDER BY row`, {
    run: due.run,
  });
  const fresh = rows.map((r) => r.row).filter((row) => !now.gone.has(row));
  // Another run of the same bytes had them cut.
  if (fresh.length === 0) return null;
  const replacement = how === null || how.format === 'xlsx' ? null : await replace(deps, due, now, how, new Set(fresh));
  await lake.write('exchange:erasure', (s) =>
    s.run('INSERT INTO ex.cut_file VALUES ($blob, $turn, $replacement, $records, $cut, $erasure, $at::TIMESTAMP)', {
      ...{
        blob: due.blob,
        turn: now.turn + 1,
        replacement,
        records: due.received - now.gone.size,
        cut: fresh.join(' '),
      },
      ...{ erasure: due.erasure, at },
    }),
  );
  return { run: due.run, source: due.source, blob: due.blob, replacement, cut: fresh.length };
}

/**
 * Removes what was replaced and stands for nothing any more: behind the records of it, so that a kill in between leaves it to the next look. What is left
 * of one file may be what is left of another, or a file that a department delivered as it is.
 */
async function removeReplaced(deps: CutDeps): Promise<void> {
  const cuts = await deps.lake.query<{ blob: string; turn: number; replacement: string | null }>(
    'SELECT blob, turn, replacement FROM ex.cut_file ORDER BY blob, turn',
  );
  const standing = new Set<string | null>();
  for (const c of cuts) if (!cuts.some((x) => x.blob === c.blob && x.turn > c.turn)) standing.add(c.replacement);
  const whole = await deps.lake.query<{ blob: string }>(
    'SELECT DISTINCT r.blob FROM ex.run r WHERE r.blob IS NOT NULL AND r.blob NOT IN (SELECT blob FROM ex.cut_file) AND r.blob IN (SELECT replacement FROM ex.cut_file)',
  );
  for (const { blob } of whole) standing.add(blob);
  const replaced = new Set(cuts.flatMap((c) => [c.blob, c.replacement]));
  for (const blob of replaced)
    if (blob !== null && !standing.has(blob) && (await deps.blobs.has(blob))) await deps.blobs.remove(blob);
}

/** Makes the file without the records; null where what is read is not what the receipt counts, so that nothing is cut at a wrong place. */
async function replace(
  { lake, blobs, work }: CutDeps,
  due: Due,
  now: { blob: string; gone: Set<number> },
  how: CutFormat,
  fresh: ReadonlySet<number>,
): Promise<string | null> {
  if (how.format === 'parquet') return cutParquet({ lake, blobs, work }, due, now, fresh);
  // Records are counted as they were in the original.
  const places = Array.from({ length: due.received }, (_, i) => i + 1).filter((n) => !now.gone.has(n));
  const told = { records: 0, cut: 0 };
  const rest = without(blobs.get(now.blob), how, (n) => fresh.has(places[n - 1] ?? 0), told);
  const kept = await blobs.put(rest);
  if (told.records === places.length && told.cut === fresh.size) return kept.sha256;
  await blobs.remove(kept.sha256);
  return null;
}

async function cutParquet(
  { lake, blobs, work }: CutDeps,
  due: Due,
  now: { blob: string; gone: Set<number> },
  fresh: ReadonlySet<number>,
): Promise<string | null> {
  mkdirSync(work, { recursive: true, mode: 0o700 });
  const [from, to] = [join(work, `cut-${due.run}.parquet`), join(work, `cut-${due.run}.rest.parquet`)];
  try {
    await pipeline(Readable.from(blobs.get(now.blob)), createWriteStream(from, { mode: 0o600 }));
    const places = Array.from({ length: due.received }, (_, i) => i + 1).filter((n) => !now.gone.has(n));
    const skip = places.flatMap((row, i) => (fresh.has(row) ? [i] : []));
    await lake.session((s) =>
      s.run(
        `COPY (SELECT * EXCLUDE (file_row_number) FROM read_parquet(${literal(from)}, file_row_number = true)
           WHERE file_row_number NOT IN (${skip.join(', ') || 'NULL'}) ORDER BY file_row_number) TO ${literal(to)} (FORMAT parquet, COMPRESSION zstd)`,
      ),
    );
    return (await blobs.put(createReadStream(to) as AsyncIterable<Uint8Array>)).sha256;
  } finally {
    rmSync(from, { force: true });
    rmSync(to, { force: true });
  }
}
