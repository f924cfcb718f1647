/** Services, clients and records of use as somebody may see them: both sides of a grant, and the authority. */
import type { Principal } from '../platform/auth/principal.ts';
import type { LakeParam } from '../platform/lake/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { allProblemKinds } from '../platform/problem.ts';
import { nameOf } from '../sharing/index.ts';
import { type ClientRow, type SecretRow, unusable } from './clients/store.ts';
import type { Gateway } from './gateway.ts';
import { groupBy } from './group.ts';
import { maySet } from './manage.ts';
import { SCAN_ROWS } from './serve/served.ts';
import type { Service, Settings } from './services.ts';

/** Whether somebody sees every service and client. */
export const seesAll = (p: Principal): boolean => p.organisation === null && p.permissions.has('gateway.manage');

/** Services that are there for somebody. */
export const servicesFor = (
  gateway: Gateway,
  p: Principal,
  which: 'all' | 'callable' | 'provided' = 'all',
): Service[] =>
  gateway.services.all().filter(({ share }) => {
    const calls = share.requester === p.organisation;
    const provides = share.provider === p.organisation;
    if (which === 'callable') return calls;
    if (which === 'provided') return provides;
    return calls || provides || seesAll(p);
  });

const settingsView = (s: Settings) => ({
  ...{ perSecond: s.per_second, burst: s.burst, perDay: s.per_day, perMonth: s.per_month, concurrent: s.concurrent },
  ...{ cache: s.cache, version: s.version },
});

/** A service in a list. */
export function serviceView(gateway: Gateway, service: Service) {
  const { share, live } = service;
  const org = (id: string) => ({ id, name: nameOf(gateway.deps, id) });
  const used = gateway.quotas.of(share.id, gateway.clock.now());
  return {
    ...{ id: share.id, title: service.title, code: service.code, entry: share.entry, cycle: service.cycle },
    ...{ requester: org(share.requester), provider: org(share.provider), grantState: share.state, until: share.until },
    state: gateway.services.giving(share.id) ? service.state : ('stopped' as const),
    ...{ items: service.items.length, rows: live?.rows ?? null, preparedAt: live?.madeAt.toISOString() ?? null },
    ...{ today: used.day, month: used.month, settings: settingsView(service.settings) },
  };
}

/** A service with everything that its page shows. */
export async function serviceDetail(gateway: Gateway, service: Service, p: Principal) {
  const url = gateway.deps.http.url();
  const { id, requester } = service.share;
  return {
    ...serviceView(gateway, service),
    ...{ url: `${url}/services/${id}`, tokenUrl: `${url}/services/oauth/token`, key: service.key },
    ...{ sandbox: service.sandbox !== null, scanRows: SCAN_ROWS, itemList: service.items },
    example: await exampleOf(gateway, service),
    maySet: maySet(service, p),
    mayCall: p.permissions.has('gateway.use') && p.organisation === requester,
  };
}

async function exampleOf(gateway: Gateway, { sandbox }: Service) {
  if (!sandbox) return null;
  const row = await gateway.deps.lake.first<{ r: string }>(
    `SELECT _row AS r FROM gw."${sandbox.name}" ORDER BY _n LIMIT 1`,
  );
  if (!row) return null;
  const record = JSON.parse(row.r) as Record<string, unknown>;
  const key = sandbox.key && Object.fromEntries(sandbox.key.map((k) => [k, String(record[k])]));
  return { record: String(record._record), key };
}

/** A client as its page shows it. */
export function clientView(gateway: Gateway, row: ClientRow, secrets: readonly SecretRow[], p: Principal) {
  const now = gateway.clock.now();
  const own = p.permissions.has('gateway.use') && p.organisation === row.organisation;
  return {
    ...{
      id: row.id,
      organisation: { id: row.organisation, name: nameOf(gateway.deps, row.organisation) },
      name: row.name,
    },
    ...{
      purpose: row.purpose,
      sandbox: row.sandbox,
      state: unusable(row, now) ?? ('active' as const),
      method: row.method,
    },
    ...{ scope: row.scope, networks: row.networks, perSecond: row.per_second, concurrent: row.concurrent },
    ...{ expiresAt: row.expires_at?.toISOString() ?? null, version: row.version, createdBy: row.created_by },
    ...{ createdAt: row.created_at.toISOString(), endedAt: row.ended_at?.toISOString() ?? null },
    secrets: secrets
      .filter((s) => s.client === row.id)
      .map((s) => ({
        ...{ id: s.id, hint: s.hint, createdBy: s.created_by, createdAt: s.created_at.toISOString() },
        ...{ expiresAt: s.expires_at?.toISOString() ?? null, expired: s.expires_at !== null && s.expires_at <= now },
      })),
    keyIds: row.keys.map((key) => key.kid ?? key.kty),
    mayChange: own && row.state !== 'ended',
    mayStop: row.state !== 'ended' && (own || seesAll(p)),
  };
}

/** What is asked of records of use. */
export interface UsageAsked {
  from?: string | undefined;
  to?: string | undefined;
  service?: number | undefined;
  client?: string | undefined;
  sandbox: 'true' | 'false';
}

/** Days that are shown when nothing is asked, and the most of one question. */
const SPAN = 30;

