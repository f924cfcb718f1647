/**
 * Compiles comparisons to SQL. A pair becomes one 64-bit integer, its agreement pattern: every comparison has a code (0: a value is missing;
 * exact agreement: one code for each class of frequency, so that agreeing on a rare value is something else than agreeing on a common
 * one; then one code a level; the last: none of them), and the pattern is their number in mixed radix.
 */
import type { Dialect } from './dialect.ts';
import type { Level, Model } from './model.ts';
import { type Prepared, preparedColumns } from './prepare.ts';

/** A comparison with its codes. */
export interface Comparison {
  name: string;
  /** The column's number, -1 for the comparison of the order of swapped columns. */
  index: number;
  levels: Level[];
  /** Whether exact agreement is the first level (after pairs of values). */
  exact: boolean;
  /** Classes of frequency of exact agreement; 1 where frequency does not count. */
  classes: number;
  /** Usual values with a code for each pair of them: codes 1 … n² come first. */
  values: readonly string[];
  /** Number of codes. */
  size: number;
  /** Multiplier of the code in the pattern. */
  radix: number;
  /** What each code means, for charts. */
  labels: string[];
  column: Prepared | undefined;
  /** Whether left and right differ (records of two tables). */
  ordered: boolean;
}

/** Says a level in words. */
export function levelName(level: Level): string {
  if (typeof level === 'string') return level;
  const [key, figure] = Object.entries(level)[0]!;
  const sign = ['damerau', 'days', 'years', 'difference', 'relative'].includes(key) ? '≤' : '≥';
  return key === 'start' ? `same first ${figure}` : `${key} ${sign} ${figure}`;
}

/** Lays out the codes; `classes` is the number of frequency classes by column number, `usual` the values compared by pairs. */
export function layout(model: Model, classes: readonly number[], usual: readonly (readonly string[])[]): Comparison[] {
  const columns = preparedColumns(model);
  const out: Comparison[] = [];
  let radix = 1;
  const ordered = model.topology === 'link' && model.tables.length === 2;
  const add = (c: Omit<Comparison, 'radix' | 'size' | 'labels' | 'ordered'>, labels: string[]) => {
    out.push({ ...c, ordered, labels, size: labels.length, radix });
    radix *= labels.length;
  };
  for (const comparison of model.comparisons) {
    const column = columns.find((c) => c.name === comparison.column)!;
    const k = comparison.levels.includes('exact') && comparison.termFrequency !== false ? classes[column.index]! : 1;
    const levels = comparison.levels.filter((l) => l !== 'values');
    const values = comparison.levels.includes('values') ? usual[column.index]! : [];
    const exact = levels[0] === 'exact';
    add(
      { name: comparison.column, index: column.index, levels, exact, classes: k, values, column },
      labelsOf(levels, k, values),
    );
  }
  for (const [a, b] of model.swaps) {
    add({ name: `${a} ⇄ ${b}`, index: -1, levels: ['exact'], exact: true, classes: 1, values: [], column: undefined }, [
      'missing',
      'swapped',
      'in order',
    ]);
  }
  return out;
}

function labelsOf(levels: readonly Level[], classes: number, values: readonly string[]): string[] {
  const labels = ['missing'];
  for (const a of values) for (const b of values) labels.push(a === b ? `both ${a}` : `${a} / ${b}`);
  for (const level of levels) {
    if (level === 'exact' && classes > 1)
      for (let b = 0; b < classes; b++)
        labels.push(`exact, ${2 ** b}${b === classes - 1 ? '+' : `–${2 ** (b + 1) - 1}`} records`);
    else labels.push(levelName(level));
  }
  labels.push('different');
  return labels;
}

/** The code of a comparison in a pattern. */
export const codeOf = (pattern: number, c: Comparison): number => Math.floor(pattern / c.radix) % c.size;

/** Whether a code is an agreement: any level but the last (`different`) and missing. */
export const agrees = (c: Comparison, code: number): boolean =>
  code > 0 && code < c.size - 1 && (code > c.values.length ** 2 || exactly(c, code));
/** Exact agreement, whatever its class. */
export const exactly = (c: Comparison, code: number): boolean => {
  const v = c.values.length;
  if (code > 0 && code <= v * v) return (code - 1) % (v + 1) === 0;
  return c.exact && code > v * v && code <= v * v + c.classes;
};
/** Whether a code stands for a pair of usual values. */
export const isPair = (c: Comparison, code: number): boolean => code > 0 && code <= c.values.length ** 2;

