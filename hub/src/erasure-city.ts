/** For tests: a synthetic city whose classes are made here, with one person planted in thirty of them, on a whole hub. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { citizenId, uscc } from '@jingwei/codes';
import iconv from 'iconv-lite';
import { sql } from 'kysely';
import { stringify } from 'yaml';
import { type App, createApp } from './app.ts';
import { catalogueRoom } from './catalogue/index.ts';
import { type ErasurePorts, erasurePorts, erasureRoom } from './erasure/index.ts';
import { exchangeRoom } from './exchange/index.ts';
import { formsRoom } from './forms/index.ts';
import { gatewayRoom } from './gateway/index.ts';
import { type GoingClock, who } from './hub-testing.ts';
import { room as librariesRoom } from './libraries/index.ts';
import type { Principal } from './platform/auth/principal.ts';
import { configSchema } from './platform/config/index.ts';
import { hubStore } from './platform/db/testing.ts';
import type { RouteDefinition } from './platform/http/index.ts';
import { silentLogger } from './platform/log/index.ts';
import type { RoomModule } from './platform/room.ts';
import { room as refineryRoom } from './refinery/index.ts';
import { sharingRoom } from './sharing/index.ts';
import { subscriptionsRoom } from './subscriptions/index.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The planted person: values that nobody else in the city has. */
export const person = {
  number: citizenId.generate(777),
  name: '欧阳擎苍',
  phone: '13957412345',
  address: '慈溪市浒山街道擎苍路777号擎苍苑7幢701室',
  birth: '',
};
person.birth = `${person.number.slice(6, 10)}-${person.number.slice(10, 12)}-${person.number.slice(12, 14)}`;

/** Others, one by number. */
export const other = (n: number) => {
  const number = citizenId.generate(n + 1);
  return {
    number,
    name: `${'赵钱孙李周吴郑王'[n % 8]}${'一二三四五六七八九'[n % 9]}${'东南西北'[n % 4]}`,
    phone: `138${String(10_000_000 + n * 37).slice(0, 8)}`,
    address: `慈溪市周巷镇开发路${n + 1}号`,
    birth: `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`,
  };
};
type Somebody = ReturnType<typeof other>;

const t = (name: string) => ({ zh: name, en: name });
const field = (name: string, over: object = {}) => ({ name, title: t(name), type: 'text', ...over });
const personal = [
  field('nm', { format: 'person-name', protection: 'personal' }),
  field('id_no', { format: 'citizen-id', protection: 'sensitive' }),
  field('birth_dt', { type: 'date', protection: 'personal' }),
  field('tel', { format: 'phone', protection: 'sensitive' }),
  field('addr', { format: 'address', protection: 'personal' }),
];
const base = (id: string, number: number, over: object) => ({
  ...{
    id,
    number,
    title: t(`资源${number}`),
    abstract: t('合成城市的数据资源'),
    owner: id.split('.')[0],
    category: 'registration',
  },
  ...{
    level: 'general',
    sharing: { type: 'unconditional' },
    cadence: 'daily',
    mode: 'snapshot',
    transport: { kind: 'file' },
  },
  ...over,
});

/** A class of the city. */
export interface CityClass {
  source: ReturnType<typeof base> & { mode: string; transport: object };
  rows(people: readonly Somebody[], day: number): Record<string, string>[];
  kind: 'person' | 'couple' | 'firm' | 'bare';
}

const code = (n: number): string => uscc.generate(n, { division: '330282' });

