/** What is answered about declared libraries: lists, searches, one entity, why a value is what it is. */

import type { z } from 'zod';
import { catalogueOf, type SourceDeclaration } from '../../catalogue/index.ts';
import { type Lake, literal } from '../../platform/lake/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { Shower } from '../../refinery/index.ts';
import type { entityAnswer, found, librariesAnswer, whyAnswer } from './api.ts';
import type { LoadedLibrary } from './check.ts';
import type { LibraryDeclaration } from './declaration.ts';
import { claimSql } from './golden.ts';

const k = (code: string, status: number, zh: string, en: string) =>
  problemKind(`libraries.base.${code}`, status, zh, en);
export const unknownLibrary = k('library-unknown', 404, '没有基础库“{library}”。', 'There is no library "{library}".');
export const unknownEntity = k(
  'entity-unknown',
  404,
  '{library} 中没有 {entity}。',
  'There is no {entity} in {library}.',
);
export const unknownAttribute = k('attribute-unknown', 404, '没有属性“{name}”。', 'There is no attribute "{name}".');
export const personForbidden = k(
  'person-forbidden',
  403,
  '您没有查询自然人的权限。',
  'You may not look up natural persons.',
);
export const queryNeeded = k(
  'query-needed',
  400,
  '查询自然人须给出完整的姓名、户号或证件号码。',
  'Persons are found by their whole name, household number or identity number.',
);

type Two = { zh: string; en: string };
type Cells = Pick<Shower, 'cell'>;

/** The reader's tools for one question. */
export interface Reading {
  lake: Lake;
  libraries: readonly LoadedLibrary[];
  shower: Cells;
}

const legalTitle: Two = { zh: '法人库', en: 'Legal persons' };
const methods: Record<string, Two> = {
  register: { zh: '登记来源', en: 'register' },
  ambiguous: { zh: '有多个候选', en: 'several answer' },
  decided: { zh: '由人工决定', en: 'decided by a person' },
  'address-ambiguous': { zh: '地址有多个候选', en: 'several buildings answer the address' },
};

/** How a row was given, in words. */
export function methodIn(d: LibraryDeclaration, method: string): Two {
  if (method.startsWith('key ')) {
    const key = d.keys.find((x) => x.name === method.slice(4));
    return key ? { zh: `按${key.title.zh}`, en: `by ${key.title.en.toLowerCase()}` } : { zh: method, en: method };
  }
  const read = /^address-model ([01][.]?[0-9]*)$/.exec(method);
  if (read) {
    const percent = Math.round(Number(read[1]) * 100);
    return { zh: `按地址解析（置信度 ${percent}%）`, en: `by reading the address (confidence ${percent} %)` };
  }
  const weighed = /^model (\d+) (\S+)$/.exec(method);
  if (weighed) {
    const [, version, bits] = weighed;
    return {
      zh: `概率关联（参数第 ${version} 版，证据 ${bits} 比特）`,
      en: `by linkage (version ${version}, ${bits} bits of evidence)`,
    };
  }
  const rule = d.match.find((m) => m.rule === method);
  return rule
    ? { zh: `按${rule.title.zh}`, en: `by ${rule.title.en}` }
    : (methods[method] ?? { zh: method, en: method });
}

/** Titles of sources by the number of their class; 0 is the library of legal persons. */
function sourcesOf(lake: Lake): Map<number, Pick<SourceDeclaration, 'id' | 'title'>> {
  const own = catalogueOf(lake)
    .declarations()
    .map((d): [number, Pick<SourceDeclaration, 'id' | 'title'>] => [d.number, d]);
  const position = { id: 'position', title: { zh: '空间位置', en: 'Position' } };
  return new Map([[-1, position], [0, { id: 'legal-person', title: legalTitle }], ...own]);
}
const none = { id: '', title: { zh: '', en: '' } };

function cellOf(shower: Cells, d: LibraryDeclaration, attribute: string, value: string | null) {
  const a = d.attributes.find((x) => x.name === attribute);
  return shower.cell(
    { level: d.level, owner: d.owner },
    { protection: a?.protection ?? 'internal', ...(a?.format ? { format: a.format } : {}) },
    value,
  );
}

