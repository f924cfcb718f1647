/**
 * Releases of de-identified statistics: all tables of one day, decided together and then kept as they are, so that asking
 * again never tells more. A new release follows after some days; what differs from an earlier one by fewer than `k`
 * enterprises is withheld in it, since the difference of two releases is a table as well.
 */
import { type Lake, type LakeSession, literal } from '../../platform/lake/index.ts';
import { cellsOf, type Linked, type Marks, noMarks, pairsOf, protect, protectSums } from './joint.ts';
import type { RecordedModel, RunRow } from './read.ts';
import { SCORE_LANE } from './run.ts';

/** By what statistics are told. */
export const groupings = ['town', 'industry', 'grade'] as const;
export type Grouping = (typeof groupings)[number];

/** A told cell: null is withheld. */
export interface Cell {
  n: number | null;
  mean: number | null;
}

/** Marks of a ranking: the least score of those before each part (in percent) of a group, in whole tens. */
export interface Bands {
  of: number | null;
  marks: { part: number; score: number }[];
}

/** What a release tells. */
export interface Release {
  release: number;
  model: string;
  version: number;
  run: number;
  day: string;
  /** Instant, UTC. */
  made: string;
  k: number;
  members: Record<Grouping, string[]>;
  total: Cell;
  ones: Record<Grouping, Cell[]>;
  /** By `first,second` as in {@link groupings}. */
  twos: Record<string, Cell[][]>;
  bands: { city: Bands; town: Record<string, Bands>; industry: Record<string, Bands> };
}

/** Rules of releases: the least number of enterprises that is told, days between two releases. */
export interface ReleaseRules {
  k: number;
  days: number;
}

const PAIRS = pairsOf(groupings.length);
/** Earlier releases that a new one is compared with. */
const COMPARED = 24;
const DAY_MS = 86_400_000;

/** The newest release of a model, or null. */
export async function newestRelease(lake: Pick<Lake, 'first'>, model: string): Promise<Release | null> {
  const row = await lake.first<{ body: string }>(
    'SELECT body FROM cs.release WHERE model = $model ORDER BY release DESC LIMIT 1',
    { model },
  );
  return row ? (JSON.parse(row.body) as Release) : null;
}

/** Publishes when it is time: the first, after the days of the rules, or when the city became another (half as large again). */
export async function releaseIfDue(
  lake: Lake,
  model: RecordedModel,
  run: RunRow,
  rules: ReleaseRules,
  now: Date,
): Promise<Release | null> {
  const last = await newestRelease(lake, model.model);
  if (last) {
    const old = now.getTime() - Date.parse(last.made) >= rules.days * DAY_MS;
    const before = last.total.n ?? 0;
    if (!old && run.entities <= 1.5 * before && before <= 1.5 * run.entities) return null;
  }
  return publish(lake, model, run, rules.k, now);
}

/** Decides what may be told of a run and keeps it. */
export function publish(lake: Lake, model: RecordedModel, run: RunRow, k: number, now: Date): Promise<Release> {
  return lake.write(SCORE_LANE, async (s) => {
    const grades = model.grades.map((g) => g.grade);
    const { members, counts, sums } = await counted(s, run.run, grades);
    const earlier = await s.query<{ body: string }>(
      `SELECT body FROM cs.release WHERE model = $model ORDER BY release DESC LIMIT ${COMPARED}`,
      { model: model.model },
    );
    const moved = noMarks(counts.sizes);
    const shifted = noMarks(counts.sizes);
    for (const { body } of earlier) {
      const before = JSON.parse(body) as Release;
      const flows = await flowsSince(s, before.run, run.run, members);
      mark(moved, before, members, flows.members, k, (c) => c.n !== null);
      mark(shifted, before, members, flows.scores, k, (c) => c.mean !== null);
    }
    const hidden = protect(counts, k, moved);
    const unsaid = protectSums(counts.sizes, hidden, shifted);
    const cell = (n: number, sum: number, hide: boolean, silent: boolean): Cell => ({
      n: hide ? null : n,
      mean: hide || silent || n < k ? null : Math.round((10 * sum) / n) / 10,
    });
    const told: Omit<Release, 'release' | 'bands'> = {
      model: model.model,
      version: run.version,
      run: run.run,
      day: run.day,
      made: now.toISOString(),
      k,
      members,
      total: cell(counts.total, sums.total, hidden.total, unsaid.total),
      ones: Object.fromEntries(
        groupings.map((g, at) => [
          g,
          counts.ones[at]!.map((n, i) => cell(n, sums.ones[at]![i]!, hidden.ones[at]![i]!, unsaid.ones[at]![i]!)),
        ]),
      ) as Release['ones'],
      twos: Object.fromEntries(
        PAIRS.map(([a, b], p) => [
          `${groupings[a]},${groupings[b]}`,
          counts.twos[p]!.map((row, i) =>
            row.map((n, j) => cell(n, sums.twos[p]![i]![j]!, hidden.twos[p]![i]![j]!, unsaid.twos[p]![i]![j]!)),
          ),
        ]),
      ),
    };
    const bands = await bandsOf(s, run.run, told, k);
    const row = await s.first<{ release: number }>(
      'SELECT coalesce(max(release), 0)::INTEGER + 1 AS release FROM cs.release',
    );
    const release: Release = { release: row!.release, ...told, bands };
    await s.run('INSERT INTO cs.release VALUES ($release, $model, $run, $made, $body)', {
      release: release.release,
      model: model.model,
      run: run.run,
      made: now,
      body: JSON.stringify(release),
    });
    return release;
  });
}

