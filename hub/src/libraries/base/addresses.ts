/**
 * Rows with nothing but an address: what the keys of places leave open is read by @jingwei/addresses against the standard
 * addresses, the current register rows of the library that declares `addresses: table`. A reading is a building's own address with
 * the room that was written, and is then held against the same rules as any other row. Readings depend on the standard addresses
 * alone: they are kept by text, and all are made again when those change, so that day by day equals at once.
 */
import { setImmediate } from 'node:timers/promises';
import { Matcher, type MatchLevel, normalise, type Parts, parse, type StandardAddress } from '@jingwei/addresses';
import type { Lake, LakeSession, LakeStep } from '../../platform/lake/index.ts';
import { blocksOf, hashed, inForm, type LibraryPlan } from './plan.ts';

/** Work between two statements of an integration that the engine cannot do. */
export interface BaseWorkStep {
  name: string;
  work(session: LakeSession): Promise<void>;
}
export type BaseStep = LakeStep | BaseWorkStep;

/** How an address was read against the standard addresses. */
export interface Reading {
  /** What was read: the address, with the town's whole name where only that found it. */
  read: string;
  level: MatchLevel;
  /** The building's entity where one is meant. */
  entity: number | null;
  /** How well they agree, 0 … 1. */
  score: number;
  /** The building's standard address with the room that was written. */
  canonical: string | null;
  /** Buildings that may be meant where it is ambiguous, at most 20. */
  candidates: number[];
}

/** Where names of divisions without their parents are looked for: the city's prefecture. */
const WITHIN = '3302';
const BATCH = 2_000;
/** Score from which no other reading is tried, and below which a match is none. */
const SURE = 0.9;
const LEAST = 0.75;

/** Condition on lib.base_mention `m` and lib.base_entity `e` that a row is a current standard address. */
const standards = `SELECT e.library, e.entity, m.place FROM lib.base_mention m JOIN lib.base_entity e ON e.library = m.library AND e."key" = m.keys[1]
  WHERE m.library = $library AND m.anchor AND m.place IS NOT NULL AND m.fact NOT IN (SELECT fact FROM lib.fact_closed WHERE entity = 0)`;

/** The standard addresses in memory. */
export class AddressBook {
  readonly #matcher: Matcher;
  readonly #texts: ReadonlyMap<number, string>;
  /** Towns without 镇 and 街道, as people write them, with their whole names. */
  readonly #short: readonly (readonly [RegExp, string])[];

  private constructor(matcher: Matcher, texts: ReadonlyMap<number, string>, towns: ReadonlySet<string>) {
    this.#matcher = matcher;
    this.#texts = texts;
    this.#short = [...towns].sort().flatMap((town) => {
      const stem = town.replace(/(?:街道|镇|乡)$/, '');
      return stem.length < 2 || stem === town
        ? []
        : [[new RegExp(`^(.*?[市县区])?${stem}(?!街道|镇|乡)`), town] as const];
    });
  }

  /** Reads the standard addresses of a library; between batches other work gets its turn. */
  static async load(from: Pick<Lake, 'query'> | Pick<LakeSession, 'query'>, library: number): Promise<AddressBook> {
    const rows = await from.query<{ entity: number; place: string }>(
      `SELECT entity, min(place) AS place FROM (${standards}) GROUP BY entity ORDER BY entity`,
      { library },
    );
    const addresses: StandardAddress[] = [];
    const towns = new Set<string>();
    for (let i = 0; i < rows.length; i += BATCH) {
      for (const { entity, place } of rows.slice(i, i + BATCH)) {
        const parts = partsOf(place);
        if (parts.town) towns.add(parts.town);
        addresses.push({ id: String(entity), parts });
      }
      await setImmediate();
    }
    return new AddressBook(
      new Matcher(addresses, { within: WITHIN }),
      new Map(rows.map((r) => [r.entity, r.place])),
      towns,
    );
  }

  /** Number of standard addresses. */
  get size(): number {
    return this.#texts.size;
  }

  /** Reads one address; where nothing is found for sure, again with the town's whole name. */
  read(text: string): Reading {
    const parts = partsOf(text);
    let found = this.#matcher.match(parts);
    let read = text;
    for (const [stem, town] of found.score >= SURE ? [] : this.#short) {
      if (!stem.test(text)) continue;
      const whole = text.replace(stem, (_, above: string | undefined) => `${above ?? ''}${town}`);
      const again = this.#matcher.match(partsOf(whole));
      if (again.score > found.score || (again.ambiguous && !found.match)) [found, read] = [again, whole];
    }
    // What agrees in the number but hardly in the names is somewhere else.
    if (found.match && found.score < LEAST)
      found = { level: 'none', score: 0, ambiguous: false, candidates: [], count: 0 };
    const { match, level, score, ambiguous, candidates } = found;
    const entity = match ? Number(match.id) : null;
    const room = /[0-9]{2,5}/.exec(parts.roomno ?? '')?.[0];
    return {
      read,
      level,
      entity,
      score: entity === null ? 0 : Math.round(score * 1000) / 1000,
      canonical: entity === null ? null : `${this.#texts.get(entity)}${room ? `${room}室` : ''}`,
      candidates: ambiguous ? [...new Set(candidates.map((c) => Number(c.id)))].sort((a, b) => a - b) : [],
    };
  }
}

