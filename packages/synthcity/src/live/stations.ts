/** The city's sensors: which there are, where they stand, what they measure. Names are those of Smart Data Models, identifiers NGSI-LD URNs. */
import { type Asset, type AssetKind, assetsOf, beside, nearestAsset } from './assets.ts';
import type { Ground, LonLat } from './ground.ts';
import { hash32, salt32 } from './random.ts';
import { levels } from './water.ts';

/** Groups of sensors. */
export type Category =
  | 'weather'
  | 'rain'
  | 'river'
  | 'reservoir'
  | 'tide'
  | 'pump'
  | 'air'
  | 'dust'
  | 'gas'
  | 'scenic'
  | 'school'
  | 'hospital'
  | 'power'
  | 'parking'
  | 'traffic';

/** A property that a category's stations measure. */
export interface Measured {
  /** Type of the entity and name of the property. */
  type: string;
  property: string;
  /** As people write it, and the code of UN/CEFACT Recommendation 20. */
  unit: string;
  unitCode: string;
  label: { zh: string; en: string };
  /** Bounds that no true value leaves, what an ordinary change amounts to, and decimals of a reading. */
  low: number;
  high: number;
  scale: number;
  decimals: number;
}

/** A sensor site. */
export interface Station {
  entity: string;
  type: string;
  category: Category;
  name: string;
  at: LonLat;
  zone: number;
  division: string;
  owner: string;
  /** Seconds between its reports. */
  period: number;
  /** Asset that it watches, where it watches one. */
  asset?: string;
  /** River that it stands at, and how far down it (0 … 1). */
  river?: number;
  along?: number;
  /** Figures that stay as they are: spots, pupils, beds, pumps, levels of warning. */
  facts: Readonly<Record<string, number | string>>;
}

/** One series of readings: `number` is its position in the registry. */
export interface LiveSeries extends Measured {
  number: number;
  station: number;
  entity: string;
}

interface Plan {
  count: number;
  owner: string;
  period: number;
  measured: readonly Measured[];
  label: string;
}

const m = (
  type: string,
  property: string,
  unit: string,
  unitCode: string,
  zh: string,
  en: string,
  low: number,
  high: number,
  scale: number,
  decimals: number,
): Measured => ({
  ...{ type, property, unit, unitCode, label: { zh, en }, low, high, scale, decimals },
});
const micro = (property: string, zh: string, high: number): Measured =>
  m('AirQualityObserved', property, 'µg/m³', 'GQ', zh, property.toUpperCase(), 0, high, 20, 0);

