/**
 * Places and means that risk, events and command work with: hospitals, fire stations, shelters, depots, teams, schools, enterprises with dangerous goods,
 * scenic spots, pump stations, gates. Invented, in the synthetic city's own geography; names begin with the city's as those of zrzy.place-name do.
 */
import type { Ground, LonLat, Town } from './ground.ts';
import { distance } from './ground.ts';
import { bell, clamp, hash32, pick, salt32, unit } from './random.ts';

/** Kinds of assets. */
export type AssetKind =
  | 'hospital'
  | 'fire-station'
  | 'police-station'
  | 'shelter'
  | 'depot'
  | 'team'
  | 'school'
  | 'care-home'
  | 'hazardous-enterprise'
  | 'scenic-spot'
  | 'pump-station'
  | 'sea-gate'
  | 'park'
  | 'market'
  | 'car-park'
  | 'building-site';

/** A place or a means. */
export interface Asset {
  /** `urn:ngsi-ld:PointOfInterest:cixi-<kind>-<nnn>`. */
  id: string;
  kind: AssetKind;
  name: string;
  at: LonLat;
  /** Position of its town, its division's code (GB/T 2260 with nine digits) and its grid. */
  zone: number;
  division: string;
  grid: string | undefined;
  address: string;
  /** Organisation that answers for it (cities/cixi/organisations.yaml). */
  owner: string;
  /** Beds, places, pupils, visitors or spots, by kind. */
  capacity: number;
  /** Figures and lists of its kind: goods, stocks (name, unit, number), vehicles, people. */
  detail: Readonly<Record<string, string | number | readonly { name: string; unit: string; quantity: number }[]>>;
}

interface Recipe {
  kind: AssetKind;
  count: number;
  owner: string;
  /** Towns it may lie in; all by default. */
  towns?: (t: Town, ground: Ground) => boolean;
  name: (town: Town, i: number, salt: number, road: string) => string;
  capacity: (i: number, salt: number) => number;
  detail?: (i: number, salt: number) => Asset['detail'];
  /** Places of its own (scenic spots, gates). */
  places?: (ground: Ground) => LonLat[];
}

const goods = ['液氨', '液氯', '甲醇', '丙烯腈', '苯乙烯', '硫酸', '盐酸', '环氧乙烷', '天然气', '丙烷'] as const;
const trades = ['化工', '制冷', '电镀', '涂料', '新材料', '医药', '气体', '树脂'] as const;
const firms = [
  '瑞泰',
  '宏盛',
  '东海',
  '恒源',
  '明辉',
  '科润',
  '华诚',
  '海畅',
  '永新',
  '金鼎',
  '百川',
  '启明',
  '方正达',
  '凯越',
  '天浦',
  '卓远',
] as const;
const industrial = (t: Town): boolean => /龙山|滨海|观海卫|周巷|附海|宗汉|庵东|新浦|创新/.test(t.name);
const spots = [
  ['鸣鹤水乡', 12_000],
  ['五磊山', 6_000],
  ['达蓬山乐园', 15_000],
  ['上林湖青瓷文化园', 8_000],
  ['杭州湾湿地', 9_000],
  ['方特海湾世界', 22_000],
  ['峙山公园', 10_000],
  ['虞洽卿故居', 2_500],
] as const;
const stock = (salt: number, i: number): Asset['detail'] => ({
  stocks: [
    ['编织袋', '只', 20_000],
    ['移动水泵', '台', 12],
    ['冲锋舟', '艘', 6],
    ['救生衣', '件', 300],
    ['应急发电机', '台', 10],
    ['帐篷', '顶', 200],
    ['棉被', '床', 500],
    ['防化服', '套', 20],
    ['正压式呼吸器', '具', 24],
  ].map(([name, unitName, most], k) => ({
    name: name as string,
    unit: unitName as string,
    quantity: Math.ceil((most as number) * (0.3 + 0.7 * unit(salt, i, 900 + k))),
  })),
});