/** Pair text needed of each side by the levels of a column. */
function fieldsOf(c: Comparison): string[] {
  const i = c.index;
  const f = new Set([`c${i}`]);
  if (c.classes > 1) f.add(`b${i}`);
  if (c.values.length > 0) f.add(`v${i}`);
  for (const level of c.levels) {
    if (level === 'homophone') f.add(`y${i}`);
    else if (level === 'pinyin') f.add(`p${i}`);
    else if (level === 'initials') f.add(`n${i}`);
    else if (level === 'trade') f.add(`k${i}`);
    else if (level === 'short-name') f.add(`k${i}`).add(`h${i}`);
    else if (typeof level === 'object' && ('tokens' in level || 'contained' in level)) {
      if (c.column!.address) f.add(`a${i}`).add(`r${i}`);
      else f.add(`t${i}`).add(`s${i}`);
    } else if (typeof level === 'object' && ('difference' in level || 'relative' in level)) f.add(`x${i}`);
    else if (typeof level === 'object' && 'common' in level) f.add(`l${i}`);
    else if (typeof level === 'object' && 'alike' in level) f.add(`q${i}`);
  }
  return [...f];
}

/** Measures of two values that several levels use, computed once a pair and only where the values differ. */
function measuresOf(d: Dialect, c: Comparison): string[] {
  const i = c.index;
  const [l, r] = [`l_c${i}`, `r_c${i}`];
  const out: string[] = [];
  const has = (key: string) => c.levels.some((level) => typeof level === 'object' && key in level);
  if (has('jaroWinkler')) out.push(`CASE WHEN ${l} <> ${r} THEN ${d.jaroWinkler(l, r)} END AS jw${i}`);
  if (has('damerau')) {
    const most = Math.max(
      ...c.levels.map((level) => (typeof level === 'object' && 'damerau' in level ? level.damerau : 0)),
    );
    const han = c.column!.model.chinese;
    // An exchange of two characters counts as one edit: it is looked for where Levenshtein's distance is two.
    const edits = han ? hanEdits(d, l, r) : nearEdits(d, l, r, Math.max(2, most));
    out.push(
      `CASE WHEN ${l} <> ${r} AND abs(length(${l}) - length(${r})) <= ${most} THEN ${edits} END AS ${han ? 'dl' : 'lv'}${i}`,
    );
  }
  if ((has('tokens') || has('contained')) && !c.column!.address) {
    out.push(`CASE WHEN ${l} <> ${r} THEN ${d.sharedWeight(`l_t${i}`, `r_t${i}`)} END AS sw${i}`);
  }
  return out;
}

/** Measures that need those of `measuresOf`: Damerau's distance, where an exchange of two characters is one edit: two edits between texts of the same characters. */
function furtherMeasures(d: Dialect, c: Comparison): string[] {
  const edits = c.levels.some((level) => typeof level === 'object' && 'damerau' in level);
  if (!edits || c.column!.model.chinese) return [];
  const i = c.index;
  return [`CASE WHEN lv${i} = 2 AND ${d.bag(`l_c${i}`)} = ${d.bag(`r_c${i}`)} THEN 1 ELSE lv${i} END AS dl${i}`];
}

/**
 * Levenshtein's distance of what is near, 99 of what is not: of two texts `most` edits apart, one of most + 1 pieces of the first stands untouched in
 * the second (the first piece at its begin, the last at its end). Looking for pieces is several times cheaper than counting edits.
 */
function nearEdits(d: Dialect, l: string, r: string, most: number): string {
  const pieces = most + 1;
  const length = `CAST(floor(length(${l}) / ${pieces}) AS INTEGER)`;
  const inner = Array.from({ length: pieces - 2 }, (_, k) =>
    d.contains(r, `substr(${l}, ${k + 1} * ${length} + 1, ${length})`),
  );
  const near = [
    `substr(${l}, 1, ${length}) = substr(${r}, 1, ${length})`,
    `substr(${l}, length(${l}) - ${length} + 1) = substr(${r}, length(${r}) - ${length} + 1)`,
    ...inner,
  ];
  return `CASE WHEN length(${l}) < ${pieces} OR ${near.join(' OR ')} THEN ${d.levenshtein(l, r)} ELSE 99 END`;
}

/**
 * Edits between short Chinese names in characters: engines that count bytes take one character for up to three edits. Names of up to five
 * characters are looked at place by place; longer ones by bytes over three.
 */
