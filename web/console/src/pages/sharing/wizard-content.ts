/** What the parts of the wizard share: the entry, the content as it stands, and how it is changed. */
import type { Answer, Body } from '../../api/client.ts';

export type Entry = Answer<'/api/v1/sharing/entries/{id}'>;
/** A request's content, every key of it. */
export type Content = Required<Body<'/api/v1/sharing/requests'>['content']>;

/** Nothing filled in yet. */
export const blank: Content = {
  ...{ ground: '', scene: '', scope: '', mode: null, until: null, items: [], necessity: {}, filter: [] },
  ...{ frequency: 'once', format: 'csv', conditions: '', contact: '' },
};

/** What a part is given. */
export interface Part {
  entry: Entry;
  content: Content;
  set: (patch: Partial<Content>) => void;
}

/** How often a batch may be delivered. */
export const frequencies = [
  'once',
  'daily',
  'weekly',
  'ten-days',
  'half-monthly',
  'monthly',
  'quarterly',
  'yearly',
  'irregular',
] as const;

/** The frequency that goes with an entry's update cycle: more often there is nothing new. */
export const frequencyOf = (cycle: string): Content['frequency'] =>
  frequencies.find((f) => f === cycle) ?? (cycle === 'realtime' ? 'daily' : 'irregular');