const partsOf = (text: string): Parts => normalise(parse(text, { confidence: false }), { within: WITHIN }).parts;

/** SQL that adds the mentions to be decided again when register rows or standard addresses changed: those that nothing but a reading can give. */
export function reread({ declaration: d, number: n }: LibraryPlan, integration: number): string {
  if (!d.addresses) return '';
  return `
            UNION SELECT source, fact FROM lib.base_link WHERE library = ${n} AND (method LIKE 'address-%' OR method IN ('nobody', 'nothing-said'))
              AND ((SELECT count(*) FROM b_stirred) > 0 OR EXISTS (SELECT 1 FROM lib.base_address_table WHERE integration = ${integration}))`;
}

/** Steps that give what is open by a reading of its address; none for a library that does not ask for it. */
export function addressSteps(library: LibraryPlan, news: { integration: number }): BaseStep[] {
  const { declaration: d, number: n } = library;
  if (!d.addresses || d.match.length === 0) return [];
  const title = (what: string) => `${d.library}: ${what}`;
  const at = (name: string) => d.evidence.findIndex((e) => e.name === name) + 1;
  const evidence = d.evidence.map((e, i) =>
    e.form.startsWith('address-') ? hashed(inForm(e.form, 'r.canonical')) : `m.evidence[${i + 1}]`,
  );
  const rules = d.match.map((_, i) => i + 1).join(', ');
  const differing = (rule: (typeof d.match)[number]) =>
    rule.consistent.map((name) => ` AND coalesce(a.evidence[${at(name)}] = x.evidence[${at(name)}], true)`).join('');
  return [
    {
      name: title('addresses that are open'),
      sql: `CREATE OR REPLACE TEMP TABLE b_asking AS SELECT m.source, m.fact, m.evidence, m.place FROM lib.base_mention m
        SEMI JOIN b_affected a ON a.source = m.source AND a.fact = m.fact ANTI JOIN b_linked l ON l.source = m.source AND l.fact = m.fact
        WHERE m.library = ${n} AND NOT m.anchor AND m.place IS NOT NULL`,
    },
    { name: title('read addresses'), work: (s) => readOpen(s, d.addresses === 'table' ? n : null, news.integration) },
    {
      name: title('given by a reading'),
      sql: `CREATE OR REPLACE TEMP TABLE b_reading AS
          SELECT source, fact, score, evidence, [${blocksOf(d, 'evidence').join(', ')}] AS blocks FROM (
            SELECT m.source, m.fact, r.score, [${evidence.join(', ')}] AS evidence FROM b_asking m JOIN lib.base_address r ON r.text = m.place AND r.entity IS NOT NULL);
        CREATE OR REPLACE TEMP TABLE b_read AS
          WITH a AS (SELECT source, fact, score, evidence, r, blocks[r] AS k FROM b_reading, (SELECT unnest([${rules}]) AS r) WHERE blocks[r] IS NOT NULL),
          x AS (SELECT e.entity, m.evidence, r, m.blocks[r] AS k FROM lib.base_mention m JOIN lib.base_entity e ON e.library = ${n} AND e."key" = m.keys[1], (SELECT unnest([${rules}]) AS r)
            WHERE m.library = ${n} AND m.anchor AND m.blocks[r] IS NOT NULL AND m.fact NOT IN (SELECT fact FROM b_ended) AND m.blocks[r] IN (SELECT k FROM a))
          SELECT a.source, a.fact, a.r, any_value(a.score) AS score, list(DISTINCT x.entity ORDER BY x.entity) AS entities FROM a JOIN x ON x.r = a.r AND x.k = a.k
          WHERE CASE a.r ${d.match.map((rule, i) => `WHEN ${i + 1} THEN true${differing(rule)}`).join(' ')} END
          GROUP BY a.source, a.fact, a.r QUALIFY row_number() OVER (PARTITION BY a.source, a.fact ORDER BY a.r) = 1;
        INSERT INTO b_linked SELECT source, fact, CASE WHEN len(entities) = 1 THEN entities[1] END,
            CASE WHEN len(entities) = 1 THEN 'address-model ' || printf('%.2f', score) ELSE 'address-ambiguous' END, CASE WHEN len(entities) > 1 THEN entities[:20] END FROM b_read
          ${
            d.addresses === 'table'
              ? `UNION ALL SELECT m.source, m.fact, NULL, 'address-ambiguous', r.candidates FROM b_asking m JOIN lib.base_address r ON r.text = m.place AND r.entity IS NULL AND len(r.candidates) > 0`
              : ''
          }`,
    },
  ];
}

