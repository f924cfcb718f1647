/** What a phone in the field keeps (each of it encrypted): what is being written, what waits, what came from the hub. */
import type { Answer, Body } from '../../../api/client.ts';
import type { QueueItem } from '../../forms/offline/queue.ts';
import type { Catalogue } from '../shared.tsx';

export type Tasks = Answer<'/api/v1/events/tasks'>;
export type Task = Tasks['tasks'][number];
export type Own = Tasks['own'][number];
type Operations = Body<'/api/v1/events/operations'>['operations'];
export type Operation = Operations[number];
export type StepData = NonNullable<Extract<Operation, { kind: 'step' }>['step']['data']>;

/** Where the phone was; metres of accuracy where the phone told it itself. */
export interface Spot {
  lon: number;
  lat: number;
  accuracy: number | null;
}

/** What somebody is writing: a report (`report`), or a step of a task (`task-<event>`). */
export interface Draft {
  id: string;
  action: string;
  text: string;
  matter: string | null;
  address: string;
  spot: Spot | null;
  pictures: string[];
  data: StepData;
  updatedAt: string;
}

/** One thing to be told to the hub, under its own key: done once, however often it is sent. */
export interface Waiting extends QueueItem {
  operation: Operation;
  caption: string;
  at: string;
  pictures: string[];
  draft: Draft;
}

/** What the hub answered that it keeps. */
export interface Sent {
  key: string;
  caption: string;
  at: string;
  keptAt: string;
  number: string | null;
  event: number | null;
  state: string | null;
  joined: boolean;
}

/** A picture on the phone. `scene`: as it was found; `done`: as it was left. */
export interface Picture {
  id: string;
  kind: 'scene' | 'done';
  bytes: number;
  arrived: boolean;
}

/** What came from the hub last, and when. */
export interface Pulled extends Tasks {
  at: string;
  catalogue: Catalogue;
}

/** An empty draft. */
export const emptyDraft = (id: string, action: string): Draft => ({
  ...{ id, action, text: '', matter: null, address: '', spot: null, pictures: [], data: {} },
  updatedAt: new Date().toISOString(),
});

/** Steps of the field by state, the first brings the event on. */
export const fieldSteps: Readonly<Record<string, readonly string[]>> = {
  dispatched: ['accept', 'return', 'ask'],
  handling: ['finish', 'arrive', 'milestone', 'ask', 'return', 'remark'],
  paused: ['resume', 'remark'],
};

/** What an organisation that handles jointly may say. */
export const jointSteps: Readonly<Record<string, readonly string[]>> = {
  handling: ['contribute', 'arrive', 'remark'],
  paused: ['contribute', 'remark'],
};

/** What a step must bring before it may be put into the queue; the name of what is missing. */
export function missing(draft: Draft, proof: boolean): 'text' | 'pictures' | 'place' | 'data' | null {
  const long = [...draft.text.trim()].length >= 2;
  if (draft.action === 'report') {
    if (!long) return 'text';
    return draft.spot || draft.address.trim().length >= 2 ? null : 'place';
  }
  if (['return', 'ask', 'finish', 'contribute', 'remark'].includes(draft.action) && !long) return 'text';
  if (draft.action === 'ask' && !draft.data.ask) return 'data';
  if (draft.action === 'milestone' && !draft.data.limit) return 'data';
  if (draft.action === 'finish' && proof && draft.pictures.length === 0) return 'pictures';
  return null;
}

/** A draft as the hub takes it. `at`: when it was done, by the phone's clock. */
export function operationOf(draft: Draft, key: string, at: string, event: number | null): Operation {
  const text = draft.text.trim();
  const place = draft.spot ? { longitude: draft.spot.lon, latitude: draft.spot.lat } : {};
  if (draft.action === 'report' || event === null)
    return {
      ...{ key, kind: 'report' },
      report: {
        ...{ text, at, pictures: draft.pictures },
        ...(draft.matter ? { matter: draft.matter } : {}),
        ...(draft.address.trim() ? { address: draft.address.trim() } : {}),
        ...place,
      },
    };
  const pictures = draft.pictures.length ? { pictures: draft.pictures } : {};
  return {
    ...{ key, kind: 'step', event },
    step: { action: draft.action, comment: text, data: { ...draft.data, ...place, ...pictures, doneAt: at } },
  };
}
