/** The libraries as holders of a person's data: facts, golden records, linkage, themes, lists, verifications (docs/erasure.md). */
import { type Kysely, sql } from 'kysely';
import { catalogueOf } from '../catalogue/index.ts';
import { addSubjectRows, groupsOf, type PersonMention, supersededBy } from '../exchange/index.ts';
import type { AnyTables } from '../platform/db/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import {
  type ErasedPlace,
  type ErasureWork,
  listed,
  type PersonalHolder,
  type PersonalHolding,
  type PersonSubject,
} from '../platform/personal.ts';
import type { Deps } from '../platform/room.ts';
import { pieceAt } from '../refinery/index.ts';
import { baseLibraries, type LoadedLibrary } from './base/index.ts';
import type { IntegrationResult } from './integrate.ts';
import { LANE } from './integrate.ts';
import { forgetFrequencies } from './linkage/index.ts';
import { listsOf } from './lists/job.ts';
import { themesOf } from './themes/job.ts';
import { THEMES_LANE } from './themes/run.ts';

type Needs = Pick<Deps, 'lake' | 'db' | 'folders' | 'blobs'>;

/** The library of natural persons: the first personal one whose first key is an identity number. */
const personLibrary = (libraries: readonly LoadedLibrary[]): LoadedLibrary | undefined =>
  libraries.find((l) => l.declaration.personal && l.declaration.keys[0]!.form === 'citizen-id');

/** What the library of persons reads out of which source. */
export function personMentions(libraries: readonly LoadedLibrary[]): PersonMention[] {
  const d = personLibrary(libraries)?.declaration;
  if (!d) return [];
  const key = d.keys[0]!.name;
  return d.sources.flatMap((s) => {
    const id = s.keys[key];
    if (!id) return [];
    const said = Object.values(s.attributes).flatMap((a) => (typeof a === 'string' ? [a] : a.field ? [a.field] : []));
    return [{ source: s.source, id, fields: [...new Set([...Object.values(s.evidence), ...said])] }];
  });
}

/** The person's number in the library of persons; null: it does not know them. */
async function entityOf(
  lake: Lake,
  libraries: readonly LoadedLibrary[],
  norm: string,
): Promise<{ library: number; entity: number } | null> {
  const d = personLibrary(libraries)?.declaration;
  if (!d) return null;
  const row = await lake.first<{ entity: number }>(
    'SELECT entity FROM lib.base_entity WHERE library = $library AND "key" = $norm',
    { library: d.number, norm },
  );
  return row ? { library: d.number, entity: row.entity } : null;
}

/** The entity of a person in the library of persons, for rooms that keep what they point at; null: it does not know them. */
export async function personEntity(deps: Pick<Needs, 'lake' | 'folders'>, norm: string): Promise<number | null> {
  return (await entityOf(deps.lake, baseLibraries(deps.lake, deps.folders).libraries, norm))?.entity ?? null;
}

const FACTS = 'SELECT fact FROM v.subject_row_v1 WHERE erasure = $e';

/**
 * Adds rows that are about the person without their number: linked to them by evidence, and the person's name beside an enterprise where they
 * stand by number elsewhere. Answers how many.
 */
export async function locateLinked(
  deps: Pick<Needs, 'lake' | 'folders'>,
  subject: PersonSubject,
  names: readonly string[],
): Promise<number> {
  const { lake } = deps;
  const { libraries } = baseLibraries(lake, deps.folders);
  const sources = new Map(
    catalogueOf(lake)
      .declarations()
      .map((d) => [d.number, d]),
  );
  const rows: Parameters<typeof addSubjectRows>[2][number][] = [];
  const person = await entityOf(lake, libraries, subject.norm);
  if (person) {
    const d = personLibrary(libraries)!.declaration;
    const linked = await lake.query<{ source: number; class: number; fact: string }>(
      `SELECT l.source, m.class, l.fact::VARCHAR AS fact FROM lib.base_link l JOIN lib.base_mention m ON m.library = l.library AND m.source = l.source AND m.fact = l.fact
       WHERE l.library = $library AND l.entity = $entity AND l.fact > 0`,
      person,
    );
    for (const l of linked) {
      const source = sources.get(l.class);
      if (!source) continue;
      const groups = groupsOf(lake, source);
      const key = d.sources[l.source - 1]?.keys[d.keys[0]!.name];
      const group = groups.find((g) => g.id === (key ?? null)) ?? groups[0];
      if (group)
        rows.push({
          source: source.id,
          class: l.class,
          fact: BigInt(l.fact),
          whole: group.whole,
          fields: group.fields,
        });
    }
  }
  rows.push(...(await besideEnterprises(lake, subject, names)));
  return addSubjectRows(lake, subject.erasure, rows);
}