/** Thirty classes that name persons: twenty-six about one, one about two, three beside enterprises. */
export function cityClasses(): CityClass[] {
  const classes: CityClass[] = [];
  for (let i = 0; i < 26; i++) {
    const transport =
      i % 4 === 1
        ? { kind: 'file', encoding: 'gb18030' }
        : i % 4 === 2
          ? { kind: 'file', format: 'jsonl', pattern: '*' }
          : i % 8 === 3
            ? { kind: 'file', format: 'parquet', pattern: '*' }
            : { kind: 'file' };
    const mode = i % 5 === 4 ? 'changes' : 'snapshot';
    const keep = i === 25;
    classes.push({
      kind: 'person',
      source: base(`gaj.class-${i}`, 401 + i, {
        ...{ subject: 'natural-person', mode, transport, key: ['no'] },
        fields: [
          field('no', { required: true }),
          ...personal,
          field('grade', { type: 'integer', onInvalid: 'quarantine' }),
        ],
        ...(keep ? { erasure: { action: 'keep', ground: t('户口登记条例') } } : {}),
      }),
      rows: (people, day) =>
        people.map((p, n) => ({
          ...{ no: `N${n}`, nm: p.name, id_no: p.number, birth_dt: p.birth, tel: p.phone, addr: p.address },
          // The first class quarantines the person's row, the second day others change.
          grade: i === 0 && p.name === person.name ? '坏' : String(p.name === person.name ? 7 : n + day),
          ...(mode === 'changes'
            ? { dsc_biz_operation: day === 1 ? 'I' : 'U', dsc_biz_timestamp: `2026-11-0${day} 08:00:00` }
            : {}),
        })),
    });
  }
  classes.push({
    kind: 'couple',
    source: base('mzj.couple', 431, {
      ...{ subject: 'natural-person', key: ['no'] },
      fields: [
        field('no'),
        ...['man', 'woman'].flatMap((w) => [
          field(`${w}_nm`, { format: 'person-name', protection: 'personal' }),
          field(`${w}_id`, { format: 'citizen-id', protection: 'sensitive' }),
        ]),
        field('kind', { protection: 'personal' }),
      ],
    }),
    rows: (people) =>
      people.slice(0, 4).map((p, n) => {
        const w = people.at(-1 - n)!;
        return { no: `J${n}`, man_nm: p.name, man_id: p.number, woman_nm: w.name, woman_id: w.number, kind: '结婚' };
      }),
  });
  const firm = [
    field('id'),
    field('code', { format: 'uscc', role: 'uscc', golden: 'uscc' }),
    field('comp', { format: 'company-name', role: 'name', golden: 'name' }),
  ];
  classes.push({
    kind: 'firm',
    source: base('scjg.register', 432, {
      ...{ subject: 'legal-person', register: true, rank: 5, key: ['id'] },
      fields: [
        ...firm,
        field('boss', {
          format: 'person-name',
          protection: 'personal',
          role: 'person',
          golden: 'legal-representative',
        }),
      ],
    }),
    rows: (people) =>
      people.slice(0, 6).map((p, n) => ({
        id: `M${n}`,
        code: code(n + 1),
        comp: `慈溪市宏达${'甲乙丙丁戊己'[n]}电器有限公司`,
        boss: p.name,
      })),
  });
  classes.push({
    kind: 'firm',
    source: base('scjg.legal', 433, {
      ...{ subject: 'legal-person', key: ['id'] },
      relations: [{ kind: 'legal-representative', person: 'boss', personId: 'boss_id' }],
      fields: [
        ...firm.map((f) => ({ ...f, golden: undefined })),
        field('boss', {
          format: 'person-name',
          protection: 'personal',
          role: 'person',
          golden: 'legal-representative',
        }),
        field('boss_id', {
          format: 'citizen-id',
          protection: 'sensitive',
          role: 'person-id',
          golden: 'legal-representative-id',
        }),
        field('mob', { format: 'phone', protection: 'sensitive' }),
      ],
    }),
    rows: (people) =>
      people.slice(0, 6).map((p, n) => ({
        id: `L${n}`,
        code: code(n + 1),
        comp: `慈溪市宏达${'甲乙丙丁戊己'[n]}电器有限公司`,
        boss: p.name,
        boss_id: p.number,
        mob: p.phone,
      })),
  });
  classes.push({
    kind: 'bare',
    source: base('zhzf.rental', 434, {
      ...{ subject: 'place', key: ['id'] },
      fields: [
        field('id'),
        field('place'),
        field('owner', { format: 'person-name', protection: 'personal' }),
        field('owner_tel', { format: 'phone', protection: 'sensitive' }),
      ],
    }),
    rows: (people) =>
      people.slice(0, 6).map((p, n) => ({ id: `R${n}`, place: `第${n}处出租房`, owner: p.name, owner_tel: p.phone })),
  });
  return classes;
}

const library = (classes: readonly CityClass[]) => ({
  ...{
    library: 'person',
    number: 1,
    title: t('人口库'),
    abstract: t('合成城市的人口'),
    owner: 'gaj',
    level: 'important',
    personal: true,
  },
  keys: [{ name: 'citizen', title: t('号码'), form: 'citizen-id', exclusive: true, protection: 'sensitive' }],
  evidence: [
    { name: 'name', form: 'person-name' },
    { name: 'birth', form: 'date' },
  ],
  match: [{ rule: 'name-birth', title: t('姓名出生日期'), by: ['name', 'birth'] }],
  ...{ agree: ['name', 'birth'], label: 'name' },
  attributes: [
    { name: 'name', title: t('姓名'), format: 'person-name', protection: 'personal', search: 'whole' },
    { name: 'address', title: t('住址'), format: 'address', protection: 'personal' },
    { name: 'phone', title: t('电话'), format: 'phone', protection: 'sensitive', series: true },
  ],
  sources: classes.flatMap((c): object[] => {
    if (c.kind === 'person')
      return [
        {
          ...{ source: c.source.id, register: c.source.number === 402, rank: 20, keys: { citizen: 'id_no' } },
          ...{ evidence: { name: 'nm', birth: 'birth_dt' }, attributes: { name: 'nm', address: 'addr', phone: 'tel' } },
        },
      ];
    if (c.kind !== 'couple') return [];
    return ['man', 'woman'].map((w) => ({
      ...{ source: c.source.id, mention: w, title: t(w), keys: { citizen: `${w}_id` }, evidence: { name: `${w}_nm` } },
      attributes: { name: `${w}_nm` },
    }));
  }),
});

