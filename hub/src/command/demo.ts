/**
 * The demonstration of command: posts and four weeks of rosters of the city's duty, and the synthetic city's teams, vehicles,
 * shelters and stores as resources; made once, through the room's own functions. Names of people are invented.
 */
import { type Asset, assetsOf, groundOf } from '@jingwei/synthcity';
import { sql } from 'kysely';
import { type Principal, permissionsOf } from '../platform/auth/principal.ts';
import { addPost, addShift, posts } from './duty.ts';
import type { CommandDeps } from './ports.ts';
import { type ResourceBody, register } from './resources.ts';

const DAY = 86_400_000;
const steward: Principal = {
  ...{ userId: 'steward', login: 'steward', name: '数据管理员', organisation: null, roles: ['data-steward'] },
  ...{ permissions: permissionsOf(['data-steward']), sessionId: 'demo', purpose: null },
};
const families = '王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗'.split('');
const given = ['建国', '志强', '晓明', '丽华', '海波', '国平', '雪芬', '伟民', '红梅', '立新', '春燕', '永康'];
const person = (n: number): string => `${families[(n * 7) % families.length]}${given[(n * 5) % given.length]}`;

const organisations: readonly [string, string, string][] = [
  ['yjgl', '应急局值班', 'Emergency management duty'],
  ['slj', '水利局值班', 'Water bureau duty'],
  ['zrzy', '资规局值班', 'Natural resources duty'],
  ['gysy', '公用事业值班', 'Public utilities duty'],
  ['zjj', '住建局值班', 'Housing duty'],
  ['mzj', '民政局值班', 'Civil affairs duty'],
  ['jtj', '交通局值班', 'Transport duty'],
  ['gaj', '公安局值班', 'Police duty'],
  ['xfj', '消防指挥中心', 'Fire brigade control room'],
  ['wjj', '卫健局值班', 'Health duty'],
  ['jyj', '教育局值班', 'Education duty'],
  ['wglt', '文旅局值班', 'Culture and tourism duty'],
  ['zhzf', '执法局值班', 'Urban management duty'],
  ['sthj', '生态环境局值班', 'Environment duty'],
  ['fgj', '发改局值班', 'Development and reform duty'],
];

/** Makes posts and rosters where there are none. The bureau of agriculture has none: that is how a gap is seen. */
async function rosters(deps: CommandDeps): Promise<void> {
  if ((await posts(deps.db.kysely)).length) return;
  await addPost(deps, { id: 'leader', title: { zh: '带班市领导', en: 'City leader on call' } }, steward);
  await addPost(
    deps,
    { id: 'centre', title: { zh: '市指挥中心值班长', en: 'Head of the command centre' }, escalateTo: 'leader' },
    steward,
  );
  for (const [id, zh, en] of organisations)
    await addPost(deps, { id, title: { zh, en }, organisation: id, escalateTo: 'centre' }, steward);
  // Beijing's midnight before today, and two weeks to either side of it.
  const midnight = Math.floor((deps.clock.now().getTime() + 8 * 3_600_000) / DAY) * DAY - 8 * 3_600_000;
  const all = ['leader', 'centre', ...organisations.map(([id]) => id)];
  for (const [n, post] of all.entries())
    for (let d = -3; d < 14; d++) {
      // The centre changes at eight and at twenty, departments once a day at half past eight.
      const shifts = post === 'centre' ? [8, 20] : [8.5];
      for (const [m, hour] of shifts.entries()) {
        const from = midnight + d * DAY + hour * 3_600_000;
        const seed = n * 31 + (d + 20) * 3 + m * 11;
        await addShift(
          deps,
          {
            ...{ post, startsAt: new Date(from), endsAt: new Date(from + DAY / shifts.length) },
            ...{ person: post === 'centre' && m === 0 ? '值班指挥员' : person(seed), deputy: person(seed + 4) },
            ...(post === 'centre' && m === 0 ? { login: 'duty' } : {}),
            phone: `138${String(10_000_000 + ((seed * 7919) % 89_999_999)).slice(0, 8)}`,
          },
          steward,
        );
      }
    }
}

const materialTypes: Record<string, string> = {
  编织袋: 'sandbag',
  移动水泵: 'mobile-pump',
  冲锋舟: 'assault-boat',
  救生衣: 'life-jacket',
  应急发电机: 'generator',
  帐篷: 'tent',
  棉被: 'bedding',
  防化服: 'chemical-suit',
  正压式呼吸器: 'breathing-apparatus',
};
const short = (a: Asset): string =>
  a.id
    .split(':')
    .at(-1)!
    .replace(/^cixi-/, '');
