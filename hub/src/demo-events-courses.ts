/**
 * What becomes of the demonstration's events: most are done in time, checked and rated; some are late, sent back, transferred, given more time,
 * paused, done jointly or done twice; some wait. Every step is an ordinary step by somebody who may take it.
 */

import type { Past } from './demo-events.ts';
import { demoPerson } from './demo-sharing.ts';
import { act, change, clocksOf, type EventRow, eventOf, type StepBody, setPlace } from './events/index.ts';
import { type Principal, permissionsOf } from './platform/auth/principal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What happens when: work is called in order of its instants, and may add more. */
export interface Agenda {
  add(at: number, work: () => Promise<void>): void;
  next(): { at: number; work: () => Promise<void> } | undefined;
}

/** An empty agenda. */
export function agenda(): Agenda {
  const list: { at: number; n: number; work: () => Promise<void> }[] = [];
  let count = 0;
  return {
    add(at, work) {
      const one = { at, n: count++, work };
      let i = list.length;
      while (i > 0 && list[i - 1]!.at > at) i -= 1;
      list.splice(i, 0, one);
    },
    next: () => list.shift(),
  };
}

/** An event whose course is to be played. */
export interface Course {
  past: Past;
  list: Agenda;
  event: number;
  /** Its number in the synthetic city: decides its course. */
  n: number;
  began: number;
  /** Sends a picture of what was done; answers its id. */
  picture(matter: string | null, by: Principal, round: number): Promise<string>;
}

type Kind =
  | 'done'
  | 'late'
  | 'stays'
  | 'returned'
  | 'transferred'
  | 'extended'
  | 'paused'
  | 'joint'
  | 'again'
  | 'unchecked';
/** Courses by an event's number: half of them are as they should be. */
const kinds: readonly Kind[] = [
  ...(['done', 'late', 'done', 'returned', 'done', 'paused', 'done', 'again', 'done', 'extended'] as const),
  ...(['done', 'unchecked', 'done', 'transferred', 'done', 'late', 'done', 'joint', 'done', 'stays'] as const),
];

const duty = (): Principal => demoPerson('duty');
/** Who handles events for an organisation: the demonstration's account, or somebody of the same role for organisations that have none. */
const handler = (organisation: string): Principal => {
  const account = demoPerson('field');
  if (account.organisation === organisation) return account;
  const login = `demo-${organisation}`;
  const permissions = permissionsOf(['field-officer']);
  return { ...account, userId: login, login, name: `${organisation} 处置人员（演示）`, organisation, permissions };
};
/** Whom an event is given to that was sent to the wrong one. */
const other = (organisation: string): string => (organisation === 'zhzf' ? 'zjj' : 'zhzf');

const read = (c: Course): Promise<EventRow> => eventOf(c.past.ports.db.kysely, c.event);
const step = (c: Course, by: Principal, action: string, comment = '', data: StepBody['data'] = {}) =>
  change(c.past.ports, (trx) => act(trx, c.past.ports, c.event, { action, comment, data }, { principal: by }));
const now = (c: Course): number => c.past.ports.clock.now().getTime();

/** People work by day; what is urgent is worked on whenever it is. */
function byDay(at: number, urgent: boolean): number {
  if (urgent) return at;
  const hour = (((at / HOUR + 8) % 24) + 24) % 24;
  if (hour >= 8.5 && hour < 18) return at;
  return at + ((32.6 - hour) % 24) * HOUR + (at % (20 * MINUTE));
}

/** Puts what follows the first report on the agenda. */
export function courses(c: Course): void {
  const kind = kinds[c.n % kinds.length]!;
  c.list.add(c.began + (2 + (c.n % 5)) * MINUTE, async () => {
    const e = await read(c);
    if (e.state === 'registered') return desk(c, kind);
    return begin(c, kind);
  });
}

/** What the rules could not file: a person chooses the matter, sets the place, or declines it. */
async function desk(c: Course, kind: Kind): Promise<void> {
  // Some wait for the desk still.
  if (c.n % 6 === 5) return;
  c.list.add(byDay(now(c) + 25 * MINUTE, false), async () => {
    const e = await read(c);
    if (e.state !== 'registered') return begin(c, kind);
    if (c.n % 4 === 1) {
      await step(c, duty(), 'reject', '经现场核实，情况不属实（演示）');
      return;
    }
    const { places, matters } = c.past.ports;
    if (e.lon === null && e.town === null) {
      const town = places.towns()[c.n % places.towns().length]!;
      await setPlace(c.past.ports, c.event, { longitude: town.longitude, latitude: town.latitude }, duty());
    }
    const matter = e.matter ?? [...matters.held.byId.keys()][c.n % matters.held.byId.size]!;
    await step(c, duty(), 'file', '', { matter });
    await forward(c, matter);
    return begin(c, kind);
  });
}

/** Sends out what was filed by a person. */
async function forward(c: Course, matter: string): Promise<void> {
  if ((await read(c)).state !== 'filed') return;
  await step(c, duty(), 'dispatch', '', { organisation: c.past.ports.matters.held.byId.get(matter)!.responsible });
}

