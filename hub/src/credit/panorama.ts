/**
 * The panorama of one enterprise: heading, registration with the source of every value, what each class knows with
 * counts and sums, time line, contradictions, quality, relations and former names. Each look-up is by entity, in which
 * the views are sorted; they run side by side.
 */
import type { z } from 'zod';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import { type Category, category, type Panorama, type panorama } from './api.ts';
import { type Brief, COLUMN, factsOf, fromCents, isoDay, joined } from './briefs.ts';
import { sourceOf } from './enterprise.ts';
import { CATEGORY_TITLES, type ClassMeta, type Metadata, refOf } from './metadata.ts';
import { enterpriseUnknown } from './problems.ts';
import { fieldWithRole, headline, layOut, seesRoles } from './records.ts';
import { ATTRIBUTES, attributeName, attributeTitle, divisionTitle, industryTitle, relationTitle } from './titles.ts';
import type { Viewer } from './view.ts';

/** So many of the latest events are in the panorama; the rest are paged. */
const LATEST = 12;
/** So many of the latest records of each class are asked which values of the golden record they gave. */
const SPEAKING = 20;

interface Contradiction {
  attribute: string;
  value: string | null;
  class: number;
  rank: number | null;
  day: string | null;
  fact: string | null;
  chosen: boolean;
}

/** The small tables in one look-up, each row as a kind and its columns. */
const REST = `SELECT 'a' AS kind, ${joined('name', 'kind', 'first_seen', 'last_seen')} AS columns
    FROM v.legal_person_alias_v1 WHERE entity = $entity AND kind <> 'current'
  UNION ALL SELECT 'c', ${joined('attribute', 'value', 'class', 'rank', 'day', 'fact', 'CAST(chosen AS INTEGER)')}
    FROM v.legal_person_contradiction_v1 WHERE entity = $entity
  UNION ALL SELECT 'r', kind FROM v.legal_person_relation_v1 WHERE entity = $entity`;

