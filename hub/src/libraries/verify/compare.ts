/**
 * Holds a list against a library, in the engine. A list is `vfy_given` (row INTEGER from 1, then texts or NULL as they were
 * written: number, name, day (birth, establishment), other, address), and `vfy_number` (written, number) says what each
 * written number is in the library (of persons the token of its normal form). By the number first; rows without one, or
 * whose number the library does not know, by name, day and address together:
 *
 * - the number is known: that entity, and each field that both sides have is compared;
 * - else one entity of that name, day and address: that entity, and a number that was given differs;
 * - else, when the name and the day are somebody's but the address is not or not only one's: ambiguous;
 * - else unknown. A row with neither number nor name has nothing to look for: incomplete.
 *
 * An entity that is no longer there (deceased, moved away, closed) is said so, whatever else differs.
 *
 * Nearly every row is known by its number and agrees, so that one pass over the list decides nearly all: what looks through
 * spelling is asked only of texts that are not equal as they stand.
 */
import type { LakeSession, LakeStep, StepTiming } from '../../platform/lake/index.ts';
import { type Outcome, outcomeNumber, outcomes, type VerifySubject } from './outcome.ts';

/** Full width to half width, no blanks: so that spelling alone is no difference. */
const wide = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0xff01 + i)).join('');
const narrow = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i))
  .join('')
  .replaceAll("'", "''");
/** Few texts have anything to translate, and to look for it costs a tenth of translating. */
const half = (x: string) =>
  `CASE WHEN regexp_matches(${x}, '[ ·•\\x{00a0}\\x{3000}\\x{ff01}-\\x{ff5e}]') THEN translate(${x}, '${wide} \u3000\u00a0·•', '${narrow}') ELSE ${x} END`;
/** Most texts are of Chinese characters only and pass untouched. */
const compact = (x: string) =>
  `CASE WHEN regexp_matches(${x}, '[^\\x{4e00}-\\x{9fff}]') THEN upper(${half(x)}) ELSE ${x} END`;
/** A code in the form in which libraries keep it. */
export const codeForm = (x: string): string =>
  `CASE WHEN regexp_matches(${x}, '[^0-9A-Z]') THEN upper(${half(x)}) ELSE ${x} END`;
/** An address from the town on, since departments leave province, city and county out at will. */
const address = (x: string) =>
  `regexp_replace(${half(x)}, '^(中国)?([^省市区县]{2,3}省)?([^省市区县]{2,4}市)?([^省市区县]{2,4}[市区县])?', '')`;
const day = (x: string) =>
  `coalesce(try_cast(${x} AS DATE), try_strptime(${x}, ['%Y%m%d', '%Y/%m/%d', '%Y.%m.%d', '%Y年%m月%d日', '%Y-%m-%d %H:%M:%S'])::DATE)`;
// No IN: the engine would make a join of it, over every row, though it is asked of few.
const sex = (x: string) =>
  `CASE ${x} ${['1', '男', '男性', 'M', 'm'].map((w) => `WHEN '${w}' THEN '男'`).join(' ')} ${['2', '女', '女性', 'F', 'f'].map((w) => `WHEN '${w}' THEN '女'`).join(' ')} END`;

/** What a library offers to be compared: number, name, day, other, address as the library says them, and how it stands. */
const library: Record<VerifySubject, string> = {
  person: `SELECT entity, id_token AS number, name, birth AS day, sex AS other, address,
      CASE WHEN status LIKE '%死亡%' THEN ${outcomeNumber('deceased')}
           WHEN status LIKE '%迁出%' OR status = '已离开' THEN ${outcomeNumber('moved')} ELSE 0 END::TINYINT AS gone
    FROM v.person_v1`,
  'legal-person': `SELECT entity, uscc AS number, name, established AS day, legal_representative AS other, address,
      CASE WHEN status LIKE '%注销%' OR status LIKE '%吊销%' OR status = '撤销' THEN ${outcomeNumber('closed')} ELSE 0 END::TINYINT AS gone
    FROM v.legal_person_v1`,
};

/** A bit where two texts differ. One that is missing, or blank, differs from nothing. */
const unequal = (column: string, bit: number, look: (x: string) => string, same = 'false') =>
  `(CASE WHEN g.${column} = l.${column} THEN 0 WHEN ${same} THEN 0 WHEN nullif(${look(`g.${column}`)}, '') <> ${look(`l.${column}`)} THEN ${bit} ELSE 0 END)`;
/** One address is the end of the other: only what stands before the town was left out. */
const ends = `(length(g.address) >= 6 AND length(l.address) >= 6 AND (ends_with(g.address, l.address) OR ends_with(l.address, g.address)))`;

/** Fields that both sides have and that are not equal, as bits in the order of verifyFields (number, name, day, other, address). */
const differs = (subject: VerifySubject, number: string) =>
  `(CASE WHEN l.entity IS NULL THEN 0 ELSE ${number} | ${unequal('name', 2, compact)}
  | (CASE WHEN g.day = l.written_day THEN 0 WHEN ${day('g.day')} <> l.day THEN 4 ELSE 0 END)
  | ${unequal('other', 8, subject === 'person' ? sex : compact)} | ${unequal('address', 16, address, ends)} END)::TINYINT`;
/** The outcome of a found entity, of the columns `gone` and `differs`. */
const outcome = `(CASE WHEN gone > 0 THEN gone WHEN differs > 0 THEN ${outcomeNumber('differs')} ELSE ${outcomeNumber('agreed')} END)::TINYINT`;

/** All rows with what came of them, once the steps have run: row, outcome, entity, differs, candidates. */
const found = `(SELECT row, outcome, entity, differs, 1::INTEGER AS candidates FROM vfy_known WHERE entity IS NOT NULL
  UNION ALL FROM vfy_found)`;

