/** The records of one enterprise, the origin of one record, and why an attribute has its value. */
import type { z } from 'zod';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { entityFactsAnswer, entityFactsQuery, originAnswer, whyAnswer } from './api.ts';
import { type Brief, factsOf, fromCents, isoDay, newestFirst } from './briefs.ts';
import { type ClassMeta, type Metadata, refOf, withFields } from './metadata.ts';
import { attributeUnknown, enterpriseUnknown, factUnknown } from './problems.ts';
import { type FactRow, fromCursor, PART, recordOf, toCursor } from './records.ts';
import { ATTRIBUTES, attributeName, attributeTitle } from './titles.ts';
import type { Viewer } from './view.ts';

/** Finds the leaf of a received row: the only thing that the views do not hold. */
export type LeafOf = (source: string, run: number, row: number) => Promise<Uint8Array | null>;

/** What these look-ups read. */
export interface Sources {
  lake: Lake;
  metadata: Metadata;
  leafOf: LeafOf | null;
}

const hex = (bytes: unknown): string | null =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : null;

/** Refuses an entity that the library does not have. */
async function known(lake: Lake, entity: number): Promise<void> {
  const row = await lake.first('SELECT 1 AS one FROM v.legal_person_v1 WHERE entity = $entity', { entity });
  if (!row) throw new Problem(enterpriseUnknown, { entity });
}

/** Records of one enterprise, newest first, of a class, a category or all, page by page. */
export async function entityFacts(
  { lake, metadata }: Sources,
  viewer: Viewer,
  entity: number,
  query: z.output<typeof entityFactsQuery>,
): Promise<z.input<typeof entityFactsAnswer>> {
  const wanted = query.class ? [await metadata.class(query.class)] : await classesOf(metadata, query.category);
  const facts = await factsOf(
    lake,
    entity,
    wanted?.map((c) => c.class),
  );
  if (facts.length === 0) await known(lake, entity);
  facts.sort(newestFirst);
  const after = query.cursor ? fromCursor(query.cursor, [PART.number, PART.number]) : null;
  const start = after ? facts.findIndex((f) => comesAfter(f, after)) : 0;
  const page = start < 0 ? [] : facts.slice(start, start + query.limit);
  const last = start >= 0 && start + query.limit < facts.length ? page.at(-1)! : null;
  await metadata.learnRuns(page.map((r) => r.run));
  const classes = new Map<number, ClassMeta>();
  for (const r of page) if (!classes.has(r.class)) classes.set(r.class, await metadata.class(r.class));
  if (query.class && wanted) classes.set(query.class, wanted[0]!);
  const records = page.map((f) => recordOf(viewer, metadata, classes.get(f.class)!, asRow(entity, f)));
  await viewer.finish('credit.records', `legal-person/${entity}`, { classes: [...classes.keys()], n: records.length });
  return {
    entity,
    classes: [...classes.values()].map(withFields),
    records,
    total: facts.length,
    next: last ? toCursor(last.days, last.fact) : null,
    hints: [],
  };
}

/** Whether a fact stands behind the place that a cursor names; the place itself may be gone since. */
function comesAfter(f: Brief, [days, fact]: (string | null)[]): boolean {
  const place = days == null ? Number.NEGATIVE_INFINITY : Number(days);
  const mine = f.days ?? Number.NEGATIVE_INFINITY;
  return mine < place || (mine === place && f.fact < BigInt(fact ?? '0'));
}

const asRow = (entity: number, f: Brief): FactRow => ({
  ...f,
  entity,
  day: isoDay(f.days),
  amount: f.cents === null ? null : fromCents(f.cents),
});

async function classesOf(metadata: Metadata, category: z.output<typeof entityFactsQuery>['category']) {
  return category ? metadata.ofCategory(category) : null;
}

/** Where a record comes from: its class, run, file, row number, leaf and the run's root. */
export async function origin(
  { lake, metadata, leafOf }: Sources,
  viewer: Viewer,
  fact: string,
  entity: number | undefined,
): Promise<z.input<typeof originAnswer>> {
  const found = await lake.first<FactRow & { closed_run: number | null }>(
    `SELECT entity, class, day, fact, amount, payload, run, row, closed_run FROM v.legal_person_fact_all_v1
     WHERE fact = CAST($fact AS BIGINT) ${entity ? 'AND entity = $entity' : ''}`,
    { fact, ...(entity ? { entity } : {}) },
  );
  if (!found) throw new Problem(factUnknown, { fact });
  const [meta, run] = await Promise.all([
    metadata.class(found.class),
    lake.first(
      `SELECT run, number, input, declaration, started, finished, received, accepted, quarantined, duplicate, root, leaves
       FROM v.run_v1 WHERE run = $run`,
      { run: found.run },
    ),
    metadata.learnRuns([found.run]),
  ]);
  const record = recordOf(viewer, metadata, meta, found);
  const leaf = leafOf ? await leafOf(meta.source, found.run, found.row) : null;
  await viewer.finish('credit.origin', `fact/${fact}`);
  return {
    fact: String(found.fact),
    entity: found.entity || null,
    class: withFields(meta),
    record,
    closedRun: found.closed_run ?? null,
    run: {
      run: found.run,
      number: (run?.number as number) ?? null,
      input: (run?.input as string) ?? null,
      declaration: (run?.declaration as number) ?? null,
      started: (run?.started as string) ?? null,
      finished: (run?.finished as string) ?? null,
      received: Number(run?.received ?? 0),
      accepted: Number(run?.accepted ?? 0),
      quarantined: Number(run?.quarantined ?? 0),
      duplicate: Number(run?.duplicate ?? 0),
      leaves: Number(run?.leaves ?? 0),
      root: hex(run?.root),
    },
    row: found.row,
    leaf: leaf ? hex(leaf) : null,
  };
}