/** A running city. */
export interface City {
  app: App;
  folder: string;
  /** Where its declarations stand. */
  root: string;
  ports: ErasurePorts;
  data: string;
  classes: readonly CityClass[];
  call<T = Record<string, never>>(
    method: string,
    path: string,
    p: Principal,
    given?: { params?: object; query?: object; body?: object },
  ): Promise<T>;
  jobs(): Promise<void>;
  deliver(people: readonly Somebody[], day: number): Promise<void>;
  grant(entry: string, to: string): Promise<number>;
  stop(): Promise<void>;
  start(): Promise<void>;
  look(): Promise<void>;
  end(): Promise<void>;
}

/** Writes the city's declarations. */
function declare(root: string, classes: readonly CityClass[]): void {
  for (const name of ['sources', 'libraries/person', 'themes', 'lists', 'scoring'])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ['cities', 'standards']) symlinkSync(join(repository, name), join(root, name));
  for (const { source } of classes) {
    const [owner, resource] = source.id.split('.') as [string, string];
    mkdirSync(join(root, 'sources', owner, resource), { recursive: true });
    writeFileSync(join(root, 'sources', owner, resource, 'source.yaml'), stringify(JSON.parse(JSON.stringify(source))));
  }
  writeFileSync(join(root, 'libraries/person/library.yaml'), stringify(library(classes)));
}

/** Starts a city's hub: a new one, or on a folder and declarations that are there. */
export async function startCity(
  clock: GoingClock,
  options: { data?: string; root?: string; repository?: string; embedded?: boolean } = {},
): Promise<City> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-erasure-'));
  const root = options.root ?? join(folder, 'root');
  const classes = cityClasses();
  if (!options.root) declare(root, classes);
  const data = options.data ?? join(folder, 'data');
  const store = options.embedded ? { end: async () => undefined } : await hubStore(data);
  let routes: RouteDefinition[] = [];
  let look: () => Promise<void> = async () => undefined;
  const city = { folder, root, data, classes } as unknown as City;
  city.start = async () => {
    const config = configSchema.parse({
      ...{ dataFolder: data, city: 'cixi', http: { port: 0 }, lake: { memoryMiB: 512, threads: 1 } },
      ...('url' in store && store.url !== undefined ? { db: { url: store.url } } : {}),
      ...(options.repository ? { backup: { folder: options.repository } } : {}),
    });
    const rooms: RoomModule[] = [
      ...[
        catalogueRoom(),
        exchangeRoom(),
        refineryRoom(),
        librariesRoom(),
        formsRoom(),
        sharingRoom(),
        gatewayRoom(),
        subscriptionsRoom(),
      ],
    ];
    const own = erasureRoom(() => rooms);
    rooms.push(own);
    look = own.look;
    city.app = await createApp(config, { clock, logger: silentLogger(), rooms, repository: root, scryptCost: 10 });
    routes = rooms.flatMap((r) => r.routes?.(city.app.deps) ?? []);
    city.ports = erasurePorts(city.app.deps, () => rooms);
  };
  city.look = () => look();
  city.call = async (method, path, p, given = {}) => {
    const route = routes.find((r) => r.method === method && r.path === `/api/v1${path}`);
    if (!route) throw new Error(`no route ${method} ${path}`);
    if (route.access !== 'public' && route.access !== 'signed-in' && !p.permissions.has(route.access))
      throw new Error(`403 ${route.access}`);
    const answer = await route.handler({
      ...{ params: route.params?.parse(given.params ?? {}), query: route.query?.parse(given.query ?? {}) },
      ...{
        body: route.body?.parse(given.body ?? {}),
        principal: p,
        clock,
        purpose: null,
        request: { headers: {} } as never,
        reply: {} as never,
      },
    } as never);
    const { response } = route as unknown as { response: { parse?(v: unknown): unknown } };
    return (response.parse ? response.parse(answer) : answer) as never;
  };
  city.jobs = async () => {
    for (;;) {
      const open = (await city.app.deps.jobs.list({ limit: 500 })).filter((j) =>
        ['queued', 'running'].includes(j.state),
      );
      if (!open.length) return;
      await Promise.race([...open.map((j) => city.app.deps.jobs.wait(j.id)), new Promise((r) => setTimeout(r, 100))]);
    }
  };
  city.deliver = async (people, day) => {
    for (const c of classes) await put(city, c, c.rows(people, day), day);
    await city.jobs();
    await city.app.deps.jobs.submit('refinery.integrate', { rebuild: false }, { unique: 'integrate' });
    await city.jobs();
  };
  city.grant = (entry, to) => grantOf(city.app, entry, to);
  city.stop = () => city.app.close();
  city.end = async () => {
    await city.app.close();
    await store.end();
    rmSync(folder, { recursive: true, force: true });
  };
  await city.start();
  return city;
}