/** From dispatch on. */
async function begin(c: Course, kind: Kind): Promise<void> {
  const e = await read(c);
  if (e.state === 'filed') return forward(c, e.matter!).then(() => begin(c, kind));
  if (e.state !== 'dispatched') return;
  const urgent = e.urgency === 'urgent';
  const wait = urgent ? 4 + (c.n % 7) : 12 + (c.n % 30);
  c.list.add(byDay(now(c) + wait * MINUTE, urgent), () => accepted(c, kind, urgent));
}

async function accepted(c: Course, kind: Kind, urgent: boolean): Promise<void> {
  const e = await read(c);
  if (e.state !== 'dispatched' || !e.organisation) return;
  const by = handler(e.organisation);
  if (kind === 'returned' && e.returned === 0) {
    await step(c, by, 'return', '经核实不属于本单位职责，申请改派（演示）');
    c.list.add(byDay(now(c) + 35 * MINUTE, urgent), async () => {
      await step(c, duty(), 'dispatch', '改派（演示）', { organisation: other(by.organisation!) });
      await begin(c, kind);
    });
    return;
  }
  if (kind === 'transferred' && e.transferred === 0) {
    const organisation = other(by.organisation!);
    await step(c, by, 'ask', '现场设施产权不属于本单位（演示）', { ask: 'transfer', organisation });
    c.list.add(byDay(now(c) + 50 * MINUTE, urgent), async () => {
      await step(c, duty(), 'transfer', '同意移交（演示）', { organisation });
      await begin(c, kind);
    });
    return;
  }
  await step(c, by, 'accept');
  if (c.n % 2) c.list.add(now(c) + 18 * MINUTE, async () => void (await step(c, by, 'arrive')));
  if (kind === 'joint' && !e.joint.length)
    await step(c, duty(), 'join', '', { joint: [by.organisation === 'gaj' ? 'zhzf' : 'gaj'] });
  if (kind === 'stays') return;
  if (kind === 'paused') {
    await step(c, by, 'ask', '需办理开挖许可（演示）', { ask: 'pause' });
    c.list.add(
      byDay(now(c) + 40 * MINUTE, urgent),
      async () => void (await step(c, duty(), 'pause', '等待开挖许可（演示）')),
    );
    return;
  }
  if (kind === 'extended') {
    await step(c, by, 'ask', '配件到货需要时间（演示）', { ask: 'delay', span: '1 working-days' });
    c.list.add(now(c) + 30 * MINUTE, async () => void (await step(c, duty(), 'extend', '同意延期（演示）')));
  }
  await work(c, kind, by);
}

/** Limits are met one by one, the last by the feedback; late courses overdo it. */
async function work(c: Course, kind: Kind, by: Principal): Promise<void> {
  const e = await read(c);
  const clocks = (await clocksOf(c.past.ports.db.kysely, c.event)).filter((k) => k.state === 'running' && k.due);
  const last = c.past.ports.matters.held.byId.get(e.matter ?? '')?.limits.at(-1)?.id;
  const share = kind === 'late' ? 1.2 : 0.35 + ((c.n * 7) % 40) / 100;
  const urgent = e.urgency === 'urgent';
  let end = now(c) + 30 * MINUTE;
  for (const k of clocks) {
    const at = byDay(
      k.started_at.getTime() + share * (k.due!.getTime() - k.started_at.getTime()),
      urgent || kind !== 'late',
    );
    end = Math.max(end, at);
    if (k.name !== last)
      c.list.add(
        Math.max(at, now(c) + MINUTE),
        async () => void (await step(c, by, 'milestone', '', { limit: k.name })),
      );
  }
  c.list.add(end + MINUTE, () => finish(c, kind, by, 0));
}

async function finish(c: Course, kind: Kind, by: Principal, round: number): Promise<void> {
  const e = await read(c);
  const proof = e.matter ? c.past.ports.matters.held.byId.get(e.matter)?.proof === 'picture' : false;
  if (kind === 'joint' && e.joint.length && round === 0)
    await step(c, handler(e.joint[0]!), 'contribute', '已派员到场协助疏导（演示）');
  const pictures = proof ? [await c.picture(e.matter, by, round)] : [];
  const said = ['已到场处理完毕，现场恢复原状（演示）', '已修复并清理现场（演示）', '已劝导整改，后续加强巡查（演示）'];
  await step(c, by, 'finish', said[c.n % said.length], pictures.length ? { pictures } : {});
  if (kind === 'unchecked') return;
  c.list.add(byDay(now(c) + (40 + (c.n % 90)) * MINUTE, false), async () => {
    if (kind === 'again' && round === 0) {
      await step(c, duty(), 'fail', '现场仍有遗留，请返工（演示）');
      c.list.add(byDay(now(c) + 3 * HOUR, false), () => finish(c, kind, by, 1));
      return;
    }
    await step(c, duty(), 'pass', '现场核查通过（演示）');
    if (c.n % 3 === 2) return;
    const stars = kind === 'late' || kind === 'again' ? 2 + (c.n % 2) : 4 + (c.n % 2);
    c.list.add(
      byDay(now(c) + (2 + (c.n % 9)) * HOUR, false),
      async () => void (await step(c, demoPerson('steward'), 'rate', '', { stars })),
    );
  });
}