const both = (zh: string, en: string) => ({ zh, en });

/** The synthetic city's means as resources of the types that plans ask for. */
export function resourcesOf(assets: readonly Asset[]): ResourceBody[] {
  const out: ResourceBody[] = [];
  const put = (a: Asset, id: string, r: Pick<ResourceBody, 'kind' | 'type' | 'name'> & Partial<ResourceBody>) =>
    out.push({
      id,
      organisation: a.owner,
      lon: a.at[0],
      lat: a.at[1],
      address: a.address,
      quantity: 0,
      unit: '',
      least: 0,
      ...r,
    });
  for (const a of assets) {
    const id = short(a);
    const n = Number(id.split('-').at(-1));
    if (a.kind === 'shelter')
      put(a, id, {
        kind: 'shelter',
        type: 'shelter',
        name: both(a.name, `Shelter ${n}`),
        capacity: Math.round(a.capacity),
        unit: '人',
      });
    else if (a.kind === 'team') {
      const type = ['rescue', 'water-engineering', 'forest-fire', 'hazmat', 'medical'][n % 5]!;
      put(a, id, { kind: 'team', type, name: both(a.name, `Team ${n} (${type})`), capacity: Math.round(a.capacity) });
    } else if (a.kind === 'fire-station') {
      for (const k of [1, 2])
        put(a, `${id}-engine-${k}`, {
          kind: 'vehicle',
          type: 'fire-engine',
          name: both(`${a.name}${k}号消防车`, `Fire engine ${n}-${k}`),
          capacity: 6,
        });
      put(a, `${id}-team`, {
        kind: 'team',
        type: n % 3 === 0 ? 'hazmat' : 'rescue',
        name: both(`${a.name}救援分队`, `Rescue squad ${n}`),
        capacity: 18,
      });
      put(a, `${id}-detector`, {
        kind: 'equipment',
        type: 'gas-detector',
        name: both(`${a.name}气体侦检仪`, `Gas detector ${n}`),
      });
      put(a, `${id}-boat`, {
        kind: 'equipment',
        type: 'boat',
        name: both(`${a.name}冲锋舟`, `Boat ${n}`),
        capacity: 8,
      });
    } else if (a.kind === 'hospital') {
      const cars = Number(a.detail.ambulances ?? 1);
      for (let k = 1; k <= Math.min(3, cars); k++)
        put(a, `${id}-ambulance-${k}`, {
          kind: 'vehicle',
          type: 'ambulance',
          name: both(`${a.name}${k}号救护车`, `Ambulance ${n}-${k}`),
          capacity: 4,
        });
      if (n % 2)
        put(a, `${id}-team`, {
          kind: 'team',
          type: 'medical',
          name: both(`${a.name}应急医疗队`, `Medical team ${n}`),
          capacity: 12,
        });
    } else if (a.kind === 'pump-station')
      put(a, `${id}-pump`, {
        kind: 'equipment',
        type: 'pump',
        name: both(`${a.name}移动机组`, `Mobile pump ${n}`),
        capacity: 4,
      });
    else if (a.kind === 'depot') {
      const stocks = (Array.isArray(a.detail.stocks) ? a.detail.stocks : []) as readonly {
        name: string;
        unit: string;
        quantity: number;
      }[];
      for (const s of stocks) {
        const type = materialTypes[s.name];
        if (type)
          put(a, `${id}-${type}`, {
            kind: 'material',
            type,
            name: both(`${a.name}·${s.name}`, `${type} in depot ${n}`),
            quantity: s.quantity,
            unit: s.unit,
            least: Math.round(s.quantity * 0.3),
          });
      }
      put(a, `${id}-truck`, {
        kind: 'vehicle',
        type: 'pump-truck',
        name: both(`${a.name}排涝泵车`, `Pump truck ${n}`),
        capacity: 3,
      });
      put(a, `${id}-bus`, { kind: 'vehicle', type: 'bus', name: both(`${a.name}转移客车`, `Bus ${n}`), capacity: 45 });
    }
  }
  return out;
}

/** Makes what the demonstration shows of command, once. */
export async function demoCommand(deps: CommandDeps, seed: number): Promise<void> {
  await rosters(deps);
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM command.resource`.execute(deps.db.kysely);
  if (rows[0]!.n > 0) return;
  const list = resourcesOf(assetsOf(groundOf(seed))).filter((r) => deps.organisations().has(r.organisation));
  await register(deps, list, steward, 'skip');
}
