/** The exchange as a holder of a person's data: received and quarantined rows, and the files that they came in. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../../catalogue/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import {
  containsAny,
  type ErasedPlace,
  type PersonalHolder,
  type PersonalHolding,
  withoutWords,
} from '../../platform/personal.ts';
import type { Deps } from '../../platform/room.ts';
import { rawTable } from '../names.ts';
import { type CutDeps, cutFiles } from './files.ts';
import { letGo, lookThrough, refusedHoldings, whatWentOfRefused } from './refused.ts';
import { eraseSource, type RowAction } from './rows.ts';
import type { Sought } from './scan.ts';

const FILES = { zh: '接收的原始文件', en: 'Files as they were received' };

/** What becomes of a source's rows unless an officer decides otherwise: what its declaration says. */
export const declaredAction = (
  catalogue: Catalogue,
  source: string,
): { action: RowAction; ground?: { zh: string; en: string } } => {
  const declared = catalogue.sources.get(source)?.declaration.erasure;
  return declared
    ? { action: declared.action, ...(declared.ground ? { ground: declared.ground } : {}) }
    : { action: 'delete' };
};

const cutDeps = ({ lake, blobs, folders }: Pick<Deps, 'lake' | 'blobs' | 'folders'>): CutDeps => ({
  ...{ lake, blobs, work: join(folders.data, 'work', 'cut') },
});

/** Files of runs that came after an order and had the person again: cut as well. */
export async function cutAgain(
  deps: Pick<Deps, 'lake' | 'blobs' | 'folders' | 'clock'>,
  catalogue: () => Catalogue,
): Promise<number> {
  const standing = await deps.lake.first('SELECT 1 AS one FROM ex.erased LIMIT 1');
  if (!standing) return 0;
  const own = cutDeps(deps);
  return (await cutFiles(own, (id) => catalogue().sources.get(id)?.declaration, deps.clock.now())).length;
}

/** The room as a holder. */
export function exchangeHolder(
  deps: Pick<Deps, 'lake' | 'blobs' | 'folders' | 'clock' | 'vault'>,
  catalogue: () => Catalogue,
): PersonalHolder {
  const { lake } = deps;
  const { inbox } = deps.folders;
  const sought = (norm: string, plain: readonly string[]): Sought => ({
    plain,
    isTheirs: (number) => deps.vault.normOf('citizen-id', number) === norm,
  });
  return {
    async find(subject, { plain }) {
      const rows = await lake.query<{ source: string; place: string; n: number; whole: number }>(
        `SELECT source, place, count(*) AS n, count(*) FILTER (whole) AS whole FROM ex.subject_row WHERE erasure = $e
           AND NOT EXISTS (SELECT 1 FROM ex.erased x WHERE x.erasure = $e AND x.run = ex.subject_row.run AND x.row = ex.subject_row.row)
         GROUP BY source, place ORDER BY source, place`,
        { e: subject.erasure },
      );
      const holdings = rows.map((r): PersonalHolding => {
        const declared = declaredAction(catalogue(), r.source);
        const title = catalogue().sources.get(r.source)?.declaration.title ?? { zh: r.source, en: r.source };
        const waits = r.place === 'quarantined';
        return {
          place: `${waits ? 'quarantine' : 'raw'}:${r.source}`,
          title: waits ? { zh: `${title.zh}（隔离区）`, en: `${title.en} (quarantine)` } : title,
          count: r.n,
          action: declared.action === 'keep' ? 'keep' : r.whole === r.n ? 'delete' : 'blank',
          ...(declared.ground ? { ground: declared.ground } : {}),
          link: waits ? '/exchange/quarantine' : `/exchange/sources/${r.source}`,
          source: r.source,
        };
      });
      const files = await lake.first<{ n: number }>(
        `SELECT count(DISTINCT r.blob) AS n FROM ex.run r WHERE r.blob IS NOT NULL AND r.run IN (
           SELECT run FROM ex.subject_row WHERE erasure = $e UNION SELECT d.run FROM ex.duplicate d JOIN ex.subject_row s ON s.run = d.of_run AND s.row = d.of_row
           WHERE s.erasure = $e)`,
        { e: subject.erasure },
      );
      if (files && files.n > 0)
        holdings.push({ place: 'files', title: FILES, count: files.n, action: 'blank', link: '/exchange/runs' });
      holdings.push(...refusedHoldings(await lookThrough({ lake, inbox }, sought(subject.norm, plain))));
      return holdings;
    },
    async erase({ subject, plain, at, signal }) {
      const done: ErasedPlace[] = [];
      const classes = await lake.query<{ source: string; action: RowAction | null }>(
        `SELECT s.source, any_value(k.action) AS action FROM (SELECT DISTINCT source FROM ex.subject_row WHERE erasure = $e) s
         LEFT JOIN ex.forgotten_class k ON k.erasure = $e AND k.source = s.source GROUP BY s.source ORDER BY s.source`,
        { e: subject.erasure },
      );
      for (const { source, action } of classes) {
        signal.throwIfAborted();
        const declaration = catalogue().sources.get(source)?.declaration;
        if (!declaration) continue;
        await eraseSource(lake, declaration, { erasure: subject.erasure, action: action ?? 'delete', at });
      }
      const own = cutDeps(deps);
      await cutFiles(own, (id) => catalogue().sources.get(id)?.declaration, at, signal);
      rmSync(own.work, { recursive: true, force: true });
      const refused = await lookThrough({ lake, inbox }, sought(subject.norm, plain), signal);
      letGo(refused, { erasure: subject.erasure, at, plain });
      await forgetNames(lake, plain);
      done.push(...(await whatWent(lake, subject.erasure, catalogue())), ...whatWentOfRefused(inbox, subject.erasure));
      return {
        done,
        rewrite: [...classes.map((c) => rawTable(c.source)), 'ex.quarantine', 'ex.extra'],
      };
    },
  };
}