interface Candidate extends Record<string, unknown> {
  value: string | null;
  class: number;
  rank: number | null;
  day: string | null;
  fact: number | bigint | null;
  chosen: boolean;
}

/** Why an attribute has its value: the candidates with their sources, the rule, and what it was before. */
export async function why(
  { lake, metadata }: Sources,
  viewer: Viewer,
  entity: number,
  asked: string,
): Promise<z.input<typeof whyAnswer>> {
  const attribute = attributeName(asked);
  const known = ATTRIBUTES.find((a) => a.attribute === attribute);
  if (!known) throw new Problem(attributeUnknown, { attribute: asked });
  const key = { entity, attribute };
  const [golden, candidates, history] = await Promise.all([
    lake.first<{ value: string | null }>(
      `SELECT CAST(${known.column} AS VARCHAR) AS value FROM v.legal_person_v1 WHERE entity = $entity`,
      { entity },
    ),
    lake.query<Candidate>(
      `SELECT value, class, rank, day, fact, chosen FROM v.legal_person_contradiction_v1
       WHERE entity = $entity AND replace(attribute, '_', '-') = $attribute
       ORDER BY chosen DESC, rank, day DESC NULLS LAST, fact`,
      key,
    ),
    lake.query(
      `SELECT value, valid_from, valid_to, recorded_at, superseded_at, class, fact FROM v.legal_person_history_v1
       WHERE entity = $entity AND replace(attribute, '_', '-') = $attribute
       ORDER BY superseded_at IS NULL DESC, valid_from DESC NULLS LAST, recorded_at DESC`,
      key,
    ),
  ]);
  if (!golden) throw new Problem(enterpriseUnknown, { entity });
  const classes = await metadata.classes();
  // Where the sources agree there is no contradiction: then those that say so now are the candidates.
  if (candidates.length === 0) {
    for (const h of history) {
      if (h.superseded_at !== null || h.valid_to !== null || h.class === null) continue;
      candidates.push({
        value: h.value as string | null,
        class: h.class as number,
        rank: classes.get(h.class as number)?.rank ?? null,
        day: h.valid_from as string | null,
        fact: h.fact as number | null,
        chosen: false,
      });
    }
    candidates.sort((a, b) => (a.rank ?? 99) - (b.rank ?? 99) || ((b.day ?? '') < (a.day ?? '') ? -1 : 1));
    if (candidates[0]) candidates[0].chosen = true;
  }
  const protect = async (value: string | null, from: number | null) => {
    const guard = await metadata.guard(attribute, from);
    return viewer.cell(guard, guard.format, value);
  };
  const from = candidates.find((c) => c.chosen)?.class ?? null;
  const answer = {
    entity,
    attribute,
    title: attributeTitle(attribute),
    cell: await protect(golden.value, from),
    reason: reasonOf(golden.value, candidates, from === null ? undefined : classes.get(from)),
    candidates: await Promise.all(
      candidates.map(async (c) => ({
        ...sourceOf(classes.get(c.class), c.class),
        cell: await protect(c.value, c.class),
        chosen: c.chosen,
        rank: c.rank,
        day: c.day,
        fact: c.fact === null ? null : String(c.fact),
      })),
    ),
    history: await Promise.all(
      history.map(async (h) => {
        const meta = classes.get(h.class as number);
        return {
          cell: await protect(h.value as string | null, h.class as number | null),
          validFrom: h.valid_from as string | null,
          validTo: h.valid_to as string | null,
          recordedAt: h.recorded_at as string | null,
          supersededAt: h.superseded_at as string | null,
          class: h.class as number | null,
          source: meta?.source ?? null,
          title: meta?.title ?? null,
          fact: h.fact === null ? null : String(h.fact),
        };
      }),
    ),
  };
  await viewer.finish('credit.why', `legal-person/${entity}`, { attribute });
  return answer;
}

/** The class of a value, also of one whose class is not declared any more. */
export function sourceOf(meta: ClassMeta | undefined, number: number) {
  if (!meta) return { class: number, source: '', owner: '', title: { zh: `记录类${number}`, en: `Class ${number}` } };
  const { class: id, source, owner, title } = refOf(meta);
  return { class: id, source, owner, title };
}

function reasonOf(value: string | null, candidates: readonly Candidate[], meta: ClassMeta | undefined) {
  if (value === null) return { zh: '没有来源提供该项', en: 'No source gives it' };
  const zh = meta?.title.zh ?? '来源';
  const en = meta?.title.en ?? 'the source';
  const values = new Set(candidates.map((c) => c.value)).size;
  if (values < 2) return { zh: `取自“${zh}”，各来源没有不同的值`, en: `From "${en}"; no source gives another value` };
  const chosen = candidates.find((c) => c.chosen);
  const others = candidates.filter((c) => !c.chosen && c.value !== chosen?.value);
  const best = Math.min(...others.map((c) => c.rank ?? 99));
  if (chosen && (chosen.rank ?? 99) < best) {
    return {
      zh: `${values} 个不同的值中取自“${zh}”：其来源可信等级（${chosen.rank}）最高`,
      en: `Of ${values} different values the one from "${en}": its source has the best rank (${chosen.rank})`,
    };
  }
  return {
    zh: `${values} 个不同的值中取自“${zh}”：同等可信的来源中日期最新（${chosen?.day ?? '无日期'}）`,
    en: `Of ${values} different values the one from "${en}": the latest (${chosen?.day ?? 'undated'}) among equally ranked sources`,
  };
}