function hanEdits(d: Dialect, l: string, r: string): string {
  const differ = [1, 2, 3, 4, 5]
    .map((k) => `(CASE WHEN substr(${l}, ${k}, 1) <> substr(${r}, ${k}, 1) THEN 1 ELSE 0 END)`)
    .join(' + ');
  const [long, short] = [
    `CASE WHEN length(${l}) > length(${r}) THEN ${l} ELSE ${r} END`,
    `CASE WHEN length(${l}) > length(${r}) THEN ${r} ELSE ${l} END`,
  ];
  const without = [1, 2, 3, 4, 5]
    .map((k) => `(substr(${long}, 1, ${k - 1}) || substr(${long}, ${k + 1})) = (${short})`)
    .join(' OR ');
  const swapped = [1, 2, 3, 4]
    .map(
      (k) =>
        `(substr(${l}, 1, ${k - 1}) || substr(${l}, ${k + 1}, 1) || substr(${l}, ${k}, 1) || substr(${l}, ${k + 2})) = ${r}`,
    )
    .join(' OR ');
  // Names that differ in first and last character differ by more than one: most pairs are settled by this.
  const far = `substr(${l}, 1, 1) <> substr(${r}, 1, 1) AND substr(${l}, -1) <> substr(${r}, -1)`;
  return `CASE WHEN ${far} THEN 9 WHEN length(${l}) > 5 OR length(${r}) > 5 THEN CAST(ceil(${d.levenshtein(l, r)} / 3.0) AS INTEGER) WHEN length(${l}) = length(${r}) THEN (CASE WHEN ${swapped} THEN 1 ELSE ${differ} END) WHEN ${without} THEN 1 ELSE 3 END`;
}

function condition(d: Dialect, c: Comparison, level: Level): string {
  const i = c.index;
  const [l, r] = [`l_c${i}`, `r_c${i}`];
  const both = (f: string) => `l_${f}${i} = r_${f}${i}`;
  if (typeof level === 'string') {
    switch (level) {
      case 'exact':
        return `${l} = ${r}`;
      case 'values':
        return 'FALSE'; // has codes of its own
      case 'swapped-day-month':
        return `length(${l}) = 8 AND length(${r}) = 8 AND substr(${l}, 1, 4) = substr(${r}, 1, 4) AND substr(${l}, 5, 2) = substr(${r}, 7, 2) AND substr(${l}, 7, 2) = substr(${r}, 5, 2)`;
      case 'date-parts':
        return `(substr(${l}, 5) = substr(${r}, 5) OR (substr(${l}, 1, 4) = substr(${r}, 1, 4) AND (substr(${l}, 5, 2) = substr(${r}, 5, 2) OR substr(${l}, 7, 2) = substr(${r}, 7, 2))))`;
      case 'same-year':
        return `substr(${l}, 1, 4) = substr(${r}, 1, 4)`;
      case 'homophone':
        return both('y');
      case 'pinyin':
        return both('p');
      case 'initials':
        return both('n');
      case 'prefix':
        return `(${d.startsWith(l, r)} OR ${d.startsWith(r, l)})`;
      case 'same-first':
        return `substr(${l}, 1, 1) = substr(${r}, 1, 1)`;
      case 'user':
        return `${d.before(l, '@')} = ${d.before(r, '@')}`;
      case 'trade':
        return both('k');
      case 'short-name':
        return `(l_h${i} = r_h${i} OR (l_k${i} = r_k${i} AND (l_h${i} = l_k${i} OR r_h${i} = r_k${i})))`;
    }
  }
  if ('jaroWinkler' in level) return `jw${i} >= ${level.jaroWinkler}`;
  if ('damerau' in level) return `dl${i} <= ${level.damerau}`;
  if ('tokens' in level) {
    if (c.column!.address) return addressCondition(d, i, level.tokens);
    return `2.0 * sw${i} >= ${level.tokens} * (l_s${i} + r_s${i})`;
  }
  if ('contained' in level) return `1.0 * sw${i} >= ${level.contained} * least(l_s${i}, r_s${i})`;
  if ('days' in level) return `abs(${d.dayNumber(l)} - ${d.dayNumber(r)}) <= ${level.days}`;
  if ('years' in level)
    return `abs(${d.tryDouble(`substr(${l}, 1, 4)`)} - ${d.tryDouble(`substr(${r}, 1, 4)`)}) <= ${level.years}`;
  if ('difference' in level) return `abs(l_x${i} - r_x${i}) <= ${level.difference}`;
  if ('relative' in level) return `abs(l_x${i} - r_x${i}) <= ${level.relative} * greatest(abs(l_x${i}), abs(r_x${i}))`;
  if ('alike' in level) {
    const shorter = `least(${d.listLength(`l_q${i}`)}, ${d.listLength(`r_q${i}`)})`;
    return `${d.sharedCount(`l_q${i}`, `r_q${i}`)} >= ${level.alike} * ${shorter}`;
  }
  if ('common' in level) return `${d.sharedCount(`l_l${i}`, `r_l${i}`)} >= ${level.common}`;
  return `substr(${l}, 1, ${level.start}) = substr(${r}, 1, ${level.start})`;
}

