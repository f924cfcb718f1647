/** Routes of alerts: the board, the live stream, what people do, silences, rules. Messages and warnings are in cap/routes.ts. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import { capRoutes } from './cap/routes.ts';
import { acknowledge, endIncoming, endSilence, escalate, makeSilence, note } from './people/acts.ts';
import type { AlertPorts } from './ports.ts';
import * as k from './problems.ts';
import { putRule, type RuleRow, rulesInForce, setRule, versionsOf } from './rules/store.ts';
import { tryRule } from './rules/try.ts';
import type { AlertStream } from './stream.ts';
import { board, chart, detail, levelsOf, list } from './views.ts';

const base = '/api/v1/alerts';
const room = 'alerts';
const read = 'alert.read' as const;
const handle = 'alert.handle' as const;
const manage = 'alert.manage' as const;
const params = api.idParams;

/** All of them. */
export function alertRoutes(ports: AlertPorts, stream: AlertStream): RouteDefinition[] {
  const acted = [k.unknownAlert, k.closedAlert];
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/board`, room, access: read, response: api.board },
      summary: { zh: '当前预警', en: 'Open alerts' },
      handler: () => board(ports),
    }),
    defineRoute({
      ...{ method: 'GET', path: base, room, access: read, query: api.listQuery, response: api.list },
      summary: { zh: '预警列表', en: 'Alerts' },
      handler: ({ query }) => list(ports, query),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/stream`, room, access: read, response: { stream: 'text/event-stream' } },
      ...{ summary: { zh: '预警实时流', en: 'Live stream of alerts' }, problems: [k.tooManyListeners] },
      description: {
        zh: '服务器推送事件：hello（连接成功）、alert（一次变化）、anew（有遗漏，请重新读取）。',
        en: 'Server-sent events: hello (connected), alert (a change), anew (changes were left out: read the board anew).',
      },
      async handler({ reply }) {
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        reply.header('x-accel-buffering', 'no');
        return { chunks: stream.listen(gone.signal) };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{id}`,
        room,
        access: read,
        params,
        response: api.detail,
        problems: [k.unknownAlert],
      },
      summary: { zh: '一条预警', en: 'An alert' },
      handler: ({ params: { id } }) => detail(ports, id),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{id}/chart`,
        room,
        access: read,
        params,
        query: api.chartQuery,
        response: api.chart,
      },
      ...{ summary: { zh: '证据曲线与预测', en: 'Readings and forecast' }, problems: [k.unknownAlert] },
      handler: ({ params: { id }, query }) => chart(ports, id, query),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/acknowledge`, room, access: handle, params, body: api.acknowledgeBody },
      ...{ response: api.detail, problems: [...acted, k.alreadyAcknowledged] },
      summary: { zh: '确认预警', en: 'Acknowledge an alert' },
      async handler({ params: { id }, body, principal }) {
        await acknowledge(ports, id, principal, body.note);
        return detail(ports, id);
      },
    }),
    ...(['note', 'end'] as const).map((kind) =>
      defineRoute({
        ...{ method: 'POST', path: `${base}/{id}/${kind}`, room, access: handle, params, body: api.noteBody },
        ...{ response: api.detail, problems: acted },
        summary:
          kind === 'note'
            ? { zh: '记录说明', en: 'Add a note' }
            : { zh: '结束接收的预警', en: 'End the alert of a message taken in' },
        async handler({ params: { id }, body, principal }) {
          await (kind === 'note' ? note : endIncoming)(ports, id, principal, body.note);
          return detail(ports, id);
        },
      }),
    ),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/escalate`, room, access: handle, params, body: api.escalateBody },
      ...{ response: api.detail, problems: [...acted, k.unknownOrganisation] },
      summary: { zh: '升级交办', en: 'Escalate to an organisation' },
      async handler({ params: { id }, body, principal }) {
        await escalate(ports, id, principal, body.to, body.note);
        return detail(ports, id);
      },
    }),
    ...silenceRoutes(ports),
    ...ruleRoutes(ports),
    ...capRoutes(ports),
  ];
}

