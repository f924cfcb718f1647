/**
 * Open311 GeoReport v2: services, requests, tokens, in XML and JSON, for anybody. What the public sees is what the public said: reports of
 * this channel only, without telephone numbers; the state is the event's, opened or closed.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { defineRoute, type RouteContext, type RouteDefinition } from '../platform/http/index.ts';
import { Problem, problemKind } from '../platform/problem.ts';
import { clientOf, type Rates } from './clients.ts';
import { newToken, receive, reportBody, tokenHash } from './intake.ts';
import { states } from './machine.ts';
import type { EventPorts } from './ports.ts';
import * as k from './problems.ts';

const BASE = '/open311/v2';
/** Days that a list goes back, and most of its requests. */
const DAYS = 90;
const MOST = 1000;
/** Reports without a key from one address in an hour. */
const STRANGERS = 20;

const notFound = problemKind('events.open311.unknown', 404, '没有这一请求', 'there is no such request');
const wrong = problemKind(
  'events.open311.wrong',
  400,
  '参数“{field}”不合规：{why}',
  'the parameter "{field}" is not valid: {why}',
);

type Value = string | number | null;
type Item = Record<string, Value>;

const escaped = (v: Value): string =>
  v === null
    ? ''
    : String(v)
        .replace(/[<>&'"]/g, (c) => `&#${c.charCodeAt(0)};`)
        .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');

/** A list of one kind of thing, in the form that the file name asks for; a definition of a service stands alone. */
function written(format: string, root: string, item: string, items: readonly Item[]): { text: string; type: string } {
  const alone = root === item;
  if (format === 'json') {
    const content = alone ? { ...items[0], attributes: [] } : items;
    return { text: JSON.stringify(content), type: 'application/json; charset=utf-8' };
  }
  const body = items
    .map(
      (i) =>
        `<${item}>${Object.entries(i)
          .map(([n, v]) => `<${n}>${escaped(v)}</${n}>`)
          .join('')}</${item}>`,
    )
    .join('');
  const whole = alone ? body.replace(`</${item}>`, `<attributes/></${item}>`) : `<${root}>${body}</${root}>`;
  return { text: `<?xml version="1.0" encoding="utf-8"?>${whole}`, type: 'text/xml; charset=utf-8' };
}

const fileName = (text: string): { name: string; format: string } => {
  const found = /^(.{1,80})\.(xml|json)$/.exec(text);
  if (!found) throw new Problem(wrong, { field: 'format', why: 'xml / json' });
  return { name: found[1]!, format: found[2]! };
};

const query = z.object({
  jurisdiction_id: z.string().max(80).optional(),
  api_key: z.string().max(200).optional(),
  service_request_id: z.string().max(2000).optional(),
  service_code: z.string().max(400).optional(),
  start_date: z.string().max(40).optional(),
  end_date: z.string().max(40).optional(),
  status: z.string().max(20).optional(),
});
type Asked = z.output<typeof query>;
type Context = RouteContext<{ file?: string }, Asked, undefined, unknown>;

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}

/** Routes of GeoReport. */
export function open311Routes(ports: EventPorts, rates: Rates): RouteDefinition[] {
  const jurisdiction = (id: string | undefined) => {
    if (id !== undefined && id !== ports.config.city) throw new Problem(k.jurisdictionUnknown, { id });
  };
  /** Answers in the asked form; faults as GeoReport has them: a list of code and description. */
  const answer = async (
    c: Context,
    work: (format: string, name: string) => Promise<{ root: string; item: string; items: Item[] }>,
  ) => {
    let format = 'json';
    let result: { text: string; type: string };
    try {
      const file = fileName(c.params?.file ?? 'x.json');
      format = file.format;
      jurisdiction(c.query.jurisdiction_id);
      const { root, item, items } = await work(format, file.name);
      result = written(format, root, item, items);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const status = error.kind.status === 422 ? 400 : error.kind.status;
      c.reply.code(status);
      const { title } = error.toJSON();
      result = written(format, 'errors', 'error', [
        { code: status, description: `${error.kind.code}: ${title.zh} / ${title.en}` },
      ]);
    }
    return { chunks: one(result.text), contentType: result.type };
  };
  const at = (path: string) => `${BASE}/${path}`;
  const room = 'events';
  const response = { stream: 'application/json' };
  const route = { room, access: 'public' as const, response };
  const lists = (
    path: string,
    summary: { zh: string; en: string },
    work: (c: Context, name: string) => Promise<{ root: string; item: string; items: Item[] }>,
  ) =>
    defineRoute({
      ...{
        ...route,
        method: 'GET',
        path,
        summary,
        query,
        params: z.object({ file: z.string().max(90) }),
        rateLimit: 240,
      },
      handler: (c) => answer(c as unknown as Context, (_format, name) => work(c as unknown as Context, name)),
    });
  return [
    lists(at('services/{file}'), { zh: 'Open311：一类事项', en: 'Open311: one service' }, async (_c, name) => {
      const m = (await ports.matters.current()).byId.get(name);
      if (!m?.open) throw new Problem(notFound);
      return { root: 'service_definition', item: 'service_definition', items: [{ service_code: m.id }] };
    }),
    lists(at('{file}'), { zh: 'Open311：事项与请求', en: 'Open311: services and requests' }, async (c, name) => {
      if (name === 'services') return { root: 'services', item: 'service', items: await services(ports) };
      if (name === 'requests')
        return { root: 'service_requests', item: 'request', items: await requests(ports, c.query) };
      throw new Problem(notFound);
    }),
    lists(at('requests/{file}'), { zh: 'Open311：一条请求', en: 'Open311: one request' }, async (c, name) => {
      const items = await requests(ports, { ...c.query, service_request_id: name });
      if (!items.length) throw new Problem(notFound);
      return { root: 'service_requests', item: 'request', items };
    }),
    lists(
      at('tokens/{file}'),
      { zh: 'Open311：令牌所指的请求', en: 'Open311: the request of a token' },
      async (_c, name) => {
        const { rows } = await sql<{
          id: number;
        }>`SELECT id FROM events.report WHERE token = ${tokenHash(name)}`.execute(ports.db.kysely);
        if (!rows[0]) throw new Problem(notFound);
        return {
          root: 'service_requests',
          item: 'request',
          items: [{ token: name, service_request_id: String(rows[0].id) }],
        };
      },
    ),
    defineRoute({
      ...{
        ...route,
        method: 'POST',
        path: at('{file}'),
        params: z.object({ file: z.string().max(90) }),
        query,
        rateLimit: 120,
      },
      ...{ bodyType: 'raw', bodyLimit: 256 << 10, status: 201 },
      summary: { zh: 'Open311：提交请求', en: 'Open311: a request is made' },
      handler: (c) =>
        answer(c as unknown as Context, async (_format, name) => {
          if (name !== 'requests') throw new Problem(notFound);
          const form = await bodyOf(
            c.request.body as AsyncIterable<Uint8Array>,
            String(c.request.headers['content-type'] ?? ''),
          );
          jurisdiction(form.jurisdiction_id);
          const key = form.api_key ?? c.query.api_key;
          const client = key ? await clientOf(ports, key) : undefined;
          if (client) rates.take('client', client.id, client.per_minute, 60);
          else rates.take('open311', c.request.ip, STRANGERS, 3600);
          const made = await submit(ports, form, client?.id);
          c.reply.code(201);
          return {
            root: 'service_requests',
            item: 'request',
            items: [{ service_request_id: String(made.report), service_notice: made.notice, account_id: null }],
          };
        }),
    }),
  ];
}

/** Parameters of a form, or of the same names in JSON. */
async function bodyOf(body: AsyncIterable<Uint8Array>, type: string): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const c of body) chunks.push(Buffer.from(c));
  const text = Buffer.concat(chunks).toString('utf8');
  if (!type.includes('json')) return Object.fromEntries(new URLSearchParams(text));
  try {
    const parsed = z.record(z.string(), z.union([z.string(), z.number()])).parse(JSON.parse(text));
    return Object.fromEntries(Object.entries(parsed).map(([n, v]) => [n, String(v)]));
  } catch {
    throw new Problem(wrong, { field: 'body', why: 'JSON' });
  }
}

