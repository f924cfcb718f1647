/**
 * Every run is sealed: its tree's root as it stands in its receipt. Receipts are in the lake and seals in the operational store, so what is missing
 * is looked for at the start and after every run. A single received row is proven by its way to that root, put in front of the run's signature.
 */
import type { AggregationLink } from '@jingwei/keyless';
import type { Principal } from '../platform/auth/principal.ts';
import { mask, type Visibility, visibility } from '../platform/auth/protection.ts';
import { text } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import type { Deps } from '../platform/room.ts';
import { Reconciler, type Seal, type SealSubject } from '../platform/seal/index.ts';
import type { RowProof, RowSeal } from './api.ts';
import { runFinished } from './events.ts';
import { canonicalRow, leafOf } from './hash/canonical.ts';
import { rawTable } from './names.ts';
import { problems } from './problems.ts';
import { proofOfRow } from './proof.ts';
import type { Exchange } from './service.ts';

const SHA256 = 1;
/** Runs held against their seals at once. */
const PAGE = 2000;

/** What is declared, for titles and protection. */
type Catalogued = Pick<Exchange, 'catalogue'>;

type Receipt = {
  run: number;
  source: string;
  input: string;
  received: number;
  accepted: number;
  quarantined: number;
  duplicate: number;
  root: Uint8Array;
  level: number;
};

/** Seals runs while the hub runs. */
export class RunSeals {
  readonly #reconciler: Reconciler;
  readonly #unsubscribe: () => void;

  constructor(deps: Pick<Deps, 'lake' | 'seal' | 'bus' | 'log'>, exchange: Catalogued) {
    this.#reconciler = new Reconciler(deps.log, 'runs', () => sealRuns(deps, exchange));
    this.#unsubscribe = deps.bus.on(runFinished, () => void this.#reconciler.wake());
    void this.#reconciler.wake();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#reconciler.stop();
  }
}

/** Asks for the seal of every run that has none. */
export async function sealRuns({ lake, seal }: Pick<Deps, 'lake' | 'seal'>, exchange: Catalogued): Promise<void> {
  // A run that began earlier may end later: all are looked at, not those after the last.
  for (let after = 0; ; ) {
    const runs = await lake.query<Receipt>(
      `SELECT run, source, input, received, accepted, quarantined, duplicate, root, level FROM ex.run
       WHERE run > $after AND root IS NOT NULL AND level IS NOT NULL ORDER BY run LIMIT $limit`,
      { after, limit: PAGE },
    );
    if (runs.length === 0) return;
    const known = await seal.known(
      'run',
      runs.map((r) => String(r.run)),
    );
    await seal.requestAll(runs.filter((r) => !known.has(String(r.run))).map((r) => subjectOf(r, exchange)));
    after = runs.at(-1)!.run;
  }
}

function subjectOf(run: Receipt, exchange: Catalogued): SealSubject {
  const declaration = exchange.catalogue().sources.get(run.source)?.declaration;
  const title = declaration?.title ?? text(run.source, run.source);
  const { received, accepted, quarantined, duplicate } = run;
  return {
    kind: 'run',
    subject: String(run.run),
    title: text(`归集批次 ${run.run}：${title.zh}`, `Run ${run.run}: ${title.en}`),
    organisation: declaration?.owner ?? run.source.split('.')[0] ?? null,
    imprint: Uint8Array.of(SHA256, ...run.root),
    level: run.level,
    facts: { source: run.source, input: run.input, received, accepted, quarantined, duplicate },
  };
}

/** A row's way as the links of an aggregation chain. */
export function linksOf(path: RowProof['path']): AggregationLink[] {
  let below = 0;
  return path.map(({ side, imprint, level }) => {
    const levelCorrection = level - below - 1;
    below = level;
    return {
      left: side === 'right',
      levelCorrection,
      sibling: new Uint8Array(Buffer.from(imprint, 'hex')),
      kind: 'imprint' as const,
    };
  });
}

/**
 * The signature of one received row, and the row itself as who asks may see it. The canonical text, from which the leaf is computed again, is told
 * where every field of it is seen plain.
 */
export async function sealOfRow(
  deps: Pick<Deps, 'lake' | 'seal' | 'vault'>,
  exchange: Catalogued,
  who: Principal,
  run: number,
  row: number,
): Promise<RowSeal> {
  const { lake, seal, vault } = deps;
  const declarations = exchange.catalogue().sources;
  const proof = await proofOfRow(lake, (id) => declarations.get(id)?.declaration, run, row);
  const [sealed] = (await seal.of('run', String(run))).filter((s) => hex(s.imprint) === proof.root);
  const leaf = new Uint8Array([SHA256, ...Buffer.from(proof.leaf, 'hex')]);
  const signature =
    sealed?.state === 'sealed'
      ? await seal.proofOf(sealed.id, { imprint: leaf, links: linksOf(proof.path), algorithm: SHA256 })
      : null;
  const receipt = await lake.first<{ source: string }>('SELECT source FROM ex.run WHERE run = $run', { run });
  const declaration = declarations.get(receipt!.source)?.declaration;
  if (!declaration) throw new Problem(problems.unknownRow, { run, row });
  const received = await lake.first<Record<string, string | null>>(
    `SELECT * FROM ${rawTable(declaration.id)} WHERE _run = $run AND _row = $row`,
    { run, row },
  );
  const { level, owner } = declaration;
  const sees: Visibility[] = declaration.fields.map((f) => visibility(who, { level, owner, protection: f.protection }));
  const values = declaration.fields.map((f) => received?.[f.name] ?? null);
  const masks = await vault.masks(values.filter((v): v is string => v !== null && /^[cpb]~/.test(v)));
  const text = canonicalRow(values);
  const plain = received !== undefined && sees.every((s) => s === 'plain');
  // Of a mapped source the leaf is over what was delivered, not over the fields here: then the text does not lead to it.
  const canonical = plain && leafOf(values).toString('hex') === proof.leaf ? text : null;
  return {
    ...{ run, row, source: declaration.id, title: declaration.title },
    leaf: hex(leaf),
    root: proof.root,
    seal: sealed
      ? { id: sealed.id, state: sealed.state, signedAt: instant(sealed), published: extended(sealed) }
      : null,
    signature: signature && Buffer.from(signature).toString('base64'),
    cells: received
      ? declaration.fields.map((f, i) => ({
          field: f.name,
          title: f.title,
          visibility: sees[i]!,
          value: shown(sees[i]!, f.format, values[i]!, masks),
        }))
      : [],
    canonical,
  };
}

function shown(
  sees: Visibility,
  format: string | undefined,
  value: string | null,
  masks: Map<string, string>,
): string | null {
  if (value === null || sees === 'hidden') return null;
  if (masks.has(value)) return masks.get(value)!;
  return sees === 'plain' ? value : mask(format, value);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const instant = (seal: Seal): string | null => seal.signedAt?.toISOString() ?? null;
const extended = (seal: Seal): boolean => seal.publishedAt !== null;
