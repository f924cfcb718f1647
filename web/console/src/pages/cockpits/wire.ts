/**
 * What the hub answers about cockpits (hub/src/cockpits/api.ts). Figures come by server-sent events as well as by calls, so that their shape is
 * written here once for both; the calls go by the console's own client.
 */
import { api } from '../../api/client.ts';

export interface Text {
  zh: string;
  en: string;
}
export type Scalar = string | number | boolean | null;
export type Row = Record<string, Scalar>;

export interface Figure {
  key: string;
  state: 'ready' | 'empty' | 'waiting' | 'failed' | 'pending' | 'forbidden';
  value: number | null;
  target: number | null;
  before: number | null;
  yesterday: number | null;
  spark: number[];
  rows: Row[];
  suppressed: number;
  /** Part of what it says comes of an exercise. */
  exercise: boolean;
  at: string | null;
  asOf: string | null;
  problem: (Text & { code: string }) | null;
  needs: string | null;
  version: number;
}

export interface ColumnOf {
  name: string;
  title: Text;
  as: string;
  link: string | null;
  words: Record<string, Text> | null;
}

export interface Measure {
  key: string;
  id: string;
  scenario: string;
  kind: 'value' | 'trend' | 'parts' | 'list' | 'towns' | 'points';
  title: Text;
  unit: Text | null;
  digits: number;
  as: string;
  target: number | null;
  direction: 'up' | 'down' | 'none';
  warn: number | null;
  bad: number | null;
  note: Text | null;
  refresh: number;
  stale: number;
  words: Record<string, Text>;
  columns: ColumnOf[];
  sources: (Text & { owner: string | null })[];
  drill: string | null;
  live: boolean;
}

export interface Panel {
  show: 'figures' | 'trend' | 'bars' | 'columns' | 'share' | 'list' | 'map' | 'notices' | 'text' | 'scenarios';
  title?: Text;
  of: string[];
}
export interface Grid {
  columns: number[];
  rows: number[];
  areas: string[];
}
export interface Rule {
  id: string;
  indicator: string;
  when: { above?: number; below?: number; missed?: true; stale?: true };
  level: 'note' | 'warn' | 'bad';
  say: Text;
}

export interface Cockpit {
  id: string;
  title: Text;
  question: Text;
  owner: string;
  ownerName: Text;
  audience: Text;
  overview: boolean;
  panels: Record<string, Panel>;
  screen: Grid;
  wide: Grid;
  desk: { panel: string; width: number }[];
  phone: string[];
  rules: Rule[];
  texts: Record<string, Text>;
  measures: Measure[];
  figures: Figure[];
  others: { id: string; title: Text }[];
}

export type Fault = Text & { code: string; place: string | null };
export interface Gallery {
  items: {
    id: string;
    title: Text;
    question: Text;
    ownerName: Text;
    overview: boolean;
    indicators: number;
    waiting: number;
    failed: number;
    attention: { level: Rule['level']; say: Text }[];
    allowed: boolean;
    head: { measure: Measure; figure: Figure }[];
  }[];
  problems: Fault[];
}

interface Kept {
  at: string;
  value: number;
}
export interface Explained {
  measure: Measure;
  figure: Figure;
  sql: string | null;
  live: string | null;
  views: string[];
  missing: string[];
  permissions: string[];
  ms: number;
  hours: Kept[];
  days: Kept[];
}
export interface Records {
  columns: ColumnOf[];
  rows: {
    cells: Record<string, { value: string | null; shown: 'plain' | 'masked' | 'hidden' }>;
    links: Record<string, string>;
  }[];
  more: boolean;
}
export interface Tried {
  ms: number;
  columns: string[];
  rows: Row[];
  views: string[];
  missing: string[];
  people: boolean;
  permissions: string[];
  plan: string;
}
export interface Reloaded {
  scenarios: number;
  problems: Fault[];
}
export interface Towns {
  items: { code: string; name: string; wkt: string }[];
}
export interface Views {
  items: { name: string; columns: string[] }[];
}

type Options = { query?: Record<string, unknown>; body?: unknown; signal?: AbortSignal };
type Call = (path: string, options?: Options) => Promise<unknown>;
const base = '/api/v1/cockpits';

/** Asks below /api/v1/cockpits; parts of the path are encoded by who gives them. */
export const ask = <T>(path: string, options?: Options): Promise<T> =>
  (api.get as unknown as Call)(base + path, options) as Promise<T>;
/** Posts below /api/v1/cockpits. */
export const send = <T>(path: string, body?: unknown): Promise<T> =>
  (api.post as unknown as Call)(base + path, body === undefined ? {} : { body }) as Promise<T>;