/** The libraries with what there is of each. */
export async function libraryList(
  lake: Lake,
  libraries: readonly LoadedLibrary[],
  maySeePersons: boolean,
  problems: number,
): Promise<z.input<typeof librariesAnswer>> {
  type Count = { library: number; n: number; quality: number | null; disputed: number };
  const counts = await lake.query<Count>(
    `SELECT library, count(*) AS n, round(avg(quality), 4) AS quality, count(*) FILTER (contradictions > 0) AS disputed FROM lib.base_record GROUP BY library`,
  );
  const links = await lake.query<{ library: number; source: number; n: number; linked: number; ambiguous: number }>(
    `SELECT library, source, count(*) AS n, count(entity) AS linked, count(*) FILTER (method = 'ambiguous') AS ambiguous
     FROM lib.base_link WHERE closed_run IS NULL GROUP BY library, source`,
  );
  const relations = await lake.query<{ library: number; n: number }>(
    'SELECT library, count(*) AS n FROM lib.base_relation GROUP BY library',
  );
  const titles = new Map([...sourcesOf(lake).values()].map((s) => [s.id, s.title]));
  return {
    problems,
    libraries: libraries.map(({ declaration: d }) => {
      const own = counts.find((c) => c.library === d.number);
      return {
        library: d.library,
        title: d.title,
        abstract: d.abstract,
        personal: d.personal,
        open: !d.personal || maySeePersons,
        search: d.attributes.filter((a) => a.search).map((a) => a.title),
        entities: own?.n ?? 0,
        quality: own?.quality ?? null,
        disputed: own?.disputed ?? 0,
        relations: relations.find((r) => r.library === d.number)?.n ?? 0,
        sources: d.sources.map((s, i) => {
          const l = links.find((x) => x.library === d.number && x.source === i + 1);
          return {
            source: s.source,
            title: titles.get(s.source) ?? { zh: s.source, en: s.source },
            mention: s.title ?? null,
            register: s.register,
            rows: l?.n ?? 0,
            linked: l?.linked ?? 0,
            ambiguous: l?.ambiguous ?? 0,
          };
        }),
      };
    }),
  };
}

/** Entities by their numbers, as a list shows them. */
async function shownAs(
  { lake, shower }: Reading,
  d: LibraryDeclaration,
  entities: readonly number[],
): Promise<z.input<typeof found>[]> {
  if (entities.length === 0) return [];
  const list = entities.join(', ');
  const values = await lake.query<{ entity: number; attribute: number; value: string }>(
    `SELECT entity, attribute, value FROM lib.base_value WHERE library = ${d.number} AND entity IN (${list})`,
  );
  const records = await lake.query<{ entity: number; facts: number; contradictions: number }>(
    `SELECT entity, facts, contradictions FROM lib.base_record WHERE library = ${d.number} AND entity IN (${list}) ORDER BY entity`,
  );
  const said = new Map(values.map((v) => [`${v.entity} ${v.attribute}`, v.value]));
  const first = d.attributes
    .map((a, i) => ({ a, i }))
    .filter(({ a }) => a.name !== d.label && a.protection !== 'sensitive');
  return records.map((r) => ({
    entity: r.entity,
    label: cellOf(
      shower,
      d,
      d.label,
      said.get(`${r.entity} ${d.attributes.findIndex((a) => a.name === d.label) + 1}`) ?? null,
    ),
    shown: first.slice(0, 5).map(({ a, i }) => ({
      title: a.title,
      unit: a.unit ?? null,
      value: cellOf(shower, d, a.name, said.get(`${r.entity} ${i + 1}`) ?? null),
    })),
    facts: r.facts,
    contradictions: r.contradictions,
  }));
}

