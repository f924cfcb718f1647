/** The routes of forms, records and tasks. Who may do what with whose form is looked at by the services; a route asks for the permission. */
import { division, divisionChildren, divisionFullName, findDivisions, findIndustries, industry } from '@jingwei/codes';
import { colleagues } from '../platform/auth/index.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { mayOf, must } from './access.ts';
import * as api from './api.ts';
import * as designs from './designs.ts';
import { available, find, type Target } from './find.ts';
import type { FormsPorts } from './ports.ts';
import { change } from './ports.ts';
import * as k from './problems.ts';
import { check } from './pure/index.ts';
import { detail, history, list } from './read.ts';
import * as records from './records.ts';
import { settle } from './settle.ts';
import { designOf, formOf } from './store.ts';
import * as tasks from './tasks.ts';

export const base = '/api/v1/forms';
export const room = 'forms';
const designProblems = [k.unknownForm, k.notYours, k.retired, k.draftChanged, k.noDraft, k.faulty, k.faultAt];
const recordProblems = [
  k.unknownForm,
  k.unknownRecord,
  k.notYours,
  k.wrongValues,
  k.faultAt,
  k.recordChanged,
  k.wrongState,
  k.mayNot,
];
/** Phones of a community behind one address. */
export const rateLimit = 6000;