/** The condition under which records are there for somebody, over columns that both `gw.day` and `gw.usage` have. */
export function usageWhere(gateway: Gateway, asked: UsageAsked, p: Principal, day: string) {
  const today = cityDay(gateway.clock.now());
  const to = asked.to ?? today;
  const from = asked.from ?? new Date(Date.parse(to) - (SPAN - 1) * 86_400_000).toISOString().slice(0, 10);
  const where = [`${day} BETWEEN $from::DATE AND $to::DATE`, `sandbox = ${asked.sandbox === 'true'}`];
  const params: Record<string, LakeParam> = { from, to };
  if (!seesAll(p)) {
    where.push('(requester = $own OR provider = $own)');
    params.own = p.organisation ?? '';
  }
  if (asked.service !== undefined) {
    where.push('share = $share');
    params.share = asked.service;
  }
  if (asked.client !== undefined) {
    where.push('client = $client');
    params.client = asked.client;
  }
  return { where: where.join(' AND '), params, from, to };
}

/** Sums of records of use: by day, service, client and reason of refusal. */
export async function usageView(gateway: Gateway, asked: UsageAsked, p: Principal) {
  const { where, params, from, to } = usageWhere(gateway, asked, p, 'day');
  // The end of an export is the same call as its beginning.
  const own = `${where} AND operation <> 'export-end'`;
  const figures = `sum(calls)::BIGINT AS calls, coalesce(sum(calls) FILTER (WHERE status >= 400), 0)::BIGINT AS refused`;
  const many = `sum(rows)::BIGINT AS rows`;
  type Row = Record<string, never> & { calls: number; refused: number; rows: number };
  const rows = await gateway.usage.sums<Row & { day: string; share: number; client: string; requester: string }>(
    `day::VARCHAR AS day, share, client, requester, ${figures}, ${many}, sum(ms) AS ms, max(slowest) AS slowest`,
    `${where}`,
    params,
    'GROUP BY day, share, client, requester',
  );
  const refusals = await gateway.usage.sums<{ code: string; calls: number }>(
    'problem AS code, sum(calls)::BIGINT AS calls',
    `${own} AND problem IS NOT NULL`,
    params,
    'GROUP BY problem ORDER BY 2 DESC LIMIT 20',
  );
  const ends = await gateway.usage.sums<Row & { day: string; share: number; client: string; requester: string }>(
    `day::VARCHAR AS day, share, client, requester, ${figures}`,
    `${where} AND operation = 'export-end'`,
    params,
    'GROUP BY day, share, client, requester',
  );
  const same = (a: { day: string; share: number; client: string; requester: string }) =>
    `${a.day} ${a.share} ${a.client} ${a.requester}`;
  const ended = new Map(ends.map((e) => [same(e), e]));
  const real = rows.map((r) => {
    const e = ended.get(same(r));
    return {
      ...r,
      calls: Number(r.calls) - Number(e?.calls ?? 0),
      refused: Number(r.refused) - Number(e?.refused ?? 0),
    };
  });
  const sum = (of: readonly { calls: number; refused: number; rows: number }[]) => ({
    calls: of.reduce((n, r) => n + r.calls, 0),
    refused: of.reduce((n, r) => n + r.refused, 0),
    rows: of.reduce((n, r) => n + Number(r.rows), 0),
  });
  const all = sum(real);
  const titles = new Map(allProblemKinds().map((kind) => [kind.code, { zh: kind.zh, en: kind.en }]));
  const ms = real.reduce((n, r) => n + Number((r as unknown as { ms: number }).ms), 0);
  const slowest = Math.max(0, ...real.map((r) => Number((r as unknown as { slowest: number }).slowest)));
  const byClient = [...groupBy(real, (r) => r.client)];
  return {
    ...{ from, to, ...all, mean: all.calls ? ms / all.calls : null, slowest: all.calls ? slowest : null },
    days: [...groupBy(real, (r) => r.day)]
      .map(([day, of]) => ({ day, ...sum(of) }))
      .sort((a, b) => (a.day < b.day ? -1 : 1)),
    services: [...groupBy(real, (r) => r.share)]
      .filter(([id]) => id !== 0)
      .map(([id, of]) => ({ id, title: gateway.services.get(id)?.title ?? { zh: `${id}`, en: `${id}` }, ...sum(of) }))
      .sort((a, b) => b.calls - a.calls),
    clients: byClient
      .map(([id, of]) => ({
        ...{ id, name: gateway.book.client(id)?.name ?? id, ...sum(of) },
        organisation: { id: of[0]!.requester, name: nameOf(gateway.deps, of[0]!.requester) },
      }))
      .sort((a, b) => b.calls - a.calls),
    refusals: refusals.map((r) => ({ code: r.code, calls: Number(r.calls), title: plain(titles.get(r.code), r.code) })),
  };
}

/** A problem's sentence without the values of one occurrence. */
const plain = (title: { zh: string; en: string } | undefined, code: string) => {
  const bare = (text: string) => text.replace(/[：:，,]?\s*[^，,：:。]*\{\w+\}.*$/, '') || code;
  return title ? { zh: bare(title.zh), en: bare(title.en) } : { zh: code, en: code };
};