/** Rows about enterprises where the person stands by number, that name them without it. */
async function besideEnterprises(lake: Lake, subject: PersonSubject, names: readonly string[]) {
  const rows: Parameters<typeof addSubjectRows>[2][number][] = [];
  if (names.length === 0) return rows;
  for (const d of catalogueOf(lake).declarations()) {
    if (d.subject !== 'legal-person') continue;
    for (const g of groupsOf(lake, d)) {
      if (g.names.length === 0) continue;
      const said = g.names.map((n) => pieceAt('f.payload', d.fields.findIndex((f) => f.name === n) + 1));
      const number =
        g.id === null ? 'true' : `${pieceAt('f.payload', d.fields.findIndex((f) => f.name === g.id) + 1)} = ''`;
      const found = await lake.query<{ fact: string }>(
        `SELECT f.fact::VARCHAR AS fact FROM v.legal_person_fact_all_v1 f
         WHERE f.class = ${d.number} AND f.entity IN (SELECT entity FROM v.legal_person_fact_all_v1 WHERE entity > 0 AND fact IN (${FACTS}))
           AND (${said.map((x) => `list_contains($names::VARCHAR[], ltrim(${x}, chr(24)))`).join(' OR ')}) AND ${number}`,
        { e: subject.erasure, names },
      );
      for (const { fact } of found)
        rows.push({ source: d.id, class: d.number, fact: BigInt(fact), whole: false, fields: g.fields });
    }
  }
  return rows;
}

const text = (zh: string, en: string) => ({ zh, en });
const places = {
  facts: text('事实表', 'Facts'),
  golden: text('自然人金记录', 'Golden record of the person'),
  themes: text('主题库成员及历史', 'Members of themes and their history'),
  lists: text('名单成员及办理记录', 'Members of comparison lists and what was done'),
  linkage: text('关联候选与评审所见', 'Linkage: candidates and what reviewers saw'),
  frequencies: text(
    '关联参数中只属于其人的姓名频次',
    'Frequencies of names in linkage parameters that are the person’s alone',
  ),
  verify: text('核验结果', 'Results of verifications'),
  corrections: text('校核事项', 'Corrections'),
};

/** What the libraries need to let go of facts: an integration of the caller's kind. */
export type Integrating = () => Promise<IntegrationResult | null>;