const recipes: readonly Recipe[] = [
  {
    kind: 'hospital',
    count: 9,
    owner: 'wjj',
    name: (t, i) => ['人民医院', '中医医院', '妇幼保健院', '第三人民医院', `${t.name}中心医院`][Math.min(i, 4)]!,
    capacity: (i) => [1400, 800, 500, 450][i] ?? 180,
    detail: (i) => ({ level: i < 2 ? '三级' : i < 4 ? '二级' : '一级', ambulances: i < 4 ? 8 - i : 2 }),
  },
  {
    kind: 'fire-station',
    count: 10,
    owner: 'xfj',
    name: (t) => `${t.name}消防救援站`,
    capacity: (i) => 22 + (i % 4) * 8,
    detail: (i, s) => ({
      people: 22 + (i % 4) * 8,
      engines: 3 + (hash32(s, i) % 4),
      chemical: i % 3 === 0 ? '有化工救援编队' : '',
    }),
  },
  {
    kind: 'police-station',
    count: 24,
    owner: 'gaj',
    name: (t) => `${t.name}派出所`,
    capacity: (i) => 20 + (i % 5) * 6,
  },
  {
    kind: 'shelter',
    count: 36,
    owner: 'yjgl',
    name: (t, i) => `${t.name}应急避难场所${i >= 24 ? '（二）' : ''}`,
    capacity: (i, s) => 300 + 100 * (hash32(s, i) % 38),
    detail: (i) => ({ sort: i % 3 === 0 ? '室外' : '室内', floodSafe: i % 5 === 4 ? '否' : '是' }),
  },
  {
    kind: 'depot',
    count: 12,
    owner: 'yjgl',
    name: (t) => `${t.name}应急物资储备点`,
    capacity: () => 1,
    detail: (i, s) => stock(s, i),
  },
  {
    kind: 'team',
    count: 18,
    owner: 'yjgl',
    name: (t, i) =>
      `${t.name}${['防汛抢险队', '综合应急救援队', '排水抢险队', '电力抢修队', '危化救援队', '医疗救护队'][i % 6]}`,
    capacity: (i) => 15 + (i % 5) * 7,
    detail: (i) => ({
      people: 15 + (i % 5) * 7,
      vehicles: 2 + (i % 4),
      skill: ['防汛抢险', '综合救援', '排水', '电力抢修', '危险化学品', '医疗救护'][i % 6]!,
    }),
  },
  {
    kind: 'school',
    count: 60,
    owner: 'jyj',
    name: (t, i) => `${t.name}${['中心小学', '初级中学', '第二小学', '中心幼儿园'][Math.floor(i / 24) % 4]}`,
    capacity: (i, s) => 300 + 60 * (hash32(s, i) % 30),
  },
  {
    kind: 'care-home',
    count: 20,
    owner: 'mzj',
    name: (t) => `${t.name}敬老院`,
    capacity: (i, s) => 60 + 10 * (hash32(s, i) % 20),
  },
  {
    kind: 'hazardous-enterprise',
    count: 48,
    owner: 'yjgl',
    towns: industrial,
    name: (_t, i, s) => `${pick(firms, s, i, 1)}${pick(trades, s, i, 2)}有限公司`,
    capacity: (i, s) => 30 + (hash32(s, i, 3) % 400),
    detail: (i, s) => ({
      goods: i === 0 ? '液氨' : pick(goods, s, i, 4),
      tonnes: i === 0 ? 60 : 5 + (hash32(s, i, 5) % 200),
      majorHazard: ['一级', '二级', '三级', '四级', '不构成'][
        i === 0 ? 2 : Math.min(4, Math.floor(5 * Math.sqrt(unit(s, i, 6))))
      ]!,
    }),
  },
  {
    kind: 'scenic-spot',
    count: spots.length,
    owner: 'wglt',
    name: (_t, i) => spots[i % spots.length]![0],
    capacity: (i) => spots[i % spots.length]![1],
  },
  {
    kind: 'park',
    count: 16,
    owner: 'zhzf',
    name: (t, _i, _s, road) => `${t.name}${road.slice(0, 2)}公园`,
    capacity: () => 2000,
  },
  { kind: 'market', count: 24, owner: 'scjg', name: (t) => `${t.name}农贸市场`, capacity: (i) => 800 + 100 * (i % 9) },
  {
    kind: 'car-park',
    count: 60,
    owner: 'zhzf',
    name: (_t, i, _s, road) => `${road}${['公共停车场', '商业广场停车场', '路外停车场'][i % 3]}`,
    capacity: (i, s) => 60 + 10 * (hash32(s, i) % 60),
    detail: (i) => ({ use: ['office', 'commercial', 'residential'][i % 3]! }),
  },
  {
    kind: 'building-site',
    count: 24,
    owner: 'zjj',
    name: (_t, i, s, road) =>
      `${road}${pick(['安置房', '商品住宅', '产业园厂房', '学校扩建', '道路改造'], s, i, 7)}项目工地`,
    capacity: (i, s) => 40 + (hash32(s, i, 8) % 260),
  },
];