/** Reads the open addresses of `b_asking` that were not read against the present standard addresses. `table`: this library is their table. */
async function readOpen(s: LakeSession, table: number | null, integration: number): Promise<void> {
  if (table !== null) {
    const now = (await s.first<{ fingerprint: string }>(
      `SELECT count(*) || ' ' || coalesce(bit_xor(hash(entity || '|' || place)), 0) || ' ' || coalesce(sum(hash(place || '|' || entity) % 1000000007), 0) AS fingerprint FROM (SELECT DISTINCT entity, place FROM (${standards}))`,
      { library: table },
    ))!;
    const known = await s.first<{ fingerprint: string }>('SELECT fingerprint FROM lib.base_address_table');
    if (known?.fingerprint !== now.fingerprint) {
      await s.run('DELETE FROM lib.base_address; DELETE FROM lib.base_address_table');
      await s.run('INSERT INTO lib.base_address_table VALUES ($table, $fingerprint, $integration)', {
        table,
        fingerprint: now.fingerprint,
        integration,
      });
    }
  }
  const open = await s.query<{ place: string }>(
    'SELECT DISTINCT place FROM b_asking WHERE place NOT IN (SELECT text FROM lib.base_address) ORDER BY place',
  );
  const source = await s.first<{ library: number }>('SELECT library FROM lib.base_address_table');
  if (open.length === 0 || !source) return;
  const book = await AddressBook.load(s, source.library);
  for (let i = 0; i < open.length; i += BATCH) {
    const rows = open.slice(i, i + BATCH).map(({ place }) => {
      const r = book.read(place);
      return [place, r.entity, r.canonical, r.level, r.score, r.candidates.join(' ')];
    });
    await s.run(
      'CREATE OR REPLACE TEMP TABLE b_fresh (text VARCHAR, entity INTEGER, canonical VARCHAR, level VARCHAR, score DOUBLE, candidates VARCHAR)',
    );
    await s.append('b_fresh', rows);
    await s.run(`INSERT INTO lib.base_address SELECT text, entity, canonical, level, score,
      CASE WHEN candidates = '' THEN [] ELSE list_transform(string_split(candidates, ' '), lambda c: c::INTEGER) END FROM b_fresh`);
    await setImmediate();
  }
}