/** Entities that a text or a key finds, in the order of their numbers. */
export async function searchEntities(
  reading: Reading,
  d: LibraryDeclaration,
  query: { q: string; limit: number; after: number },
): Promise<{ items: z.input<typeof found>[]; next: number | null }> {
  const q = query.q.normalize('NFKC').trim();
  const searched = (how: 'whole' | 'part') =>
    d.attributes.flatMap((a, i) => (a.search === how ? [i + 1] : [])).join(', ') || 'NULL';
  // A key that is a token is found by its number only, which never comes here.
  const open = d.keys[0]!.form === 'citizen-id' ? 'false' : `"key" = upper($q)`;
  const where =
    q === ''
      ? `SELECT entity FROM lib.base_record WHERE library = $library`
      : `SELECT entity FROM lib.base_value WHERE library = $library AND ((attribute IN (${searched('whole')}) AND value = $q) OR (attribute IN (${searched('part')}) AND contains(value, $q)))
         UNION SELECT entity FROM lib.base_entity WHERE library = $library AND ${open}`;
  const rows = await reading.lake.query<{ entity: number }>(
    `SELECT entity FROM (${where}) WHERE entity > $after AND entity IN (SELECT entity FROM lib.base_record WHERE library = $library) ORDER BY entity LIMIT ${query.limit + 1}`,
    { library: d.number, after: query.after, ...(q === '' ? {} : { q }) },
  );
  const page = rows.slice(0, query.limit).map((r) => r.entity);
  return { items: await shownAs(reading, d, page), next: rows.length > query.limit ? page.at(-1)! : null };
}

/** The entity whose first key this is. */
export async function byKey(reading: Reading, d: LibraryDeclaration, key: string) {
  const row = await reading.lake.first<{ entity: number }>(
    'SELECT entity FROM lib.base_entity WHERE library = $library AND "key" = $key',
    { library: d.number, key },
  );
  return { items: row ? await shownAs(reading, d, [row.entity]) : [], next: null };
}

/** Relations shown of each kind. */
const LIMIT = 40;

type End = {
  library: number;
  kind: string;
  entity: number;
  back: boolean;
  qualifier: string | null;
  chosen: boolean;
  n: number;
  class: number;
  day: string | null;
};

/** Both directions of an entity's relations, one line per other end. */
async function relationsOf(reading: Reading, d: LibraryDeclaration, entity: number) {
  const { lake, libraries, shower } = reading;
  const single = libraries.flatMap(({ declaration: of }) =>
    of.relations.filter((r) => r.single).map((r) => `(${of.number}, ${literal(r.kind)})`),
  );
  // From the other end the view would number all relations that there are: only those of whoever leads here are.
  const back = `SELECT library, kind, entity, true AS back, qualifier, chosen, class, fact, day FROM (
      SELECT r.*, ${single.length > 0 ? `(r.library, r.kind) NOT IN (${single.join(', ')}) OR` : 'true OR'} row_number() OVER (PARTITION BY r.library, r.kind, r.entity ORDER BY r.rank, r.day DESC NULLS LAST, r.fact DESC) = 1 AS chosen
      FROM lib.base_relation r SEMI JOIN (SELECT DISTINCT library, kind, entity FROM lib.base_relation WHERE to_library = $library AND to_entity = $entity) m
        ON m.library = r.library AND m.kind = r.kind AND m.entity = r.entity) WHERE to_library = $library AND to_entity = $entity`;
  const rows = await lake.query<End>(
    `SELECT library, kind, entity, back, arg_max(qualifier, fact) AS qualifier, bool_or(chosen) AS chosen, count(*) AS n, arg_max(class, fact) AS class, max(day) AS day FROM (
       SELECT to_library AS library, kind, to_entity AS entity, false AS back, qualifier, chosen, class, fact, day FROM v.base_relation_v1 WHERE library = $library AND entity = $entity
       UNION ALL ${back})
     GROUP BY library, kind, entity, back QUALIFY row_number() OVER (PARTITION BY library, kind, back ORDER BY bool_or(chosen) DESC, entity) <= ${LIMIT + 1} ORDER BY kind, back, chosen DESC, entity`,
    { library: d.number, entity },
  );
  const met = new Map<string, number>();
  const within = (r: End) => {
    const key = `${r.library} ${r.kind} ${r.back}`;
    met.set(key, (met.get(key) ?? 0) + 1);
    return met.get(key)! <= LIMIT;
  };
  const kept = rows.filter(within);
  const names = new Map<string, string>();
  for (const library of new Set(rows.map((r) => r.library))) {
    const of = libraries.find((l) => l.declaration.number === library)?.declaration;
    const list = rows.filter((r) => r.library === library).map((r) => r.entity);
    const label = of ? of.attributes.findIndex((a) => a.name === of.label) + 1 : 0;
    const found = await lake.query<{ entity: number; name: string }>(
      of
        ? `SELECT entity, value AS name FROM lib.base_value WHERE library = ${library} AND attribute = ${label} AND entity IN (${list.join(', ')})`
        : `SELECT entity, name FROM v.legal_person_v1 WHERE entity IN (${list.join(', ')})`,
    );
    for (const f of found) names.set(`${library} ${f.entity}`, f.name);
  }
  const sources = sourcesOf(lake);
  const ends = kept.map((r) => {
    const other = libraries.find((l) => l.declaration.number === r.library)?.declaration;
    const declaring = r.back ? other! : d;
    const relation = declaring.relations.find((x) => x.kind === r.kind)!;
    const name = names.get(`${r.library} ${r.entity}`) ?? null;
    const qualified = relation.sources.find((s) => s.qualifier)?.qualifier;
    return {
      kind: r.kind,
      title: r.back ? relation.back : relation.title,
      library: other?.library ?? 'legal-person',
      libraryTitle: other?.title ?? legalTitle,
      entity: r.entity,
      label: other
        ? cellOf(shower, other, other.label, name)
        : shower.cell({ level: 'general', owner: '' }, { protection: 'public' }, name),
      qualifier: r.qualifier === null ? null : cellOf(shower, declaring, qualified ?? '', r.qualifier),
      chosen: r.chosen,
      rows: r.n,
      source: (sources.get(r.class) ?? none).title,
      day: r.day,
    };
  });
  return { ends, cut: rows.length > kept.length };
}