function formRoutes(ports: FormsPorts): RouteDefinition[] {
  const formParams = { params: api.formParams };
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: base,
        room,
        access: 'signed-in',
        query: api.formsQuery,
        response: api.formsAnswer,
        rateLimit,
      },
      ...{ summary: { zh: '表单', en: 'Forms' }, problems: [k.notYours] },
      handler: ({ query, principal }) => designs.forms(ports, query, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: base,
        room,
        access: 'forms.design',
        body: api.createBody,
        response: api.formAnswer,
        status: 201,
      },
      ...{ summary: { zh: '新建表单', en: 'Begin a form' }, problems: [k.nameTaken, k.noOrganisation, k.notYours] },
      handler: async ({ body, principal }) =>
        designs.formDetail(ports, await designs.begin(ports, body, principal), principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/check`,
        reads: true,
        room,
        access: 'forms.design',
        body: api.checkBody,
        response: api.checkAnswer,
      },
      summary: { zh: '检查表单设计', en: 'Check a design' },
      handler: async ({ body }) => ({ faults: check(body.design) }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/code-tables/{table}`,
        room,
        access: 'signed-in',
        params: api.tableParams,
        query: api.tableQuery,
      },
      ...{ response: api.tableAnswer, rateLimit, summary: { zh: '国家代码表', en: 'A national code table' } },
      handler: async ({ params, query }) => ({ items: codes(params.table, query.q.trim(), query.under) }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/desk`, room, access: 'signed-in', response: api.deskAnswer, rateLimit },
      ...{ summary: { zh: '我的采集任务和待办', en: 'My tasks and what waits for me' }, problems: [k.notYours] },
      handler: ({ principal }) => tasks.desk(ports, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/people`, room, access: 'forms.design', response: api.peopleAnswer },
      summary: { zh: '本单位人员', en: 'People of the own organisation' },
      handler: async ({ principal }) => ({
        items: principal.organisation === null ? [] : await colleagues(ports.db, principal.organisation),
      }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{form}`,
        room,
        access: 'signed-in',
        ...formParams,
        response: api.formAnswer,
        rateLimit,
      },
      ...{ summary: { zh: '一张表单', en: 'A form' }, problems: [k.unknownForm, k.notYours] },
      handler: ({ params, principal }) => designs.formDetail(ports, params.form, principal),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{form}/versions/{version}`,
        room,
        access: 'signed-in',
        params: api.versionParams,
        response: api.versionAnswer,
      },
      ...{
        summary: { zh: '表单的一个版本', en: 'A version of a form' },
        problems: [k.unknownForm, k.unknownVersion, k.notYours],
      },
      handler: ({ params, principal }) => designs.versionDetail(ports, params.form, params.version, principal),
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${base}/{form}/draft`,
        room,
        access: 'forms.design',
        ...formParams,
        body: api.draftBody,
        response: api.formAnswer,
      },
      ...{ summary: { zh: '保存草稿', en: 'Save the draft' }, problems: designProblems },
      async handler({ params, body, principal }) {
        await designs.saveDraft(ports, params.form, body, principal);
        return designs.formDetail(ports, params.form, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{form}/draft/effects`,
        room,
        access: 'forms.design',
        ...formParams,
        response: api.effectsAnswer,
      },
      ...{ summary: { zh: '新版本的影响', en: 'What a new version does to old records' }, problems: designProblems },
      handler: ({ params, principal }) => designs.effects(ports, params.form, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{form}/publish`,
        room,
        access: 'forms.design',
        ...formParams,
        body: api.publishBody,
        response: api.formAnswer,
      },
      ...{ summary: { zh: '发布表单', en: 'Publish the draft' }, problems: designProblems },
      async handler({ params, body, principal }) {
        await designs.publish(ports, params.form, body, principal);
        return designs.formDetail(ports, params.form, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{form}/retire`,
        room,
        access: 'forms.design',
        ...formParams,
        body: api.retireBody,
        response: api.formAnswer,
      },
      ...{ summary: { zh: '停用表单', en: 'Retire a form' }, problems: designProblems },
      async handler({ params, body, principal }) {
        await designs.retire(ports, params.form, body.reason, principal);
        return designs.formDetail(ports, params.form, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{form}/find`,
        room,
        access: 'signed-in',
        ...formParams,
        query: api.findQuery,
        response: api.findAnswer,
        rateLimit,
      },
      ...{
        summary: { zh: '查找关联的人、企业、楼栋、地址', en: 'Find what a relation may point at' },
        problems: [k.unknownForm, k.notYours],
      },
      async handler({ params, query, principal }) {
        const form = await formOf(ports.db.kysely, params.form);
        must(mayOf(principal, form.organisation).fill);
        const design = form.published === null ? form.draft : await designOf(ports.db.kysely, form.id, form.published);
        const field = design?.fields.find((f) => f.name === query.field);
        if (field?.kind !== 'relation') return { items: [], available: false };
        const to: Target = field.to;
        const items = await find(ports.lake, to, query.q);
        if (to === 'person')
          await ports.audit.append({
            actor: principal,
            action: 'forms.find',
            object: `form:${form.id}`,
            outcome: 'ok',
            detail: { to, hits: items.length },
          });
        return { items, available: await available(ports.lake, to) };
      },
    }),
  ];
}

function codes(table: 'division' | 'industry', q: string, under: string | undefined): { code: string; zh: string }[] {
  const inside = (code: string) => under === undefined || code.startsWith(under);
  if (table === 'industry') {
    const exact = industry.parse(q);
    const found = exact.ok ? [exact.value] : findIndustries(q);
    return found
      .filter((i) => inside(i.code))
      .slice(0, 50)
      .map((i) => ({ code: i.code, zh: i.name }));
  }
  const exact = /^\d{2,12}$/.test(q) ? division.parse(q) : undefined;
  const found = q === '' ? (under ? divisionChildren(under) : []) : exact?.ok ? [exact.value] : findDivisions(q);
  return found
    .filter((d) => inside(d.code))
    .slice(0, 50)
    .map((d) => ({ code: d.code, zh: divisionFullName(d.code) ?? d.name }));
}

function recordRoutes(ports: FormsPorts): RouteDefinition[] {
  const one = { room, params: api.recordParams, response: api.recordAnswer, rateLimit } as const;
  const at = (params: { form: number; record: string }) => params;
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{form}/records`,
        room,
        access: 'signed-in',
        params: api.formParams,
        query: api.recordsQuery,
        response: api.recordsAnswer,
        rateLimit,
      },
      ...{ summary: { zh: '填报记录', en: 'Records of a form' }, problems: [k.unknownForm, k.notYours] },
      handler: ({ params, query, principal }) => list(ports, params.form, query, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{form}/records`,
        room,
        access: 'forms.fill',
        params: api.formParams,
        body: api.recordBody,
        response: api.recordAnswer,
        status: 201,
        rateLimit,
      },
      ...{
        summary: { zh: '填报', en: 'Fill in a form' },
        problems: [...recordProblems, k.recordTaken, k.retired, k.notPublished, k.targetTaken, k.unknownVersion],
      },
      async handler({ params, body, principal }) {
        const { collectedAt, task: _task, ...given } = body;
        const record = await records.create(
          ports,
          { ...given, form: params.form, ...(collectedAt ? { collectedAt: new Date(collectedAt) } : {}) },
          principal,
        );
        return detail(ports, { form: params.form, record: record.id }, principal, false);
      },
    }),
    defineRoute({
      ...{ ...one, method: 'GET', path: `${base}/{form}/records/{record}`, access: 'signed-in' },
      ...{ summary: { zh: '一条记录', en: 'A record' }, problems: recordProblems },
      handler: ({ params, principal }) => detail(ports, at(params), principal),
    }),
    defineRoute({
      ...{ ...one, method: 'PUT', path: `${base}/{form}/records/{record}`, access: 'forms.fill', body: api.changeBody },
      ...{ summary: { zh: '修改记录', en: 'Change a record' }, problems: recordProblems },
      async handler({ params, body, principal }) {
        await records.edit(ports, at(params), body, principal);
        return detail(ports, at(params), principal, false);
      },
    }),
    defineRoute({
      ...{
        ...one,
        method: 'POST',
        path: `${base}/{form}/records/{record}/steps`,
        access: 'signed-in',
        body: api.stepBody,
      },
      ...{
        summary: { zh: '提交、核查、采纳、退回、撤回', en: 'Hand in, check, accept, return, withdraw' },
        problems: [...recordProblems, k.fourEyes, k.reasonNeeded],
      },
      async handler({ params, body, principal }) {
        await records.take(ports, at(params), body, principal);
        return detail(ports, at(params), principal, false);
      },
    }),
    defineRoute({
      ...{
        ...one,
        method: 'POST',
        path: `${base}/{form}/records/{record}/comments`,
        access: 'signed-in',
        body: api.commentBody,
      },
      ...{ summary: { zh: '留言', en: 'Add a remark' }, problems: recordProblems },
      async handler({ params, body, principal }) {
        const { record } = await records.visible(ports, params.form, params.record, principal);
        await change(ports, (trx) => records.remark(trx, ports, record, body.text, principal));
        return detail(ports, at(params), principal, false);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{form}/records/{record}/history`,
        room,
        access: 'signed-in',
        params: api.recordParams,
        response: api.historyAnswer,
      },
      ...{ summary: { zh: '记录的修改历史', en: 'History of a record' }, problems: recordProblems },
      handler: ({ params, principal }) => history(ports, at(params), principal),
    }),
    defineRoute({
      ...{
        ...one,
        method: 'POST',
        path: `${base}/{form}/records/{record}/settle`,
        access: 'signed-in',
        body: api.settleBody,
      },
      ...{ summary: { zh: '处理冲突', en: 'Settle a conflict' }, problems: [...recordProblems, k.noConflict] },
      async handler({ params, body, principal }) {
        await settle(ports, at(params), body, principal);
        return detail(ports, at(params), principal, false);
      },
    }),
  ];
}

