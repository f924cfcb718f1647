/** Events come to the inboxes of who is to handle them: when they are dispatched, and when a limit passed. */
import type { Link, Recipient } from '../platform/notices/index.ts';
import type { ClockRow } from './clocks.ts';
import type { EventPorts, Trx } from './ports.ts';
import type { EventRow } from './store.ts';

type Tellers = Pick<EventPorts, 'notices'>;

const about = (e: Pick<EventRow, 'number'>): string => `event/${e.number}`;

/** Each by the page on which they handle it. */
const links = (e: Pick<EventRow, 'id'>): Link[] => [
  { needs: 'event.read', to: `/events/${e.id}` },
  { needs: 'event.handle', to: `/field/tasks/${e.id}` },
];

/** Who handles for an organisation. */
const handlers = (organisation: string): Recipient[] =>
  (['field-officer', 'data-officer'] as const).map((role) => ({ role, organisation }));

/** A step was taken: what it hands out is told, what it answers is over. */
export async function tellStep(
  ports: Tellers,
  trx: Trx,
  before: EventRow,
  now: EventRow,
  action: string,
  step: number,
): Promise<void> {
  if (before.state === 'dispatched' && (now.state !== 'dispatched' || now.organisation !== before.organisation))
    await ports.notices.withdraw(trx, { kind: 'event.dispatched', about: about(now) });
  if (now.handled_at !== null || now.closed_at !== null || now.state === 'merged' || now.state === 'void')
    await ports.notices.withdraw(trx, { kind: 'event.late', about: about(now) });
  if ((action !== 'dispatch' && action !== 'transfer') || !now.organisation) return;
  await ports.notices.tell(trx, {
    ...{ key: `event.dispatched/${now.id}/${step}`, kind: 'event.dispatched', about: about(now), link: links(now) },
    ...{ to: handlers(now.organisation), ...(now.urgency === 'urgent' ? { urgency: 'urgent' as const } : {}) },
    title: { zh: `事件派遣：${now.number}`, en: `An event was dispatched to you: ${now.number}` },
    text: {
      zh: `事件 ${now.number} 已派遣至本单位，请按时限接收并处置。`,
      en: `Event ${now.number} was dispatched to your department: accept it within its limit.`,
    },
  });
}

/** A limit of an event passed. */
export async function tellLate(ports: Tellers, trx: Trx, e: EventRow, clock: ClockRow): Promise<void> {
  await ports.notices.tell(trx, {
    ...{ key: `event.late/${clock.id}`, kind: 'event.late', about: about(e), link: links(e) },
    to: handlers(clock.organisation),
    title: {
      zh: `事件超时：${e.number}（${clock.title.zh}）`,
      en: `An event is late: ${e.number} (${clock.title.en})`,
    },
    text: {
      zh: `事件 ${e.number} 的“${clock.title.zh}”已超过时限，请尽快处置。`,
      en: `The limit "${clock.title.en}" of event ${e.number} has passed.`,
    },
  });
}
