/**
 * Holds a list against a library, in the engine. A list is the temporary table `vfy_given` (row INTEGER from 1, then texts or
 * NULL: number (of persons the token of the normal form), name, birth, other, address). By the number first; rows without one,
 * or whose number the library does not know, by name, day (birth, establishment) and address together:
 *
 * - the number is known: that entity, and each field that both sides have is compared;
 * - else one entity of that name, day and address: that entity, and a number that was given differs;
 * - else, when the name and the day are somebody's but the address is not or not only one's: ambiguous;
 * - else unknown. A row with neither number nor name has nothing to look for: incomplete.
 *
 * An entity that is no longer there (deceased, moved away, closed) is said so, whatever else differs.
 */
import type { LakeSession, LakeStep, StepTiming } from '../../platform/lake/index.ts';
import { type Outcome, outcomeNumber, outcomes, type VerifySubject } from './outcome.ts';

/** Full width to half width, no blanks: so that spelling alone is no difference. */
const wide = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0xff01 + i)).join('');
const narrow = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i))
  .join('')
  .replaceAll("'", "''");
const half = (x: string) => `translate(${x}, '${wide} \u3000\u00a0·•', '${narrow}')`;
/** Most texts are of Chinese characters only and pass untouched. */
const compact = (x: string) =>
  `CASE WHEN regexp_matches(${x}, '[^\\x{4e00}-\\x{9fff}]') THEN upper(${half(x)}) ELSE ${x} END`;
/** An address from the town on, since departments leave province, city and county out at will. */
const address = (x: string) =>
  `regexp_replace(${half(x)}, '^(中国)?([^省市区县]{2,3}省)?([^省市区县]{2,4}市)?([^省市区县]{2,4}[市区县])?', '')`;
const day = (x: string) =>
  `coalesce(try_cast(${x} AS DATE), try_strptime(${x}, ['%Y%m%d', '%Y/%m/%d', '%Y.%m.%d', '%Y年%m月%d日', '%Y-%m-%d %H:%M:%S'])::DATE)`;
const sex = (x: string) =>
  `CASE WHEN ${x} IN ('1', '男', '男性', 'M', 'm') THEN '男' WHEN ${x} IN ('2', '女', '女性', 'F', 'f') THEN '女' END`;

/** What a library offers to be compared: number, name, day, other, address as the library says them, and how it stands. */
const library: Record<VerifySubject, string> = {
  person: `SELECT entity, id_token AS number, ${compact('name')} AS name, birth AS day, ${sex('sex')} AS other, ${address('address')} AS address,
      CASE WHEN status LIKE '%死亡%' THEN ${outcomeNumber('deceased')}
           WHEN status LIKE '%迁出%' OR status = '已离开' THEN ${outcomeNumber('moved')} ELSE 0 END::TINYINT AS gone
    FROM v.person_v1`,
  'legal-person': `SELECT entity, uscc AS number, ${compact('name')} AS name, established AS day, ${compact('legal_representative')} AS other,
      ${address('address')} AS address,
      CASE WHEN status LIKE '%注销%' OR status LIKE '%吊销%' OR status = '撤销' THEN ${outcomeNumber('closed')} ELSE 0 END::TINYINT AS gone
    FROM v.legal_person_v1`,
};

const given: Record<VerifySubject, string> = {
  person: `number, ${compact('name')} AS name, ${day('day')} AS day, ${sex('other')} AS other, ${address('address')} AS address`,
  'legal-person': `upper(${half('number')}) AS number, ${compact('name')} AS name, ${day('day')} AS day, ${compact('other')} AS other,
    ${address('address')} AS address`,
};

/** Fields that both sides have and that are not equal, as bits in the order of verifyFields (number, name, day, other, address). */
const differs = `((CASE WHEN g.number <> l.number THEN 1 ELSE 0 END) | (CASE WHEN g.name <> l.name THEN 2 ELSE 0 END)
  | (CASE WHEN g.day <> l.day THEN 4 ELSE 0 END) | (CASE WHEN g.other <> l.other THEN 8 ELSE 0 END)
  | (CASE WHEN g.address <> l.address THEN 16 ELSE 0 END))::TINYINT`;
const outcome = (mask: string) =>
  `(CASE WHEN l.gone > 0 THEN l.gone WHEN ${mask} > 0 THEN ${outcomeNumber('differs')} ELSE ${outcomeNumber('agreed')} END)::TINYINT`;