async function put(city: City, c: CityClass, rows: Record<string, string>[], day: number): Promise<void> {
  const { id, transport } = c.source as { id: string; transport: { format?: string; encoding?: string } };
  const inbox = join(city.data, 'inbox', ...id.split('.'));
  mkdirSync(inbox, { recursive: true });
  const names = Object.keys(rows[0]!);
  const path = join(inbox, `day-${day}.${transport.format ?? 'csv'}`);
  if (transport.format === 'jsonl') writeFileSync(path, rows.map((r) => `${JSON.stringify(r)}\n`).join(''));
  else if (transport.format === 'parquet') {
    const json = join(city.folder, `${id}-${day}.json`);
    writeFileSync(json, rows.map((r) => JSON.stringify(r)).join('\n'));
    const columns = names.map((n) => `'${n}': 'VARCHAR'`).join(', ');
    await city.app.lake.session((s) =>
      s.run(
        `COPY (SELECT * FROM read_json('${json}', format = 'newline_delimited', columns = {${columns}})) TO '${path}' (FORMAT parquet)`,
      ),
    );
    rmSync(json);
  } else {
    // One address has a line end inside quotes: a record is not a line.
    const cell = (x: string) =>
      x.includes('慈溪市周巷镇开发路3号') ? `"${x}\n二楼"` : /[",\n]/.test(x) ? `"${x.replaceAll('"', '""')}"` : x;
    const text = [names.join(','), ...rows.map((r) => names.map((n) => cell(r[n] ?? '')).join(','))].join('\r\n');
    writeFileSync(path, transport.encoding === 'gb18030' ? iconv.encode(`${text}\r\n`, 'gb18030') : `${text}\r\n`);
  }
  await city.app.deps.jobs.submit('exchange.collect', { source: id, path }, { unique: path });
}

/** An active grant of a source's entry to a department, as the workflow would have left it. */
async function grantOf(app: App, source: string, to: string): Promise<number> {
  const db = app.db.kysely;
  const entry = (
    await sql<{
      id: string;
      provider: string;
    }>`SELECT id, provider FROM catalogue.entry WHERE source = ${source}`.execute(db)
  ).rows[0]!;
  const request = await sql<{
    id: number;
  }>`INSERT INTO sharing.request (requester, provider, entry, sharing, state, content, created_by, created_at)
    VALUES (${to}, ${entry.provider}, ${entry.id}, 'unconditional', 'active', '{}'::jsonb, 'test', now()) RETURNING id`.execute(
    db,
  );
  const items = JSON.stringify(['no', 'nm', 'id_no', 'addr', 'tel', 'grade']);
  const share = await sql<{
    id: number;
  }>`INSERT INTO sharing.share (request, requester, provider, entry, state, mode, items, plain, filter, frequency, format,
      mark, since, until, created_at)
    VALUES (${request.rows[0]!.id}, ${to}, ${entry.provider}, ${entry.id}, 'active', 'batch', ${items}::jsonb, ${JSON.stringify(['nm', 'addr'])}::jsonb, '[]'::jsonb,
      'once', 'csv', ${`mark-${to}`}, '2026-01-01', '2027-01-01', now()) RETURNING id`.execute(db);
  return share.rows[0]!.id;
}

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** The needles in the encodings that the hub uses: UTF-8, GB 18030, UTF-16 both ways, hexadecimal and base64 of UTF-8. */
export function encodings(text: string): Buffer[] {
  const utf8 = Buffer.from(text);
  return [
    utf8,
    iconv.encode(text, 'gb18030'),
    iconv.encode(text, 'utf-16le'),
    iconv.encode(text, 'utf-16be'),
    Buffer.from(utf8.toString('hex')),
    Buffer.from(utf8.toString('base64').replace(/=+$/, '').slice(0, -1)),
  ];
}

/** Files in whose bytes a needle stands. */
export const standsIn = (paths: readonly string[], needles: readonly Buffer[]): string[] =>
  paths.filter((path) => {
    const bytes = readFileSync(path);
    return needles.some((n) => bytes.includes(n));
  });

export const steward = who('data-steward', null, 'steward');
export const security = who('security-admin', null, 'secadmin');
