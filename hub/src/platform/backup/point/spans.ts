/**
 * Which instants can be restored: a base backup and an unbroken row of segments behind it reach from the base's end to the last instant that is
 * known to stand in those segments. Pure.
 */
import { Problem } from '../../problem.ts';
import { inGap, noneYet, tooEarly, tooLate } from './problems.ts';
import { placeOf, segmentAt } from './segments.ts';

/** A base backup as far as it matters here. Places as the server writes them; instants in milliseconds of the server's clock. */
export interface BaseSpot {
  id: string;
  /** Number of the database cluster: another one has another log. */
  system: string;
  timeline: number;
  start: string;
  end: string;
  endedAt: number;
  segmentSize: number;
}

/** A kept segment. `last`: everything that was committed up to this instant stands in the log up to somewhere in this segment. */
export interface SegmentSpot {
  system: string;
  timeline: number;
  number: number;
  partial: boolean;
  last: number | null;
}

/** Instants that one base and its segments reach: from `from` to before `to`. */
export interface Span {
  base: string;
  system: string;
  timeline: number;
  from: number;
  to: number;
  /** The last segment of its unbroken row. */
  upto: number;
}

/** Instants between which nothing can be restored. */
export interface Gap {
  from: number;
  to: number;
}

const row = (s: { system: string; timeline: number }, number: number): string => `${s.system}/${s.timeline}/${number}`;

/** What each base reaches, the oldest first. A base whose own segments are not whole reaches nothing and is left out. */
export function spansOf(bases: readonly BaseSpot[], segments: readonly SegmentSpot[]): Span[] {
  const there = new Map<string, SegmentSpot>();
  for (const s of segments) {
    const key = row(s, s.number);
    const known = there.get(key);
    // A complete segment stands for its beginning as well; what was known of the beginning is true of it too.
    if (!known) there.set(key, s);
    else there.set(key, { ...known, partial: known.partial && s.partial, last: most(known.last, s.last) });
  }
  const spans: Span[] = [];
  for (const base of bases) {
    const needed = segmentAt(placeOf(base.end), base.segmentSize, true);
    let to = Number.NEGATIVE_INFINITY;
    let at = segmentAt(placeOf(base.start), base.segmentSize);
    for (let s = there.get(row(base, at)); s; s = there.get(row(base, at))) {
      if (s.last !== null && s.last > to) to = s.last;
      at += 1;
      // Behind a segment that is not complete nothing follows.
      if (s.partial) break;
    }
    const { id, system, timeline, endedAt: from } = base;
    if (at > needed && to > from) spans.push({ base: id, system, timeline, from, to, upto: at - 1 });
  }
  return spans.sort((a, b) => a.from - b.from);
}

const most = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

/** Spans put together where they touch, and what lies between them. */
export function reachOf(spans: readonly Span[]): { ranges: Gap[]; gaps: Gap[] } {
  const ranges: Gap[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = ranges.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  const gaps = ranges.slice(1).map((r, i) => ({ from: ranges[i]!.to, to: r.from }));
  return { ranges, gaps };
}

/** The span by which an instant is restored: of the newest base before it. A Problem says which instants there are. */
export function spanFor(at: number, spans: readonly Span[]): Span {
  const fit = spans.filter((s) => s.from <= at && at < s.to).sort((a, b) => b.from - a.from)[0];
  if (fit) return fit;
  const { ranges, gaps } = reachOf(spans);
  const iso = (ms: number) => new Date(ms).toISOString();
  const asked = iso(at);
  if (!ranges.length) throw new Problem(noneYet, { at: asked });
  const [first, last] = [ranges[0]!.from, ranges.at(-1)!.to];
  if (at < first) throw new Problem(tooEarly, { at: asked, first: iso(first) });
  if (at >= last) throw new Problem(tooLate, { at: asked, last: iso(last) });
  const gap = gaps.find((g) => g.from <= at && at < g.to)!;
  throw new Problem(inGap, { at: asked, from: iso(gap.from), to: iso(gap.to) });
}

/** What may go when every instant since `since` must stay: bases behind the newest that began before it, and segments that none of the rest needs. */
export function forgottenOf(
  bases: readonly BaseSpot[],
  segments: readonly SegmentSpot[],
  since: number,
): { bases: string[]; segments: SegmentSpot[] } {
  const spans = spansOf(bases, segments);
  const usable = new Set(spans.map((s) => s.base));
  // The newest that can be used and ended before: from it on everything stays. Without one nothing may go.
  const first = [...spans].reverse().find((s) => s.from <= since);
  if (!first) return { bases: [], segments: [] };
  const newest = Math.max(...bases.map((b) => b.endedAt));
  const gone = bases.filter(
    (b) => b.endedAt < first.from || (!usable.has(b.id) && b.endedAt < newest && b.endedAt <= since),
  );
  const ids = new Set(gone.map((b) => b.id));
  const needed = new Map<string, number>();
  for (const b of bases) {
    if (ids.has(b.id)) continue;
    const key = `${b.system}/${b.timeline}`;
    needed.set(key, Math.min(needed.get(key) ?? Number.POSITIVE_INFINITY, segmentAt(placeOf(b.start), b.segmentSize)));
  }
  const own = segments.filter((s) => {
    const from = needed.get(`${s.system}/${s.timeline}`);
    // Of a timeline without a base: those of which it is known that they are older, and those of which nothing is known but older ones follow.
    if (from === undefined) return s.last !== null && s.last < since;
    return s.number < from;
  });
  return { bases: [...ids], segments: own };
}
