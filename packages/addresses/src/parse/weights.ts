/**
 * The weights of the model, set by hand from how addresses are written (natural logarithms of relative likelihoods). Nothing here was
 * fitted to a corpus.
 */

import { LABELS, type Label } from '../labels.ts';

/** Number of states: every label that a following element may depend on, and the start (in the place of `redundant`). */
export const STATES = 20;
/** The state before the first element. */
export const START = 19;

const index = (label: Label | 'start'): number => (label === 'start' ? START : LABELS.indexOf(label));

/** From large to small; elements usually follow in this order. */
const RANK: Partial<Record<Label | 'start', number>> = {
  start: -1,
  country: 0,
  province: 1,
  city: 2,
  district: 3,
  devzone: 4,
  town: 4,
  community: 5,
  road: 6,
  roadno: 7,
  subroad: 8,
  subroadno: 9,
  poi: 10,
  subpoi: 11,
  houseno: 12,
  cellno: 13,
  floorno: 14,
  roomno: 15,
  person: 16,
  assist: 17,
};

/** `from: to weight, to weight …`; everything else goes by rank: forwards {@link FORWARD}, backwards {@link BACKWARD}. */
const STEPS: readonly string[] = [
  'start: country -2.5, province -0.5, city -0.7, district -0.9, devzone -3.6, town -1.6, community -3, road -1.7, roadno -9, subroad -12, subroadno -14, poi -1.9, subpoi -9, houseno -5, cellno -9, floorno -8, roomno -8, person -8, assist -6',
  'country: province -0.2, city -1, district -2, town -4, road -4, poi -4',
  'province: city -0.3, district -1.5, devzone -4, town -3, community -5, road -4, poi -3.5, houseno -9, roadno -9',
  'city: district -0.3, devzone -3, town -2.2, community -4.5, road -2, poi -2.2, roadno -9, houseno -9, city -7',
  'district: devzone -3, town -0.7, community -3.4, road -1.2, poi -1.5, roadno -7, houseno -8, roomno -9, district -6, city -7',
  'devzone: town -2.4, community -3.4, road -0.9, poi -1.4, devzone -5, roadno -5, houseno -4, assist -4, district -9',
  'town: community -1.1, road -0.9, poi -1.1, devzone -3.4, town -4.2, roadno -5, houseno -5.5, assist -4.5, roomno -8, district -7, city -9, province -9',
  'community: road -1.8, roadno -1.1, poi -1.6, community -4, devzone -5, houseno -3, assist -3, subroad -9, town -7, floorno -6, roomno -5, district -9, city -9, province -10',
  'road: roadno -0.4, subroad -3.4, poi -1.5, houseno -3.6, roomno -6, cellno -8, floorno -5, assist -2.6, road -6, community -5, town -8, subroadno -9, district -10, city -11, province -11, person -7',
  'roadno: poi -0.9, houseno -1.7, floorno -2.2, roomno -2.4, cellno -6, subroad -4, person -6, assist -2.6, roadno -5.5, road -6, subpoi -6, community -6, town -8, district -10, city -11, province -11, subroadno -9',
  'subroad: subroadno -0.5, poi -1.2, houseno -2.6, assist -1.6, roadno -9, road -8, subroad -6, floorno -5, roomno -5',
  'subroadno: poi -1, houseno -1.6, roomno -2, floorno -2, cellno -6, subroadno -5, person -6, assist -2.6, roadno -9, subroad -7',
  'poi: houseno -1, subpoi -2.4, roomno -2, floorno -1.8, cellno -5, roadno -3, assist -2.2, poi -5, person -5, road -3.8, subroad -9, community -6, town -8, district -10, city -11, province -11, devzone -8, subroadno -9',
  'subpoi: houseno -0.9, roomno -1.8, floorno -1.8, cellno -3.4, person -3, assist -2.4, subpoi -4, roadno -4.6, poi -6, road -6, community -8, town -9',
  'houseno: cellno -1, roomno -1, floorno -1.5, person -2.6, subpoi -3.6, poi -4, assist -2.8, houseno -5, roadno -7, road -8',
  'cellno: roomno -0.3, floorno -1.5, person -3, houseno -6, poi -5, subpoi -5, cellno -5, assist -3',
  'floorno: roomno -1.4, person -1.2, poi -3, subpoi -3.6, houseno -4, cellno -5, assist -3, floorno -5, roadno -9',
  'roomno: person -1.2, assist -3, poi -4, subpoi -4.4, floorno -5, houseno -6, roomno -5, cellno -6, roadno -9',
  'person: assist -2.4, roomno -4, floorno -4, houseno -5, person -4, poi -7, subpoi -7, cellno -6',
  'assist: poi -1.4, subpoi -2, houseno -2.4, roadno -3, subroad -2.6, road -3.4, assist -2.6, roomno -3, floorno -3, person -3, subroadno -6, cellno -5, community -6, town -8',
];