/** The steps; the answer is in the temporary table `vfy_found` (row, outcome, entity, differs, candidates). */
export function compareSteps(subject: VerifySubject): LakeStep[] {
  return [
    { name: 'library', sql: `CREATE OR REPLACE TEMP TABLE vfy_library AS ${library[subject]}` },
    {
      // One number that several entities have decides nothing.
      name: 'numbers that are not one entity’s',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_shared AS
        SELECT number, count(*)::INTEGER AS n FROM vfy_library WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1`,
    },
    {
      name: 'list',
      sql: `CREATE OR REPLACE TEMP VIEW vfy_clean AS
        SELECT row, nullif(number, '') AS number, nullif(name, '') AS name, day, nullif(other, '') AS other,
               nullif(address, '') AS address FROM (SELECT row, ${given[subject]} FROM vfy_given)`,
    },
    {
      name: 'by number',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_found AS
        SELECT g.row, ${outcome('d')} AS outcome, l.entity, d AS differs, 1::INTEGER AS candidates
        FROM (SELECT g.row, l.entity, l.gone, ${differs} AS d FROM vfy_clean g
              JOIN (FROM vfy_library WHERE number NOT IN (SELECT number FROM vfy_shared)) l ON l.number = g.number) l,
             LATERAL (SELECT l.row) g`,
    },
    {
      name: 'rows that are left',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_left AS
        SELECT g.* FROM vfy_clean g ANTI JOIN vfy_found f ON f.row = g.row`,
    },
    {
      name: 'numbers that several have',
      sql: `INSERT INTO vfy_found SELECT g.row, ${outcomeNumber('ambiguous')}, NULL, 0, s.n
        FROM vfy_left g JOIN vfy_shared s ON s.number = g.number`,
    },
    {
      name: 'by name and day',
      sql: `CREATE OR REPLACE TEMP TABLE vfy_near AS
        SELECT g.row, count(*)::INTEGER AS candidates, count(*) FILTER (g.address = l.address)::INTEGER AS same,
               min(l.entity) FILTER (g.address = l.address) AS entity
        FROM vfy_left g JOIN vfy_library l ON l.name = g.name AND l.day = g.day
        WHERE g.number IS NULL OR g.number NOT IN (SELECT number FROM vfy_shared) GROUP BY g.row`,
    },
    {
      name: 'by name, day and address',
      sql: `INSERT INTO vfy_found
        SELECT g.row, ${outcome('d')}, l.entity, d, n.candidates
        FROM (SELECT g.row, l.entity, l.gone, ${differs} AS d FROM vfy_left g JOIN vfy_near n ON n.row = g.row AND n.same = 1
              JOIN vfy_library l ON l.entity = n.entity) l
        JOIN vfy_near n ON n.row = l.row, LATERAL (SELECT l.row) g`,
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
        FROM vfy_left g ANTI JOIN vfy_found f ON f.row = g.row`,
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
  const row = await s.first<Record<string, number>>(
    `SELECT (SELECT count(*) FROM vfy_given) AS received, count(*) AS found, count(DISTINCT row) AS distinct_rows,
       ${outcomes.map((o) => `count(*) FILTER (outcome = ${outcomeNumber(o)}) AS ${o}`).join(', ')} FROM vfy_found`,
  );
  const counts = { received: row!.received! } as Counts;
  for (const o of outcomes) counts[o] = row![o]!;
  const sum = outcomes.reduce((n, o) => n + counts[o], 0);
  if (sum !== counts.received || row!.found !== sum || row!.distinct_rows !== sum)
    throw new Error(`the outcomes of verification ${verification} are not the rows received: ${JSON.stringify(row)}`);
  await s.steps(
    [
      { name: 'forget', sql: `DELETE FROM vfy.row WHERE verification = ${verification}` },
      {
        name: 'keep',
        sql: `INSERT INTO vfy.row SELECT ${verification}, row, outcome, entity, differs, candidates FROM vfy_found ORDER BY row`,
      },
    ],
    onStep,
  );
  for (const t of ['library', 'shared', 'left', 'near', 'found']) await s.run(`DROP TABLE vfy_${t}`);
  await s.run('DROP VIEW vfy_clean');
  return counts;
}