/** Categories with how many stations a city of ordinary size has; see {@link baseSeries}. */
export const plans: Readonly<Record<Category, Plan>> = {
  weather: {
    ...{ count: 6, owner: 'yjgl', period: 300, label: '气象站' },
    measured: [
      m('WeatherObserved', 'temperature', '°C', 'CEL', '气温', 'Temperature', -12, 44, 3, 1),
      m('WeatherObserved', 'relativeHumidity', '%', 'P1', '相对湿度', 'Relative humidity', 5, 100, 10, 0),
      m('WeatherObserved', 'atmosphericPressure', 'hPa', 'A97', '气压', 'Pressure', 940, 1055, 5, 1),
      m('WeatherObserved', 'windSpeed', 'm/s', 'MTS', '风速', 'Wind speed', 0, 75, 2, 1),
      m('WeatherObserved', 'windDirection', '°', 'DD', '风向', 'Wind direction', 0, 360, 40, 0),
      m('WeatherObserved', 'precipitation', 'mm', 'MMT', '一小时雨量', 'Rain of the past hour', 0, 160, 4, 1),
    ],
  },
  rain: {
    ...{ count: 18, owner: 'slj', period: 300, label: '雨量站' },
    measured: [m('WeatherObserved', 'precipitation', 'mm', 'MMT', '一小时雨量', 'Rain of the past hour', 0, 160, 4, 1)],
  },
  river: {
    ...{ count: 28, owner: 'slj', period: 300, label: '水位站' },
    measured: [m('WaterObserved', 'waterLevel', 'm', 'MTR', '水位', 'Water level', -0.5, 7, 0.2, 2)],
  },
  reservoir: {
    ...{ count: 6, owner: 'slj', period: 900, label: '水库站' },
    measured: [m('WaterObserved', 'waterLevel', 'm', 'MTR', '库水位', 'Reservoir level', 5, 80, 0.3, 2)],
  },
  tide: {
    ...{ count: 2, owner: 'slj', period: 300, label: '潮位站' },
    measured: [m('WaterObserved', 'waterLevel', 'm', 'MTR', '潮位', 'Tide level', -5, 8, 0.3, 2)],
  },
  pump: {
    ...{ count: 6, owner: 'slj', period: 300, label: '排涝泵站' },
    measured: [
      m('Pump', 'runningPumps', '台', 'C62', '运行台数', 'Pumps running', 0, 12, 1, 0),
      m('Pump', 'flow', 'm³/s', 'MQS', '排涝流量', 'Flow', 0, 60, 2, 1),
    ],
  },
  air: {
    ...{ count: 8, owner: 'sthj', period: 300, label: '空气站' },
    measured: [
      micro('pm25', 'PM2.5', 900),
      micro('pm10', 'PM10', 1500),
      micro('no2', '二氧化氮', 400),
      micro('o3', '臭氧', 500),
    ],
  },
  dust: {
    ...{ count: 8, owner: 'zjj', period: 300, label: '扬尘监测点' },
    measured: [
      micro('pm10', 'PM10（工地）', 3000),
      m('NoiseLevelObserved', 'LAeq', 'dB', '2N', '噪声', 'Noise', 25, 120, 5, 1),
    ],
  },
  gas: {
    ...{ count: 8, owner: 'yjgl', period: 60, label: '有毒气体监测点' },
    measured: [
      m('AirQualityObserved', 'nh3', 'mg/m³', 'GP', '氨', 'Ammonia', 0, 20_000, 0.2, 2),
      m('AirQualityObserved', 'volatileOrganicCompoundsTotal', 'mg/m³', 'GP', '挥发性有机物', 'VOC', 0, 500, 0.3, 2),
    ],
  },
  scenic: {
    ...{ count: 8, owner: 'wglt', period: 300, label: '客流监测' },
    measured: [m('CrowdFlowObserved', 'peopleCount', '人', 'C62', '在园人数', 'People inside', 0, 60_000, 300, 0)],
  },
  school: {
    ...{ count: 12, owner: 'jyj', period: 900, label: '在校人数' },
    measured: [
      m('School', 'studentsPresent', '人', 'C62', '在校学生', 'Pupils present', 0, 5000, 40, 0),
      m('School', 'studentsEnrolled', '人', 'C62', '在籍学生', 'Pupils enrolled', 0, 5000, 40, 0),
    ],
  },
  hospital: {
    ...{ count: 6, owner: 'wjj', period: 900, label: '就诊' },
    measured: [
      m('Hospital', 'outpatientCount', '人次', 'C62', '当日门诊量', 'Outpatients today', 0, 20_000, 150, 0),
      m('Hospital', 'occupiedBeds', '张', 'C62', '占用床位', 'Beds occupied', 0, 3000, 15, 0),
      m('Hospital', 'bedCount', '张', 'C62', '核定床位', 'Beds', 0, 5000, 10, 0),
    ],
  },
  power: {
    ...{ count: 24, owner: 'fgj', period: 300, label: '用电负荷' },
    measured: [m('ACMeasurement', 'totalActivePower', 'kW', 'KWT', '用电负荷', 'Power load', 0, 2_500_000, 5000, 0)],
  },
  parking: {
    ...{ count: 24, owner: 'zhzf', period: 60, label: '停车场' },
    measured: [
      m('OffStreetParking', 'availableSpotNumber', '个', 'C62', '空闲泊位', 'Free spots', 0, 1200, 15, 0),
      m('OffStreetParking', 'totalSpotNumber', '个', 'C62', '总泊位', 'Spots', 0, 1200, 15, 0),
    ],
  },
  traffic: {
    ...{ count: 28, owner: 'gaj', period: 60, label: '交通流量' },
    measured: [
      m('TrafficFlowObserved', 'intensity', '辆/时', 'C62', '流量', 'Vehicles an hour', 0, 4500, 120, 0),
      m('TrafficFlowObserved', 'averageVehicleSpeed', 'km/h', 'KMH', '平均车速', 'Average speed', 0, 110, 5, 1),
    ],
  },
};

