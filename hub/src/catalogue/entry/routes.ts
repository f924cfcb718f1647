/** The routes of the catalogue's entries. */
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import * as api from './api.ts';
import { contentOf } from './book.ts';
import { classList, codeOf } from './classes.ts';
import { itemTypes, sharingWays } from './content.ts';
import { type EntryContext, isAuthority } from './context.ts';
import { compareAnswer, desk, detail, versionAnswer } from './detail.ts';
import { extendDuty, raiseDuty, stopDuty } from './duties.ts';
import { facetTitle, mayFind } from './facets.ts';
import * as kinds from './problems.ts';
import { facetNames } from './search.ts';
import { sheetRoutes } from './sheet-routes.ts';
import { decideRepeat, itemsShared, nameSourceDepartment, repeatDecisions } from './source-departments.ts';
import { summary } from './views.ts';
import { begin, create, save, step } from './workflow.ts';

const base = '/api/v1/catalogue';
const room = 'catalogue';
const read = 'catalogue.read' as const;
const found = [kinds.entryUnknown];
const worked = [...found, kinds.notYours, kinds.noDraft, kinds.wrongState, kinds.changedMeanwhile];

/** All routes of entries; `entries` answers them or a Problem while they are not loaded. */
export function entryRoutes(entries: () => EntryContext): RouteDefinition[] {
  return [...reading(entries), ...working(entries), ...deciding(entries), ...sheetRoutes(entries)];
}

function reading(entries: () => EntryContext): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/entries`, room, access: read, query: api.entryQuery, response: api.entryPage },
      summary: { zh: '检索目录', en: 'Search the catalogue' },
      async handler({ query: q, principal }) {
        const context = entries();
        const chosen = Object.fromEntries(facetNames.map((f) => [f, q[f]]));
        const { sort, offset, limit } = q;
        const visible = mayFind(context, principal);
        const answer = context.search.find({ words: q.q?.trim() || undefined, chosen, sort, offset, limit, visible });
        const facets = Object.fromEntries(
          facetNames.map((f) => [f, answer.facets[f].map((v) => ({ ...v, title: facetTitle(context, f, v.value) }))]),
        );
        return {
          ...{ total: answer.total, relaxed: answer.relaxed, understood: answer.understood },
          items: answer.hits.map((h) => summary(context, h.entry, principal, { found: h.items })),
          facets: facets as never,
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/entries/{id}`, room, access: read, params: api.idParams },
      ...{ response: api.entryDetail, problems: found },
      summary: { zh: '一个目录条目', en: 'One entry of the catalogue' },
      handler: ({ params, principal }) => detail(entries(), params.id, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/entries/{id}/versions/{version}`, room, access: read },
      ...{ params: api.versionParams, response: api.versionAnswer, problems: [...found, kinds.versionUnknown] },
      summary: { zh: '条目的一个版本', en: 'One version of an entry' },
      handler: ({ params, principal }) => versionAnswer(entries(), params.id, params.version, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/entries/{id}/compare`, room, access: read, params: api.idParams },
      ...{ query: api.compareQuery, response: api.compareAnswer, problems: [...found, kinds.versionUnknown] },
      summary: { zh: '两个版本的差异', en: 'What differs between two versions' },
      handler: ({ params, query, principal }) => compareAnswer(entries(), params.id, query, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/classes`, room, access: read, response: api.classesAnswer },
      summary: { zh: '分类码、数据类型和共享方式', en: 'Classification codes, data types and ways of sharing' },
      async handler() {
        const types = Object.entries(itemTypes).map(([letter, title]) => ({ letter, title }));
        return { items: classList(), types, ways: [...sharingWays] };
      },
    }),
  ];
}

function working(entries: () => EntryContext): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/desk`, room, access: read, response: api.deskAnswer },
      summary: { zh: '目录编制与审核工作台', en: 'What waits to be drafted, agreed and reviewed' },
      handler: ({ principal }) => desk(entries(), principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/check`,
        reads: true,
        room,
        access: read,
        body: api.checkBody,
        response: api.checkAnswer,
      },
      summary: { zh: '检查一份草稿', en: 'Check a draft without keeping it' },
      async handler({ body }) {
        const context = entries();
        const sequence = context.book.get(body.id)?.sequence ?? 0;
        const code = sequence ? codeOf(body.content.classification, sequence) : body.content.classification;
        return { code, findings: await context.findings(body.id, body.provider, body.content) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/entries`, room, access: read, body: api.createBody, response: api.created },
      ...{ status: 201, problems: [kinds.providerUnknown, kinds.notYours] },
      summary: { zh: '新编一个条目', en: 'Draft a new entry' },
      async handler({ body, principal }) {
        const [id] = await create(entries(), [{ ...body, origin: 'form' }], principal);
        return { id: id! };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/entries/{id}/draft`, room, access: read, params: api.idParams },
      ...{ body: api.beginBody, response: api.entryDetail, status: 201 },
      problems: [...found, kinds.notYours, kinds.draftThere, kinds.retired],
      summary: { zh: '变更或注销一个条目', en: 'Begin a change or the retirement of an entry' },
      async handler({ params, body, principal }) {
        await begin(entries(), params.id, body.kind, principal);
        return detail(entries(), params.id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/entries/{id}/draft`, room, access: read, params: api.idParams },
      ...{ body: api.saveBody, response: api.entryDetail, problems: worked },
      summary: { zh: '保存草稿', en: 'Save a draft' },
      async handler({ params, body, principal }) {
        await save(entries(), params.id, body, principal);
        return detail(entries(), params.id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/entries/{id}/steps/{step}`, room, access: read, params: api.stepParams },
      ...{ body: api.stepBody, response: api.done, problems: [...worked, kinds.hasErrors, kinds.reasonsMissing] },
      summary: { zh: '提交、同意、发布、退回或撤回', en: 'Submit, agree, publish, return or withdraw' },
      async handler({ params, body, principal }) {
        await step(entries(), params.id, params.step, body, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/duties`, room, access: read, body: api.dutyBody, response: api.dutyMade },
      ...{ status: 201, problems: [kinds.providerUnknown, kinds.notYours, kinds.dutyFuture, kinds.entryUnknown] },
      summary: { zh: '登记一项目录更新事项', en: 'Record what asks for an update of the catalogue' },
      handler: async ({ body, principal }) => ({ id: await raiseDuty(entries(), body, principal) }),
    }),
  ];
}

