/**
 * Situation reports (情况报告): written out of the log up to a moment, edited and signed by a person, every version kept. What
 * is signed is a PDF with its seal; it never changes.
 */
import { type Kysely, sql } from 'kysely';
import type { Principal } from '../platform/auth/principal.ts';
import type { AnyTables } from '../platform/db/index.ts';
import { Problem } from '../platform/problem.ts';
import { imprintOf } from '../platform/seal/index.ts';
import { levelName } from './declaration.ts';
import { act, type OperationRow, operationOf, wholeLog } from './log.ts';
import { planOf } from './plans.ts';
import { actorOf, type CommandDeps, nameOf } from './ports.ts';
import * as k from './problems.ts';
import { type Both, type Entry, figuresOf, momentAt } from './pure/index.ts';
import { reportPdf } from './report-pdf.ts';

export type Language = 'zh' | 'en';
/** What a person reads and edits. */
export interface ReportContent {
  language: Language;
  title: string;
  sections: { heading: string; text: string }[];
}
export interface ReportRow {
  operation: number;
  number: number;
  version: number;
  upto: number;
  content: ReportContent;
  state: 'draft' | 'signed';
  made_by: string;
  made_at: Date;
  sha256: string | null;
  seal: number | null;
}

/** Beijing time as documents write it. */
export const local = (at: string | Date): string =>
  new Date(new Date(at).getTime() + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');

/** Writes a report out of a log; nothing is in it that the log does not tell. */
export function compose(
  o: OperationRow,
  plan: Both,
  entries: readonly Entry[],
  name: (organisation: string) => Both,
  number: number,
  language: Language,
  now: Date,
): ReportContent {
  const say = (t: Both) => t[language];
  const zh = language === 'zh';
  const m = momentAt(entries);
  const f = figuresOf(entries, now.toISOString());
  const tasks = [...m.tasks.values()];
  const of = (...states: string[]) => tasks.filter((t) => states.includes(t.state));
  const lines = (kind: string) => entries.filter((e) => e.kind === kind).map((e) => `${local(e.at)} ${say(e.text)}`);
  const list = (all: string[], none: string) => (all.length ? all.join('\n') : none);
  const late = entries
    .filter((e) => e.kind === 'late' || e.kind === 'unacknowledged')
    .map((e) => `${local(e.at)} ${say(e.text)}`);
  const refused = of('refused').map(
    (t) => `${say(name(t.organisation))}：${say(t.title)}${t.note ? `（${t.note}）` : ''}`,
  );
  const level = levelName[m.level ?? o.level];
  const exercise = o.exercise ? (zh ? '【演练】' : '[EXERCISE] ') : '';
  const state = of('done').map((t) => `${say(name(t.organisation))}：${say(t.title)}${t.note ? `。${t.note}` : ''}`);
  const going = of('sent', 'acknowledged', 'working').map(
    (t) => `${say(name(t.organisation))}：${say(t.title)} ${t.progress}%${t.note ? `，${t.note}` : ''}`,
  );
  const forces = [...m.resources.values()].map(
    (r) => `${say(r.name)}（${say(stateWords[r.state] ?? { zh: r.state, en: r.state })}）`,
  );
  const title = zh
    ? `${exercise}${o.title}情况报告（第${number}期）`
    : `${exercise}${o.title}: situation report ${number}`;
  const sections = zh
    ? [
        [
          '一、基本情况',
          `${local(o.started_at)}，${o.started_by}启动《${plan.zh}》${o.place ? `，地点：${o.place}` : ''}。启动依据：${o.grounds}。总指挥：${o.commander}。截至${local(now)}，响应级别为${level}级，历时${Math.round(f.minutes ?? 0)}分钟。`,
        ],
        ['二、级别调整', list(lines('level'), '响应级别未作调整。')],
        [
          '三、任务进展',
          `共下达任务${tasks.filter((t) => t.sentAt).length}项，完成${f.done}项，办理中${going.length}项，退回${f.refused}项，撤销${f.cancelled}项；签收用时中位数${f.acknowledge ?? '—'}分钟。\n${list(state, '尚无任务完成。')}`,
        ],
        ['四、正在办理', list(going, '没有正在办理的任务。')],
        [
          '五、力量投入',
          list(
            forces.length ? [`在用队伍、装备、场所${forces.length}处：${forces.join('、')}。`] : [],
            '尚未调用应急资源。',
          ),
        ],
        ['六、指令与决策', list([...lines('order'), ...lines('decision')], '没有下达指令。')],
        ['七、存在问题', list([...late, ...refused, ...lines('unmanned')], '未发现超时、退回或无人值班的情况。')],
        [
          '八、下一步工作',
          m.state === 'running'
            ? '继续按预案组织实施，完成未尽任务，及时报送进展。'
            : `响应已终止。${o.end_grounds ?? ''}`,
        ],
      ]
    : [
        [
          '1 Situation',
          `${o.started_by} started "${plan.en}" on ${local(o.started_at)}${o.place ? ` at ${o.place}` : ''}. Grounds: ${o.grounds}. Commander: ${o.commander}. As of ${local(now)} the level is ${level}, after ${Math.round(f.minutes ?? 0)} minutes.`,
        ],
        ['2 Levels', list(lines('level'), 'The level was not changed.')],
        [
          '3 Tasks',
          `${tasks.filter((t) => t.sentAt).length} tasks sent, ${f.done} done, ${going.length} under way, ${f.refused} refused, ${f.cancelled} cancelled; median time to acknowledge ${f.acknowledge ?? '—'} min.\n${list(state, 'Nothing is done yet.')}`,
        ],
        ['4 Under way', list(going, 'Nothing is under way.')],
        [
          '5 Forces',
          list(forces.length ? [`${forces.length} in use: ${forces.join(', ')}.`] : [], 'No resources were called.'),
        ],
        ['6 Orders and decisions', list([...lines('order'), ...lines('decision')], 'No orders were given.')],
        ['7 Problems', list([...late, ...refused, ...lines('unmanned')], 'Nothing was late, refused or unmanned.')],
        [
          '8 Next',
          m.state === 'running' ? 'The plan is carried on with.' : `The operation has ended. ${o.end_grounds ?? ''}`,
        ],
      ];
  return { language, title, sections: sections.map(([heading, text]) => ({ heading: heading!, text: text! })) };
}

const stateWords: Record<string, Both> = {
  assigned: { zh: '派出', en: 'on the way' },
  working: { zh: '在用', en: 'at work' },
  maintenance: { zh: '检修', en: 'in maintenance' },
  closed: { zh: '关闭', en: 'closed' },
};

/** Every report's versions, the newest first. */
export const reportsOf = async (db: Kysely<AnyTables>, operation: number): Promise<ReportRow[]> =>
  (
    await sql<ReportRow>`SELECT * FROM command.report WHERE operation = ${operation} ORDER BY number DESC, version DESC LIMIT 500`.execute(
      db,
    )
  ).rows;

async function latest(db: Kysely<AnyTables>, operation: number, number: number): Promise<ReportRow> {
  const { rows } =
    await sql<ReportRow>`SELECT * FROM command.report WHERE operation = ${operation} AND number = ${number}
    ORDER BY version DESC LIMIT 1`.execute(db);
  if (!rows[0]) throw new Problem(k.reportUnknown);
  return rows[0];
}

async function keep(trx: Kysely<AnyTables>, r: ReportRow): Promise<void> {
  await sql`INSERT INTO command.report (operation, number, version, upto, content, state, made_by, made_at, sha256, seal)
    VALUES (${r.operation}, ${r.number}, ${r.version}, ${r.upto}, ${JSON.stringify(r.content)}::jsonb, ${r.state}, ${r.made_by},
      ${r.made_at}, ${r.sha256}, ${r.seal})`.execute(trx);
}

/** A further report, written out of the log as it is now; answers its number. */
export async function draftReport(
  deps: CommandDeps,
  operation: number,
  language: Language,
  who: Principal,
): Promise<number> {
  return act(
    deps,
    operation,
    actorOf(who),
    async (log, trx) => {
      const o = log.operation;
      const entries = await wholeLog(trx, operation);
      const plan = (await planOf(trx, o.plan, o.plan_version)).declaration;
      const { rows } = await sql<{
        n: number;
      }>`SELECT coalesce(max(number), 0) + 1 AS n FROM command.report WHERE operation = ${operation}`.execute(trx);
      const number = rows[0]!.n;
      const content = compose(o, plan.title, entries, (id) => nameOf(deps, id), number, language, log.at);
      await keep(trx, {
        operation,
        number,
        version: 1,
        upto: o.seq,
        content,
        state: 'draft',
        made_by: who.name,
        made_at: log.at,
        sha256: null,
        seal: null,
      });
      await log.say({
        kind: 'report',
        text: { zh: `起草第${number}期情况报告`, en: `Report ${number} drafted` },
        detail: { number, version: 1 },
      });
      return number;
    },
    ['running', 'ended'],
  );
}

/** A person's version of a draft. Problems `command.report.unknown`, `command.report.signed`, `command.conflict`. */
export async function editReport(
  deps: CommandDeps,
  operation: number,
  number: number,
  body: { content: ReportContent; version: number },
  who: Principal,
): Promise<void> {
  await act(
    deps,
    operation,
    actorOf(who),
    async (log, trx) => {
      const now = await latest(trx, operation, number);
      if (now.state === 'signed') throw new Problem(k.reportSigned, { number });
      if (now.version !== body.version) throw new Problem(k.conflict);
      await keep(trx, { ...now, version: now.version + 1, content: body.content, made_by: who.name, made_at: log.at });
    },
    ['running', 'ended'],
  );
}

/** Signs a report off: the PDF is made, kept and sealed. */
export async function signReport(
  deps: CommandDeps,
  operation: number,
  number: number,
  version: number,
  who: Principal,
): Promise<void> {
  await act(
    deps,
    operation,
    actorOf(who),
    async (log, trx) => {
      const now = await latest(trx, operation, number);
      if (now.state === 'signed') throw new Problem(k.reportSigned, { number });
      if (now.version !== version) throw new Problem(k.conflict);
      const bytes = await pdfOf(deps, trx, log.operation, {
        ...now,
        state: 'signed',
        made_by: who.name,
        made_at: log.at,
      });
      const { sha256 } = await deps.blobs.put([bytes]);
      const seal = await deps.seal.request(
        {
          ...{
            kind: 'file',
            subject: `command-report/${operation}/${number}`,
            organisation: null,
            imprint: imprintOf(bytes),
          },
          title: { zh: now.content.title, en: now.content.title },
          facts: { number, version: now.version + 1, bytes: bytes.length },
        },
        trx,
      );
      await keep(trx, {
        ...now,
        version: now.version + 1,
        state: 'signed',
        made_by: who.name,
        made_at: log.at,
        sha256,
        seal,
      });
      await log.say({
        kind: 'report',
        text: { zh: `签发第${number}期情况报告`, en: `Report ${number} signed` },
        detail: { number, version: now.version + 1, sha256 },
      });
      await deps.audit.append(
        { actor: who, action: 'command.report-sign', object: `operation/${operation}/report/${number}`, outcome: 'ok' },
        trx,
      );
    },
    ['running', 'ended'],
  );
}

async function pdfOf(deps: CommandDeps, db: Kysely<AnyTables>, o: OperationRow, r: ReportRow): Promise<Uint8Array> {
  const entries = (await wholeLog(db, o.id)).filter((e) => e.seq <= r.upto);
  return reportPdf({
    ...{ city: deps.cityName, operation: o, report: r, moment: momentAt(entries) },
    names: new Map([...deps.organisations()].map(([id, { name }]) => [id, name])),
  });
}

/** A report as PDF: the kept file of a signed one, a fresh one of a draft. */
export async function reportFile(
  deps: CommandDeps,
  operation: number,
  number: number,
): Promise<{ bytes: Uint8Array; name: string }> {
  const r = await latest(deps.db.kysely, operation, number);
  const name = `${r.content.title}${r.state === 'draft' ? (r.content.language === 'zh' ? '（草稿）' : ' (draft)') : ''}.pdf`;
  if (r.sha256 === null)
    return { bytes: await pdfOf(deps, deps.db.kysely, await operationOf(deps.db.kysely, operation), r), name };
  const chunks: Uint8Array[] = [];
  for await (const chunk of deps.blobs.get(r.sha256)) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), name };
}