function taskRoutes(ports: FormsPorts): RouteDefinition[] {
  const problems = [
    k.unknownForm,
    k.unknownTask,
    k.notYours,
    k.taskClosed,
    k.taskDue,
    k.unknownAssignee,
    k.targetTaken,
    k.notPublished,
    k.retired,
    k.wrongValues,
  ];
  const first = api.targetsQuery.parse({});
  const one = { room, params: api.taskParams, response: api.taskAnswer, problems } as const;
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/{form}/tasks`,
        room,
        access: 'signed-in',
        params: api.formParams,
        query: api.pageQuery,
        response: api.tasksAnswer,
        problems,
      },
      summary: { zh: '采集任务', en: 'Collection tasks' },
      handler: ({ params, query, principal }) => tasks.tasks(ports, params.form, query, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{form}/tasks`,
        room,
        access: 'forms.design',
        params: api.formParams,
        body: api.taskBody,
        response: api.taskAnswer,
        status: 201,
        problems,
      },
      summary: { zh: '下发任务', en: 'Hand out a task' },
      async handler({ params, body, principal }) {
        const task = await tasks.makeTask(ports, params.form, body, principal);
        return tasks.task(ports, { form: params.form, task }, first, principal);
      },
    }),
    defineRoute({
      ...{ ...one, method: 'GET', path: `${base}/{form}/tasks/{task}`, access: 'signed-in', query: api.targetsQuery },
      summary: { zh: '一项采集任务', en: 'A collection task' },
      handler: ({ params, query, principal }) => tasks.task(ports, params, query, principal),
    }),
    defineRoute({
      ...{
        ...one,
        method: 'POST',
        path: `${base}/{form}/tasks/{task}/assign`,
        access: 'forms.design',
        body: api.assignBody,
      },
      summary: { zh: '改派', en: 'Give targets to another' },
      async handler({ params, body, principal }) {
        await tasks.assign(ports, params, body, principal);
        return tasks.task(ports, params, first, principal);
      },
    }),
    defineRoute({
      ...{
        ...one,
        method: 'POST',
        path: `${base}/{form}/tasks/{task}/close`,
        access: 'forms.design',
        body: api.closeBody,
      },
      summary: { zh: '结束任务', en: 'Close a task' },
      async handler({ params, body, principal }) {
        await tasks.close(ports, params, body.reason, principal);
        return tasks.task(ports, params, first, principal);
      },
    }),
  ];
}

/** Routes of forms, records and tasks. */
export const formsRoutes = (ports: FormsPorts): RouteDefinition[] => [
  ...formRoutes(ports),
  ...recordRoutes(ports),
  ...taskRoutes(ports),
];
