/**
 * Search straight on the views, for the time until the index stands: the same routes and the same order, by scanning.
 * Abbreviations and similar names are only known to the index.
 */
import type { Lake, LakeParams } from '../../platform/lake/index.ts';
import type { EngineAnswer, EngineHit, EngineQuery } from './engine.ts';
import { routeOf, Tier } from './match.ts';
import { Pinyin, type Place } from './pinyin.ts';
import { fold, originalRanges } from './text.ts';

const WIDE = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0xff01 + i));
const KEPT = WIDE.map((c) => fold(c));
const DROPPED = [
  ...WIDE.filter((_, i) => !KEPT[i]),
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).filter((c) => !fold(c)),
  ...'\u3000\u00a0·•・—–、。《》〈〉【】〔〕“”‘’…',
];
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
const FROM = quote([...WIDE.filter((_, i) => KEPT[i]), ...DROPPED].join(''));
const TO = quote(KEPT.join(''));
/** fold() in SQL, but for the rarer compatibility characters: what has no counterpart is left out. Most texts need none. */
const folded = (column: string) =>
  `CASE WHEN regexp_full_match(${column}, '[\\x{4e00}-\\x{9fff}A-Z0-9]*') THEN ${column}
    ELSE upper(translate(${column}, ${FROM}, ${TO})) END`;

let everything: Pinyin | null = null;

/** Readings of all common ideographs; made once, when the first query in letters comes before the index stands. */
function allReadings(): Pinyin {
  if (!everything) {
    const seen = new Uint8Array(65536);
    seen.fill(1, 0x4e00, 0x9fa6).fill(1, 0x30, 0x3a).fill(1, 0x41, 0x5b);
    everything = new Pinyin();
    everything.learn(seen);
  }
  return everything;
}

const expression = (places: readonly Place[]): string =>
  places.map((p) => `[${String.fromCharCode(...(p.set?.units ?? [p.one]))}]`).join('');

/** One way of matching: entities with their tier. */
function ways(q: EngineQuery, params: Record<string, LakeParams[string]>): string[] {
  const { query } = q;
  const out: string[] = [];
  const put = (tier: string, from: string, where: string) =>
    out.push(`SELECT entity, ${tier} AS tier FROM ${from} WHERE ${where}`);
  const enterprises = 'v.legal_person_v1';
  if (q.entities.length > 0) put(String(Tier.number), enterprises, `entity IN (${q.entities.join(', ')})`);
  if (q.ways.code && query.code) {
    params.code = query.code;
    for (const column of ['uscc', 'orgcode', 'regno', 'substr(uscc, 9, 9)']) {
      // The views hold codes cleaned: upper case, without separators.
      const tier = `CASE WHEN ${column} = $code THEN ${Tier.codeExact} ELSE ${Tier.codePrefix} END`;
      put(tier, enterprises, `starts_with(${column}, $code)`);
    }
  }
  if (!query.folded) return out;
  params.text = query.folded;
  const words = query.words.length > 0 ? query.words : null;
  words?.forEach((w, i) => {
    params[`w${i}`] = w;
  });
  const tierOf = (exact: number, prefix: number, part: number, column: string) =>
    `CASE WHEN ${column} = $text THEN ${exact} WHEN starts_with(${column}, $text) THEN ${prefix} ELSE ${part} END`;
  const has = (column: string) =>
    words
      ? `(contains(${column}, $text) OR (${words.map((_, i) => `contains(${column}, $w${i})`).join(' AND ')}))`
      : `contains(${column}, $text)`;
  if (q.ways.name) {
    const name = `(SELECT entity, ${folded('name')} AS t FROM ${enterprises})`;
    put(tierOf(Tier.nameExact, Tier.namePrefix, Tier.part, 't'), name, has('t'));
    const alias = `(SELECT entity, kind, ${folded('name')} AS t FROM v.legal_person_alias_v1 WHERE kind <> 'current')`;
    const former = tierOf(Tier.formerExact, Tier.formerExact, Tier.former, 't');
    put(`CASE WHEN kind = 'former' THEN ${former} ELSE ${Tier.variant} END`, alias, has('t'));
  }
  if (q.ways.address && query.folded.length >= 2) {
    put(String(Tier.address), `(SELECT entity, ${folded('address')} AS t FROM ${enterprises})`, has('t'));
  }
  if (q.ways.person && query.folded.length >= 2) {
    const person = `(SELECT entity, person_name AS t FROM v.legal_person_relation_v1
      UNION ALL SELECT entity, legal_representative FROM ${enterprises})`;
    put(`CASE WHEN t = $text THEN ${Tier.personExact} ELSE ${Tier.person} END`, person, 'starts_with(t, $text)');
  }
  if (q.ways.pinyin && query.letters) {
    allReadings()
      .patterns(query.letters)
      .slice(0, 4)
      .forEach((p, i) => {
        params[`p${i}`] = expression(p.places);
        const tier = { pinyin: Tier.pinyinPart, mixed: Tier.mixed, initials: Tier.initials }[p.kind];
        const name = `(SELECT entity, ${folded('name')} AS t FROM ${enterprises})`;
        put(String(tier), name, `regexp_matches(t, $p${i})`);
        const alias = `(SELECT entity, kind, ${folded('name')} AS t FROM v.legal_person_alias_v1 WHERE kind <> 'current')`;
        const other = `CASE WHEN kind = 'former' THEN ${Tier.former} ELSE ${Tier.variant} END`;
        put(other, alias, `regexp_matches(t, $p${i})`);
      });
  }
  return out;
}