const COLUMNS = groupings.map((g) => `coalesce(${g}, '') AS ${g}`).join(', ');
type Placed = Record<Grouping, string>;

/** Counts and sums of scores of every cell of a run. */
async function counted(s: LakeSession, run: number, grades: readonly string[]) {
  const rows = await s.query<Placed & { n: number; total: number } & Record<string, unknown>>(
    `SELECT ${COLUMNS}, count(*) AS n, sum(score)::DOUBLE AS total FROM cs.score WHERE run = $run GROUP BY ALL`,
    { run },
  );
  const codes = (g: Grouping) =>
    [...new Set(rows.map((r) => r[g]))].sort((a, b) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  const members: Record<Grouping, string[]> = {
    town: codes('town'),
    industry: codes('industry'),
    grade: [...new Set([...grades, ...codes('grade')])],
  };
  const sizes = groupings.map((g) => members[g].length);
  const empty = () => ({
    sizes,
    total: 0,
    ones: sizes.map((n) => new Array<number>(n).fill(0)),
    twos: PAIRS.map(([a, b]) => Array.from({ length: sizes[a]! }, () => new Array<number>(sizes[b]!).fill(0))),
  });
  const counts = empty();
  const sums = empty();
  for (const r of rows) {
    const at = placeOf(members, r);
    for (const [into, n] of [
      [counts, r.n],
      [sums, r.total],
    ] as const) {
      into.total += n;
      for (const g of groupings.keys()) into.ones[g]![at[g]!]! += n;
      for (const [p, [a, b]] of PAIRS.entries()) into.twos[p]![at[a]!]![at[b]!]! += n;
    }
  }
  return { members, counts: counts as Linked, sums };
}

const placeOf = (members: Record<Grouping, string[]>, r: Placed): number[] =>
  groupings.map((g) => members[g].indexOf(r[g]));

/** How many enterprises came, went, or (`scores`) stayed with another score, by cell, between two runs. */
async function flowsSince(s: LakeSession, before: number, now: number, members: Record<Grouping, string[]>) {
  const both = (side: string) => groupings.map((g) => `coalesce(${side}.${g}, '') AS ${side}_${g}`).join(', ');
  const rows = await s.query<Record<string, unknown> & { n: number; there_a: boolean; there_b: boolean }>(
    `SELECT ${both('a')}, ${both('b')}, a.entity IS NOT NULL AS there_a, b.entity IS NOT NULL AS there_b, count(*) AS n
     FROM (FROM cs.score WHERE run = ${before}) a FULL JOIN (FROM cs.score WHERE run = ${now}) b ON b.entity = a.entity
     WHERE a.entity IS NULL OR b.entity IS NULL OR a.score <> b.score
       OR ${groupings.map((g) => `a.${g} IS DISTINCT FROM b.${g}`).join(' OR ')} GROUP BY ALL`,
  );
  const sizes = groupings.map((g) => members[g].length);
  const zero = () => cellsOf<boolean>(noMarks(sizes)).map(() => 0);
  const changed = { members: zero(), scores: zero() };
  const side = (r: Record<string, unknown>, of: 'a' | 'b'): number[] =>
    r[`there_${of}`]
      ? cellsAt(sizes, placeOf(members, Object.fromEntries(groupings.map((g) => [g, r[`${of}_${g}`]])) as Placed))
      : [];
  for (const r of rows) {
    const [was, is] = [new Set(side(r, 'a')), new Set(side(r, 'b'))];
    for (const c of new Set([...was, ...is])) {
      if (was.has(c) !== is.has(c)) changed.members[c]! += r.n;
      changed.scores[c]! += r.n;
    }
  }
  return changed;
}

/** Where an enterprise counts: the total, its member of every grouping, its cell of every pair. */
function cellsAt(sizes: readonly number[], at: readonly number[]): number[] {
  const cells = [0];
  let next = 1;
  for (const [g, n] of sizes.entries()) {
    if (at[g]! >= 0) cells.push(next + at[g]!);
    next += n;
  }
  for (const [a, b] of PAIRS) {
    if (at[a]! >= 0 && at[b]! >= 0) cells.push(next + at[a]! * sizes[b]! + at[b]!);
    next += sizes[a]! * sizes[b]!;
  }
  return cells;
}

/** Marks the places that an earlier release told and of which fewer than `k` have changed since. */
function mark(
  into: Marks,
  before: Release,
  members: Record<Grouping, string[]>,
  flows: readonly number[],
  k: number,
  was: (cell: Cell) => boolean,
): void {
  const sizes = groupings.map((g) => members[g].length);
  const few = (at: number[]) => {
    const n = flows[cellsAt(sizes, at).at(-1)!]!;
    return n > 0 && n < k;
  };
  if (was(before.total) && flows[0]! > 0 && flows[0]! < k) into.total = true;
  for (const [g, name] of groupings.entries()) {
    for (const [i, code] of members[name].entries()) {
      const old = before.ones[name][before.members[name].indexOf(code)];
      const at = groupings.map((_, x) => (x === g ? i : -1));
      if (old && was(old) && few(at)) into.ones[g]![i] = true;
    }
  }
  for (const [p, [a, b]] of PAIRS.entries()) {
    const [first, second] = [groupings[a]!, groupings[b]!];
    const old = before.twos[`${first},${second}`]!;
    for (const [i, one] of members[first].entries()) {
      for (const [j, other] of members[second].entries()) {
        const cell = old[before.members[first].indexOf(one)]?.[before.members[second].indexOf(other)];
        const at = groupings.map((_, x) => (x === a ? i : x === b ? j : -1));
        if (cell && was(cell) && few(at)) into.twos[p]![i]![j] = true;
      }
    }
  }
}

/** Parts of a ranking that are told: of a group of at least so many times `k`. */
const PARTS: readonly { part: number; times: number }[] = [
  { part: 10, times: 10 },
  { part: 25, times: 4 },
  { part: 50, times: 4 },
  { part: 75, times: 4 },
  { part: 90, times: 10 },
];

/** Marks of the ranking of the city, every town and every section; none where the group is small or withheld. */
async function bandsOf(s: LakeSession, run: number, told: Pick<Release, 'members' | 'ones' | 'total'>, k: number) {
  const at = PARTS.map((p) => 1 - p.part / 100);
  const marks = async (by: Grouping | null) =>
    s.query<{ code: string; n: number; q: number[] }>(
      `SELECT ${by ? `coalesce(${by}, '')` : "''"} AS code, count(*) AS n, quantile_disc(score::DOUBLE, [${at.join(', ')}]) AS q
       FROM cs.score WHERE run = ${literal(String(run))}::INTEGER GROUP BY 1`,
    );
  const bands = (n: number, q: readonly number[], hidden: boolean): Bands => ({
    of: hidden ? null : n,
    marks: hidden
      ? []
      : PARTS.flatMap((p, i) => (n >= p.times * k ? [{ part: p.part, score: 10 * Math.floor(q[i]! / 10) }] : [])),
  });
  const by = async (g: 'town' | 'industry') =>
    Object.fromEntries(
      (await marks(g)).map((r) => {
        const cell = told.ones[g][told.members[g].indexOf(r.code)];
        return [r.code, bands(r.n, r.q, cell?.n == null)];
      }),
    );
  const [city] = await marks(null);
  return {
    city: city ? bands(city.n, city.q, told.total.n === null) : { of: null, marks: [] },
    town: await by('town'),
    industry: await by('industry'),
  };
}