/** The libraries as a holder. `integrate` does one integration with everything that the hub's own has. */
export function libraryHolder(deps: Needs, integrating: (signal: AbortSignal) => Integrating): PersonalHolder {
  const { lake } = deps;
  return {
    async find(subject) {
      const { libraries } = baseLibraries(lake, deps.folders);
      const person = await entityOf(lake, libraries, subject.norm);
      const e = { e: subject.erasure };
      const count = async (from: string, params: Record<string, string | number> = e) =>
        (await lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${from}`, params))?.n ?? 0;
      const of = person ?? { library: 0, entity: 0 };
      const holding = (place: keyof typeof places, n: number, link: string | null): PersonalHolding[] =>
        n > 0 ? [{ place, title: places[place], count: n, action: 'delete', link }] : [];
      return [
        ...holding(
          'facts',
          await count(`(SELECT fact FROM lib.fact UNION ALL SELECT fact FROM lib.fact_delta) WHERE fact IN (${FACTS})`),
          null,
        ),
        ...holding(
          'golden',
          await count('lib.base_record WHERE library = $library AND entity = $entity', of),
          person ? '/libraries/person' : null,
        ),
        ...holding('linkage', await count(`lib.linkage_pair WHERE fact IN (${FACTS}) OR anchor IN (${FACTS})`), null),
        ...holding(
          'themes',
          await count(`(SELECT fact FROM thm.member UNION ALL SELECT fact FROM thm.past) WHERE fact IN (${FACTS})`),
          null,
        ),
        ...holding('lists', await onLists(deps, of.entity), null),
        ...holding('verify', (await verified(deps, of.entity)).rows, null),
        ...holding('corrections', await corrections(deps, of.entity, false), null),
      ];
    },
    async erase(work) {
      const { libraries } = baseLibraries(lake, deps.folders);
      const person = await entityOf(lake, libraries, work.subject.norm);
      const done: ErasedPlace[] = [];
      const told = (place: keyof typeof places, n: number) => {
        if (n > 0) done.push({ place, title: places[place], count: n, action: 'delete' });
      };
      told('themes', await eraseThemes(deps, work, person?.entity ?? 0));
      told('lists', await eraseLists(deps, work, person?.entity ?? 0));
      told('verify', await eraseVerified(deps, person?.entity ?? 0));
      told('corrections', await corrections(deps, person?.entity ?? 0, true));
      told('frequencies', await forgetFrequencies(lake, work.subject.erasure, work.names));
      const integrate = integrating(work.signal);
      // What waited before the order is derived first, so that nothing of it comes after.
      while (await integrate());
      await supersededBy(lake, await supersededRows(lake, work.subject));
      const facts = await dueFacts(lake, work.subject);
      if (facts > 0) while (await integrate());
      told('facts', facts);
      told('golden', await forgetEntity(lake, person));
      return {
        done,
        rewrite: [
          ...['fact', 'fact_delta', 'fact_closed', 'golden', 'contradiction', 'alias', 'relation'].map(
            (t) => `lib.${t}`,
          ),
          ...['mention', 'link', 'value', 'contradiction', 'record', 'relation', 'seat', 'address', 'entity'].map(
            (t) => `lib.base_${t}`,
          ),
          ...['pair', 'label', 'open', 'anchor', 'decision', 'frequency'].map((t) => `lib.linkage_${t}`),
          ...['row_link', 'register_row', 'profile', 'review', 'alias'].map((t) => `rf.${t}`),
          ...['thm.member', 'thm.past', 'lst.member', 'lst.ended', 'vfy.row'],
        ],
      };
    },
  };
}

/** Rows that a row of the person superseded and that are not theirs: they stay over when the libraries are made anew. */
async function supersededRows(lake: Lake, subject: PersonSubject): Promise<{ run: number; fact: bigint }[]> {
  const rows = await lake.query<{ run: number; fact: string }>(
    `SELECT closed_run AS run, fact::VARCHAR AS fact FROM lib.fact_closed WHERE by_fact IN (${FACTS} AND whole) AND fact NOT IN (${FACTS}) AND reason IN ('superseded', 'deleted')`,
    { e: subject.erasure },
  );
  return rows.map((r) => ({ run: r.run, fact: BigInt(r.fact) }));
}

/** Names the facts that the next integration lets go of; answers how many are still there. */
function dueFacts(lake: Lake, subject: PersonSubject): Promise<number> {
  return lake.write(LANE, async (s) => {
    await s.run('DELETE FROM lib.erased_fact');
    return s.run(
      `INSERT INTO lib.erased_fact SELECT r.fact, r.whole, r.fields FROM v.subject_row_v1 r WHERE r.erasure = $e AND r.place = 'accepted'
         AND NOT EXISTS (SELECT 1 FROM v.erased_row_v1 x WHERE x.erasure = $e AND x.run = r.run AND x.row = r.row)
         AND r.fact IN (SELECT fact FROM lib.fact UNION ALL SELECT fact FROM lib.fact_delta)`,
      { e: subject.erasure },
    );
  });
}

/** The entity has no rows any more: its number stays taken, its key goes. Readings of addresses that no row has go as well. */
function forgetEntity(lake: Lake, person: { library: number; entity: number } | null): Promise<number> {
  return lake.write(LANE, async (s) => {
    await s.run(
      'DELETE FROM lib.base_address WHERE text NOT IN (SELECT place FROM lib.base_mention WHERE place IS NOT NULL)',
    );
    if (!person) return 0;
    return s.run(
      `UPDATE lib.base_entity SET "key" = 'erased-' || entity WHERE library = $library AND entity = $entity
         AND entity NOT IN (SELECT entity FROM lib.base_link WHERE library = $library AND entity IS NOT NULL)`,
      person,
    );
  });
}

/** Legal persons beside which the person stands. */
const BESIDE = `SELECT DISTINCT entity FROM v.legal_person_fact_all_v1 WHERE entity > 0 AND fact IN (${FACTS})`;

async function eraseThemes({ lake }: Needs, { subject, names }: ErasureWork, entity: number): Promise<number> {
  const themes = [...themesOf(lake).themes.values()].map((t) => t.declaration);
  const persons = themes.filter((t) => t.library === 'person').map((t) => t.theme);
  const legal = themes.filter((t) => t.library === 'legal-person').map((t) => t.theme);
  return lake.write(THEMES_LANE, async (s) => {
    let n = 0;
    for (const table of ['thm.member', 'thm.past']) {
      n += await s.run(
        `DELETE FROM ${table} WHERE fact IN (${FACTS} AND whole) OR (list_contains($persons::VARCHAR[], theme) AND entity = $entity)`,
        { e: subject.erasure, persons: listed(persons), entity },
      );
      if (names.length > 0)
        n += await s.run(
          `UPDATE ${table} SET said = list_transform(said, lambda x: CASE WHEN list_contains($values::VARCHAR[], x) THEN '' ELSE x END),
             reason = CASE WHEN ${names.map((_, i) => `contains(reason, $r${i})`).join(' OR ')} THEN NULL ELSE reason END
           WHERE fact IN (${FACTS}) OR (list_contains($legal::VARCHAR[], theme) AND entity IN (${BESIDE}) AND list_has_any(said, $values::VARCHAR[]))`,
          {
            ...{ e: subject.erasure, legal: listed(legal), values: [...names, ...subject.citizen, ...subject.own] },
            ...Object.fromEntries(names.map((x, i) => [`r${i}`, x])),
          },
        );
    }
    return n;
  });
}

/** Lists whose members are persons. */
const personLists = ({ lake }: Pick<Needs, 'lake'>): string[] =>
  [...listsOf(lake).lists.values()].filter((l) => l.declaration.subject === 'person').map((l) => l.declaration.id);

async function onLists(deps: Needs, entity: number): Promise<number> {
  if (entity === 0) return 0;
  const row = await deps.lake.first<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT list, entity FROM lst.member UNION ALL SELECT list, entity FROM lst.ended)
     WHERE entity = $entity AND list_contains($lists::VARCHAR[], list)`,
    { entity, lists: listed(personLists(deps)) },
  );
  return row?.n ?? 0;
}

async function eraseLists(deps: Needs, { subject, names }: ErasureWork, entity: number): Promise<number> {
  const lists = personLists(deps);
  const params = { entity, lists: listed(lists) };
  let n = await deps.lake.write('lists', async (s) => {
    let rows = 0;
    for (const t of ['lst.member', 'lst.ended']) {
      if (entity > 0)
        rows += await s.run(
          `DELETE FROM ${t} WHERE entity = $entity AND list_contains($lists::VARCHAR[], list)`,
          params,
        );
      for (const name of names)
        rows += await s.run(
          `UPDATE ${t} SET reason = replace(reason, $name, '***') WHERE contains(reason, $name) AND NOT list_contains($lists::VARCHAR[], list)
             AND entity IN (${BESIDE})`,
          { name, lists: listed(lists), e: subject.erasure },
        );
    }
    return rows;
  });
  if (entity > 0 && lists.length > 0)
    n += await deps.db.tx(async (trx) => {
      const which = sql`entity = ${entity} AND list IN (${sql.join(lists.map((l) => sql`${l}`))})`;
      const gone = await sql`DELETE FROM libraries.list_entry WHERE ${which}`.execute(trx);
      const cases = await sql`DELETE FROM libraries.list_case WHERE ${which}`.execute(trx);
      return Number(gone.numAffectedRows ?? 0) + Number(cases.numAffectedRows ?? 0);
    });
  return n;
}

interface VerifiedList {
  id: number;
  blob: string | null;
  file_name: string | null;
}

/** Verifications of persons that found this one. */
async function verified(
  { lake, db }: Needs,
  entity: number,
): Promise<{ rows: number; lists: VerifiedList[]; places: Map<number, number[]> }> {
  if (entity === 0) return { rows: 0, lists: [], places: new Map() };
  const found = await lake.query<{ verification: number; row: number }>(
    'SELECT verification, row FROM vfy.row WHERE entity = $entity ORDER BY verification, row',
    { entity },
  );
  if (found.length === 0) return { rows: 0, lists: [], places: new Map() };
  const { rows: lists } = await sql<VerifiedList>`SELECT id, blob, file_name FROM libraries.verification
    WHERE subject = 'person'`.execute(db.kysely);
  const mine = new Set(lists.map((l) => l.id));
  const byList = new Map<number, number[]>();
  for (const f of found)
    if (mine.has(f.verification)) byList.set(f.verification, [...(byList.get(f.verification) ?? []), f.row]);
  return { rows: [...byList.values()].flat().length, lists: lists.filter((l) => byList.has(l.id)), places: byList };
}

/** The person leaves the results; the department's own file that was verified goes whole: it is the department's, and was only read. */
async function eraseVerified(deps: Needs, entity: number): Promise<number> {
  const { rows, lists, places } = await verified(deps, entity);
  for (const list of lists) {
    const at = places.get(list.id)!;
    await deps.db.tx(async (trx) => {
      await sql`UPDATE libraries.verification_case SET entity = NULL, comment = NULL WHERE verification = ${list.id}
        AND row IN (${sql.join(at.map((r) => sql`${r}`))})`.execute(trx);
      await sql`UPDATE libraries.verification SET blob = NULL, file_name = NULL WHERE id = ${list.id}`.execute(trx);
      // Before it is said: broken off in between, the list is still found and its file is gone already.
      if (list.blob && !(await otherUses(trx, list.blob))) await deps.blobs.remove(list.blob);
    });
    await deps.lake.write('verify', (s) =>
      s.run('UPDATE vfy.row SET entity = NULL, differs = 0 WHERE verification = $id AND entity = $entity', {
        id: list.id,
        entity,
      }),
    );
  }
  return rows;
}

async function otherUses(trx: Kysely<AnyTables>, blob: string): Promise<boolean> {
  const { rows } = await sql`SELECT 1 AS one FROM libraries.verification WHERE blob = ${blob} LIMIT 1`.execute(trx);
  return rows.length > 0;
}

/** Matters of correction about the person: counted, or emptied of words; that there was one stays. */
async function corrections({ db }: Needs, entity: number, empty: boolean): Promise<number> {
  if (entity === 0) return 0;
  return db.tx(async (trx) => {
    const { rows } = await sql<{
      id: number;
    }>`SELECT id FROM libraries.correction WHERE subject = 'person' AND entity = ${entity}`.execute(trx);
    if (!empty || rows.length === 0) return rows.length;
    const ids = sql.join(rows.map((r) => sql`${r.id}`));
    await sql`UPDATE libraries.correction_entry SET comment = NULL WHERE correction IN (${ids})`.execute(trx);
    await sql`UPDATE libraries.correction SET entity = NULL, comment = NULL, row = NULL WHERE id IN (${ids})`.execute(
      trx,
    );
    return rows.length;
  });
}