/** One entity: keys, values, relations both ways, and the rows that are about it. */
export async function entityOf(
  reading: Reading,
  d: LibraryDeclaration,
  entity: number,
): Promise<z.input<typeof entityAnswer>> {
  const { lake, shower } = reading;
  const at = { library: d.number, entity };
  const record = await lake.first<{ facts: number; quality: number; key: string }>(
    `SELECT r.facts, r.quality, e."key" FROM lib.base_record r JOIN lib.base_entity e ON e.library = r.library AND e.entity = r.entity
     WHERE r.library = $library AND r.entity = $entity`,
    at,
  );
  if (!record) throw new Problem(unknownEntity, { library: d.library, entity });
  const values = await lake.query<{ attribute: number; value: string; class: number; disputed: boolean }>(
    'SELECT attribute, value, class, disputed FROM lib.base_value WHERE library = $library AND entity = $entity',
    at,
  );
  const keys = await lake.query<{ j: number; k: string }>(
    `SELECT j, k FROM (SELECT unnest(generate_series(1, len(m.keys))) AS j, unnest(m.keys) AS k FROM lib.base_mention m JOIN lib.base_link l ON l.library = m.library AND l.source = m.source AND l.fact = m.fact
       WHERE m.library = $library AND m.anchor AND l.entity = $entity AND l.closed_run IS NULL) WHERE k IS NOT NULL GROUP BY j, k ORDER BY j, k`,
    at,
  );
  const rows = await lake.query<{
    fact: string;
    run: number;
    row: number;
    class: number;
    method: string;
    day: string | null;
    over: boolean;
  }>(
    `SELECT fact::VARCHAR AS fact, run, row, class, method, day, closed_run IS NOT NULL AS over FROM v.base_mention_v1
     WHERE library = $library AND entity = $entity AND fact > 0 ORDER BY over, day DESC NULLS LAST, fact DESC LIMIT 100`,
    at,
  );
  const said = new Map(values.map((v) => [v.attribute, v]));
  const sources = sourcesOf(lake);
  const { ends, cut } = await relationsOf(reading, d, entity);
  return {
    library: d.library,
    title: d.title,
    entity,
    label: cellOf(shower, d, d.label, said.get(d.attributes.findIndex((a) => a.name === d.label) + 1)?.value ?? null),
    keys: (keys.length > 0 ? keys : [{ j: 1, k: record.key }]).map(({ j, k: value }) => {
      const key = d.keys[j - 1]!;
      const guard = { protection: key.protection };
      return { name: key.name, title: key.title, value: shower.cell({ level: d.level, owner: d.owner }, guard, value) };
    }),
    attributes: d.attributes.map((a, i) => {
      const v = said.get(i + 1);
      return {
        name: a.name,
        title: a.title,
        value: cellOf(shower, d, a.name, v?.value ?? null),
        unit: a.unit ?? null,
        source: v ? (sources.get(v.class) ?? none).title : null,
        contradicted: v?.disputed ?? false,
      };
    }),
    relations: ends,
    cut,
    rows: rows.map(({ class: c, method, ...r }) => ({
      ...r,
      source: (sources.get(c) ?? none).id,
      title: (sources.get(c) ?? none).title,
      method: methodIn(d, method),
    })),
    facts: record.facts,
    quality: record.quality,
  };
}