function silenceRoutes(ports: AlertPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/silences`, room, access: read, response: api.silences },
      summary: { zh: '静默', en: 'Silences' },
      async handler() {
        const now = ports.clock.now();
        const { rows } = await sql<Record<string, never>>`SELECT s.*, (SELECT count(*) FROM alerts.alert a
            WHERE a.silenced = s.id AND a.closed_at IS NULL) AS alerts
          FROM alerts.silence s ORDER BY s.ended_at IS NULL AND s.until_at > ${now} DESC, s.id DESC LIMIT 200`.execute(
          ports.db.kysely,
        );
        return {
          silences: rows.map((s: Record<string, unknown>) => ({
            ...{ id: s.id as number, rules: (s.rules ?? []) as string[], types: (s.types ?? []) as string[] },
            ...{ entities: (s.entities ?? []) as string[], area: (s.area ?? null) as [number, number][] | null },
            ...{
              level: s.level as number,
              from: (s.from_at as Date).toISOString(),
              until: (s.until_at as Date).toISOString(),
            },
            ...{ reason: s.reason as string, madeBy: s.made_name as string, madeAt: (s.made_at as Date).toISOString() },
            ...{ endedAt: (s.ended_at as Date | null)?.toISOString() ?? null, endedBy: s.ended_name as string | null },
            holds: !s.ended_at && (s.from_at as Date) <= now && (s.until_at as Date) > now,
            alerts: s.alerts as number,
          })),
        };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/silences`, room, access: handle, body: api.silenceBody, response: api.made },
      ...{ status: 201, problems: [k.silenceTimes, k.silenceWide], summary: { zh: '新建静默', en: 'Make a silence' } },
      async handler({ body, principal }) {
        const { from, until, ...rest } = body;
        return { id: await makeSilence(ports, principal, { ...rest, from: new Date(from), until: new Date(until) }) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/silences/{id}/end`, room, access: handle, params, response: api.made },
      ...{ problems: [k.unknownSilence, k.silenceEnded], summary: { zh: '结束静默', en: 'End a silence' } },
      async handler({ params: { id }, principal }) {
        await endSilence(ports, principal, id);
        return { id };
      },
    }),
  ];
}

type Head = z.input<typeof api.rule>['head'];

async function headsOf(ports: AlertPorts, rows: readonly RuleRow[]): Promise<Head[]> {
  const week = new Date(ports.clock.now().getTime() - 7 * 86_400_000);
  const counts = await sql<{
    rule: string;
    open: number;
    week: number;
  }>`SELECT rule, count(*) FILTER (WHERE closed_at IS NULL) AS open,
      count(*) FILTER (WHERE opened_at > ${week}) AS week
    FROM alerts.alert WHERE source = 'rule' AND (closed_at IS NULL OR opened_at > ${week}) GROUP BY rule`.execute(
    ports.db.kysely,
  );
  return rows.map((row) => {
    const told = ports.evaluator()?.rules.get(row.rule);
    const count = counts.rows.find((c) => c.rule === row.rule);
    const problem = told?.problem;
    return {
      ...{ rule: row.rule, title: row.body.title, category: row.body.category, state: row.state, version: row.version },
      ...{ source: row.source, changedAt: row.changed_at.toISOString(), type: row.body.series.type ?? null },
      ...{ property: row.body.series.property ?? null, measure: row.body.measure, watched: told?.watched ?? 0 },
      ...{ levels: levelsOf(row.body).map((l) => l.level), open: count?.open ?? 0, lastWeek: count?.week ?? 0 },
      problem:
        problem instanceof Problem
          ? problem.toJSON().title
          : problem
            ? { zh: '无法确定监测序列', en: 'its series could not be found' }
            : null,
    };
  });
}

function ruleRoutes(ports: AlertPorts): RouteDefinition[] {
  let trying = false;
  const oneOf = async (name: string): Promise<z.input<typeof api.rule>> => {
    const row = (await rulesInForce(ports.db.kysely)).find((r) => r.rule === name);
    if (!row) throw new Problem(k.unknownRule, { rule: name });
    const versions = await versionsOf(ports.db.kysely, name);
    return {
      head: (await headsOf(ports, [row]))[0]!,
      body: row.body as unknown as Record<string, unknown>,
      versions: versions.map((v) => ({
        ...{ version: v.version, source: v.source, note: v.note, name: v.made_name, at: v.made_at.toISOString() },
        body: v.body as unknown as Record<string, unknown>,
      })),
    };
  };
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/rules`, room, access: read, response: api.rules },
      summary: { zh: '预警规则', en: 'Rules' },
      async handler() {
        const faults = ports.faults().map((p) => ({
          ...{ code: p.kind.code, title: p.toJSON().title, file: p.place?.file ?? null, line: p.place?.line ?? null },
        }));
        return { rules: await headsOf(ports, await rulesInForce(ports.db.kysely)), faults };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/rules/choices`, room, access: read, response: api.choices },
      summary: { zh: '可监测的序列', en: 'Series that rules can watch' },
      async handler() {
        const found = new Map<string, { type: string; property: string; unit: string; series: number }>();
        for (const s of ports.sensing()?.book.select({}) ?? []) {
          const key = `${s.type}.${s.property}`;
          const known = found.get(key) ?? { type: s.type, property: s.property, unit: s.unit, series: 0 };
          known.series += 1;
          found.set(key, known);
        }
        return {
          types: [...found.values()]
            .sort((a, b) => `${a.type}.${a.property}`.localeCompare(`${b.type}.${b.property}`))
            .slice(0, 1_000),
        };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/rules/{rule}`,
        room,
        access: read,
        params: api.ruleParams,
        response: api.rule,
      },
      ...{ problems: [k.unknownRule], summary: { zh: '一条规则', en: 'A rule' } },
      handler: ({ params: { rule } }) => oneOf(rule),
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${base}/rules/{rule}`,
        room,
        access: manage,
        params: api.ruleParams,
        body: api.putBody,
        response: api.rule,
      },
      problems: [
        k.unknownRule,
        k.ruleExists,
        k.ruleName,
        k.ruleSame,
        k.changedMeanwhile,
        k.tooManyRules,
        k.nearColumns,
      ],
      summary: { zh: '保存规则的新版本', en: 'Keep a new version of a rule' },
      async handler({ params: { rule }, body, principal }) {
        if (body.rule.rule !== rule) throw new Problem(k.ruleName, { expected: rule }, { pointer: '/rule/rule' });
        await putRule(ports, body.rule, principal, body);
        await ports.rulesChanged();
        return oneOf(rule);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/rules/{rule}/set`,
        room,
        access: manage,
        params: api.ruleParams,
        body: api.setBody,
      },
      ...{ response: api.rule, problems: [k.unknownRule] },
      summary: { zh: '启停规则或恢复旧版本', en: 'Pause a rule, let it go on, or go back to a version' },
      async handler({ params: { rule }, body, principal }) {
        await setRule(ports, rule, principal, {
          ...(body.state ? { state: body.state } : {}),
          ...(body.version ? { version: body.version } : {}),
        });
        await ports.rulesChanged();
        return oneOf(rule);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/rules/try`,
        reads: true,
        room,
        access: manage,
        body: api.tryBody,
        response: api.trial,
        rateLimit: 20,
      },
      ...{ problems: [k.ruleSeriesNone, k.tryTooMuch, k.tryBusy, k.nearColumns] },
      summary: { zh: '用历史数据试算规则', en: 'Try a rule against the past' },
      async handler({ body }) {
        const sensing = ports.sensing();
        if (trying || !sensing) throw new Problem(k.tryBusy);
        trying = true;
        try {
          return await tryRule(ports.lake, sensing.book, body.rule, body.days, ports.clock.now().getTime());
        } finally {
          trying = false;
        }
      },
    }),
  ];
}
