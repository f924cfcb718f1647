/**
 * A synthetic day of the city's events with its truth: what happened where and when, and who reported it how often, in whose words, with a right, wrong or
 * missing place. To know which reports are of one event, place, time, class and text are all needed: events of one class happen near each other, and people say
 * the same of different ones.
 */
import { type Asset, assetsOf } from './assets.ts';
import { HOUR } from './calendar.ts';
import { distance, type Ground, groundOf, type LonLat, metres } from './ground.ts';
import { type Matter, matters } from './matters.ts';
import { bell, clamp, hash32, pick, salt32, unit } from './random.ts';

/** Ways on which a report comes: the 12345 hotline, citizens by Open311, grid staff, recognition in video, departments' systems. */
export type Channel = 'hotline' | 'open311' | 'grid' | 'video' | 'department';

/** One event as it truly is. */
export interface TrueEvent {
  truth: number;
  at: number;
  place: LonLat;
  division: string;
  class: string;
  component: boolean;
  item: string;
  /** Its matter in the hub's catalogue. */
  matter: string | null;
  /** Which of the matter's states it is in. */
  detail: number;
  /** Another event of the same matter that is meant to be mistaken for it. */
  near?: number;
}

/** One report. What is missing was not told. */
export interface EventReport {
  report: number;
  /** The true event that it is of: not to be shown to what is measured. */
  truth: number;
  channel: Channel;
  at: number;
  /** WGS 84; `placed` is how true it is: `right` within 200 m, `wrong` beyond 400 m, or missing. */
  place?: LonLat;
  placed: 'right' | 'wrong' | 'missing';
  address?: string;
  text: string;
  class?: string;
  item?: string;
  /** The same as a matter of the hub's catalogue, when the item was told. */
  matter?: string;
  /** Unique in its channel. */
  key: string;
  /** 市民、网格员、摄像机、部门. */
  reporter: string;
}

/** How the day is to be. */
export interface EventDayOptions {
  events?: number;
  /** Share reported two to six times (0.4), share of reports with a wrong or missing place (0.3), share of events with a near twin (0.16). */
  repeated?: number;
  misplaced?: number;
  twins?: number;
  /** Beginning of the day, ms UTC. */
  from?: number;
}

/** A day of events: reports in order of time. */
export interface EventDay {
  truth: TrueEvent[];
  reports: EventReport[];
}

const byWeight = matters.flatMap((m, i) => Array.from({ length: m.weight }, () => i));

