/** What a partition is to be sent next: changes, or the steps of a gap and of everything sent anew. */
import type { Deps } from '../../platform/room.ts';
import { controlMessage, type Message } from '../log/events.ts';
import { renderChanges, renderSnapshot, type View } from '../log/render.ts';
import type { CursorRow } from '../store.ts';

/** Where a cursor stands. */
export type Place = Pick<CursorRow, 'phase' | 'seq' | 'previous' | 'after'>;

/** Messages in order, each with the place behind it, and the place behind all of them. */
export interface Window {
  messages: { message: Message; to: Place }[];
  /** Where the cursor may stand when all are sent, or when there are none. */
  to: Place;
  /** Whether more is there already. */
  more: boolean;
}

/**
 * Log rows looked at in one go: so many messages' worth, no fewer than `least`, and at most `most` where little of them is to be seen. Looking
 * costs a part of a block of the log each time, so that few large looks take half of what many small ones do.
 */
export const span = { messages: 40, least: 5_000, most: 100_000 } as const;

/** Makes the next window. `rows`: how many changes of the stream are looked at. */
export async function nextWindow(
  ports: Pick<Deps, 'lake' | 'vault' | 'clock'>,
  v: View,
  cursor: CursorRow,
  rows: number,
): Promise<Window> {
  const seq = Number(cursor.seq);
  const head = Number(v.stream.head);
  const floor = Number(v.stream.floor);
  const place = { phase: cursor.phase, seq, previous: cursor.previous, after: cursor.after };
  const control = (
    kind: 'gap' | 'snapshot-started' | 'snapshot-completed',
    id: string,
    data: object,
    to: Place,
  ): Window => {
    const time = ports.clock.now();
    const at = { prefix: v.prefix, source: v.source, id, time, seq, partition: v.partition, batch: v.batch };
    const message = controlMessage(kind, at, { ...data, partition: v.partition, partitions: v.partitions });
    return { messages: [{ message, to }], to, more: true };
  };
  if (cursor.phase === 'gap' || (cursor.phase === 'live' && seq < floor))
    return control(
      'gap',
      `gap-${seq}-${floor}`,
      { from: seq + 1, to: floor },
      { phase: 'start', seq: head, previous: null, after: null },
    );
  if (cursor.phase === 'start')
    return control('snapshot-started', `start-${seq}`, { sequence: seq }, { ...place, phase: 'snapshot', after: '' });
  if (cursor.phase === 'end')
    return control(
      'snapshot-completed',
      `end-${seq}`,
      { sequence: seq },
      { ...place, phase: 'live', previous: null, after: null },
    );
  if (cursor.phase === 'snapshot') {
    const page = await renderSnapshot(ports, v, { seq, after: cursor.after ?? '', limit: rows, at: ports.clock.now() });
    const behind: Place = page.end
      ? { ...place, phase: 'end', after: null }
      : { ...place, phase: 'snapshot', after: page.after };
    const messages = page.messages.map((message, n) => ({
      message,
      to: n === page.messages.length - 1 ? behind : { ...place, after: message.after },
    }));
    return { messages, to: behind, more: true };
  }
  const pending = cursor.pending === null ? null : Number(cursor.pending);
  const upto = Math.min(head, pending ?? seq + rows);
  if (upto <= seq) return { messages: [], to: place, more: false };
  const made = await renderChanges(ports, v, { after: seq, upto, previous: cursor.previous, whole: pending !== null });
  const last = made.at(-1);
  const to: Place = { phase: 'live', seq: upto, previous: last ? last.last : cursor.previous, after: null };
  const messages = made.map((message) => ({
    message,
    // Behind the last message lies what is not to be seen: the cursor passes it as well.
    to: message === last ? to : { phase: 'live' as const, seq: message.last, previous: message.last, after: null },
  }));
  return { messages, to, more: upto < head };
}