/** Chinese addresses: by their elements, the numbers of house, building and room, and the road. */
function addressCondition(d: Dialect, i: number, share: number): string {
  const [numbers, road] = [`l_a${i} = r_a${i}`, `l_r${i} = r_r${i}`];
  const near = d.jaroWinkler(`l_r${i}`, `r_r${i}`);
  if (share >= 0.8) return `${numbers} AND (${road} OR ${near} >= 0.85)`;
  if (share >= 0.5) return road;
  return `${near} >= 0.92`;
}

/** SQL of a pair's pattern over `pairs(l, r)` and the prepared records; the answer has columns l, r, pat and those named in `keep`. */
export function patternSql(
  d: Dialect,
  model: Model,
  comparisons: readonly Comparison[],
  pairs: string,
  rec: string,
  keep: readonly string[] = [],
): string {
  const columns = comparisons.filter((c) => c.index >= 0);
  const fields = [...new Set([...columns.flatMap(fieldsOf), ...swapFields(model)])];
  const kept = keep.map((k) => `, ${k}`).join('');
  // Values compared by pairs stand in the order of their tables: records that come later have greater numbers whatever their table.
  const ordered = new Set(columns.filter((c) => c.ordered && c.values.length > 0).map((c) => `v${c.index}`));
  const several = new Map(
    columns.filter((c) => c.column!.multi).flatMap((c) => fieldsOf(c).map((f) => [f, c] as const)),
  );
  const sides = (f: string): string => {
    if (several.has(f)) return `, a.m${f} AS l_m${f}, b.m${f} AS r_m${f}`;
    if (!ordered.has(f)) return `, a.${f} AS l_${f}, b.${f} AS r_${f}`;
    const turn = (x: string, y: string) => `CASE WHEN a.src <= b.src THEN ${x}.${f} ELSE ${y}.${f} END`;
    return `, ${turn('a', 'b')} AS l_${f}, ${turn('b', 'a')} AS r_${f}`;
  };
  const inner = `SELECT p.l, p.r${keep.map((k) => `, p.${k}`).join('')}${fields.map(sides).join('')} FROM ${pairs} AS p JOIN ${rec} AS a ON a.rid = p.l JOIN ${rec} AS b ON b.rid = p.r`;
  const aligned = alignSql(d, model, fields, bestValues(d, fields, several, inner, kept), kept);
  const measures = columns.flatMap((c) => measuresOf(d, c));
  const further = columns.flatMap((c) => furtherMeasures(d, c));
  let measured = `SELECT *${measures.map((m) => `, ${m}`).join('')} FROM (${aligned})`;
  if (further.length > 0) measured = `SELECT *, ${further.join(', ')} FROM (${measured})`;
  const codes = comparisons.map((c) => {
    const text = codeSql(d, model, c);
    return c.radix === 1 ? text : `${text} * ${c.radix}`;
  });
  return `SELECT l, r${kept}, ${codes.map((c) => `CAST(${c} AS BIGINT)`).join(' + ')} AS pat FROM (${measured})`;
}