/** An address that may be told on: of the web, without a user's name. */
function mediaOf(text: string | undefined): string | undefined {
  const given = text?.trim();
  if (!given) return undefined;
  const url = given.length <= 1000 && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new Problem(wrong, { field: 'media_url', why: 'http(s)' });
  return url.href;
}

async function submit(ports: EventPorts, form: Record<string, string>, client: string | undefined) {
  const code = form.service_code ?? '';
  const m = (await ports.matters.current()).byId.get(code);
  if (!m?.open) throw new Problem(wrong, { field: 'service_code', why: code || '—' });
  const number = (name: string) => (form[name] === undefined || form[name] === '' ? undefined : Number(form[name]));
  if (form.address_id && !form.lat && !form.address_string)
    throw new Problem(wrong, { field: 'address_id', why: 'address_string / lat, long' });
  const token = newToken();
  const read = reportBody.safeParse({
    ...{ key: form.request_key?.slice(0, 80) || token, matter: code, text: form.description?.trim() || m.title.zh },
    ...(form.address_string?.trim() ? { address: form.address_string.trim() } : {}),
    ...(number('long') !== undefined ? { longitude: number('long') } : {}),
    ...(number('lat') !== undefined ? { latitude: number('lat') } : {}),
    ...(form.phone?.trim() ? { phone: form.phone.trim() } : {}),
  });
  if (!read.success) {
    const issue = read.error.issues[0]!;
    throw new Problem(wrong, { field: issue.path.join('.'), why: issue.message });
  }
  const media = mediaOf(form.media_url);
  const made = await receive(ports, read.data, { channel: 'open311', client, token, ...(media ? { media } : {}) });
  return { report: made.report, notice: `${made.number} ${states[made.state as keyof typeof states].zh}` };
}

