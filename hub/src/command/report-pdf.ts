/** A situation report as a document: head, sections, the tasks as they stood. An exercise says so on every page. */
import { ink, measureWidth, page, Sheet, table } from '../platform/pdf/index.ts';
import { levelName } from './declaration.ts';
import type { OperationRow } from './log.ts';
import type { Both, Moment, TaskThen } from './pure/index.ts';
import { local, type ReportRow } from './report.ts';

const words = {
  zh: {
    ...{ draft: '草稿 · 未签发', signed: '签发', by: '签发人', at: '时间', level: '响应级别', tasks: '附：任务清单' },
    ...{
      organisation: '承担单位',
      task: '任务',
      state: '状态',
      due: '时限',
      progress: '进展',
      upto: '据行动日志第 {n} 条以前的记录',
    },
    ...{ exercise: '演 练', exerciseFoot: '【演练】', page: '第 {n} 页，共 {of} 页', subject: '应急响应情况报告' },
    states: {
      waiting: '待下达',
      sent: '待签收',
      acknowledged: '已签收',
      working: '办理中',
      done: '完成',
      refused: '退回',
      cancelled: '撤销',
    },
  },
  en: {
    ...{ draft: 'Draft · not signed', signed: 'Signed', by: 'by', at: 'at', level: 'Level', tasks: 'Annex: tasks' },
    ...{
      organisation: 'Organisation',
      task: 'Task',
      state: 'State',
      due: 'Due',
      progress: 'Progress',
      upto: 'Out of the log up to entry {n}',
    },
    ...{ exercise: 'EXERCISE', exerciseFoot: '[EXERCISE] ', page: 'Page {n} of {of}', subject: 'Situation report' },
    states: {
      waiting: 'waiting',
      sent: 'sent',
      acknowledged: 'acknowledged',
      working: 'under way',
      done: 'done',
      refused: 'refused',
      cancelled: 'cancelled',
    },
  },
} as const;

/** Makes the PDF; the same report gives the same bytes. */
export async function reportPdf(of: {
  city: Both;
  operation: OperationRow;
  report: ReportRow;
  moment: Moment;
  names: ReadonlyMap<string, Both>;
}): Promise<Uint8Array> {
  const { operation: o, report: r, moment } = of;
  const { language } = r.content;
  const w = words[language];
  const name = (id: string) => of.names.get(id)?.[language] ?? id;
  const tasks = [...moment.tasks.values()].filter((t) => t.state !== 'waiting');
  const facts = [
    of.city[language],
    `${w.level} ${levelName[moment.level ?? o.level]}`,
    r.state === 'signed' ? `${w.signed} ${r.made_by} ${local(r.made_at)}` : w.draft,
    w.upto.replace('{n}', String(r.upto)),
  ];
  const characters = JSON.stringify([r.content, facts, w, tasks.map((t) => [name(t.organisation), t.title, t.note])]);
  const sheet = await Sheet.begin({
    ...{ title: r.content.title, author: of.city[language], subject: w.subject, at: r.made_at, keywords: o.plan },
    ...{ lang: language === 'zh' ? 'zh-CN' : 'en', characters },
    foot: `${o.exercise ? w.exerciseFoot : ''}${of.city[language]} · ${o.title}`,
    pageOf: (n, all) => w.page.replace('{n}', String(n)).replace('{of}', String(all)),
  });
  sheet.newPage();
  sheet.section();
  sheet.ornament(() => {
    sheet.doc.rect(0, 0, page.width, 10).fill(o.exercise ? ink.warn : ink.primary);
    sheet.doc.rect(0, 10, page.width, 3).fill(ink.weft);
  });
  if (o.exercise) {
    sheet.tagged('P', () =>
      sheet.line(w.exercise, page.left, sheet.y - 20, { size: 13, weight: 'strong', colour: ink.warn }),
    );
    sheet.y += 6;
  }
  const head = sheet.lines(r.content.title, measureWidth, { size: 19, weight: 'strong' });
  sheet.tagged('H1', () => {
    sheet.y += sheet.block(head, page.left, sheet.y, measureWidth, { size: 19, weight: 'strong', leading: 1.4 });
  });
  sheet.y += 4;
  sheet.paragraph(facts.join('  ·  '), { size: 9, colour: ink.quiet });
  sheet.ornament(() => sheet.doc.rect(page.left, sheet.y + 3, 64, 2.5).fill(ink.weft));
  sheet.y += 14;
  for (const s of r.content.sections) {
    sheet.heading(s.heading, 2, null);
    for (const line of s.text.split('\n').filter(Boolean)) sheet.paragraph(line, { size: 10.5, leading: 1.7 });
    sheet.y += 4;
  }
  if (tasks.length) {
    sheet.section();
    sheet.heading(w.tasks, 2, null);
    table<TaskThen>(
      sheet,
      [
        { title: w.organisation, width: 128, text: (t) => name(t.organisation), lines: 2 },
        { title: w.task, text: (t) => t.title[language], lines: 2 },
        {
          title: w.state,
          width: 56,
          text: (t) => w.states[t.state as keyof typeof w.states] ?? t.state,
          style: (t) => ({ colour: t.state === 'done' ? ink.good : t.state === 'refused' ? ink.bad : ink.text }),
        },
        { title: w.progress, width: 44, align: 'end', text: (t) => `${t.progress}%` },
        { title: w.due, width: 84, align: 'end', text: (t) => (t.due ? local(t.due) : '—') },
      ],
      tasks,
    );
  }
  return sheet.finish();
}