/** The steps; their answer is `found`. */
export function compareSteps(subject: VerifySubject): LakeStep[] {
  const blank = (x: string) => `nullif(trim(${x}), '')`;
  return [
    {
      name: 'library',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_library AS SELECT *, day::VARCHAR AS written_day FROM (${library[subject]})`,
    },
    {
      // One number that several entities have decides nothing.
      name: 'numbers that are not one entity’s',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_shared AS
        SELECT w.written, l.n FROM vfy_number w
        JOIN (SELECT number, count(*)::INTEGER AS n FROM vfy_library WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1) l USING (number)`,
    },
    {
      name: 'by number',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_known AS
        SELECT row, ${outcome} AS outcome, entity, differs
        FROM (SELECT g.row, l.entity, l.gone, ${differs(subject, '0')} AS differs FROM vfy_given g
              LEFT JOIN (SELECT w.written, l.* FROM (FROM vfy_number ANTI JOIN vfy_shared USING (written)) w
                         JOIN vfy_library l ON l.number = w.number) l ON l.written = g.number)`,
    },
    {
      name: 'rows that are left',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_left AS
        SELECT row, number, name, day AS written_day, ${day('day')} AS day, other, address, ${compact('name')} AS plain
        FROM (SELECT row, ${blank('number')} AS number, ${blank('name')} AS name, ${blank('day')} AS day,
                ${blank('other')} AS other, ${blank('address')} AS address
              FROM vfy_given SEMI JOIN (SELECT row FROM vfy_known WHERE entity IS NULL) USING (row))`,
    },
    {
      name: 'numbers that several have',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_found AS
        SELECT g.row, ${outcomeNumber('ambiguous')}::TINYINT AS outcome, NULL::INTEGER AS entity, 0::TINYINT AS differs, s.n AS candidates
        FROM vfy_left g JOIN vfy_shared s ON s.written = g.number`,
    },
    {
      name: 'by name and day',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_near AS
        SELECT row, count(*)::INTEGER AS candidates, count(*) FILTER (same)::INTEGER AS same, min(entity) FILTER (same) AS entity
        FROM (SELECT g.row, l.entity, CASE WHEN g.address = l.address THEN true WHEN ${ends} THEN true ELSE ${address('g.address')} = ${address('l.address')} END AS same
              FROM (FROM vfy_left g ANTI JOIN vfy_shared s ON s.written = g.number WHERE g.day IS NOT NULL) g
              JOIN (SELECT *, ${compact('name')} AS plain FROM vfy_library WHERE day IN (SELECT day FROM vfy_left)) l
                ON l.plain = g.plain AND l.day = g.day)
        GROUP BY row`,
    },
    {
      name: 'by name, day and address',
      sql: `INSERT INTO vfy_found
        SELECT row, ${outcome}, entity, differs, candidates
        FROM (SELECT g.row, l.entity, l.gone, n.candidates,
                ${differs(subject, 'CASE WHEN g.number <> l.number THEN 1 ELSE 0 END')} AS differs
              FROM (SELECT g.* REPLACE (g.written_day AS day) FROM vfy_left g) g
              JOIN vfy_near n ON n.row = g.row AND n.same = 1 JOIN vfy_library l ON l.entity = n.entity)`,
    },
    {
      name: 'who cannot be told',
      sql: `INSERT INTO vfy_found SELECT row, ${outcomeNumber('ambiguous')}, NULL, 0, candidates FROM vfy_near WHERE same <> 1`,
    },
    {
      name: 'who is not known',
      sql: `INSERT INTO vfy_found
        SELECT g.row, CASE WHEN g.number IS NULL AND g.name IS NULL THEN ${outcomeNumber('incomplete')}
                           ELSE ${outcomeNumber('unknown')} END, NULL, 0, 0
        FROM vfy_left g ANTI JOIN vfy_near n ON n.row = g.row ANTI JOIN vfy_shared s ON s.written = g.number`,
    },
  ];
}

/** How many rows there were and what became of them; the sum of the outcomes is `received`. */
export type Counts = { received: number } & Record<Outcome, number>;

/** Runs the steps and keeps the rows of a verification; every row received has one outcome, or nothing is kept. */
export async function compare(
  s: LakeSession,
  verification: number,
  subject: VerifySubject,
  onStep?: (t: StepTiming) => void,
): Promise<Counts> {
  await s.steps(compareSteps(subject), onStep);
  const row = await s.first<Record<string, number> & { same_rows: never }>(
    `SELECT (SELECT count(*) FROM vfy_given) AS received, count(*) AS found,
       sum(hash(row)::HUGEINT) IS NOT DISTINCT FROM (SELECT sum(hash(row)::HUGEINT) FROM vfy_given) AS same_rows,
       ${outcomes.map((o) => `count(*) FILTER (outcome = ${outcomeNumber(o)}) AS ${o}`).join(', ')} FROM ${found}`,
  );
  const counts = { received: row!.received! } as Counts;
  for (const o of outcomes) counts[o] = row![o]!;
  const sum = outcomes.reduce((n, o) => n + counts[o], 0);
  if (sum !== counts.received || row!.found !== sum || (row!.same_rows as unknown) !== true)
    throw new Error(`the outcomes of verification ${verification} are not the rows received: ${JSON.stringify(row)}`);
  await s.steps(
    [
      { name: 'forget', sql: `DELETE FROM vfy.row WHERE verification = ${verification}` },
      {
        name: 'keep',
        sql: `INSERT INTO vfy.row SELECT ${verification}, row, outcome, entity, differs, candidates FROM ${found}`,
      },
    ],
    onStep,
  );
  for (const t of ['library', 'shared', 'known', 'left', 'near', 'found']) await s.run(`DROP TABLE vfy_${t}`);
  return counts;
}
