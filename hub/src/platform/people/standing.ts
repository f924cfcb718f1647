/** How people and organisations stand, for administrators: what waits for a hand. */
import { sql } from 'kysely';
import type { Part } from '../operations/parts.ts';
import { dayOf, type PeoplePorts } from './ports.ts';

/** One line of the page of operations. */
export async function standingOf(ports: PeoplePorts): Promise<Part> {
  const today = dayOf(ports.clock);
  const { rows } = await sql<{
    faults: number;
    proposed: number;
    late: number;
    open: number;
    due: string | null;
  }>`SELECT
      (SELECT count(*)::int FROM people.act WHERE state = 'confirmed' AND fault IS NOT NULL) AS faults,
      (SELECT count(*)::int FROM people.act WHERE state = 'proposed') AS proposed,
      (SELECT count(*)::int FROM people.change WHERE state = 'planned' AND day < ${today}::date) AS late,
      (SELECT count(*)::int FROM people.certification AS i JOIN people.campaign AS c ON c.id = i.campaign
        WHERE c.closed_at IS NULL AND i.state = 'open') AS open,
      (SELECT max(due)::text FROM people.campaign WHERE closed_at IS NULL) AS due`.execute(ports.db.kysely);
  const { faults, proposed, late, open, due } = rows[0]!;
  const base = { id: 'people', title: { zh: '人员与机构', en: 'People and organisations' } };
  const stuck = faults + late;
  const said = [
    ...(faults ? [{ zh: `${faults} 项机构变动未能生效`, en: `${faults} acts could not be put in force` }] : []),
    ...(late ? [{ zh: `${late} 项调动、离岗未能办理`, en: `${late} moves or departures could not be made` }] : []),
    ...(proposed ? [{ zh: `${proposed} 项机构变动待确认`, en: `${proposed} acts wait to be confirmed` }] : []),
    ...(due ? [{ zh: `权限复核还有 ${open} 项，${due} 截止`, en: `${open} roles to be reviewed until ${due}` }] : []),
  ];
  return {
    ...base,
    standing: stuck ? 'bad' : proposed ? 'warn' : 'ok',
    text: said.length
      ? { zh: said.map((s) => s.zh).join('；'), en: said.map((s) => s.en).join('; ') }
      : { zh: '没有待办的变动', en: 'nothing waits' },
    link: '/system/organisations',
  };
}
