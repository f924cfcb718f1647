/** Events when the store was put back: numbers that people were told are never given to another event. */
import { sql } from 'kysely';
import { cityDay } from '../platform/law/index.ts';
import type { Deps, Turn, TurnStep } from '../platform/room.ts';

/** Numbers of a day that are passed over. */
const MARGIN = 10_000;
const DAY = 86_400_000;

/** Serials of the days since the store's moment go on far behind those that may have been told. */
export async function eventsTurned({ db }: Pick<Deps, 'db'>, turn: Turn): Promise<TurnStep[]> {
  const days: string[] = [];
  const first = Math.max(turn.storeAt?.getTime() ?? 0, turn.now.getTime() - 400 * DAY);
  for (let at = first; cityDay(new Date(at)) <= cityDay(turn.now); at += DAY) days.push(cityDay(new Date(at)));
  await sql`INSERT INTO events.serial (day, last) SELECT day::date, ${MARGIN}::int FROM unnest(${days}::text[]) AS d(day)
    ON CONFLICT (day) DO UPDATE SET last = events.serial.last + ${MARGIN}::int`.execute(db.kysely);
  return [
    {
      ...{ id: 'serials', count: days.length, left: false },
      text: {
        zh: '这些日子的事件编号从更大的号码继续，市民手中的旧编号不会再给别的事件',
        en: 'numbers of events of these days go on from a higher one: what citizens were told is not given to another event',
      },
    },
  ];
}