/** Answers a query from the lake alone. */
export async function searchLake(lake: Lake, q: EngineQuery): Promise<EngineAnswer> {
  const params: Record<string, LakeParams[string]> = {};
  const union = ways(q, params);
  const none: EngineAnswer = { total: 0, hits: [], facets: { status: [], town: [], industry: [] } };
  if (union.length === 0) return none;
  const [rows, facets] = await lake.session(async (session) => {
    await session.run(
      `CREATE TEMP TABLE hit AS
       SELECT p.* REPLACE (${sectionSql('p.industry')} AS industry), p.industry AS industry_code, h.tier,
         CASE WHEN regexp_matches(p.division, '^\\d{10,12}$') THEN left(p.division, 9) ELSE p.division END AS town,
         CASE WHEN regexp_matches(coalesce(p.status, ''), '存续|在业|开业|在营|在册|正常|迁入') THEN 0 ELSE 1 END AS closedness
       FROM (SELECT entity, max(tier) AS tier FROM (${union.join(' UNION ALL ')}) GROUP BY entity) h
       JOIN v.legal_person_v1 p ON p.entity = h.entity`,
      params,
    );
    const filters: typeof params = {};
    const list = (name: 'status' | 'town' | 'industry') => {
      q[name].forEach((v, i) => {
        filters[`${name}${i}`] = v;
      });
      return q[name].length > 0 ? `${name} IN (${q[name].map((_, i) => `$${name}${i}`).join(', ')})` : 'true';
    };
    const [status, town, industry] = [list('status'), list('town'), list('industry')];
    return [
      await session.query(
        `SELECT *, count(*) OVER () AS total FROM hit WHERE ${status} AND ${town} AND ${industry}
         ORDER BY tier DESC, closedness, facts DESC, capital DESC NULLS LAST, entity LIMIT ${q.size} OFFSET ${q.offset}`,
        filters,
      ),
      await session.query<{ facet: 'status' | 'town' | 'industry'; value: string | null; n: number; mine: number }>(
        `SELECT 'status' AS facet, status AS value, count(*) AS n, count(*) FILTER (WHERE ${status}) AS mine FROM hit
           WHERE ${town} AND ${industry} GROUP BY 2
         UNION ALL SELECT 'town', town, count(*), 0 FROM hit WHERE ${status} AND ${industry} GROUP BY 2
         UNION ALL SELECT 'industry', industry, count(*), 0 FROM hit WHERE ${status} AND ${town} GROUP BY 2
         ORDER BY n DESC, value`,
        filters,
      ),
    ] as const;
  });
  const answer: EngineAnswer = { ...none, facets: { status: [], town: [], industry: [] } };
  for (const f of facets)
    if (f.value && answer.facets[f.facet].length < 50) answer.facets[f.facet].push([f.value, f.n]);
  answer.total = facets.reduce((n, f) => n + f.mine, 0);
  answer.hits = rows.map((r) => hitOf(r, q));
  return answer;
}

function hitOf(r: Record<string, unknown>, q: EngineQuery): EngineHit {
  const text = (column: string) => (r[column] as string | null) || null;
  const route = routeOf(r.tier as number);
  const field = route === 'address' ? 'address' : 'name';
  const shown = text(field) ?? '';
  const at = fold(shown).indexOf(q.query.folded);
  const marks = at >= 0 && q.query.folded && route !== 'person';
  return {
    entity: r.entity as number,
    name: text('name') ?? '',
    uscc: text('uscc'),
    status: text('status'),
    legalRepresentative: text('legal_representative'),
    established: text('established'),
    capital: r.capital === null ? null : Number(r.capital),
    address: text('address'),
    division: text('division'),
    industry: text('industry_code'),
    facts: Number(r.facts ?? 0),
    route,
    highlights: marks
      ? [{ field, text: shown, ranges: originalRanges(shown, [[at, at + q.query.folded.length]]) }]
      : [],
  };
}

/** industrySection() in SQL. */
function sectionSql(column: string): string {
  const last = [5, 12, 43, 46, 50, 52, 60, 62, 65, 69, 70, 72, 75, 79, 82, 83, 85, 90, 96, 97];
  const letters = 'ABCDEFGHIJKLMNOPQRST';
  const cases = last.map((n, i) => `WHEN n BETWEEN 1 AND ${n} THEN '${letters[i]}'`).join(' ');
  return `(SELECT CASE WHEN regexp_matches(c, '^[A-T](\\d|$)') THEN left(c, 1) ${cases} ELSE '' END
    FROM (SELECT ${column} AS c, coalesce(TRY_CAST(left(${column}, 2) AS INTEGER), 0) AS n))`;
}