/** A refused file whose name says a number is remembered under one without it. */
async function forgetNames(lake: Lake, plain: readonly string[]): Promise<void> {
  const { sql: says, params } = containsAny('input', plain);
  const rows = await lake.query<{ id: number; input: string }>(
    `SELECT id, input FROM ex.refusal WHERE ${says}`,
    params,
  );
  for (const { id, input } of rows)
    await lake.write('refusals', (s) =>
      s.run('UPDATE ex.refusal SET input = $input WHERE id = $id', { id, input: withoutWords(input, plain) }),
    );
}

/** What an order did to received rows and files, by place; the same however often it was broken off. */
async function whatWent(lake: Lake, erasure: number, catalogue: Catalogue): Promise<ErasedPlace[]> {
  const rows = await lake.query<{ source: string; place: string; n: number; whole: number; held: number }>(
    `SELECT source, place, count(*) AS n, count(*) FILTER (whole) AS whole, count(held) AS held FROM ex.erased WHERE erasure = $e
     GROUP BY source, place ORDER BY source, place`,
    { e: erasure },
  );
  const done = rows.map((r): ErasedPlace => {
    const declared = declaredAction(catalogue, r.source);
    const title = catalogue.sources.get(r.source)?.declaration.title ?? { zh: r.source, en: r.source };
    return {
      place: `${r.place === 'quarantined' ? 'quarantine' : 'raw'}:${r.source}`,
      title: r.place === 'quarantined' ? { zh: `${title.zh}（隔离区）`, en: `${title.en} (quarantine)` } : title,
      count: r.n,
      action: r.held > 0 ? 'keep' : r.whole === r.n ? 'delete' : 'blank',
      ...(r.held > 0 && declared.ground ? { ground: declared.ground } : {}),
    };
  });
  const files = await lake.first<{ n: number }>('SELECT count(*) AS n FROM ex.cut_file WHERE erasure = $e', {
    e: erasure,
  });
  if (files && files.n > 0) done.push({ place: 'files', title: FILES, count: files.n, action: 'blank' });
  return done;
}

/** Rows that an erased row superseded stay over: noted as rows that vanished, as the libraries read it when they are made anew. */
export async function supersededBy(lake: Lake, rows: readonly { run: number; fact: bigint }[]): Promise<void> {
  if (rows.length === 0) return;
  await lake.write('exchange:erasure', async (s) => {
    await s.run('CREATE OR REPLACE TEMP TABLE over_now (run INTEGER, of_run INTEGER, of_row INTEGER)');
    await s.append(
      'over_now',
      rows.map((r) => [r.run, Number(r.fact >> 32n), Number(r.fact & 0xffffffffn)]),
    );
    await s.run(
      `INSERT INTO ex.vanished SELECT o.run, r.source, o.of_run, o.of_row, true FROM over_now o JOIN ex.run r ON r.run = o.run
       ANTI JOIN ex.vanished v ON v.of_run = o.of_run AND v.of_row = o.of_row`,
    );
  });
}
