import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { parentOf, statementName } from './names.ts';
import { Exporter, message, type Span } from './otlp.ts';
import { Tracer } from './tracer.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A collector that answers by a list of statuses, the last for ever; keeps what it was sent. */
async function collector(...statuses: number[]) {
  const got: { url: string; headers: Record<string, unknown>; body: ReturnType<typeof JSON.parse> }[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      got.push({ url: request.url!, headers: request.headers, body: JSON.parse(body) });
      response.writeHead(statuses[Math.min(got.length, statuses.length) - 1] ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { got, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const span = (n: number): Span => ({
  ...{
    trace: 'a'.repeat(32),
    span: n.toString(16).padStart(16, '0'),
    parent: undefined,
    name: `span ${n}`,
    kind: 'server',
  },
  ...{
    start: 1_000_000_001n,
    end: 2_000_000_002n,
    attributes: { 'http.route': '/x', n: 7, share: 0.5 },
    failed: n === 1,
  },
});
const silent = { warn: () => undefined };

test('spans are told as OTLP asks: identifiers in hexadecimal, numbers of 64 bits as text, failures by status', () => {
  const told = message([span(1)], { 'service.name': 'jingwei' });
  expect(told).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'jingwei' } }] },
        scopeSpans: [
          {
            scope: { name: 'jingwei' },
            spans: [
              {
                ...{
                  traceId: 'a'.repeat(32),
                  spanId: '0000000000000001',
                  name: 'span 1',
                  kind: 2,
                  status: { code: 2 },
                },
                ...{ startTimeUnixNano: '1000000001', endTimeUnixNano: '2000000002' },
                attributes: [
                  { key: 'http.route', value: { stringValue: '/x' } },
                  { key: 'n', value: { intValue: '7' } },
                  { key: 'share', value: { doubleValue: 0.5 } },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
});

test('what waits is bounded: more is dropped and counted, what the collector was away for is sent later, each once', async () => {
  const { got, endpoint } = await collector(503, 200);
  const exporter = new Exporter({ endpoint, headers: { authorization: 'Bearer x' }, queue: 600 }, {}, silent);
  for (let i = 0; i < 700; i++) exporter.add(span(i));
  await exporter.flush();
  await exporter.stop();
  expect(exporter.counts).toEqual({ sent: 600, dropped: 100 });
  const kept = got
    .slice(1)
    .flatMap((g) => g.body.resourceSpans[0].scopeSpans[0].spans.map((s: { name: string }) => s.name));
  expect(kept).toHaveLength(600);
  expect(new Set(kept).size).toBe(600);
  expect(got[0]).toMatchObject({ url: '/v1/traces', headers: { authorization: 'Bearer x' } });
});

test('what a collector will never have is dropped, and one that is away holds up nobody', async () => {
  const { endpoint } = await collector(400);
  const refused = new Exporter({ endpoint, headers: {}, queue: 100 }, {}, silent);
  refused.add(span(1));
  await refused.stop();
  expect(refused.counts).toEqual({ sent: 0, dropped: 1 });
  const away = new Exporter({ endpoint: 'http://127.0.0.1:9', headers: {}, queue: 100 }, {}, silent);
  away.add(span(1));
  await away.stop();
  expect(away.counts).toEqual({ sent: 0, dropped: 1 });
});

test('statements under a piece of work are its children; alone they are no trace', async () => {
  const spans: Span[] = [];
  const tracer = new Tracer({ clock: new ManualClock(), sampling: 1, add: (s) => spans.push(s) });
  tracer.statement('store', 'SELECT 1 FROM auth.users', 3);
  expect(spans).toEqual([]);
  const begun = tracer.request('GET', `00-${'4bf92f3577b34da6a3ce929d0e0e4736'}-00f067aa0ba902b7-00`);
  await tracer.within(begun, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await tracer.span('job x', {}, async () =>
      tracer.statement('lake', `SELECT * FROM lib.fact WHERE name = '张三'`, 3),
    );
  });
  tracer.end(begun, { 'http.route': '/x' }, false, 'GET /x');
  const [statement, job, root] = spans;
  expect(root).toMatchObject({ name: 'GET /x', trace: '4bf92f3577b34da6a3ce929d0e0e4736', parent: '00f067aa0ba902b7' });
  expect(job).toMatchObject({ name: 'job x', parent: root!.span, trace: root!.trace });
  expect(statement).toMatchObject({
    name: 'SELECT lib.fact',
    parent: job!.span,
    attributes: { 'db.system.name': 'duckdb' },
  });
  expect(statement!.end - statement!.start).toBe(3_000_000n);
});

test('what is sampled is decided by the trace’s number alone, whatever the sender asks for', () => {
  const spans: Span[] = [];
  const tracer = new Tracer({ clock: new ManualClock(), sampling: 0.25, add: (s) => spans.push(s) });
  let kept = 0;
  for (let i = 0; i < 2000; i++) if (tracer.request('GET', undefined)) kept++;
  expect(kept).toBeGreaterThan(380);
  expect(kept).toBeLessThan(620);
  const asked = `00-${'0'.repeat(19)}1${'f'.repeat(12)}-00f067aa0ba902b7-01`;
  expect(tracer.request('GET', asked)).toBeNull();
  const off = new Tracer({ clock: new ManualClock(), sampling: 0, add: (s) => spans.push(s) });
  for (let i = 0; i < 100; i++) expect(off.request('GET', undefined)).toBeNull();
});

test('a traceparent is believed as the standard writes it and not otherwise', () => {
  const good = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(parentOf(good)).toEqual({ trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' });
  expect(parentOf(`cc${good.slice(2)}-what-comes`)).toBeDefined();
  for (const bad of [
    `${good}-more`,
    `ff${good.slice(2)}`,
    good.toUpperCase(),
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    '',
    undefined,
    [good],
  ])
    expect(parentOf(bad), String(bad)).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => parentOf(text) === undefined));
});

test('a statement’s name is a verb and a table of the program, whatever stands in its values', () => {
  expect(statementName('select a from auth.users u join x.y on true')).toBe('SELECT auth.users');
  expect(statementName(`INSERT INTO vault.value VALUES ('from evil.table')`)).toBe('INSERT vault.value');
  expect(statementName(`WITH a AS (SELECT 1) UPDATE "ev"."event" SET x = 1`)).toBe('SELECT ev.event');
  expect(statementName('BEGIN')).toBe('BEGIN');
  // What somebody may have typed: a name without a schema, a comment, a name that looks like a table in its schema.
  expect(statementName('WITH zhangsan AS (SELECT 1) SELECT * FROM zhangsan')).toBe('SELECT');
  expect(statementName('SELECT 1 /* from li.si */')).toBe('SELECT');
  expect(statementName('SELECT * FROM "li.si"')).toBe('SELECT');
  expect(statementName('SELECT * FROM x.c13905741234')).toBe('SELECT x.c0');
  expect(statementName(`SELECT '张三 from 李四'`)).toBe('SELECT');
  fc.assert(
    fc.property(fc.string(), (value) => {
      const name = statementName(`SELECT x FROM lib.fact WHERE name = '${value.replaceAll("'", "''")}'`);
      expect(name).toBe('SELECT lib.fact');
    }),
  );
});