/** Of columns with several values the pair that is most alike stands for the two records. */
function bestValues(
  d: Dialect,
  fields: readonly string[],
  several: ReadonlyMap<string, Comparison>,
  inner: string,
  kept: string,
): string {
  if (several.size === 0) return inner;
  const columns = [...new Set(several.values())];
  const best = columns.map((c) => {
    const i = c.index;
    // Sounds and trade names are lists beside the values where levels ask for them.
    const beside = ['y', 'k', 'p']
      .filter((f) => several.has(`${f}${i}`))
      .map((f) => [`l_m${f}${i}`, `r_m${f}${i}`] as const);
    return `${d.bestPair(`l_mc${i}`, `r_mc${i}`, beside)} AS best${i}`;
  });
  const select = fields.map((f) => {
    const c = several.get(f);
    if (!c) return `l_${f}, r_${f}`;
    // Where one side has no value the other's first stands, so that a missing value is seen as one.
    const at = (side: string, place: string) =>
      `${d.element(`${side}_m${f}`, `coalesce(CAST(${place} AS BIGINT), 1)`)} AS ${side}_${f}`;
    return `${at('l', `floor(best${c.index} / 1000)`)}, ${at('r', `best${c.index} % 1000`)}`;
  });
  return `SELECT l, r${kept}, ${select.join(', ')} FROM (SELECT *, ${best.join(', ')} FROM (${inner}))`;
}

function codeSql(d: Dialect, model: Model, c: Comparison): string {
  if (c.index < 0) return `swap${model.swaps.findIndex(([a, b]) => `${a} ⇄ ${b}` === c.name)}`;
  const i = c.index;
  const whens: string[] = [`WHEN l_c${i} IS NULL OR r_c${i} IS NULL THEN 0`];
  const v = c.values.length;
  // A pair of values has one code whichever record is left where there is one table only.
  if (v > 0) {
    const [x, y] = c.ordered ? [`l_v${i}`, `r_v${i}`] : [`least(l_v${i}, r_v${i})`, `greatest(l_v${i}, r_v${i})`];
    whens.push(`WHEN l_v${i} IS NOT NULL AND r_v${i} IS NOT NULL THEN 1 + (${x} - 1) * ${v} + (${y} - 1)`);
  }
  let code = 1 + v * v;
  for (const level of c.levels) {
    if (level === 'exact' && c.classes > 1) {
      whens.push(`WHEN l_c${i} = r_c${i} THEN ${code} + least(${c.classes - 1}, l_b${i})`);
      code += c.classes;
    } else whens.push(`WHEN ${condition(d, c, level)} THEN ${code++}`);
  }
  return `CAST((CASE ${whens.join(' ')} ELSE ${code} END) AS BIGINT)`;
}

function swapFields(model: Model): string[] {
  const names = Object.keys(model.columns);
  return model.swaps.flatMap(([a, b]) => [`c${names.indexOf(a)}`, `c${names.indexOf(b)}`]);
}

/** Sets the right side's swapped columns in the order of the left side's, where that makes them agree. */
function alignSql(d: Dialect, model: Model, fields: readonly string[], inner: string, kept: string): string {
  if (model.swaps.length === 0) return inner;
  const names = Object.keys(model.columns);
  const swaps = model.swaps.map(([a, b]) => [names.indexOf(a), names.indexOf(b)] as const);
  const flags = swaps.map(([i, j], n) => {
    const sim = (x: string, y: string) => `coalesce(${d.jaroWinkler(x, y)}, 0)`;
    const [li, lj, ri, rj] = [`l_c${i}`, `l_c${j}`, `r_c${i}`, `r_c${j}`];
    const some = `(coalesce(${li}, ${lj}) IS NOT NULL AND coalesce(${ri}, ${rj}) IS NOT NULL)`;
    return `CASE WHEN NOT ${some} THEN 0 WHEN ${li} = ${ri} OR ${lj} = ${rj} THEN 2 WHEN ${sim(li, rj)} + ${sim(lj, ri)} > ${sim(li, ri)} + ${sim(lj, rj)} + 0.25 AND greatest(${sim(li, rj)}, ${sim(lj, ri)}) >= 0.9 THEN 1 ELSE 2 END AS swap${n}`;
  });
  const flagged = `SELECT *, ${flags.join(', ')} FROM (${inner})`;
  const other = (f: string): { n: number; to: string } | undefined => {
    const at = Number(f.slice(1));
    for (let n = 0; n < swaps.length; n++) {
      const [i, j] = swaps[n]!;
      if (at === i || at === j) return { n, to: `${f[0]}${at === i ? j : i}` };
    }
    return undefined;
  };
  const select = fields.map((f) => {
    const o = other(f);
    return o && fields.includes(o.to)
      ? `l_${f}, CASE WHEN swap${o.n} = 1 THEN r_${o.to} ELSE r_${f} END AS r_${f}`
      : `l_${f}, r_${f}`;
  });
  return `SELECT l, r${kept}, ${select.join(', ')}${swaps.map((_, n) => `, swap${n}`).join('')} FROM (${flagged})`;
}
