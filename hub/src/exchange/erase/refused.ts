/**
 * Files that were refused whole lie in their inbox's `refused/` as they came, in the clear. One in which the person stands goes whole: nothing of it was
 * ever taken in, and the department delivers again. One that cannot be looked into (encrypted, damaged, of another kind) goes as well, since nobody
 * could say that the person is not in it. The reason of the refusal stays, and beside it what became of the file.
 */
import { existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { type Lake, lakeMemory, literal } from '../../platform/lake/index.ts';
import { type ErasedPlace, GONE, type PersonalHolding, saysNumber, withoutWords } from '../../platform/personal.ts';
import { Problem } from '../../platform/problem.ts';
import { Scan, type Sought } from './scan.ts';
import { entriesOf, NoZip } from './zip.ts';

const TITLES = {
  refused: { zh: '拒收文件（含其人号码）', en: 'Refused files with a number of the person' },
  unread: { zh: '拒收文件（无法查看内容）', en: 'Refused files that cannot be looked into' },
} as const;
const GROUND = {
  zh: '加密、损坏或格式不明的拒收文件无法确认不含其人，整份删除，由部门重新交付',
  en: 'Nobody can say that the person is not in them; they go whole and are delivered again',
};
type Kind = keyof typeof TITLES;
const BESIDE = /\.(?:problem|erased)\.json$/;
/** Unpacked bytes that are read of a packed one: more is no delivery. */
const EXPANDED = 200;
/** Containers that nobody here looks into: old Office files and encrypted workbooks, 7-Zip, RAR, PDF, Zstandard, xz, LZ4, bzip2. */
const CLOSED = /^(?:d0cf11e0|377abcaf|52617221|25504446|28b52ffd|fd377a58|04224d18|425a683[1-9])/;
/** Packed once more inside of something packed. */
const PACKED = /^(?:504b0[3-6]|1f8b)/;

/** What nobody can look into. */
class Unreadable extends Error {}

/** Whether it is the file that cannot be read, not the hub that could not read it just now (no memory, no handle, a disk that fails). */
const ofTheFile = (error: unknown): boolean =>
  error instanceof Unreadable || error instanceof NoZip || /^Z_/.test((error as { code?: string }).code ?? '');

export interface RefusedFile {
  path: string;
  kind: Kind;
}

function refusedFolders(inbox: string): string[] {
  const within = (path: string): string[] =>
    existsSync(path)
      ? readdirSync(path, { withFileTypes: true })
          .filter((e) => e.isDirectory())
          .map((e) => join(path, e.name))
      : [];
  return within(inbox)
    .flatMap(within)
    .map((source) => join(source, 'refused'))
    .filter((folder) => existsSync(folder))
    .sort();
}

/** Every refused file of every source. */
export const refusedFilesOf = (inbox: string): string[] =>
  refusedFolders(inbox).flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((e) => e.isFile() && !BESIDE.test(e.name))
      .map((e) => join(folder, e.name))
      .sort(),
  );

/** Looks through all of them; each is read once, in a stream. */
export async function lookThrough(
  deps: { lake: Lake; inbox: string },
  sought: Sought,
  signal?: AbortSignal,
): Promise<RefusedFile[]> {
  const found: RefusedFile[] = [];
  for (const path of refusedFilesOf(deps.inbox)) {
    signal?.throwIfAborted();
    const kind = await lookAt(deps.lake, path, sought).catch((error: unknown): Kind => {
      if (signal?.aborted || !ofTheFile(error)) throw error;
      return 'unread';
    });
    if (kind || saysNumber(basename(path), sought.plain)) found.push({ path, kind: kind ?? 'refused' });
  }
  return found;
}

async function lookAt(lake: Lake, path: string, sought: Sought): Promise<Kind | null> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    const magic = head.toString('hex');
    if (CLOSED.test(magic)) return 'unread';
    if (head.toString('latin1') === 'PAR1') return (await inParquet(lake, path, sought)) ? 'refused' : null;
    const found = await inBytes(file, size, magic, sought);
    return found ? 'refused' : null;
  } finally {
    await file.close();
  }
}

