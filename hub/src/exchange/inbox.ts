/**
 * The watched inboxes: `<data>/inbox/<owner>/<resource>/`. A file is taken when its size and time stood still between two
 * looks. After its run it goes to `collected/`, where it waits until its original is kept, encrypted, in the blob store;
 * then `done/` holds its receipt. A file that is refused goes to `refused/`, with the reason beside it.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SourceDeclaration } from '../catalogue/index.ts';
import type { Problem } from '../platform/problem.ts';

/** The folder of a source. */
export const inboxOf = (inbox: string, source: string): string => join(inbox, ...source.split('.'));

/** A declared pattern as an expression: `*` any characters, `?` one. */
export function patternOf(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'i');
}

/** Looks for files that have come to rest. */
export class Inbox {
  readonly #root: string;
  readonly #seen = new Map<string, string>();
  readonly #resting = new Map<string, number>();
  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folders of file sources. */
  prepare(sources: Iterable<SourceDeclaration>): void {
    for (const d of sources) if (d.transport.kind === 'file') mkdirSync(inboxOf(this.#root, d.id), { recursive: true });
  }

  /** Files of a source that wait, oldest first, whether at rest or not. */
  waiting(d: SourceDeclaration): string[] {
    if (d.transport.kind !== 'file') return [];
    const folder = inboxOf(this.#root, d.id);
    if (!existsSync(folder)) return [];
    const pattern = patternOf(d.transport.pattern);
    return readdirSync(folder, { withFileTypes: true })
      .filter((e) => e.isFile() && !e.name.startsWith('.') && pattern.test(e.name))
      .map((e) => join(folder, e.name))
      .map((path) => ({ path, at: statSync(path).mtimeMs }))
      .sort((a, b) => a.at - b.at || a.path.localeCompare(b.path))
      .map((f) => f.path);
  }

  /** Leaves a file alone until an instant (in milliseconds), unless it changes. */
  rest(path: string, until: number): void {
    this.#resting.set(path, until);
  }

  /** Files that stood still since the last look. */
  look(sources: Iterable<SourceDeclaration>, at: number): { source: string; path: string }[] {
    const found: { source: string; path: string }[] = [];
    const present = new Set<string>();
    for (const d of sources)
      for (const path of this.waiting(d)) {
        const { size, mtimeMs } = statSync(path);
        const now = `${size}/${mtimeMs}`;
        present.add(path);
        const still = this.#seen.get(path) === now;
        if (!still) this.#resting.delete(path);
        if (still && at >= (this.#resting.get(path) ?? 0)) found.push({ source: d.id, path });
        this.#seen.set(path, now);
      }
    for (const path of this.#seen.keys()) if (!present.has(path)) this.#seen.delete(path);
    return found;
  }
}

/** Moves a file into a folder beside it; answers where it is. A name in use gets a number. */
function move(path: string, folder: string, name: string): string {
  const to = join(dirname(path), folder);
  mkdirSync(to, { recursive: true });
  let target = join(to, name);
  for (let n = 2; existsSync(target); n++) target = join(to, `${n}-${name}`);
  renameSync(path, target);
  return target;
}

/** After its run: waits for its original to be kept. */
export const toCollected = (path: string, run: number): string => move(path, 'collected', `${run}-${basename(path)}`);

/** Refused: kept with the reason. */
export function toRefused(path: string, problem: Problem): string {
  const at = move(path, 'refused', basename(path));
  writeFileSync(`${at}.problem.json`, `${JSON.stringify(problem.toJSON(), null, 2)}\n`);
  return at;
}

/** The original is in the blob store: a receipt takes the place of the file. */
export function toDone(path: string, receipt: { run: number; blob: string; bytes: number }): void {
  const to = join(dirname(dirname(path)), 'done');
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, `${basename(path)}.json`), `${JSON.stringify(receipt, null, 2)}\n`);
  unlinkSync(path);
}
