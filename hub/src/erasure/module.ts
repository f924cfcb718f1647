/** How erasure joins the hub: after every room that holds data of persons. */
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { CityCalendar, cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { Repeated } from '../platform/repeat.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { erasureDuties } from '../sharing/index.ts';
import { certify } from './certificate.ts';
import type { ErasurePorts, HoldingRoom } from './ports.ts';
import { noVault } from './problems.ts';
import { applyRestored, registerMissing } from './register.ts';
import { erasureRoutes } from './routes.ts';
import { lookJob, marksOf, runJob } from './run.ts';

/** Milliseconds between two looks at deadlines and receivers. */
const LOOK = 60_000;

/** What the room stands on. `rooms` answers all rooms of the hub. */
export function erasurePorts(deps: Deps, rooms: () => readonly RoomModule[]): ErasurePorts {
  const calendar = new CityCalendar(deps.folders.cities, deps.config.city);
  const { erasing } = deps.vault;
  if (!erasing) throw new Problem(noVault);
  let holders: HoldingRoom[] | undefined;
  return {
    ...deps,
    calendar: () => calendar.current(),
    erasing,
    holders() {
      holders ??= rooms().flatMap((r) => (r.personal ? [{ room: r.name, holder: r.personal(deps) }] : []));
      return holders;
    },
  };
}

/** The room. */
export function erasureRoom(rooms: () => readonly RoomModule[]): RoomModule & { look(): Promise<void> } {
  let ports: ErasurePorts | undefined;
  let looking: Repeated | undefined;
  const of = (deps: Deps): ErasurePorts => {
    ports ??= erasurePorts(deps, rooms);
    return ports;
  };
  return {
    name: 'erasure',
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    jobs: (deps) => [lookJob(of(deps)), runJob(of(deps))],
    routes: (deps) => erasureRoutes(() => of(deps)),
    async standing(deps) {
      const today = cityDay(deps.clock.now());
      const { rows } = await sql<{ open: number; late: number; failed: number; receivers: number }>`SELECT
        count(*) FILTER (WHERE state IN ('entered', 'proposed', 'running', 'refusing'))::int AS open,
        count(*) FILTER (WHERE state IN ('entered', 'proposed', 'running', 'refusing') AND due < ${today}::date)::int AS late,
        count(*) FILTER (WHERE state = 'running' AND problem IS NOT NULL)::int AS failed,
        (SELECT count(*)::int FROM sharing.erasure_duty WHERE acknowledged_at IS NULL AND due < ${today}::date) AS receivers
        FROM erasure.matter`.execute(deps.db.kysely);
      const { open, late, failed, receivers } = rows[0]!;
      return [
        {
          ...{ id: 'erasure', title: { zh: '个人信息删除', en: 'Erasure of persons' }, link: '/erasure' },
          standing: late + failed > 0 ? 'bad' : receivers > 0 ? 'warn' : 'ok',
          text: {
            zh: `在办 ${open} 件，超期 ${late}，未能执行 ${failed}，接收方超期 ${receivers}`,
            en: `${open} open, ${late} overdue, ${failed} failed, ${receivers} receivers overdue`,
          },
        },
      ];
    },
    async start(deps) {
      // Who was erased after the moment of a restored backup goes again before anybody is answered.
      await applyRestored(of(deps));
      looking = new Repeated(
        () => sweep(of(deps)),
        (error) => deps.log.error({ err: error }, 'matters of erasure could not be looked through'),
      );
      looking.start(LOOK);
      await looking.look();
    },
    async look() {
      await looking?.look();
    },
    async stop() {
      await looking?.stop();
    },
  };
}

/** Tells of deadlines that passed, once each; closes matters whose receivers have all said that they deleted. */
async function sweep(ports: ErasurePorts): Promise<void> {
  const today = cityDay(ports.clock.now());
  const late = await sql<{ id: number }>`SELECT id FROM erasure.matter
    WHERE state IN ('entered', 'proposed', 'running', 'refusing') AND due < ${today}::date`.execute(ports.db.kysely);
  for (const { id } of late.rows)
    await ports.db.tx((trx) =>
      ports.notices.tell(trx, {
        ...{ key: `erasure.overdue/${id}`, kind: 'erasure.overdue', about: `erasure/${id}`, link: `/erasure/${id}` },
        to: [{ role: 'data-steward' }, { role: 'security-admin' }],
        title: { zh: `删除事项 ${id} 超期`, en: `Erasure ${id} is overdue` },
        text: { zh: '答复期限已过，请立即办理。', en: 'The day for the answer has passed.' },
      }),
    );
  await registerMissing(ports);
  const executed = await sql<{
    id: number;
  }>`SELECT id FROM erasure.matter WHERE state = 'executed' ORDER BY id`.execute(ports.db.kysely);
  for (const { id } of executed.rows) {
    const duties = await erasureDuties(ports.db.kysely, { erasure: id });
    if (duties.some((d) => !d.acknowledged_at)) continue;
    // Once more with what receivers said; the first one stands as it was.
    await certify(
      ports,
      id,
      [...(await marksOf(ports, id))].map(([step, detail]) => ({ step, detail })),
    );
  }
}
