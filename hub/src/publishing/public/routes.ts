/** The open API: no account is needed; limits by address or key; other sites' pages may read it. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { catalogueOf } from '../../catalogue/index.ts';
import { defineRoute, describeApi, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import { editionsOf } from '../editions.ts';
import type { PublishingPorts } from '../ports.ts';
import * as k from '../problems.ts';
import { openDataset, openDatasets } from '../rows.ts';
import * as api from './api.ts';
import { chartOf } from './chart.ts';
import { API, KEY_HEADER } from './cors.ts';
import { detailOf, summaryOf } from './detail.ts';
import { feed } from './feed.ts';
import { OpenSearch } from './find.ts';
import { admit, keyOf, makeKey, revokeKey } from './keys.ts';
import type { Limits } from './limits.ts';
import { answeredRequests, leaveMessage, messageBody, messageBy, rate, ratingBody, ratingsOf } from './messages.ts';
import { page } from './read.ts';
import type { UseCounts } from './use.ts';

const room = 'open';
const access = 'public' as const;

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}

/** All of them. */
export function publicRoutes(ports: PublishingPorts, limits: Limits, counts: UseCounts): RouteDefinition[] {
  const search = new OpenSearch(ports);
  // The address's own limit is the hub's (minutes, no key); the server's is as high as a key may go.
  const rateLimit = Math.max(ports.rules.keyPerMinute, ports.rules.anonymousPerMinute) * 2;
  const name = (id: string) => catalogueOf(ports.lake).organisations.get(id)?.name ?? { zh: id, en: id };
  const enter = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('access-control-allow-origin', '*');
    reply.header('access-control-expose-headers', 'etag, retry-after');
    const key = request.headers[KEY_HEADER];
    await admit(ports, limits, counts, { key: typeof key === 'string' ? key : undefined, address: request.ip });
  };
  /** Pages of the console read the same addresses many at a time: looking is limited by the server only. */
  const look = (reply: FastifyReply, seconds = 60) => {
    reply.header('access-control-allow-origin', '*');
    reply.header('cache-control', `public, max-age=${seconds}`);
  };
  const known = async (id: string) => {
    const found = (await search.all()).find((x) => x.dataset.id === id);
    if (!found) throw new Problem(k.unknownDataset, { id });
    return found;
  };
  const messageView = (m: Awaited<ReturnType<typeof messageBy>>) => ({
    ...{
      id: m.id,
      kind: m.kind,
      title: m.title,
      body: m.body,
      state: m.state,
      outcome: m.outcome,
      answer: m.answer,
      due: m.due,
    },
    ...{ organisation: m.organisation ? { id: m.organisation, name: name(m.organisation) } : null, dataset: m.dataset },
    ...{ at: m.at.toISOString(), answeredAt: m.answered_at?.toISOString() ?? null },
  });
  const routes: RouteDefinition[] = [];
  const add = (...more: RouteDefinition[]) => routes.push(...more);
  add(
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/datasets`,
        room,
        access,
        rateLimit,
        query: api.listQuery,
        response: api.listAnswer,
      },
      summary: { zh: '查找开放数据集', en: 'Search what is open' },
      async handler({ query: q, request, reply }) {
        await enter(request, reply);
        const { q: words, sort, offset, limit, ...chosen } = q;
        const found = await search.find({ words, chosen, sort, offset, limit });
        return {
          items: found.hits.map(summaryOf),
          total: found.total,
          facets: found.facets,
          understood: found.understood,
        };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/datasets/{id}`,
        room,
        access,
        rateLimit,
        params: api.idParams,
        response: api.datasetAnswer,
      },
      summary: { zh: '一个开放数据集', en: 'An open dataset' },
      problems: [k.unknownDataset],
      async handler({ params, request, reply }) {
        await enter(request, reply);
        const found = await known(params.id);
        counts.count(found.dataset.number, 'view');
        return detailOf(ports, found);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/datasets/{id}/rows`,
        room,
        access,
        rateLimit,
        params: api.idParams,
        query: api.rowsQuery,
      },
      response: { stream: 'application/json; charset=utf-8' },
      summary: { zh: '读取数据行', en: 'Rows of an open dataset' },
      description: {
        zh: 'filter=数据项:运算:值，可重复；运算有 eq ne in ge gt le lt prefix contains present absent，in 的多个值以 | 分隔。next 不为空时把它作为 cursor 继续读取。',
        en: 'filter=item:operator:value, repeatable; operators eq ne in ge gt le lt prefix contains present absent, values of in with | between. While next is not null, give it as cursor.',
      },
      problems: [
        k.unknownDataset,
        k.unknownField,
        k.filterWrong,
        k.cursorStale,
        k.tooMuch,
        k.busy,
        k.tooOften,
        k.keyUnknown,
      ],
      async handler({ params, query, request, reply }) {
        await enter(request, reply);
        const made = await page(ports, params.id, query, request.headers['if-none-match']);
        reply.header('etag', made.etag);
        reply.header('cache-control', 'public, max-age=0, must-revalidate');
        counts.count(made.dataset.number, 'call');
        if (made.text === null) {
          reply.code(304).send();
          return { chunks: one('') };
        }
        return { chunks: one(made.text), contentType: made.type };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/datasets/{id}/chart`,
        room,
        access,
        rateLimit,
        params: api.idParams,
        query: api.chartQuery,
      },
      ...{ response: api.chartAnswer, problems: [k.unknownDataset, k.unknownField] },
      summary: { zh: '图表数据', en: 'Figures for a chart' },
      async handler({ params, query, request, reply }) {
        await enter(request, reply);
        return chartOf(ports, params.id, query);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/datasets/{id}/files/{format}`,
        room,
        access,
        rateLimit,
        params: api.fileParams,
        query: api.fileQuery,
      },
      ...{ response: { stream: 'application/octet-stream' }, problems: [k.unknownDataset, k.noFile] },
      summary: { zh: '下载文件', en: 'Download a file' },
      async handler({ params, query, request, reply }) {
        await enter(request, reply);
        const d = await openDataset(ports, params.id);
        const editions = await editionsOf(ports.db.kysely, d.number, 'open', 1000);
        const edition = editions.find((e) =>
          query.edition === undefined ? e.id === d.edition.id : e.number === query.edition,
        );
        const file = edition?.files.find((f) => f.format === params.format);
        if (!edition || !file) throw new Problem(k.noFile);
        const etag = `"${file.sha256}"`;
        reply.header('etag', etag);
        reply.header('cache-control', 'public, max-age=0, must-revalidate');
        if (request.headers['if-none-match'] === etag) {
          reply.code(304).send();
          return { chunks: one('') };
        }
        counts.count(d.number, 'download');
        const filename = `${d.title.zh}-${edition.number}.${file.format}`;
        return { chunks: ports.blobs.get(file.sha256), filename, contentType: TYPES[file.format] };
      },
    }),
  );
  const atom = async (reply: FastifyReply, id: string | null) => {
    look(reply, 300);
    return { chunks: one(await feed(ports, id === null ? null : await openDataset(ports, id))) };
  };
  const stream = { stream: 'application/atom+xml; charset=utf-8' };
  add(
    defineRoute({
      ...{ method: 'GET', path: `${API}/feed.atom`, room, access, rateLimit: 60, response: stream },
      summary: { zh: '更新订阅（Atom）', en: 'Feed of everything (Atom)' },
      handler: ({ reply }) => atom(reply, null),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/datasets/{id}/feed.atom`,
        room,
        access,
        rateLimit: 60,
        params: api.idParams,
        response: stream,
      },
      ...{ summary: { zh: '一个数据集的更新订阅', en: 'Feed of a dataset' }, problems: [k.unknownDataset] },
      handler: ({ params, reply }) => atom(reply, params.id),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${API}/about`, room, access, rateLimit, response: api.aboutAnswer },
      summary: { zh: '开放平台概况', en: 'What is open, and its limits' },
      async handler({ reply }) {
        look(reply);
        const all = await openDatasets(ports);
        const downloads = await sql<{
          n: number;
        }>`SELECT coalesce(sum(times), 0)::int AS n FROM publishing.use WHERE kind = 'download'`.execute(
          ports.db.kysely,
        );
        const { anonymousPerMinute, keyPerMinute, keyPerDay, answerDays } = ports.rules;
        const organisations = [...catalogueOf(ports.lake).organisations.values()].map((o) => ({
          id: o.id,
          name: o.name,
        }));
        return {
          ...{ organisations, answerDays, limits: { anonymousPerMinute, keyPerMinute, keyPerDay } },
          ...{ datasets: all.length, rows: all.reduce((n, d) => n + d.rows, 0), downloads: downloads.rows[0]!.n },
        };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/datasets/{id}/ratings`,
        room,
        access,
        rateLimit: 30,
        params: api.idParams,
        body: ratingBody,
      },
      ...{
        response: api.datasetAnswer.shape.rating,
        status: 201,
        problems: [k.unknownDataset, k.personalWords, k.tooOften],
      },
      summary: { zh: '评价数据集', en: 'Rate a dataset' },
      async handler({ params, body, request }) {
        limits.take('rating', request.ip, 20, 3600);
        await rate(ports, params.id, body);
        const made = await ratingsOf(ports, (await openDataset(ports, params.id)).number);
        return { ...made, said: made.said.map((s) => ({ ...s, at: s.at.toISOString() })) };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/messages`,
        room,
        access,
        rateLimit: 30,
        body: messageBody,
        response: api.receiptAnswer,
        status: 201,
      },
      ...{ problems: [k.unknownDataset, k.personalWords, k.tooOften] },
      summary: { zh: '提出数据需求或报错', en: 'Ask for data or report an error' },
      async handler({ body, request }) {
        limits.take('message', request.ip, 10, 3600);
        return leaveMessage(ports, body, (o) => catalogueOf(ports.lake).organisations.has(o));
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/messages/{receipt}`,
        room,
        access,
        rateLimit: 30,
        params: api.receiptParams,
        response: api.messageAnswer,
      },
      ...{ summary: { zh: '按受理编号查询', en: 'What became of a message' }, problems: [k.unknownReceipt] },
      handler: async ({ params }) => messageView(await messageBy(ports, params.receipt)),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${API}/requests`, room, access, rateLimit, response: api.requestsAnswer },
      summary: { zh: '已答复的数据需求', en: 'Requests for data and their answers' },
      async handler({ reply }) {
        look(reply);
        const { items, waiting } = await answeredRequests(ports);
        return { items: items.map(messageView), waiting, days: ports.rules.answerDays };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${API}/keys`,
        room,
        access,
        rateLimit: 10,
        body: api.keyBody,
        response: api.keyMade,
        status: 201,
      },
      ...{
        summary: { zh: '生成密钥（不需要个人信息）', en: 'Make a key (no personal data)' },
        problems: [k.personalWords, k.tooOften],
      },
      async handler({ body, request }) {
        limits.take('key-made', request.ip, 5, 3600);
        return { key: (await makeKey(ports, body.name)).key };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/key`,
        room,
        access,
        rateLimit: 30,
        response: api.keyAnswer,
        problems: [k.keyUnknown],
      },
      summary: { zh: '密钥的用量', en: 'What a key has used' },
      async handler({ request }) {
        const row = await keyOf(ports, String(request.headers[KEY_HEADER] ?? ''), counts);
        const { keyPerMinute, keyPerDay } = ports.rules;
        const spent = { today: row.today, total: row.total };
        return {
          name: row.name,
          made: row.made_at.toISOString(),
          ...spent,
          limits: { perMinute: keyPerMinute, perDay: keyPerDay },
        };
      },
    }),
    defineRoute({
      ...{
        method: 'DELETE',
        path: `${API}/key`,
        room,
        access,
        rateLimit: 30,
        response: api.done,
        problems: [k.keyUnknown],
      },
      summary: { zh: '停用密钥', en: 'Revoke a key' },
      async handler({ request }) {
        const row = await keyOf(ports, String(request.headers[KEY_HEADER] ?? ''), counts);
        await revokeKey(ports, row.id, null);
        return { done: true as const };
      },
    }),
  );
  let description: string | undefined;
  const own = [...routes];
  add(
    defineRoute({
      ...{
        method: 'GET',
        path: `${API}/openapi.json`,
        room,
        access,
        rateLimit: 60,
        response: { stream: 'application/json' },
      },
      summary: { zh: '接口说明（OpenAPI）', en: 'This description (OpenAPI)' },
      async handler({ reply }) {
        look(reply, 3600);
        description ??= JSON.stringify(describeApi(own, '1'));
        return { chunks: one(description) };
      },
    }),
  );
  return routes;
}

const TYPES = {
  ...{ csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet', json: 'application/json' },
  ndjson: 'application/x-ndjson',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;
