/** Values and waterfalls as people see them. */
import { barsOf } from '@jingwei/linkage';
import type { z } from 'zod';
import type { Shower } from '../../refinery/index.ts';
import type { bar, side, versionItem } from './api.ts';
import type { LoadedLinkage } from './declaration.ts';
import type { Version } from './versions.ts';

type Two = { zh: string; en: string };
export type Cells = Pick<Shower, 'cell'>;

/** The title of a column: that of the attribute as which it is shown. */
export function titleOf(linkage: LoadedLinkage, column: string): Two {
  const c = linkage.declaration.columns[column];
  return linkage.library.attributes.find((a) => a.name === c?.attribute)?.title ?? { zh: column, en: column };
}

/** A cell of a column's value. */
export function cellOf(shower: Cells, linkage: LoadedLinkage, column: string, value: string | null) {
  const { library, declaration } = linkage;
  const a = library.attributes.find((x) => x.name === declaration.columns[column]?.attribute);
  return shower.cell(
    { level: library.level, owner: library.owner },
    { protection: a?.protection ?? 'personal', ...(a?.format ? { format: a.format } : {}) },
    value,
  );
}

const plain = (x: string) => x.normalize('NFKC').replace(/\s/g, '').toUpperCase();

/** The compared columns of two records. `swap`: the second stands left. */
export function sidesOf(
  shower: Cells,
  linkage: LoadedLinkage,
  says: readonly (string | null)[],
  known: readonly (string | null)[],
  swap = false,
): z.input<typeof side>[] {
  return Object.keys(linkage.declaration.columns).map((column, i) => {
    const [l, r] = swap ? [known[i] ?? null, says[i] ?? null] : [says[i] ?? null, known[i] ?? null];
    return {
      column,
      title: titleOf(linkage, column),
      left: cellOf(shower, linkage, column, l),
      right: cellOf(shower, linkage, column, r),
      same: l === null || r === null ? null : plain(l) === plain(r),
    };
  });
}

/** The waterfall of a kept pattern. */
export function waterfall(linkage: LoadedLinkage, v: Version, pattern: number): z.input<typeof bar>[] {
  return barsOf(v.frozen, pattern).map((b) => ({
    ...b,
    title: linkage.declaration.columns[b.name] ? titleOf(linkage, b.name) : null,
  }));
}

/** A version as it is listed. */
export function versionView(v: Version): z.input<typeof versionItem> {
  const { version, state, known, rows, labels, measure, madeAt, inForceAt, inForceBy } = v;
  return {
    version,
    state,
    known,
    rows,
    labels,
    measure,
    thresholds: v.declaration.thresholds,
    madeAt,
    inForceAt,
    inForceBy,
  };
}
