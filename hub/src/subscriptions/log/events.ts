/**
 * Events as recipients see them: CloudEvents 1.0.2 in the JSON format, with the extensions `sequence` (place in the source's stream, 16 digits, so
 * that texts sort as numbers), `partitionkey` (the record's number: order holds within it) and `previous` (sequence of the event that was sent before
 * it in the same partition: a recipient sees at once that one is missing).
 */

/** What happened to a record. */
export const changeKinds = ['added', 'changed', 'removed'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** What a stream says of itself. */
export const controls = ['gap', 'snapshot-started', 'snapshot-completed', 'test'] as const;
export type ControlKind = (typeof controls)[number];

/** `cn.jingwei.record.added.v1` … */
export const recordType = (kind: ChangeKind | 'snapshot'): string => `cn.jingwei.record.${kind}.v1`;
/** `cn.jingwei.stream.gap.v1` … */
export const controlType = (kind: ControlKind): string => `cn.jingwei.stream.${kind}.v1`;

/** The `source` of a subscription's events: with `id` it names an event for ever. */
export const eventSource = (city: string, subscription: number): string =>
  `urn:jingwei:${city}:subscription:${subscription}`;

/** A sequence as text. */
export const sequenceText = (seq: number): string => String(seq).padStart(16, '0');

/** A message that is about to be sent: events as they go out. */
export interface Message {
  /** `webhook-id`: the same for every try of the same message. */
  id: string;
  /** Sequences of its first and last event; where the cursor stands afterwards. */
  first: number;
  last: number;
  events: number;
  contentType: string;
  body: Uint8Array;
  partition: number;
  /** Record number and kind of the only event, for topics of single events. */
  subject: string | null;
  kind: string | null;
}

export const SINGLE_TYPE = 'application/cloudevents+json; charset=utf-8';
export const BATCH_TYPE = 'application/cloudevents-batch+json; charset=utf-8';

/** A message with the only event of a control. */
export function controlMessage(
  kind: ControlKind,
  at: { prefix: string; source: string; id: string; time: Date; seq: number; partition: number; batch: number },
  data: Record<string, unknown>,
): Message {
  const event = JSON.stringify(controlEvent(kind, at, data));
  return {
    ...{ id: `${at.prefix}-${at.id}`, first: at.seq, last: at.seq, events: 1, partition: at.partition },
    ...{ contentType: at.batch === 1 ? SINGLE_TYPE : BATCH_TYPE, subject: null, kind },
    body: Buffer.from(at.batch === 1 ? event : `[${event}]`),
  };
}

/** What a stream says of itself as an event. */
export function controlEvent(
  kind: ControlKind,
  at: { source: string; id: string; time: Date; seq: number },
  data: Record<string, unknown>,
): Record<string, unknown> {
  return {
    ...{ specversion: '1.0', id: at.id, source: at.source, type: controlType(kind), time: at.time.toISOString() },
    ...{ datacontenttype: 'application/json', sequence: sequenceText(at.seq), data },
  };
}