const order = (a: string | null, b: string | null): number =>
  (a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0;

function readContradictions(rows: readonly (string | null)[][]): Contradiction[] {
  return rows
    .map(([attribute, value, klass, rank, day, fact, chosen]) => ({
      attribute: attribute ?? '',
      value: value ?? null,
      class: Number(klass),
      rank: rank ? Number(rank) : null,
      day: day ?? null,
      fact: fact ?? null,
      chosen: chosen === '1',
    }))
    .sort(
      (a, b) =>
        order(a.attribute, b.attribute) ||
        Number(b.chosen) - Number(a.chosen) ||
        (a.rank ?? 99) - (b.rank ?? 99) ||
        order(b.day, a.day) ||
        order(a.fact, b.fact),
    );
}

/** Builds the panorama of an enterprise as one person sees it. */
export async function panoramaOf(
  lake: Lake,
  metadata: Metadata,
  viewer: Viewer,
  entity: number,
): Promise<z.input<typeof panorama>> {
  const key = { entity };
  const [golden, facts, rest] = await Promise.all([
    lake.first('SELECT * FROM v.legal_person_v1 WHERE entity = $entity', key),
    factsOf(lake, entity),
    lake.query<{ kind: string; columns: string }>(REST, key),
  ]);
  const rows = (kind: string) =>
    rest.filter((r) => r.kind === kind).map((r) => r.columns.split(COLUMN).map((v) => (v === '' ? null : v)));
  const contradictions = readContradictions(rows('c'));
  const aliases = rows('a').sort((a, b) => order(a[1]!, b[1]!) || order(b[3]!, a[3]!) || order(a[0]!, b[0]!));
  const relations = new Map<string, number>();
  for (const [kind] of rows('r')) relations.set(kind ?? '', (relations.get(kind ?? '') ?? 0) + 1);
  if (!golden) throw new Problem(enterpriseUnknown, { entity });
  const classes = await classesOf(metadata, facts);
  const conflicts = await contradictionsOf(metadata, viewer, contradictions);
  const registration = await registrationOf(metadata, viewer, golden, facts, conflicts);
  const text = (column: string) => (golden[column] as string | null) ?? null;
  const representative = registration.find((r) => r.attribute === 'legal-representative');
  const answer: Panorama = {
    entity,
    heading: {
      name: text('name') ?? '',
      uscc: text('uscc'),
      orgcode: text('orgcode'),
      regno: text('regno'),
      kind: text('kind'),
      status: text('status'),
      legalRepresentative: representative?.cell ?? { value: null, shown: 'plain' },
      established: text('established'),
      closed: text('closed'),
      capital: text('capital'),
      currency: text('currency'),
      address: text('address'),
      division: text('division'),
      divisionTitle: divisionTitle(text('division')),
      industry: text('industry'),
      industryTitle: industryTitle(text('industry')),
    },
    registration,
    formerNames: aliases.slice(0, 50).map(([name, kind, firstSeen, lastSeen]) => ({
      name: name ?? '',
      kind: kind === 'former' ? 'former' : 'variant',
      firstSeen: firstSeen ?? null,
      lastSeen: lastSeen ?? null,
    })),
    categories: summaries(viewer, classes, facts),
    timeline: await timeline(metadata, viewer, classes, facts),
    contradictions: conflicts,
    quality: {
      score: (golden.quality as number | null) ?? null,
      sources: Number(golden.sources ?? 0),
      facts: Number(golden.facts ?? 0),
      contradictions: conflicts.length,
      firstRun: (golden.first_run as number | null) ?? null,
      lastRun: (golden.last_run as number | null) ?? null,
      recordedAt: (golden.recorded_at as string | null) ?? null,
    },
    relations: [...relations].sort().map(([kind, count]) => ({ kind, title: relationTitle(kind), count })),
    hints: [],
  };
  await viewer.finish('credit.panorama', `legal-person/${entity}`);
  return answer;
}

async function classesOf(metadata: Metadata, facts: readonly Brief[]): Promise<Map<number, ClassMeta>> {
  const known = new Map<number, ClassMeta>();
  for (const f of facts) if (!known.has(f.class)) known.set(f.class, await metadata.class(f.class));
  return known;
}

async function registrationOf(
  metadata: Metadata,
  viewer: Viewer,
  golden: Record<string, unknown>,
  facts: readonly Brief[],
  conflicts: Panorama['contradictions'],
): Promise<Panorama['registration']> {
  const classes = await metadata.classes();
  const sources = await sourcesOf(metadata, golden, facts);
  return Promise.all(
    ATTRIBUTES.map(async ({ attribute, column, title, unit }) => {
      const conflict = conflicts.find((c) => c.attribute === attribute);
      const chosen = conflict?.values.find((v) => v.chosen);
      const from = sources.get(attribute);
      const number = chosen?.class ?? from?.class ?? null;
      const guard = await metadata.guard(attribute, number);
      const value = golden[column];
      return {
        attribute,
        title,
        unit,
        cell: viewer.cell(guard, guard.format, value === null || value === undefined ? null : String(value)),
        source:
          number === null
            ? null
            : {
                ...sourceOf(classes.get(number), number),
                fact: chosen ? chosen.fact : String(from!.fact),
                since: chosen ? chosen.day : isoDay(from!.days),
              },
        contradictions: conflict?.values.length ?? 0,
      };
    }),
  );
}

/** Which record gave each value: of those that say the same, the most trusted source's latest. */
async function sourcesOf(
  metadata: Metadata,
  golden: Record<string, unknown>,
  facts: readonly Brief[],
): Promise<Map<string, Brief>> {
  const classes = await metadata.classes();
  const asked = new Map<number, number>();
  const speaking = [...facts]
    .filter((f) => (classes.get(f.class)?.golden.size ?? 0) > 0)
    .sort((a, b) => (b.days ?? 0) - (a.days ?? 0))
    .filter((f) => {
      asked.set(f.class, (asked.get(f.class) ?? 0) + 1);
      return asked.get(f.class)! <= SPEAKING;
    });
  await metadata.learnRuns(speaking.map((f) => f.run));
  const found = new Map<string, Brief>();
  for (const f of speaking) {
    const meta = classes.get(f.class)!;
    const values = layOut(metadata, meta, f.run, f.payload);
    meta.fields.forEach((field, i) => {
      const attribute = meta.golden.get(field.name);
      const value = values[i];
      if (!attribute || !value || !sameValue(value, golden[attribute.replaceAll('-', '_')])) return;
      const before = found.get(attribute);
      const better = before ? classes.get(before.class)!.rank - meta.rank || (f.days ?? 0) - (before.days ?? 0) : 1;
      if (better > 0) found.set(attribute, f);
    });
  }
  return found;
}

/** Equal as texts, or as numbers (100 and 100.00). */
function sameValue(value: string, golden: unknown): boolean {
  if (golden === null || golden === undefined) return false;
  const other = String(golden);
  return value === other || (/^-?[\d.]+$/.test(value) && /^-?[\d.]+$/.test(other) && Number(value) === Number(other));
}

async function contradictionsOf(
  metadata: Metadata,
  viewer: Viewer,
  rows: readonly Contradiction[],
): Promise<Panorama['contradictions']> {
  const classes = await metadata.classes();
  const byAttribute = new Map<string, Panorama['contradictions'][number]>();
  for (const r of rows) {
    const attribute = attributeName(r.attribute);
    let entry = byAttribute.get(attribute);
    if (!entry) {
      entry = { attribute, title: attributeTitle(attribute), values: [] };
      byAttribute.set(attribute, entry);
    }
    const guard = await metadata.guard(attribute, r.class);
    entry.values.push({
      ...sourceOf(classes.get(r.class), r.class),
      cell: viewer.cell(guard, guard.format, r.value),
      chosen: r.chosen,
      rank: r.rank,
      day: r.day,
      fact: r.fact,
    });
  }
  return [...byAttribute.values()];
}

interface Tally {
  count: number;
  latest: number | null;
  cents: bigint | null;
}

/** Adds facts up by class and category; days and sums only where this person may see them. */
function summaries(
  viewer: Viewer,
  classes: Map<number, ClassMeta>,
  facts: readonly Brief[],
): z.input<typeof panorama>['categories'] {
  const tallies = new Map<number, Tally>();
  for (const f of facts) {
    let t = tallies.get(f.class);
    if (!t) {
      t = { count: 0, latest: null, cents: null };
      tallies.set(f.class, t);
    }
    t.count += 1;
    if (f.days !== null && (t.latest === null || f.days > t.latest)) t.latest = f.days;
    if (f.cents !== null) t.cents = (t.cents ?? 0n) + f.cents;
  }
  const out: z.input<typeof panorama>['categories'] = [];
  for (const name of category.options as Category[]) {
    const mine = [...tallies].filter(([n]) => classes.get(n)!.category === name).sort((a, b) => a[0] - b[0]);
    const list = mine.map(([number, t]) => {
      const meta = classes.get(number)!;
      const sees = seesRoles(viewer, meta);
      const unit = fieldWithRole(meta, 'amount')?.unit ?? null;
      return {
        ...refOf(meta),
        count: t.count,
        latest: sees.day ? isoDay(t.latest) : null,
        amount: sees.amount && t.cents !== null ? fromCents(t.cents) : null,
        unit,
        cents: sees.amount ? t.cents : null,
      };
    });
    const latest = list
      .map((c) => c.latest ?? '')
      .sort()
      .at(-1);
    // Sums of different units do not add up to anything.
    const units = new Set(list.filter((c) => c.cents !== null).map((c) => c.unit));
    out.push({
      category: name,
      title: CATEGORY_TITLES[name],
      count: list.reduce((n, c) => n + c.count, 0),
      latest: latest || null,
      amount: units.size === 1 ? fromCents(list.reduce((sum, c) => sum + (c.cents ?? 0n), 0n)) : null,
      classes: list.map(({ cents: _, ...c }) => c),
    });
  }
  return out;
}

/** Facts by month and year, and the latest as lines. Classes whose days this person may not see are left out. */
async function timeline(
  metadata: Metadata,
  viewer: Viewer,
  classes: Map<number, ClassMeta>,
  facts: readonly Brief[],
): Promise<Panorama['timeline']> {
  const sees = new Map([...classes].map(([n, meta]) => [n, seesRoles(viewer, meta)]));
  const months = new Map<string, number>();
  const years = new Map<number, number>();
  let undated = 0;
  const monthOf = new Map<number, string>();
  for (const f of facts) {
    if (!sees.get(f.class)!.day) continue;
    if (f.days === null) {
      undated += 1;
      continue;
    }
    let month = monthOf.get(f.days);
    if (month === undefined) {
      month = isoDay(f.days)!.slice(0, -3);
      monthOf.set(f.days, month);
    }
    const key = `${month} ${classes.get(f.class)!.category}`;
    months.set(key, (months.get(key) ?? 0) + 1);
    const year = Number(month.slice(0, -3));
    years.set(year, (years.get(year) ?? 0) + 1);
  }
  const latest = facts
    .filter((f) => f.days !== null && sees.get(f.class)!.day)
    .sort((a, b) => b.days! - a.days! || (b.fact > a.fact ? 1 : -1))
    .slice(0, LATEST);
  await metadata.learnRuns(latest.map((f) => f.run));
  return {
    months: [...months].sort().map(([key, count]) => {
      const space = key.lastIndexOf(' ');
      return { month: key.slice(0, space), category: key.slice(space + 1) as Category, count };
    }),
    years: [...years].sort((a, b) => a[0] - b[0]).map(([year, count]) => ({ year, count })),
    latest: latest.map((f) => {
      const meta = classes.get(f.class)!;
      return {
        day: isoDay(f.days),
        class: f.class,
        category: meta.category,
        title: meta.title,
        fact: String(f.fact),
        text: headline(viewer, metadata, meta, f),
        amount: sees.get(f.class)!.amount && f.cents !== null ? fromCents(f.cents) : null,
        unit: fieldWithRole(meta, 'amount')?.unit ?? null,
      };
    }),
    undated,
  };
}
