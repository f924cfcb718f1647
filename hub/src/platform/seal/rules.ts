/**
 * Rules are sealed (规则留痕): every declared file as it stands, and every version that is made of them. Later it can be proven by which rules
 * something was decided. A rule that did not change is asked for again at no cost.
 */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventKind } from '../bus/index.ts';
import { text } from '../i18n/index.ts';
import type { Deps } from '../room.ts';
import type { SealSubject } from './port.ts';
import { Reconciler } from './reconciler.ts';

const SHA256 = 1;
/** Milliseconds after the start: first of all people get their pages. */
const LATER = 4_000;
/** Milliseconds between two looks at what nobody tells of: files read again, versions made by a job. */
const EVERY = 3_600_000;
/** Deepest folder under a declared one. */
const DEPTH = 4;

/** The imprint (SHA-256) of a file or text. */
export function imprintOf(content: string | Uint8Array): Uint8Array {
  return Uint8Array.of(SHA256, ...createHash('sha256').update(content).digest());
}

/** Declared files under a folder as subjects of seals; `shown` is the folder as people name it. None where it is not there. */
export function declaredFiles(folder: string, shown: string, depth = DEPTH): SealSubject[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry): SealSubject[] => {
    const [path, name] = [join(folder, entry.name), `${shown}/${entry.name}`];
    if (entry.isDirectory()) return depth > 0 ? declaredFiles(path, name, depth - 1) : [];
    if (!entry.isFile() || !/\.(?:ya?ml|sql)$/.test(entry.name)) return [];
    const content = readFileSync(path);
    return [
      {
        kind: 'rule',
        subject: name,
        title: text(`规则文件 ${name}`, `Rule file ${name}`),
        organisation: null,
        imprint: imprintOf(content),
        facts: { file: name, bytes: content.length },
      },
    ];
  });
}

/** Seals a room's rules: at the start, and after the events that may have brought new ones. */
export class RuleSeals {
  readonly #reconciler: Reconciler;
  readonly #unsubscribe: (() => void)[];
  readonly #timers: NodeJS.Timeout[];

  /**
   * @param folders declared folders: where they are and how people name them
   * @param versions further rules: versions that the room keeps itself
   */
  constructor(
    deps: Pick<Deps, 'seal' | 'bus' | 'log'>,
    name: string,
    folders: readonly { folder: string; shown: string }[],
    versions: () => Promise<SealSubject[]>,
    events: readonly EventKind<unknown>[] = [],
  ) {
    this.#reconciler = new Reconciler(deps.log, name, async () => {
      const files = folders.flatMap(({ folder, shown }) => declaredFiles(folder, shown));
      await deps.seal.requestAll([...files, ...(await versions())]);
    });
    this.#unsubscribe = events.map((event) => deps.bus.on(event, () => void this.#reconciler.wake()));
    const wake = () => void this.#reconciler.wake();
    this.#timers = [setTimeout(wake, LATER).unref(), setInterval(wake, EVERY).unref()];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#reconciler.stop();
  }
}