async function services(ports: EventPorts): Promise<Item[]> {
  const c = await ports.matters.current();
  return c.matters
    .filter((m) => m.open)
    .map((m) => ({
      ...{
        service_code: m.id,
        service_name: m.title.zh,
        description: `${m.groupTitle.zh} · ${m.title.en}`,
        metadata: 'false',
        type: 'realtime',
      },
      ...{ keywords: m.words.join(','), group: m.groupTitle.zh },
    }));
}

async function requests(ports: EventPorts, q: Asked): Promise<Item[]> {
  const now = ports.clock.now().getTime();
  const day = (text: string | undefined, field: string): number | undefined => {
    if (text === undefined) return undefined;
    const at = Date.parse(text);
    if (Number.isNaN(at)) throw new Problem(wrong, { field, why: text });
    return at;
  };
  const end = day(q.end_date, 'end_date') ?? now;
  const start = Math.max(day(q.start_date, 'start_date') ?? end - DAYS * 86_400_000, end - DAYS * 86_400_000);
  const ids = q.service_request_id?.split(',').map((s) => s.trim());
  if (ids?.some((id) => !/^\d{1,15}$/.test(id)) || (ids?.length ?? 0) > MOST) return [];
  const codes = q.service_code?.split(',').map((s) => s.trim());
  const wanted = q.status?.split(',').map((s) => s.trim());
  if (wanted?.some((s) => s !== 'open' && s !== 'closed'))
    throw new Problem(wrong, { field: 'status', why: 'open / closed' });
  const which = ids
    ? sql`r.id = ANY(${ids}::bigint[])`
    : sql`r.received_at BETWEEN ${new Date(start)} AND ${new Date(end)}`;
  const { rows } = await sql<{
    id: number;
    number: string;
    matter: string | null;
    text: string;
    address: string | null;
    lon: number | null;
    lat: number | null;
    state: keyof typeof states;
    organisation: string | null;
    due: Date | null;
    received_at: Date;
    updated: Date;
    said: string | null;
    media_url: string | null;
  }>`SELECT r.id, r.media_url, e.number, coalesce(r.matter, e.matter) AS matter, r.text, r.address, r.lon, r.lat, e.state, e.organisation, e.due, r.received_at,
      coalesce((SELECT at FROM events.step s WHERE s.seq = e.changed), r.received_at) AS updated,
      (SELECT s.comment FROM events.step s WHERE s.event = e.id AND s.action IN ('finish', 'reject') ORDER BY s.seq DESC LIMIT 1) AS said
    FROM events.report r JOIN events.event e ON e.id = r.event
    WHERE r.channel = 'open311' AND ${which}
      ${codes ? sql`AND coalesce(r.matter, e.matter) = ANY(${codes}::text[])` : sql``}
      ${wanted?.length === 1 ? (wanted[0] === 'open' ? sql`AND e.state NOT IN ('closed', 'void')` : sql`AND e.state IN ('closed', 'void')`) : sql``}
    ORDER BY r.id DESC LIMIT ${MOST}`.execute(ports.db.kysely);
  const c = await ports.matters.current();
  return rows.map((r) => ({
    ...{ service_request_id: String(r.id), status: r.state === 'closed' || r.state === 'void' ? 'closed' : 'open' },
    ...{ status_notes: `${states[r.state].zh}${r.said && r.state === 'closed' ? `：${r.said}` : ''}` },
    ...{ service_name: c.byId.get(r.matter ?? '')?.title.zh ?? '', service_code: r.matter ?? '', description: r.text },
    ...{
      agency_responsible: r.organisation ? (ports.organisations().get(r.organisation)?.zh ?? '') : '',
      service_notice: r.number,
    },
    ...{
      requested_datetime: zoned(r.received_at),
      updated_datetime: zoned(r.updated),
      expected_datetime: r.due ? zoned(r.due) : null,
    },
    ...{ address: r.address, address_id: null, zipcode: null, lat: r.lat, long: r.lon, media_url: r.media_url },
  }));
}

/** ISO 8601 with the city's zone. */
const zoned = (d: Date): string => new Date(d.getTime() + 8 * 3_600_000).toISOString().replace(/\.\d{3}Z$/, '+08:00');
