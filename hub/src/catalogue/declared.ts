/**
 * Sources that the hub declares itself, beside those of the folders: what a department's form collects is a source like any other, with number, version,
 * entry and table. They stand in the operational store, so that no folder of the repository is written by a running hub.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { eventKind } from '../platform/bus/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Db } from '../platform/db/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { type Catalogue, type CataloguedSource, record } from './catalogue.ts';
import type { LoadedSource } from './check.ts';
import { type SourceDeclaration, sourceDeclaration } from './declaration.ts';
import { entriesOf, takeOver } from './entry/index.ts';
import { catalogueOf } from './module.ts';

/** A source was declared (or declared anew) while the hub runs: whoever keeps tables by source makes them now. */
export const sourceDeclared = eventKind<{ source: string; version: number }>('catalogue.source-declared');

/** Numbers of declared sources; folders use smaller ones. */
export const DECLARED_NUMBERS = { from: 20_000, to: 32_767 } as const;

const taken = problemKind('catalogue.declared.taken', 409, '已有数据源“{id}”。', 'There is a source "{id}" already.');
const wrong = problemKind(
  'catalogue.declared.wrong',
  422,
  '数据源声明有误：{message}',
  'The declaration does not hold: {message}',
);
const full = problemKind('catalogue.declared.full', 409, '数据源编号已用完。', 'There are no numbers of sources left.');

/** What a room declares: everything but the number, which the catalogue gives. */
export type DeclaredSource = Omit<SourceDeclaration, 'number' | 'mapping' | 'mappingText'>;

/** The declared sources as they stand in the store; those that a folder has taken the id of are left out. */
export async function readDeclared(db: Db, folders: readonly LoadedSource[]): Promise<LoadedSource[]> {
  const rows = await db.query<{ declaration: unknown; sha256: string }>(
    'SELECT declaration, sha256 FROM catalogue.declared_source ORDER BY number',
  );
  const ids = new Set(folders.map((f) => f.declaration.id));
  const numbers = new Set(folders.map((f) => f.declaration.number));
  return rows.flatMap(({ declaration, sha256 }) => {
    const read = sourceDeclaration.safeParse(declaration);
    if (!read.success || ids.has(read.data.id) || numbers.has(read.data.number)) return [];
    return [{ declaration: read.data, sha256, folder: '' }];
  });
}

const busy = new WeakMap<Lake, Promise<unknown>>();

/**
 * Declares a source, or a new version of one that this function declared before; answers its version. One after another; on disk when it resolves:
 * what a kill leaves half done is completed at the next start from the store.
 */
export function declareSource(
  deps: Pick<Deps, 'db' | 'lake' | 'clock' | 'bus'>,
  given: DeclaredSource,
  by: string,
): Promise<CataloguedSource> {
  const work = (busy.get(deps.lake) ?? Promise.resolve()).then(() => declare(deps, given, by));
  busy.set(
    deps.lake,
    work.catch(() => undefined),
  );
  return work;
}

async function declare(
  deps: Pick<Deps, 'db' | 'lake' | 'clock' | 'bus'>,
  given: DeclaredSource,
  by: string,
): Promise<CataloguedSource> {
  const catalogue = catalogueOf(deps.lake);
  const now = deps.clock.now();
  const stored = await deps.db.tx(async (trx) => {
    const before = await sql<{
      number: number;
    }>`SELECT number FROM catalogue.declared_source WHERE id = ${given.id} FOR UPDATE`.execute(trx);
    if (!before.rows[0] && catalogue.sources.has(given.id)) throw new Problem(taken, { id: given.id });
    const last = await sql<{
      n: number;
    }>`SELECT coalesce(max(number), ${DECLARED_NUMBERS.from - 1}) + 1 AS n FROM catalogue.declared_source`.execute(trx);
    const number = before.rows[0]?.number ?? free(catalogue, Number(last.rows[0]!.n));
    const declaration = judged(catalogue, { ...given, number });
    const text = JSON.stringify(declaration);
    const sha256 = createHash('sha256').update(text).digest('hex');
    await sql`INSERT INTO catalogue.declared_source VALUES (${given.id}, ${number}, ${text}::jsonb, ${sha256}, ${by}, ${now})
      ON CONFLICT (id) DO UPDATE SET declaration = excluded.declaration, sha256 = excluded.sha256,
        declared_by = excluded.declared_by, declared_at = excluded.declared_at`.execute(trx);
    return { declaration, sha256, folder: '' };
  });
  const others = [...catalogue.sources.values()].filter((s) => s.declaration.id !== given.id);
  await install(deps, catalogue, [...others, stored]);
  const own = catalogue.sources.get(given.id)!;
  await deps.bus.emit(sourceDeclared, { source: given.id, version: own.version });
  return own;
}

async function install(
  deps: { db: Db; lake: Lake; clock: Clock },
  catalogue: Catalogue,
  sources: LoadedSource[],
): Promise<void> {
  catalogue.replace(await record(deps.lake, deps.clock, sources));
  await takeOver(deps, entriesOf(deps.db), catalogue.sources.values());
}

function free(catalogue: Catalogue, from: number): number {
  const used = new Set(catalogue.declarations().map((d) => d.number));
  let number = from;
  while (used.has(number)) number++;
  if (number > DECLARED_NUMBERS.to) throw new Problem(full);
  return number;
}

/** What a folder's declaration is held against, of one without a folder. */
function judged(catalogue: Catalogue, given: unknown): SourceDeclaration {
  const read = sourceDeclaration.safeParse(given);
  if (!read.success) throw new Problem(wrong, { message: read.error.issues[0]?.message ?? '' });
  const d = read.data;
  const names = d.fields.map((f) => f.name);
  const say = (message: string) => new Problem(wrong, { message });
  if (!d.id.startsWith(`${d.owner}.`) || (catalogue.organisations.size > 0 && !catalogue.organisations.has(d.owner)))
    throw say(`owner ${d.owner}`);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice) throw say(`field ${twice}`);
  const lost = d.key.find((n) => !names.includes(n));
  if (lost) throw say(`key ${lost}`);
  if (d.sharing.type === 'refused' && !d.sharing.ground) throw say('sharing.ground');
  if (d.sharing.type === 'conditional' && !d.sharing.condition) throw say('sharing.condition');
  return d;
}