const order = Object.keys(plans) as Category[];
/** Series of a city of ordinary size. */
export const baseSeries = order.reduce((n, c) => n + plans[c].count * plans[c].measured.length, 0);

/** Which assets a category stands at. */
const at: Partial<Record<Category, AssetKind>> = {
  pump: 'pump-station',
  dust: 'building-site',
  gas: 'hazardous-enterprise',
  scenic: 'scenic-spot',
  school: 'school',
  hospital: 'hospital',
  parking: 'car-park',
};

/** The registry of a ground with exactly `wanted` series (at least 60): every category grows alike, traffic takes what is left. */
export function registryOf(ground: Ground, wanted: number): { stations: Station[]; series: LiveSeries[] } {
  const stations: Station[] = [];
  const series: LiveSeries[] = [];
  for (const category of order) {
    const { count, measured } = plans[category];
    const traffic = category === 'traffic';
    const n = traffic
      ? Math.ceil((wanted - series.length) / measured.length)
      : Math.max(1, Math.floor((count * wanted) / baseSeries));
    for (let i = 0; i < n; i++) {
      const station = stationOf(ground, category, i, n);
      stations.push(station);
      for (const one of measured)
        if (series.length < wanted) {
          const entity = station.entity.replace(`:${station.type}:`, `:${one.type}:`);
          series.push({ ...one, number: series.length, station: stations.length - 1, entity });
        }
    }
  }
  return { stations, series };
}

function stationOf(ground: Ground, category: Category, i: number, n: number): Station {
  const plan = plans[category];
  const salt = salt32(ground.seed, `station ${category}`);
  const type = plan.measured[0]!.type;
  const entity = `urn:ngsi-ld:${type}:cixi-${category}-${String(i + 1).padStart(3, '0')}`;
  const done = (name: string, place: LonLat, rest: Partial<Station> = {}): Station => {
    const lonlat: LonLat = [Number(place[0].toFixed(6)), Number(place[1].toFixed(6))];
    const zone = ground.zoneAt(lonlat);
    const base = {
      entity,
      type,
      category,
      name,
      at: lonlat,
      zone,
      division: ground.towns[zone]!.code,
      owner: plan.owner,
      period: plan.period,
    };
    return { ...base, facts: {}, ...rest };
  };
  switch (category) {
    case 'river': {
      const river = i % ground.rivers.length;
      const turn = Math.floor(i / ground.rivers.length);
      const along = turn === 0 ? 0.62 : turn === 1 ? 0.25 : (hash32(salt, i) % 1000) / 1000;
      const r = ground.rivers[river]!;
      const place = r.line[Math.floor(along * (r.line.length - 1))]!;
      const town = ground.towns[ground.zoneAt(place)]!.name;
      return done(`${r.name}${town}水位站${turn > 1 ? turn + 1 : ''}`, place, {
        ...{ river, along },
        facts: { river: r.name, warningLevel: levels.warning, dangerLevel: levels.danger },
      });
    }
    case 'reservoir': {
      const r = ground.reservoirs[i % ground.reservoirs.length]!;
      const normal = 14 + (hash32(salt, i % ground.reservoirs.length) % 220) / 10;
      return done(
        `${r.name}${i >= ground.reservoirs.length ? `${1 + Math.floor(i / ground.reservoirs.length)}号` : ''}水位站`,
        r.at,
        {
          river: i % ground.rivers.length,
          facts: { normalLevel: normal, warningLevel: normal + 1.5 },
        },
      );
    }
    case 'tide': {
      const r = ground.rivers[(3 + i * 7) % ground.rivers.length]!;
      return done(`${r.name}闸外潮位站${i > 1 ? i + 1 : ''}`, r.line.at(-1)!, { facts: { warningLevel: 3.9 } });
    }
    case 'power': {
      const t = ground.towns[i % ground.towns.length]!;
      const feeder = Math.floor(i / ground.towns.length);
      return done(`${t.name}用电负荷${feeder > 0 ? `${feeder + 1}号线` : ''}`, t.at, {
        facts: { share: feeder > 0 ? 0.02 : 1 },
      });
    }
    case 'traffic':
      return counter(ground, salt, i, done);
    default:
      return onAsset(ground, category, salt, i, n, done);
  }
}