/** Makes a day. The same seed and options make the same day. Throws RangeError for shares beyond 0 … 1 or more than 100,000 events. */
export function eventDay(seed: number | string = 1, options: EventDayOptions = {}): EventDay {
  const {
    events = 500,
    repeated = 0.4,
    misplaced = 0.3,
    twins = 0.16,
    from = Date.parse('2026-11-20T00:00:00+08:00'),
  } = options;
  if (!(events >= 1 && events <= 100_000)) throw new RangeError(`events is from 1 to 100,000: ${events}`);
  for (const share of [repeated, misplaced, twins])
    if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is from 0 to 1: ${share}`);
  const ground = groundOf(seed);
  const salt = salt32(seed, 'events');
  const scribe = new Scribe(ground, salt);
  const truth: TrueEvent[] = [];
  for (let i = 0; i < events; i++)
    truth.push(
      happened(
        ground,
        salt,
        i,
        from,
        i > 0 && unit(salt, i, 1) < twins ? truth[i - 1 - (hash32(salt, i, 2) % Math.min(i, 3))] : undefined,
      ),
    );
  const reports: EventReport[] = [];
  for (const e of truth) {
    // Exactly the share asked for, whichever they are.
    const many =
      rank(salt, e.truth, events) < Math.round(events * repeated)
        ? 2 + Math.floor(5 * unit(salt, e.truth, 4) ** 1.6)
        : 1;
    for (let k = 0; k < many; k++) reports.push(scribe.report(e, k, unit(salt, e.truth * 8 + k, 5) < misplaced));
  }
  reports.sort((a, b) => a.at - b.at || a.truth - b.truth);
  reports.forEach((r, i) => {
    r.report = i + 1;
  });
  return { truth, reports };
}

/** Position of an index in a permutation of `n` that belongs to a salt. */
function rank(salt: number, i: number, n: number): number {
  const shift = hash32(salt, 6) % n;
  let step = (hash32(salt, 7) % n) | 1;
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  while (gcd(step, n) !== 1) step += 1;
  return (i * step + shift) % n;
}

/** Events by the hour: few at night, most in the morning and the late afternoon. */
function hourOf(x: number): number {
  const weights = [1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 9, 7, 6, 7, 8, 8, 9, 9, 8, 6, 5, 4, 3, 2];
  let left = x * weights.reduce((a, b) => a + b, 0);
  for (const [h, w] of weights.entries()) {
    if (left < w) return h + left / w;
    left -= w;
  }
  return 23.99;
}

/** Where something of this sort happens in the city: on a road, at a river, in a park … */
export function spotOf(ground: Ground, salt: number, i: number, where: Matter['where']): LonLat {
  const weighted = ground.towns.flatMap((t) => Array.from({ length: t.weight }, () => t.zone));
  const zone = pick(weighted, salt, i, 10);
  const blur = (p: LonLat, m: number): LonLat => [
    p[0] + (m * bell(salt, i, 11)) / metres.lon,
    p[1] + (m * bell(salt, i, 12)) / metres.lat,
  ];
  if (where === 'river') {
    const r = pick(ground.rivers, salt, i, 13);
    return blur(pick(r.line, salt, i, 14), 15);
  }
  const asset = where === 'site' ? 'building-site' : where === 'park' ? 'park' : undefined;
  if (asset)
    return blur(
      pick(
        assetsOf(ground).filter((a) => a.kind === asset),
        salt,
        i,
        15,
      ).at,
      60,
    );
  if (where === 'home' && unit(salt, i, 16) < 0.4)
    return blur(
      pick(
        ground.villages.filter((v) => v.zone === zone),
        salt,
        i,
        17,
      ).at,
      120,
    );
  const line = pick(
    ground.roads.filter((r) => r.zone === zone),
    salt,
    i,
    18,
  ).line;
  const k = hash32(salt, i, 19) % Math.max(1, line.length - 1);
  const f = unit(salt, i, 20);
  const [a, b] = [line[k]!, line[k + 1] ?? line[k]!];
  return blur([a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f], where === 'home' ? 45 : 8);
}

function happened(ground: Ground, salt: number, i: number, from: number, near?: TrueEvent): TrueEvent {
  const which = near
    ? matters.findIndex((m) => m.item === near.item && m.class === near.class)
    : pick(byWeight, salt, i, 21);
  const m = matters[which]!;
  let place = spotOf(ground, salt, i, m.where);
  let at = from + hourOf(unit(salt, i, 22)) * HOUR;
  let detail = hash32(salt, i, 23) % m.details.length;
  if (near) {
    // A twin: the same matter within some hundred metres or some hours; half of them in the same state as well.
    const close = unit(salt, i, 24) < 0.6;
    const far = close ? 90 + 310 * unit(salt, i, 25) : 600 + 2500 * unit(salt, i, 25);
    const turn = 2 * Math.PI * unit(salt, i, 26);
    place = [near.place[0] + (far * Math.cos(turn)) / metres.lon, near.place[1] + (far * Math.sin(turn)) / metres.lat];
    at = clamp(
      near.at + (close && far < 220 ? 3.2 + 6 * unit(salt, i, 27) : 2.2 * bell(salt, i, 27)) * HOUR,
      from,
      from + 24 * HOUR - 1,
    );
    if (unit(salt, i, 28) < 0.5 || far < 220) detail = far < 220 ? (near.detail + 1) % m.details.length : near.detail;
  }
  if (!ground.inside(place)) place = spotOf(ground, salt, i, 'road');
  const { class: kind, component, item, id: matter } = m;
  const lonlat: LonLat = [Number(place[0].toFixed(6)), Number(place[1].toFixed(6))];
  const division = ground.towns[ground.zoneAt(lonlat)]!.code;
  return {
    truth: i + 1,
    at: Math.round(at),
    place: lonlat,
    division,
    class: kind,
    component,
    item,
    matter,
    detail,
    ...(near ? { near: near.truth } : {}),
  };
}

interface Surroundings {
  near: { name: string; far: number; along: number }[];
  asset: Asset | undefined;
  river: string;
}

/** Writes reports. */
class Scribe {
  readonly #ground: Ground;
  readonly #salt: number;
  readonly #assets: readonly Asset[];
  readonly #known = new Map<number, Surroundings>();

  constructor(ground: Ground, salt: number) {
    this.#ground = ground;
    this.#salt = salt ^ 0x6a09e667;
    this.#assets = assetsOf(ground).filter((a) => !['team', 'building-site', 'car-park'].includes(a.kind));
  }

  report(e: TrueEvent, k: number, misplaced: boolean): EventReport {
    const s = this.#salt;
    const n = e.truth * 8 + k;
    const m = matters.find((x) => x.item === e.item && x.class === e.class)!;
    const channel = this.#channel(m, n);
    const late = k === 0 ? 0 : Math.round(2 * HOUR * unit(s, n, 1) ** 1.3);
    const placed = !misplaced ? 'right' : channel !== 'video' && unit(s, n, 2) < 0.5 ? 'missing' : 'wrong';
    const place = placed === 'missing' ? undefined : this.#reported(e, n, placed, channel);
    const named = this.#named(e, n);
    const told = unit(s, n, 3);
    const address = placed === 'missing' || told < 0.75 ? named : undefined;
    const classed =
      channel === 'video' || channel === 'department'
        ? 1
        : channel === 'grid'
          ? 0.97
          : channel === 'hotline'
            ? 0.6
            : 0.45;
    return {
      ...{
        report: 0,
        truth: e.truth,
        key: `${channel}-${e.truth}-${k}`,
        channel,
        at: e.at + late,
        placed,
        text: this.#text(e, m, channel, n, named),
      },
      ...(place ? { place } : {}),
      ...(address ? { address } : {}),
      // Citizens choose the neighbouring class now and then.
      ...(unit(s, n, 4) < classed ? this.#classed(e, channel, n) : {}),
      reporter: { hotline: '市民来电', open311: '市民', grid: '网格员', video: '视频分析', department: '部门' }[
        channel
      ],
    };
  }

  #classed(e: TrueEvent, channel: Channel, n: number): { class: string; item?: string; matter?: string } {
    const s = this.#salt;
    if (channel === 'open311' && unit(s, n, 5) < 0.12) {
      const other = pick(matters, s, n, 6);
      return { class: other.class, ...(other.id ? { matter: other.id } : {}) };
    }
    return {
      class: e.class,
      ...(channel === 'hotline' && unit(s, n, 7) < 0.4
        ? {}
        : { item: e.item, ...(e.matter ? { matter: e.matter } : {}) }),
    };
  }

  #channel(m: Matter, n: number): Channel {
    const x = unit(this.#salt, n, 8);
    if (m.video && x > 0.84) return 'video';
    return x < 0.34 ? 'hotline' : x < 0.58 ? 'open311' : x < 0.78 ? 'grid' : x < 0.86 ? 'department' : 'hotline';
  }

  /** Where the report says that it is. Cameras give their own place; a telephone's position strays. */
  #reported(e: TrueEvent, n: number, placed: 'right' | 'wrong', channel: Channel): LonLat {
    const s = this.#salt;
    const turn = 2 * Math.PI * unit(s, n, 9);
    const stray = channel === 'grid' ? 18 : channel === 'video' ? 70 : 48;
    let far = Math.min(195, stray * Math.abs(bell(s, n, 10)) + 3);
    if (placed === 'wrong') {
      // Where the caller lives, the middle of the town, or a slip of the finger.
      if (unit(s, n, 11) < 0.3) {
        const town = this.#ground.towns[this.#ground.zoneAt(e.place)]!.at;
        if (distance(town, e.place) > 400) return [Number(town[0].toFixed(6)), Number(town[1].toFixed(6))];
      }
      far = 450 + 2600 * unit(s, n, 12) ** 2;
    }
    return [
      Number((e.place[0] + (far * Math.cos(turn)) / metres.lon).toFixed(6)),
      Number((e.place[1] + (far * Math.sin(turn)) / metres.lat).toFixed(6)),
    ];
  }

  /** What lies round an event: its town's roads, the nearest first, the nearest place and river. Worked out once for all its reports. */
  #around(e: TrueEvent): Surroundings {
    let known = this.#known.get(e.truth);
    if (known) return known;
    const ground = this.#ground;
    const zone = ground.zoneAt(e.place);
    const least = (line: readonly LonLat[]): [number, number] => {
      let best = 0;
      let far = Number.POSITIVE_INFINITY;
      for (let i = 0; i < line.length; i++) {
        const d = distance(line[i]!, e.place);
        if (d < far) [far, best] = [d, i];
      }
      return [far, best];
    };
    const near = ground.roads
      .filter((r) => r.zone === zone)
      .map((r) => {
        const [far, at] = least(r.line);
        return { name: r.name, far, along: at / Math.max(1, r.line.length - 1) };
      })
      .sort((a, b) => a.far - b.far);
    let asset: Asset | undefined;
    let within = 280;
    for (const a of this.#assets) {
      const d = distance(a.at, e.place);
      if (d < within) [asset, within] = [a, d];
    }
    let river = '';
    if (e.item === '水域不洁') {
      const far = ground.rivers.map((r) => least(r.line)[0]);
      river = ground.rivers[far.indexOf(Math.min(...far))]!.name;
    }
    known = { near, asset, river };
    this.#known.set(e.truth, known);
    return known;
  }

  /** The place in words: a road and a number, a crossing, what is beside it, a village, a river. */
  #named(e: TrueEvent, n: number): string {
    const s = this.#salt;
    const ground = this.#ground;
    const zone = ground.zoneAt(e.place);
    const town = unit(s, n, 13) < 0.6 ? ground.towns[zone]!.name : '';
    const { near, asset, river } = this.#around(e);
    const [first, second] = near;
    const spoken = asset?.name.replace('慈溪市', '');
    if (e.class === '市容环境' && e.item === '水域不洁') {
      return `${town}${river}${pick(['河段', '边上', '桥下', '沿岸'], s, n, 14)}`;
    }
    // Most name an event's place as the event's own surroundings suggest; some otherwise.
    const way = unit(s, unit(s, n, 15) < 0.65 ? e.truth + 1_000_000 : n, 16);
    if (spoken && way < 0.4)
      return `${town && !spoken.startsWith(town) ? town : ''}${spoken}${pick(['门口', '附近', '旁边', '对面', '东侧'], s, n, 17)}`;
    if (first && second && first.far < 260 && second.far < 260 && way < 0.62)
      return `${town}${first.name}与${second.name}${pick(['交叉口', '路口', '交界处'], s, n, 18)}`;
    if (first && first.far < 320) {
      const number = clamp(Math.round(first.along * 998) + (hash32(s, n, 19) % 7) - 3, 1, 999);
      return way < 0.85
        ? `${town}${first.name}${number}号${pick(['', '附近', '门前'], s, n, 20)}`
        : `${town}${first.name}${pick(['中段', '靠近公交站', '人行道', ''], s, n, 21)}`;
    }
    return `${ground.towns[zone]!.name}${ground.communityAt(e.place) ?? ''}`;
  }

  #text(e: TrueEvent, m: Matter, channel: Channel, n: number, where: string): string {
    const s = this.#salt;
    const detail = pick(m.details[e.detail]!, s, n, 22);
    const formal = m.details[e.detail]![0]!;
    const effect = pick(m.effects, s, n, 23);
    const called = m.names.length > 1 ? m.names[1 + (hash32(s, n, 24) % (m.names.length - 1))]! : m.names[0]!;
    const place = unit(s, n, 25) < 0.82 ? where : pick(['这边', '我家楼下', '门口', '老地方'], s, n, 26);
    switch (channel) {
      case 'hotline':
        return pick(
          [
            `市民来电反映：${place}${called}，${detail}，${effect}，希望尽快处理。`,
            `来电人称${place}${detail}，${effect}，要求相关部门到现场查看。`,
            `市民反映${place}有${m.names[0]}情况，${detail}。诉求：尽快解决并回复。`,
            `【12345】${place}，${called}，${effect}。来电人称已持续一段时间，${detail}。`,
          ],
          s,
          n,
          27,
        );
      case 'open311':
        return pick(
          [
            `${place}${detail}，${effect}，有人管吗？`,
            `${called}！${place}，${detail}。`,
            `路过${place}，${detail}，${effect}`,
            `${detail}，地点${place}，麻烦处理一下，谢谢`,
            `${place}${called}，${effect}！！`,
          ],
          s,
          n,
          28,
        );
      case 'grid':
        return pick(
          [
            `网格巡查发现${where}${m.item}，${formal}，已拍照上报。`,
            `${where}存在${m.names[0]}问题：${formal}，无法当场处置，请派单。`,
            `巡查上报：${m.item}，位于${where}，${detail}。`,
          ],
          s,
          n,
          29,
        );
      case 'video':
        return pick(
          [
            `视频分析告警：${m.item}，点位${where}`,
            `AI 识别到${m.item}（${formal}），置信度0.${80 + (hash32(s, n, 30) % 19)}，${where}`,
          ],
          s,
          n,
          31,
        );
      case 'department':
        return pick(
          [
            `转办件：${where}${m.names[0]}，${formal}，请核实处理。`,
            `${where}发生${m.item}，${formal}，${effect}，已通知现场人员。`,
          ],
          s,
          n,
          32,
        );
    }
  }
}