const rule: Two = {
  zh: '每个来源取其最近的有效说法；来源之间取声明级别最高者，级别相同取最近者；未能清洗的值不采用。',
  en: 'Of every source its latest current row; among sources the one of the most trusted declared rank, among equals the latest; a value that could not be cleaned is never taken.',
};
const words = {
  chosen: { zh: '采用', en: 'chosen' },
  same: { zh: '与采用值一致', en: 'says the same' },
  over: { zh: '已被取代、删除或消失', en: 'superseded, deleted or vanished' },
  lower: { zh: '来源级别低于采用值的来源', en: 'its source is less trusted' },
  older: { zh: '早于采用值', en: 'earlier than the chosen value' },
};

/** Every claim about an attribute of an entity, the chosen one first; those that are over are its history. */
export async function whyOf(
  reading: Reading,
  d: LibraryDeclaration,
  entity: number,
  name: string,
): Promise<z.input<typeof whyAnswer>> {
  const attribute = d.attributes.findIndex((a) => a.name === name) + 1;
  if (attribute === 0) throw new Problem(unknownAttribute, { name });
  const { lake, shower } = reading;
  type Claim = {
    value: string;
    class: number;
    rank: number;
    day: string | null;
    fact: string;
    run: number;
    row: number;
    method: string;
    over: boolean;
    chosen: boolean;
    believed: string | null;
    believed_rank: number | null;
    input: string | null;
    finished: string | null;
  };
  const rows = await lake.query<Claim>(
    `WITH every AS (${claimSql({ declaration: d, number: d.number }, '$entity', true)}),
       chosen AS (SELECT value, fact, class FROM lib.base_value WHERE library = $library AND entity = $entity AND attribute = $attribute)
     SELECT e.value, e.class, e.rank, e.day, e.fact::VARCHAR AS fact, (e.fact >> 32)::INTEGER AS run, (e.fact & 4294967295)::BIGINT AS row, e.method,
       e.closed_run IS NOT NULL AS over, coalesce(c.fact = e.fact, false) AS chosen, c.value AS believed,
       (SELECT min(rank) FROM every x WHERE x.attribute = $attribute AND x.fact = c.fact) AS believed_rank, r.input, r.finished::VARCHAR AS finished
     FROM every e LEFT JOIN chosen c ON true LEFT JOIN v.run_v1 r ON r.run = e.fact >> 32 WHERE e.attribute = $attribute
     ORDER BY chosen DESC, over, e.rank, e.day DESC NULLS LAST, e.fact DESC LIMIT 200`,
    { library: d.number, entity, attribute },
  );
  const sources = sourcesOf(lake);
  const sayOf = (c: Claim): Two => {
    if (c.chosen) return words.chosen;
    if (c.over) return words.over;
    if (c.value === c.believed) return words.same;
    return c.believed_rank !== null && c.rank > c.believed_rank ? words.lower : words.older;
  };
  return {
    attribute: name,
    title: d.attributes[attribute - 1]!.title,
    rule,
    claims: rows.map((c) => ({
      value: cellOf(shower, d, name, c.value),
      source: (sources.get(c.class) ?? none).id,
      title: (sources.get(c.class) ?? none).title,
      rank: c.rank,
      day: c.day,
      fact: c.fact,
      run: c.run,
      row: c.row,
      input: c.input,
      recordedAt: c.finished,
      method: methodIn(d, c.method),
      chosen: c.chosen,
      over: c.over,
      says: sayOf(c),
    })),
  };
}