/** A place beside a road with its address: where numbers of that road lie. */
export function beside(
  ground: Ground,
  salt: number,
  towns: readonly Town[],
  i: number,
): { town: Town; road: string; number: number; at: LonLat } {
  const town = towns[i % towns.length]!;
  const own = ground.roads.filter((r) => r.zone === town.zone);
  const road = own[hash32(salt, i, 11) % own.length]!;
  const along = unit(salt, i, 12);
  const from = road.line[Math.floor(along * (road.line.length - 1))]!;
  const side = 0.00035 * (hash32(salt, i, 13) % 2 ? 1 : -1);
  const at: LonLat = [from[0] + side + 0.0002 * bell(salt, i, 14), from[1] + side];
  return { town, road: road.name, number: 1 + Math.floor(along * 998), at: ground.inside(at) ? at : from };
}

const kept = new WeakMap<Ground, Asset[]>();

/** All assets of a ground; made once. `scale` in {@link liveCity} never changes them. */
export function assetsOf(ground: Ground): Asset[] {
  const known = kept.get(ground);
  if (known) return known;
  const list = recipes.flatMap((recipe) => make(ground, recipe));
  list.push(...waterworks(ground));
  kept.set(ground, list);
  return list;
}

function make(ground: Ground, recipe: Recipe): Asset[] {
  const salt = salt32(ground.seed, `asset ${recipe.kind}`);
  // The bigger towns first; a seed's own order among equals.
  const towns = ground.towns
    .filter((t) => recipe.towns?.(t, ground) ?? true)
    .sort((a, b) => b.weight - a.weight || hash32(salt, a.zone, 99) - hash32(salt, b.zone, 99));
  const names = new Map<string, number>();
  return Array.from({ length: recipe.count }, (_, i) => {
    const { town, road, number, at } = beside(ground, salt, towns, i);
    const plain = `慈溪市${recipe.name(town, i, salt, road)}`;
    const again = (names.get(plain) ?? 0) + 1;
    names.set(plain, again);
    return asset(ground, recipe.kind, i, {
      name: again > 1 ? `${plain}${again}号` : plain,
      at,
      address: `${town.name}${road}${number}号`,
      owner: recipe.owner,
      capacity: recipe.capacity(i, salt),
      detail: recipe.detail?.(i, salt) ?? {},
    });
  });
}

/** A pump station in the lower half of every river and a gate where it meets the sea. */
function waterworks(ground: Ground): Asset[] {
  return ground.rivers.flatMap((r, i) => {
    const low = r.line[Math.floor(r.line.length * 0.7)]!;
    const mouth = r.line.at(-2)!;
    const of = (at: LonLat) => ground.towns[ground.zoneAt(at)]!.name;
    return [
      asset(ground, 'pump-station', i, {
        name: `慈溪市${r.name}排涝泵站`,
        at: low,
        address: `${of(low)}${r.name}畔`,
        owner: 'slj',
        capacity: 3 + (i % 4),
        detail: { pumps: 3 + (i % 4), river: r.code, flow: 6 + 2 * (i % 4) },
      }),
      asset(ground, 'sea-gate', i, {
        name: `慈溪市${r.name}出海闸`,
        at: mouth,
        address: `${of(mouth)}${r.name}出海口`,
        owner: 'slj',
        capacity: 2 + (i % 3),
        detail: { river: r.code },
      }),
    ];
  });
}

function asset(
  ground: Ground,
  kind: AssetKind,
  i: number,
  rest: Pick<Asset, 'name' | 'at' | 'address' | 'owner' | 'capacity' | 'detail'>,
): Asset {
  const zone = ground.zoneAt(rest.at);
  const at: LonLat = [Number(rest.at[0].toFixed(6)), Number(rest.at[1].toFixed(6))];
  const id = `urn:ngsi-ld:PointOfInterest:cixi-${kind}-${String(i + 1).padStart(3, '0')}`;
  return { id, kind, zone, division: ground.towns[zone]!.code, grid: ground.gridAt(at), ...rest, at };
}

/** The asset of a kind that lies nearest. */
export const nearestAsset = (assets: readonly Asset[], kind: AssetKind, at: LonLat): Asset | undefined =>
  assets
    .filter((a) => a.kind === kind)
    .reduce<Asset | undefined>(
      (best, a) => (!best || distance(a.at, at) < distance(best.at, at) ? a : best),
      undefined,
    );

/** Where the leak of the scripted day is: the works that keeps ammonia. */
export const leakSite = (assets: readonly Asset[]): Asset => assets.find((a) => a.kind === 'hazardous-enterprise')!;

/** Capacity held within sensible bounds, for sensors of it. */
export const capacityOf = (a: Asset): number => clamp(a.capacity, 1, 50_000);
