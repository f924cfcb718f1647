/**
 * What the log of an operation means (行动日志): one fold over its entries gives levels, tasks, drawing and resources at any
 * moment. Neither Node nor an engine is needed: the hub proves its tables by it, the console replays with it.
 */

/** A text in Chinese with English beside it. */
export interface Both {
  zh: string;
  en: string;
}

/** One entry of a log as it is kept. `at` is an ISO instant (UTC). */
export interface Entry {
  seq: number;
  at: string;
  kind: string;
  actor: string;
  organisation: string | null;
  text: Both;
  detail: Record<string, unknown>;
}

/** A task as the log tells of it. */
export interface TaskThen {
  id: number;
  step: string | null;
  organisation: string;
  title: Both;
  level: number;
  state: string;
  progress: number;
  note: string;
  /** ISO instants; null where it has not happened. */
  sentAt: string | null;
  due: string | null;
  acknowledgedAt: string | null;
  endedAt: string | null;
}

/** A shape of the shared map: GeoJSON geometry, WGS 84. */
export interface ShapeThen {
  id: string;
  version: number;
  geometry: unknown;
  properties: Record<string, unknown>;
  by: string;
}

/** An operation at one moment. */
export interface Moment {
  /** Number of the last entry that is in it. */
  seq: number;
  at: string | null;
  state: 'none' | 'running' | 'ended' | 'closed';
  level: number | null;
  exercise: boolean;
  tasks: Map<number, TaskThen>;
  shapes: Map<string, ShapeThen>;
  /** Resource id to what it does now. */
  resources: Map<string, { id: string; name: Both; state: string; lon: number | null; lat: number | null }>;
  /** Organisations where nobody was on duty. */
  gaps: Set<string>;
  alerts: Map<string, { key: string; title: Both; level: string }>;
}

/** Before anything happened. */
export const nothing = (): Moment => ({
  ...{ seq: 0, at: null, state: 'none', level: null, exercise: false },
  ...{ tasks: new Map(), shapes: new Map(), resources: new Map(), gaps: new Set(), alerts: new Map() },
});

const text = (v: unknown): string => (typeof v === 'string' ? v : '');
const orNull = (v: unknown): string | null => (typeof v === 'string' ? v : null);

/** Takes one entry into a moment (which is changed and answered). Kinds that change no state only move the time. */
export function step(m: Moment, e: Entry): Moment {
  const d = e.detail;
  m.seq = e.seq;
  m.at = e.at;
  switch (e.kind) {
    case 'started':
      m.state = 'running';
      m.level = d.level as number;
      m.exercise = d.exercise === true;
      break;
    case 'level':
      m.level = d.level as number;
      break;
    case 'ended':
      m.state = 'ended';
      break;
    case 'closed':
      m.state = 'closed';
      break;
    case 'task':
      takeTask(m, e);
      break;
    case 'shape':
      if (d.deleted === true) m.shapes.delete(text(d.id));
      else
        m.shapes.set(text(d.id), {
          ...{ id: text(d.id), version: d.version as number, geometry: d.geometry, by: e.actor },
          properties: (d.properties ?? {}) as Record<string, unknown>,
        });
      break;
    case 'resource':
      if (d.state === 'ready') m.resources.delete(text(d.id));
      else
        m.resources.set(text(d.id), {
          ...{ id: text(d.id), name: d.name as Both, state: text(d.state) },
          ...{ lon: (d.lon as number) ?? null, lat: (d.lat as number) ?? null },
        });
      break;
    case 'unmanned':
      m.gaps.add(text(d.organisation));
      break;
    case 'manned':
      m.gaps.delete(text(d.organisation));
      break;
    case 'alert':
      if (d.ended === true) m.alerts.delete(text(d.key));
      else m.alerts.set(text(d.key), { key: text(d.key), title: d.title as Both, level: text(d.level) });
      break;
  }
  return m;
}

function takeTask(m: Moment, e: Entry): void {
  const d = e.detail;
  const id = d.id as number;
  const before = m.tasks.get(id);
  const state = text(d.state);
  const over = ['done', 'refused', 'cancelled'].includes(state);
  m.tasks.set(id, {
    id,
    step: before?.step ?? orNull(d.step),
    organisation: before?.organisation ?? text(d.organisation),
    title: before?.title ?? (d.title as Both),
    level: before?.level ?? (d.level as number),
    state,
    progress: (d.progress as number | undefined) ?? before?.progress ?? 0,
    note: orNull(d.note) ?? before?.note ?? '',
    sentAt: before?.sentAt ?? (state === 'waiting' ? null : e.at),
    due: orNull(d.due) ?? before?.due ?? null,
    acknowledgedAt:
      before?.acknowledgedAt ?? (['acknowledged', 'working', 'done', 'refused'].includes(state) ? e.at : null),
    endedAt: over ? e.at : null,
  });
}

/** The operation after all entries up to an instant (ISO), or after all of them. */
export function momentAt(entries: readonly Entry[], at?: string): Moment {
  const m = nothing();
  for (const e of entries) {
    if (at !== undefined && Date.parse(e.at) > Date.parse(at)) break;
    step(m, e);
  }
  return m;
}

/** Figures of a review (复盘指标); times in minutes, null where nothing happened. */
export interface ReviewFigures {
  minutes: number | null;
  tasks: number;
  done: number;
  refused: number;
  cancelled: number;
  /** Ended after their time, or still open beyond it at the end. */
  late: number;
  /** Median from sending to acknowledgement. */
  acknowledge: number | null;
  /** From the start until every task of the first level was acknowledged: the time to assemble (集结时间). */
  assemble: number | null;
  gaps: number;
  orders: number;
}

/** Reckons the figures of a whole log; `until` stands for the end where there is none yet. */
export function figuresOf(entries: readonly Entry[], until: string): ReviewFigures {
  const m = momentAt(entries);
  const start = entries.find((e) => e.kind === 'started');
  const end = entries.find((e) => e.kind === 'ended')?.at ?? until;
  const minutes = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 6_000) / 10;
  const tasks = [...m.tasks.values()];
  const answered = tasks
    .filter((t) => t.sentAt && t.acknowledgedAt)
    .map((t) => minutes(t.sentAt!, t.acknowledgedAt!))
    .sort((a, b) => a - b);
  // Those sent with the start: later ones say nothing of how fast people came together.
  const first = tasks.filter((t) => t.sentAt && start && Date.parse(t.sentAt) - Date.parse(start.at) < 60_000);
  const assembled = first.length > 0 && first.every((t) => t.acknowledgedAt);
  const count = (state: string) => tasks.filter((t) => t.state === state).length;
  return {
    minutes: start ? minutes(start.at, end) : null,
    tasks: tasks.length,
    ...{ done: count('done'), refused: count('refused'), cancelled: count('cancelled') },
    late: tasks.filter((t) => t.due && Date.parse(t.endedAt ?? end) > Date.parse(t.due)).length,
    acknowledge: answered.length ? answered[Math.floor(answered.length / 2)]! : null,
    assemble:
      assembled && start
        ? minutes(
            start.at,
            first.map((t) => t.acknowledgedAt!).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b)),
          )
        : null,
    gaps: entries.filter((e) => e.kind === 'unmanned').length,
    orders: entries.filter((e) => e.kind === 'order').length,
  };
}