function deciding(entries: () => EntryContext): RouteDefinition[] {
  const access = 'catalogue.review' as const;
  const duty = { params: api.dutyParams, body: api.groundBody, response: api.done };
  const dutyProblems = [kinds.dutyUnknown, kinds.dutyEnded, kinds.notYours];
  return [
    defineRoute({
      ...{ method: 'POST', path: `${base}/duties/{duty}/extend`, room, access, ...duty },
      problems: [...dutyProblems, kinds.dutyExtended],
      summary: { zh: '同意延长更新期限', en: 'Consent to a longer time for an update' },
      async handler({ params, body, principal }) {
        await extendDuty(entries(), params.duty, body.ground, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/duties/{duty}/stop`, room, access, ...duty, problems: dutyProblems },
      summary: { zh: '依法终止更新事项', en: 'End a duty to update, with its legal ground' },
      async handler({ params, body, principal }) {
        await stopDuty(entries(), params.duty, body.ground, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/repeats`,
        room,
        access: read,
        query: api.repeatsQuery,
        response: api.repeatsAnswer,
      },
      summary: { zh: '疑似重复收集和数源部门', en: 'What seems to be collected twice, and source departments' },
      async handler({ query, principal }) {
        const context = entries();
        const visible = mayFind(context, principal);
        const of = (id: string) => context.book.get(id)!;
        const decided = new Map((await repeatDecisions(context)).map((d) => [`${d.one} ${d.other}`, d]));
        const name = (id: string) => ({ id, name: context.organisation(id) });
        const wanted = (yes: boolean, text: string) =>
          (!query.decided || yes === (query.decided === 'yes')) && (!query.search || text.includes(query.search));
        const pairs = context.repeats
          .all(context.book.all())
          .filter((r) => visible(of(r.one)) && visible(of(r.other)))
          .filter((r) => {
            const titles = [r.one, r.other].map((id) => contentOf(of(id)).title.zh).join(' ');
            return wanted(decided.has(`${r.one} ${r.other}`), titles);
          });
        const items = itemsShared(context).filter((i) => wanted(i.decided !== null, i.names.join(' ')));
        return {
          pairs: pairs.slice(query.pairsFrom, query.pairsFrom + query.limit).map((r) => {
            const d = decided.get(`${r.one} ${r.other}`);
            return {
              ...{ one: summary(context, of(r.one), principal), other: summary(context, of(r.other), principal) },
              ...{ items: r.items, share: r.share },
              decision: d
                ? { outcome: d.outcome, ground: d.ground, by: d.decided_by, at: d.decided_at.toISOString() }
                : null,
            };
          }),
          pairsTotal: pairs.length,
          items: items.slice(query.itemsFrom, query.itemsFrom + query.limit).map((i) => {
            const holders = new Map<string, number>();
            for (const h of i.holders) holders.set(h.provider, (holders.get(h.provider) ?? 0) + 1);
            return {
              ...{ subject: i.subject as 'none', item: i.item, names: i.names },
              holders: [...holders].map(([id, n]) => ({ ...name(id), entries: n })),
              decided: i.decided ? name(i.decided) : null,
            };
          }),
          itemsTotal: items.length,
          mayDecide: isAuthority(principal),
        };
      },
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/source-departments`, room, access, body: api.sourceDepartmentBody },
      ...{ response: api.done, problems: [kinds.itemUnshared, kinds.notYours] },
      summary: { zh: '明确一个信息项的数源部门', en: 'Name the department that collects an item for all' },
      async handler({ body, principal }) {
        await nameSourceDepartment(entries(), body, principal);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/repeats`, room, access, body: api.repeatBody, response: api.done },
      problems: [kinds.pairUnknown, kinds.notYours],
      summary: { zh: '认定是否重复收集', en: 'Decide whether something is collected twice' },
      async handler({ body, principal }) {
        await decideRepeat(entries(), body, principal);
        return { done: true as const };
      },
    }),
  ];
}
