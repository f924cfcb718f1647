/**
 * Makes alerts of transitions: groups them, guards against storms, tells again, holds back what is silenced or inhibited, and writes all of it.
 * What is open stands in memory; its truth is the store. Every call is queued behind the one before: alerts have one writer.
 */
import { sql } from 'kysely';
import type { Deps } from '../../platform/room.ts';
import type { Series } from '../../sensing/index.ts';
import { tellAlerts } from '../notices.ts';
import { colourOf, type Engine, milliseconds, type Rule, type Transition, threshold } from '../pure/index.ts';
import { type AlertChange, type AlertRow, alertChanged, brief, type ChangeKind } from './alert.ts';
import { inhibitorOf, type Silence, silenceOf } from './quiet.ts';
import { type Member, numberNew, type Step, writeAlerts, writeMembers, writeSteps } from './write.ts';

/** Members of one alert that are kept by name. */
export const MOST_MEMBERS = 200;
/** Openings are counted over so many milliseconds by the storm guard. */
const STORM_WINDOW = 300_000;
/** Alerts of one rule that are open by themselves; further ones join its storm. */
const MOST_OPEN = 2_000;
/** Groups of which it is remembered when they last opened. */
const MOST_OPENED = 100_000;
const STORM = '!storm';

interface Group {
  rule: string;
  key: string;
  members: Map<number, Member>;
  alert: AlertRow | null;
  /** Instant of the reading that opened it, where it opened in this process. */
  from?: number;
}

/** What the manager needs of a rule that runs. */
export interface RunningRule {
  rule: Rule;
  version: number;
}

/** What it stands on. */
export type ManagerDeps = Pick<Deps, 'db' | 'bus' | 'clock' | 'log' | 'notices'>;

/** The alerts of a hub. */
export class Manager {
  readonly #deps: ManagerDeps;
  readonly #series: (number: number) => Series | undefined;
  /** Rules that run, by name. */
  readonly rules = new Map<string, RunningRule>();
  readonly #groups = new Map<string, Group>();
  /** By rule: in which group a series stands that was moved from its own. */
  readonly #moved = new Map<string, Map<number, Group>>();
  /** By rule: when alerts opened lately. */
  readonly #openings = new Map<string, number[]>();
  /** By rule and group: when its last alert opened. */
  readonly #opened = new Map<string, number>();
  /** Open alerts by number. */
  readonly open = new Map<number, AlertRow>();
  #silences: Silence[] = [];
  #queue: Promise<unknown> = Promise.resolve();
  #fresh: AlertRow[] = [];
  #dirty = new Set<AlertRow>();
  #members = new Map<Member, AlertRow>();
  #steps: Step[] = [];
  #changes: { kind: ChangeKind; at: number; alert: AlertRow }[] = [];
  /** Told of every alert that opened or became graver, after it was written. */
  onGraver: ((alert: AlertRow, series: number | null) => void) | undefined;
  /** Alerts that joined a storm instead of opening by themselves. */
  folded = 0;

  constructor(deps: ManagerDeps, series: (number: number) => Series | undefined) {
    this.#deps = deps;
    this.#series = series;
  }

  /** Runs `work` when everything before it has been written. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(work);
    this.#queue = next.catch(() => undefined);
    return next;
  }

  /** Reads what is open, and puts what the engine says stands into its groups. Nothing is told of it. */
  async load(engine: Engine): Promise<void> {
    const { rows } = await sql<AlertRow>`SELECT * FROM alerts.alert WHERE closed_at IS NULL`.execute(
      this.#deps.db.kysely,
    );
    this.#groups.clear();
    this.#moved.clear();
    this.open.clear();
    for (const alert of rows) {
      this.open.set(alert.id, alert);
      if (alert.source === 'rule') this.#group(alert.rule, alert.group_key).alert = alert;
    }
    for (const key of engine.keys) {
      const name = key.slice(0, key.lastIndexOf('@'));
      const storm = this.#groups.get(`${name}\n${STORM}`);
      for (const s of engine.standing(key)) {
        if (!s.level && !this.rules.get(name)?.rule.tellSilence) continue;
        let group = this.#groupOf(name, s.series);
        if (!group) continue;
        if (!group.alert && storm?.alert) {
          group = storm;
          this.#move(name, s.series, storm);
        }
        const member = this.#member(s.series, s.at, s);
        if (member) group.members.set(s.series, member);
      }
    }
    await this.readSilences();
  }