type Done = (name: string, place: LonLat, rest?: Partial<Station>) => Station;

/** Counters stand on roads; the first ones where most people live, and round the middle of the city. */
function counter(ground: Ground, salt: number, i: number, done: Done): Station {
  const towns = [...ground.towns].sort((a, b) => b.weight - a.weight);
  const town = towns[i % (i < 30 ? 10 : towns.length)]!;
  const roads = ground.roads.filter((r) => r.zone === town.zone);
  const road = roads[hash32(salt, i) % roads.length]!;
  const place = road.line[hash32(salt, i, 2) % road.line.length]!;
  const way = i % 2 === 0 ? '东向' : '西向';
  return done(`${town.name}${road.name}${way}卡口${i >= 60 ? i + 1 : ''}`, place, {
    facts: {
      refRoadSegment: `urn:ngsi-ld:RoadSegment:${road.code}`,
      lanes: road.trunk ? 3 : 2,
      capacity: road.trunk ? 2600 : 1300,
      freeSpeed: road.trunk ? 62 : 46,
    },
  });
}

function onAsset(ground: Ground, category: Category, salt: number, i: number, n: number, done: Done): Station {
  const kind = at[category];
  const assets = kind ? assetsOf(ground).filter((a) => a.kind === kind) : [];
  // Gas is watched by six at the works with most to lose and around it, where the wind may carry it; then at the others.
  const which = category === 'gas' ? Math.max(0, i - 5) : i;
  const asset: Asset | undefined = assets[which % Math.max(1, assets.length)];
  if (asset) {
    const ring = category === 'gas' && i < 6 ? i : Math.floor(which / assets.length);
    const far = 0.002 + 0.0006 * (ring % 6);
    const place: LonLat =
      ring === 0 ? asset.at : [asset.at[0] + far * Math.cos(ring * 1.257), asset.at[1] + far * Math.sin(ring * 1.257)];
    const facts: Record<string, number | string> = { capacity: asset.capacity };
    if (category === 'parking')
      Object.assign(facts, { totalSpotNumber: asset.capacity, use: String(asset.detail.use) });
    if (category === 'gas') Object.assign(facts, { goods: String(asset.detail.goods) });
    const river = category === 'pump' ? ground.rivers.findIndex((r) => r.code === asset.detail.river) : undefined;
    const label =
      { gas: '气体监测', dust: '扬尘监测', school: '', hospital: '', parking: '', scenic: '', pump: '' }[
        category as 'gas'
      ] ?? '';
    const name = asset.name.replace('慈溪市', '') + label + (ring > 0 ? `${ring + 1}` : '');
    return done(name, place, {
      asset: asset.id,
      facts,
      ...(river === undefined || river < 0 ? {} : { river, along: 0.7 }),
    });
  }
  // Weather, rain and air: one in a town before a second in any; rain in the hills as well.
  const step = Math.max(1, Math.floor(ground.towns.length / Math.min(n, ground.towns.length)));
  const town = ground.towns[(i * step) % ground.towns.length]!;
  const again = Math.floor((i * step) / ground.towns.length);
  const place = again === 0 ? town.at : beside(ground, salt, [town], i).at;
  const near = category === 'air' ? nearestAsset(assetsOf(ground), 'school', town.at)?.at : undefined;
  return done(
    `${town.name}${plans[category].label}${again > 0 ? again + 1 : ''}`,
    again === 0 ? (near ?? place) : place,
  );
}