const FORWARD = -4.5;
const BACKWARD = -9;

function transitions(): Float64Array {
  const table = new Float64Array(STATES * STATES).fill(BACKWARD);
  for (const [from, a] of Object.entries(RANK)) {
    for (const [to, b] of Object.entries(RANK)) {
      if (b > a) table[index(from as Label) * STATES + index(to as Label)] = FORWARD - 0.3 * (b - a);
    }
  }
  for (const line of STEPS) {
    const [from, rest] = line.split(': ') as [Label | 'start', string];
    for (const step of rest.split(', ')) {
      const [to, weight] = step.split(' ') as [Label, string];
      table[index(from) * STATES + index(to)] = Number(weight);
    }
  }
  return table;
}

/** Weight of going from a state to the next element's label: `[from * STATES + to]`. */
export const TRANSITIONS: Float64Array = transitions();

/** Weight of an address ending in a state. */
export const ENDS: Float64Array = (() => {
  const ends = new Float64Array(STATES);
  const bad: Partial<Record<Label, number>> = {
    country: -3,
    province: -3,
    city: -2,
    district: -1.5,
    town: -1,
    road: -0.6,
  };
  for (const [label, weight] of Object.entries(bad)) ends[index(label as Label)] = weight;
  return ends;
})();

/** Weights of lengths in characters, whole names with their endings; index 0 unused, the last goes for everything longer. */
export const LENGTHS = {
  town: [0, -9, -4.2, -0.5, -1.3, -2, -3.2, -4.2, -5.5, -7],
  /** 街道 with its two characters. */
  street: [0, -9, -9, -4, -0.6, -0.9, -2.6, -4, -6],
  bareTown: [0, -12, -3, -4.4, -8.5, -10],
  community: [0, -9, -3, -0.7, -1.3, -2, -3, -4, -5, -6],
  bareCommunity: [0, -12, -4.4, -3.8, -5.4, -7],
  road: [0, -9, -3.2, -0.6, -1.1, -2.4, -3.2, -4.4, -5.4, -6.4],
  bareRoad: [0, -12, -6, -5, -6, -8],
  county: [0, -9, -6, -2, -2.6, -4, -5],
  zone: [0, -9, -9, -2, -2.6, -1.8, -1.8, -2, -2.2, -2.4, -2.6, -2.8, -3, -3.4, -4],
  poi: [0, -6, -2.6, -2, -1.4, -1.7, -1.9, -2.3, -2.6, -2.9, -3.1, -3.3, -3.5, -3.8, -4.2, -4.6, -5, -5.5, -6],
  part: [0, -6, -2.4, -2.2, -1.7, -2, -2.4, -2.8, -3.2, -3.5, -3.8, -4, -4.3, -4.6, -5, -5.4, -5.8, -6.2],
} as const;

/** The weight of a length. */
export function lengthWeight(table: readonly number[], length: number): number {
  return length < table.length ? table[length]! : table[table.length - 1]! - (length - table.length + 1) * 0.6;
}

/** What the unit after a number makes of it: units 0 none, 1 号, 2 弄, 3 组, 4 幢, 5 单元, 6 层, 7 室. */
export const UNIT_WORDS: readonly string[] = [
  '',
  '号 号门牌 号院 号大院',
  '弄',
  '组 队 社 大队 生产队 小组 村民小组 组团',
  '幢 栋 号楼 座 #楼 号幢 号栋 # 楼座 幢楼 栋楼 #栋 #幢 号大楼 号厂房 号馆 号公寓',
  '单元 梯 单元门 门洞',
  '层 楼 F 层楼 楼层',
  '室 房 户 号房 房间 号室 房号 号房间 号铺 号商铺 号店铺 号店面 号摊位 商铺 店面 号档口 档 号档 铺 号摊 摊位 号店',
];

/** Weight of a label given the unit of its number: `[unit][label]`. */
export const UNITS: readonly Float64Array[] = [
  'roadno -2.4, subroadno -2, houseno -1.6, cellno -1.6, roomno -1.2, floorno -6',
  'roadno -0.1, subroadno 0, houseno -2.5, roomno -1.2, cellno -3.2',
  'roadno -0.2, subroadno -0.8, subroad -1.2',
  'road 0.4, roadno -4',
  'houseno 0, cellno -5, roomno -7',
  'cellno 0',
  'floorno 0, houseno -4',
  'roomno 0, floorno -8',
].map((line) => {
  const weights = new Float64Array(STATES).fill(-1e9);
  for (const part of line.split(', ')) {
    const [label, weight] = part.split(' ') as [Label, string];
    weights[index(label)] = Number(weight);
  }
  return weights;
});