  /** After catching up: what the store has open and nothing holds any more is closed, what stands without an alert is opened. */
  settle(engine: Engine): Promise<void> {
    return this.exclusive(async () => {
      const now = this.#deps.clock.now().getTime();
      for (const alert of [...this.open.values()]) {
        if (alert.source !== 'rule') continue;
        const group = this.#groups.get(`${alert.rule}\n${alert.group_key}`);
        if (!this.rules.has(alert.rule)) this.#close(group ?? null, alert, now, 'rule-ended');
        else if (!group?.members.size) this.#close(group ?? null, alert, now, 'not-standing');
        else this.#update(group, now);
      }
      for (const key of engine.keys) {
        const name = key.slice(0, key.lastIndexOf('@'));
        for (const s of engine.standing(key)) {
          const group = this.#groupOf(name, s.series);
          if (group?.members.has(s.series) && !group.alert) this.#update(group, s.at);
        }
      }
      await this.#flush(now);
    });
  }

  /** Takes transitions in; resolves when what follows from them is on disk. */
  take(transitions: readonly Transition[]): Promise<void> {
    return this.exclusive(async () => {
      for (const t of [...transitions].sort((a, b) => a.at - b.at || a.series - b.series)) this.#take(t);
      await this.#flush(this.#deps.clock.now().getTime());
    });
  }

  /** The rules changed: alerts of rules that run no more are closed. */
  rulesChanged(engine: Engine): Promise<void> {
    return this.settle(engine);
  }

  /** What time alone brings: repeats, silences that begin and end. */
  tick(): Promise<void> {
    const now = this.#deps.clock.now().getTime();
    const due = [...this.open.values()].some((a) => this.#due(a, now));
    const quiet = this.#silences.some((s) => {
      const holds = now >= s.from_at.getTime() && now < s.until_at.getTime();
      return holds !== this.#holding.has(s.id);
    });
    if (!due && !quiet) return Promise.resolve();
    return this.exclusive(async () => {
      for (const a of this.open.values()) {
        if (!this.#due(a, now)) continue;
        a.repeats += 1;
        a.told_at = new Date(now);
        this.#dirty.add(a);
        this.#step(a, now, 'repeated', { detail: { n: a.repeats }, once: `repeated:${a.repeats}` });
      }
      await this.#flush(now);
    });
  }
  readonly #holding = new Set<number>();