async function inBytes(file: FileHandle, size: number, magic: string, sought: Sought): Promise<boolean> {
  const most = size * EXPANDED + (1 << 24);
  let read = 0;
  const packed = PACKED.test(magic);
  const through = async (content: AsyncIterable<Uint8Array>): Promise<boolean> => {
    const scan = new Scan(sought);
    let begun = false;
    for await (const chunk of content) {
      const head = Buffer.from(chunk.subarray(0, 4)).toString('hex');
      if (packed && !begun && (CLOSED.test(head) || PACKED.test(head))) throw new Unreadable('packed once more');
      begun = true;
      read += chunk.length;
      if (read > most) throw new Unreadable('more comes out of it than a delivery has');
      scan.feed(chunk);
      if (scan.found) return true;
    }
    return scan.end();
  };
  if (magic === '504b0304' || magic === '504b0506') {
    for await (const entry of entriesOf(file, size)) if (await through(entry)) return true;
    return false;
  }
  const raw = file.createReadStream({ start: 0, autoClose: false });
  return through(magic.startsWith('1f8b') ? raw.pipe(createGunzip()) : raw);
}

async function inParquet(lake: Lake, path: string, { plain, isTheirs }: Sought): Promise<boolean> {
  const scan = new Scan({ plain, isTheirs });
  const file = `read_parquet(${literal(path)})`;
  try {
    const columns = await lake.query<{ name: string }>(
      `SELECT DISTINCT column_name AS name FROM (DESCRIBE SELECT * FROM ${file})`,
    );
    // Of all values those that look like numbers of persons are brought here, a piece at a time.
    for (const { name } of columns) {
      const column = `"${name.replaceAll('"', '""')}"::VARCHAR`;
      const values = lake.stream<{ v: string }>(
        `SELECT ${column} AS v FROM ${file} WHERE regexp_matches(${column}, '[0-9]{7}')`,
      );
      for await (const piece of values) {
        scan.feed(Buffer.from(piece.map(({ v }) => `${v}\n`).join('')));
        if (scan.found) return true;
      }
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const ours = error instanceof Problem ? error.kind === lakeMemory : code !== undefined;
    if (ours || /^(?:FATAL|INTERRUPT|INTERNAL|Out of Memory) Error/i.test(message)) throw error;
    throw new Unreadable(message);
  }
  return scan.end();
}

/**
 * Lets refused files go. Beside the reason stands by which matter each went, so that what was done is told however often it is broken off. A name that
 * says a number goes with its file: the reason and the note stand under one without it.
 */
export function letGo(
  files: readonly RefusedFile[],
  order: { erasure: number; at: Date; plain: readonly string[] },
): void {
  for (const { path, kind } of files) {
    const note = { erasure: order.erasure, at: order.at.toISOString(), why: kind };
    const bare = join(dirname(path), withoutWords(basename(path), order.plain).replaceAll(GONE, '_'));
    writeFileSync(`${bare}.erased.json`, `${JSON.stringify(note, null, 2)}\n`);
    if (bare !== path && existsSync(`${path}.problem.json`)) renameSync(`${path}.problem.json`, `${bare}.problem.json`);
    unlinkSync(path);
  }
}

/** What an order did to refused files, by the notes beside them. */
export function whatWentOfRefused(inbox: string, erasure: number): ErasedPlace[] {
  const counts = new Map<Kind, number>();
  for (const folder of refusedFolders(inbox))
    for (const name of readdirSync(folder)) {
      // Broken off between the note and the end of the file: it is found again.
      if (!name.endsWith('.erased.json') || existsSync(join(folder, name.slice(0, -'.erased.json'.length)))) continue;
      const note = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { erasure: number; why: Kind };
      if (note.erasure === erasure) counts.set(note.why, (counts.get(note.why) ?? 0) + 1);
    }
  return (['refused', 'unread'] as const).flatMap((kind) => {
    const n = counts.get(kind);
    return n === undefined ? [] : [place(kind, n)];
  });
}

const place = (kind: Kind, count: number): ErasedPlace => ({
  ...{ place: kind === 'refused' ? 'refused-files' : 'refused-files-unread', title: TITLES[kind], count },
  action: 'delete',
  ...(kind === 'unread' ? { ground: GROUND } : {}),
});

/** The same for the officer who decides. */
export const refusedHoldings = (files: readonly RefusedFile[]): PersonalHolding[] =>
  (['refused', 'unread'] as const).flatMap((kind) => {
    const count = files.filter((f) => f.kind === kind).length;
    return count > 0 ? [{ ...place(kind, count), link: '/exchange/runs' }] : [];
  });