  #due(a: AlertRow, now: number): boolean {
    const repeat = this.rules.get(a.rule)?.rule.repeat;
    return (
      repeat !== undefined &&
      a.source === 'rule' &&
      !a.acknowledged_at &&
      a.silenced === null &&
      a.inhibited === null &&
      now >= a.told_at.getTime() + milliseconds(repeat)
    );
  }

  /** Reads the silences that hold or will. */
  async readSilences(): Promise<void> {
    const { rows } = await sql<Silence>`SELECT * FROM alerts.silence WHERE ended_at IS NULL
      AND until_at > ${this.#deps.clock.now()}`.execute(this.#deps.db.kysely);
    this.#silences = rows;
  }

  /** Silences were made or ended. */
  quietChanged(): Promise<void> {
    return this.exclusive(async () => {
      await this.readSilences();
      await this.#flush(this.#deps.clock.now().getTime());
    });
  }

  /** An alert was changed by people in the store: what is in memory follows, and everybody hears of it. */
  async changed(id: number, kind: ChangeKind): Promise<void> {
    const { rows } = await sql<AlertRow>`SELECT * FROM alerts.alert WHERE id = ${id}`.execute(this.#deps.db.kysely);
    const row = rows[0];
    if (!row) return;
    const known = this.open.get(id);
    if (known) Object.assign(known, row);
    else if (!row.closed_at) this.open.set(id, row);
    if (row.closed_at) this.open.delete(id);
    await this.#emit([{ kind, at: this.#deps.clock.now().getTime(), alert: known ?? row }]);
  }

  #group(rule: string, key: string): Group {
    const id = `${rule}\n${key}`;
    let group = this.#groups.get(id);
    if (!group) {
      group = { rule, key, members: new Map(), alert: null };
      this.#groups.set(id, group);
    }
    return group;
  }

  #groupOf(name: string, series: number): Group | undefined {
    const moved = this.#moved.get(name)?.get(series);
    if (moved) return moved;
    const rule = this.rules.get(name)?.rule;
    const s = this.#series(series);
    if (!rule || !s) return undefined;
    const key =
      rule.group === 'series'
        ? `s${series}`
        : rule.group === 'entity'
          ? s.entity
          : rule.group === 'owner'
            ? `o:${s.owner ?? ''}`
            : '*';
    return this.#group(name, key);
  }

  #move(rule: string, series: number, group: Group): void {
    const moved = this.#moved.get(rule) ?? new Map<number, Group>();
    moved.set(series, group);
    this.#moved.set(rule, moved);
  }

  #member(
    series: number,
    since: number,
    now: { level: number; noData: boolean; at: number; measure: number; value: number },
  ): Member | undefined {
    const s = this.#series(series);
    if (!s) return undefined;
    return {
      ...{ series, entity: s.entity, property: s.property, label: s.label, level: now.level, noData: now.noData },
      ...{ since, at: now.at, value: now.value, measure: now.measure, ended: null },
    };
  }

  #take(t: Transition): void {
    const running = this.rules.get(t.rule);
    const group = this.#groupOf(t.rule, t.series);
    if (!running || !group) return;
    const noData = t.kind === 'no-data';
    const stands = t.level > 0 || (noData && running.rule.tellSilence);
    const before = group.members.get(t.series);
    if (stands) {
      const now = { level: t.level, noData, at: t.at, measure: t.measure, value: t.value };
      const member = before ? Object.assign(before, now) : this.#member(t.series, t.at, now);
      if (!member) return;
      group.members.set(t.series, member);
      if (group.alert && group.members.size <= MOST_MEMBERS) this.#members.set(member, group.alert);
    } else if (before) {
      group.members.delete(t.series);
      this.#moved.get(t.rule)?.delete(t.series);
      if (group.alert)
        this.#members.set(Object.assign(before, { level: 0, noData: false, ended: t.at, at: t.at }), group.alert);
    } else return;
    // Looked at once more after a kill: what the store knows of this alert is newer.
    if (group.alert && t.at < (group.from ?? group.alert.opened_at.getTime())) return;
    this.#update(group, t.at, t);
  }

  #update(given: Group, at: number, t?: Transition): void {
    let group = given;
    const { rule } = this.rules.get(group.rule)!;
    if (!group.alert) {
      if (group.members.size < rule.quorum) return;
      group = this.#admit(group, rule, at);
      if (!group.alert) {
        this.#open(group, at, t);
        return;
      }
    }
    const alert = group.alert!;
    if (!group.members.size) {
      this.#close(group, alert, at, 'over');
      return;
    }
    const gravest = this.#gravest(group);
    const state = [...group.members.values()].every((m) => m.noData) ? 'no-data' : 'firing';
    const before = { level: alert.level, state: alert.state };
    Object.assign(alert, this.#figures(group, rule, gravest));
    alert.state = state;
    alert.peak = Math.max(alert.peak, alert.level);
    alert.members_peak = Math.max(alert.members_peak, alert.members);
    if (t?.flapping) alert.flapping = true;
    // What stands on something real is no exercise any more; the other way round nothing real is called one.
    if (alert.exercise && t && t.level > 0 && !t.exercise) alert.exercise = false;
    alert.changed_at = new Date(Math.max(at, alert.changed_at.getTime()));
    this.#dirty.add(alert);
    if (alert.level !== before.level) {
      const raised = alert.level > before.level;
      if (raised) Object.assign(alert, { acknowledged_at: null, acknowledged_by: null, acknowledged_name: null });
      if (raised) alert.told_at = new Date(at);
      this.#step(alert, at, raised ? 'raised' : 'lowered', { detail: { from: before.level, series: gravest.series } });
    } else if (state !== before.state) this.#step(alert, at, state === 'no-data' ? 'no-data' : 'data', {});
  }

  /** A group that would open an alert: by itself, or in the storm of its rule. */
  #admit(group: Group, rule: Rule, at: number): Group {
    if (group.key === STORM) return group;
    const recent = (this.#openings.get(group.rule) ?? []).filter((o) => o > at - STORM_WINDOW && o <= at);
    this.#openings.set(group.rule, recent);
    const storm = this.#groups.get(`${group.rule}\n${STORM}`);
    if (recent.length < rule.storm && !this.#tooMany(group.rule)) {
      recent.push(at);
      return group;
    }
    const into = storm ?? this.#group(group.rule, STORM);
    for (const [series, member] of group.members) {
      into.members.set(series, member);
      this.#move(group.rule, series, into);
      if (into.alert && into.members.size <= MOST_MEMBERS) this.#members.set(member, into.alert);
    }
    group.members.clear();
    this.folded += 1;
    return into;
  }

  #tooMany(rule: string): boolean {
    if (this.open.size < MOST_OPEN) return false;
    let n = 0;
    for (const a of this.open.values()) if (a.rule === rule) n++;
    return n >= MOST_OPEN;
  }

  #gravest(group: Group): Member {
    let gravest: Member | undefined;
    for (const m of group.members.values()) if (!gravest || m.level > gravest.level) gravest = m;
    return gravest!;
  }

  #figures(group: Group, rule: Rule, gravest: Member): Partial<AlertRow> {
    const colour = colourOf(gravest.level);
    const given = colour ? rule.levels[colour] : undefined;
    const number = (n: number) => (Number.isFinite(n) ? n : null);
    return {
      ...{ level: gravest.level, members: group.members.size, value: number(gravest.value) },
      measure: number(gravest.measure),
      threshold: given === undefined ? null : threshold(given, rule.measure),
    };
  }

  #open(group: Group, at: number, t?: Transition): void {
    const { rule, version } = this.rules.get(group.rule)!;
    const gravest = this.#gravest(group);
    const s = this.#series(gravest.series)!;
    const storm = group.key === STORM;
    // An alert of many has no place and entity of its own.
    const one = !storm && (rule.group === 'entity' || rule.group === 'series');
    // An alert is known by its rule, group and instant: one that opens anew where time stands still (late readings) is a moment later.
    const name = `${group.rule}\n${group.key}`;
    const before = this.#opened.get(name) ?? Number.NEGATIVE_INFINITY;
    const opened = new Date(Math.max(Math.floor(at), before + 1));
    if (this.#opened.size > MOST_OPENED) this.#opened.clear();
    this.#opened.set(name, opened.getTime());
    const alert = {
      ...{ id: 0, source: 'rule', rule: group.rule, version, group_key: group.key, storm, title: rule.title },
      ...{
        category: rule.category,
        event: rule.event ?? null,
        peak: gravest.level,
        opened_at: opened,
        changed_at: opened,
      },
      ...{ state: gravest.noData ? 'no-data' : 'firing', closed_at: null, closed_because: null },
      ...{ entity: one ? s.entity : null, type: s.type, property: s.property, label: one ? s.label : null },
      ...{ lon: one ? s.lon : null, lat: one ? s.lat : null, area: null, owner: rule.owner ?? s.owner, unit: s.unit },
      ...this.#figures(group, rule, gravest),
      ...{ members_peak: group.members.size, flapping: t?.flapping ?? false, exercise: t?.exercise ?? false },
      ...{ acknowledged_at: null, acknowledged_by: null, acknowledged_name: null, silenced: null, inhibited: null },
      ...{ escalated_to: null, repeats: 0, told_at: opened, revision: 1, evidence: null },
    } as AlertRow;
    group.alert = alert;
    group.from = Math.floor(at);
    this.#fresh.push(alert);
    this.#dirty.add(alert);
    let n = 0;
    for (const m of group.members.values()) if (n++ < MOST_MEMBERS) this.#members.set(m, alert);
    this.#step(alert, at, 'opened', { detail: { series: gravest.series, storm }, once: 'opened' });
  }

  #close(group: Group | null, alert: AlertRow, at: number, because: string): void {
    const when = new Date(Math.max(Math.floor(at), alert.changed_at.getTime()));
    Object.assign(alert, { state: 'closed', closed_at: when, changed_at: when, closed_because: because, members: 0 });
    this.#dirty.add(alert);
    this.#step(alert, when.getTime(), 'closed', { detail: { because }, once: 'closed' });
    if (group) {
      group.alert = null;
      delete group.from;
      if (!group.members.size) this.#groups.delete(`${group.rule}\n${group.key}`);
    }
    this.open.delete(alert.id);
  }

  #step(alert: AlertRow, at: number, kind: ChangeKind, more: { detail?: object; once?: string }): void {
    const once = more.once ?? `${kind}:${at}:${alert.level}`;
    this.#steps.push({ alert, at, kind, level: alert.level, once, ...(more.detail ? { detail: more.detail } : {}) });
    this.#changes.push({ kind, at, alert });
  }

  /** Decides anew who is silenced and inhibited. */
  #quiet(now: number): void {
    this.#holding.clear();
    for (const s of this.#silences)
      if (now >= s.from_at.getTime() && now < s.until_at.getTime()) this.#holding.add(s.id);
    const inhibiting = [...this.rules.values()].some((r) => r.rule.inhibits.length > 0);
    if (!this.#holding.size && !inhibiting && ![...this.open.values()].some((a) => a.silenced ?? a.inhibited)) return;
    const ruleOf = (name: string) => this.rules.get(name)?.rule;
    for (const a of this.open.values()) {
      const silenced = silenceOf(a, this.#silences, now);
      if (silenced !== a.silenced) {
        const kind = silenced === null ? 'unsilenced' : a.silenced === null ? 'silenced' : null;
        a.silenced = silenced;
        this.#dirty.add(a);
        if (kind) this.#step(a, now, kind, { detail: { silence: silenced } });
      }
      const inhibited = inhibiting ? inhibitorOf(a, this.open.values(), ruleOf) : null;
      if (inhibited !== a.inhibited) {
        const kind = inhibited === null ? 'uninhibited' : a.inhibited === null ? 'inhibited' : null;
        a.inhibited = inhibited;
        this.#dirty.add(a);
        if (kind) this.#step(a, now, kind, { detail: { by: inhibited } });
      }
    }
  }

  async #flush(now: number): Promise<void> {
    const { db } = this.#deps;
    const number = async (trx: typeof db.kysely) => {
      await numberNew(trx, this.#fresh);
      for (const a of this.#fresh) if (!a.closed_at) this.open.set(a.id, a);
    };
    if (this.#fresh.length) await number(db.kysely);
    this.#quiet(now);
    if (!this.#dirty.size && !this.#steps.length && !this.#members.size) return;
    const changes = this.#changes;
    await db.tx(async (trx) => {
      await writeAlerts(trx, [...this.#dirty]);
      await writeMembers(
        trx,
        [...this.#members].map(([member, alert]) => ({ member, alert })),
      );
      await writeSteps(trx, this.#steps);
      await tellAlerts(this.#deps.notices, trx, changes);
    });
    for (const a of this.#dirty) a.revision += this.#fresh.includes(a) ? 0 : 1;
    const graver = changes.filter((c) => c.kind === 'opened' || c.kind === 'raised');
    this.#fresh = [];
    this.#dirty = new Set();
    this.#members = new Map();
    this.#steps = [];
    this.#changes = [];
    await this.#emit(changes);
    for (const { alert } of graver) this.onGraver?.(alert, this.#firstSeries(alert));
  }

  #firstSeries(alert: AlertRow): number | null {
    const group = this.#groups.get(`${alert.rule}\n${alert.group_key}`);
    return group?.members.size ? this.#gravest(group).series : null;
  }

  async #emit(changes: readonly { kind: ChangeKind; at: number; alert: AlertRow }[]): Promise<void> {
    for (const { kind, at, alert } of changes) {
      const change: AlertChange = { kind, at: new Date(at).toISOString(), alert: brief(alert) };
      await this.#deps.bus.emit(alertChanged, change);
    }
  }
}
