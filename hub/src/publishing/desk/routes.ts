/** The console's routes of open data: proposals and their checks, what is open, and the desk of what the public says. */
import type { Permission } from '../../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { act, draft, draftBody, edit, editBody, overrule, overruleBody, stepBody } from '../act.ts';
import type { PublishingPorts } from '../ports.ts';
import * as k from '../problems.ts';
import * as api from './api.ts';
import { datasetView, openable, overview } from './views.ts';
import { answer, assign, moderate, voices } from './voices.ts';

const base = '/api/v1/open';
const room = 'open';
const access = 'open.read' as const satisfies Permission;
const done = { done: true as const };

/** All of them. */
export function deskRoutes(ports: PublishingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/datasets`, room, access, response: api.overviewAnswer },
      summary: { zh: '开放数据与开放申请', en: 'Open datasets and proposals' },
      handler: ({ principal }) => overview(ports, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/datasets`,
        room,
        access: 'open.propose',
        body: draftBody,
        response: api.made,
        status: 201,
      },
      ...{
        summary: { zh: '起草开放申请', en: 'Draft a proposal' },
        problems: [k.unknownEntry, k.noData, k.notYours, k.planWrong],
      },
      handler: async ({ body, principal }) => ({ id: await draft(ports, body, principal) }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/entries`, room, access: 'open.propose', response: api.openableAnswer },
      summary: { zh: '本部门可开放的目录条目', en: 'Entries that the department could open' },
      handler: ({ principal }) => openable(ports, principal),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/datasets/{id}`,
        room,
        access,
        params: api.idParams,
        response: api.datasetAnswer,
      },
      ...{
        summary: { zh: '一项开放申请或开放数据集', en: 'A proposal or an open dataset' },
        problems: [k.unknownDataset],
      },
      handler: ({ params, principal }) => datasetView(ports, params.id, principal),
    }),
    defineRoute({
      ...{
        method: 'PUT',
        path: `${base}/datasets/{id}`,
        room,
        access: 'open.propose',
        params: api.idParams,
        body: editBody,
      },
      ...{
        response: api.datasetAnswer,
        problems: [k.unknownDataset, k.notYours, k.wrongState, k.conflict, k.planWrong],
      },
      summary: { zh: '修改方案', en: 'Change the plan' },
      async handler({ params, body, principal }) {
        await edit(ports, params.id, body, principal);
        return datasetView(ports, params.id, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/datasets/{id}/steps`,
        room,
        access,
        params: api.idParams,
        body: stepBody,
        response: api.datasetAnswer,
      },
      problems: [k.unknownDataset, k.notYours, k.wrongState, k.conflict, k.notChecked, k.blocked, k.reasonNeeded],
      summary: { zh: '办理一个步骤', en: 'Take a step' },
      async handler({ params, body, principal }) {
        await act(ports, params.id, body, principal);
        return datasetView(ports, params.id, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/datasets/{id}/overrules`,
        room,
        access: 'open.manage',
        params: api.idParams,
        body: overruleBody,
      },
      ...{
        response: api.datasetAnswer,
        problems: [k.unknownFinding, k.neverOverruled, k.groundNeeded, k.conflict, k.notYours],
      },
      summary: { zh: '依法放行审查中的一项', en: 'Let a finding pass on a ground of law' },
      async handler({ params, body, principal }) {
        await overrule(ports, params.id, body, principal);
        return datasetView(ports, params.id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/voices`, room, access, response: api.voicesAnswer },
      summary: { zh: '公众需求、报错与评价', en: 'What the public asks for, reports and says' },
      handler: ({ principal }) => voices(ports, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/messages/{id}/answer`,
        room,
        access,
        params: api.idParams,
        body: api.answerBody,
        response: api.done,
      },
      ...{
        summary: { zh: '答复公众', en: 'Answer the public' },
        problems: [k.unknownMessage, k.notYours, k.wrongState, k.personalWords],
      },
      async handler({ params, body, principal }) {
        await answer(ports, params.id, body, principal);
        return done;
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/messages/{id}/assign`,
        room,
        access: 'open.manage',
        params: api.idParams,
        body: api.assignBody,
      },
      ...{ response: api.done, problems: [k.unknownMessage, k.notYours, k.wrongState] },
      summary: { zh: '转交部门', en: 'Hand a request to a department' },
      async handler({ params, body, principal }) {
        await assign(ports, params.id, body.organisation, principal);
        return done;
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/ratings/{id}/moderate`,
        room,
        access,
        params: api.idParams,
        body: api.moderateBody,
      },
      ...{ response: api.done, problems: [k.unknownMessage] },
      summary: { zh: '评价的显示与隐藏', en: 'Show or hide the words of a rating' },
      async handler({ params, body, principal }) {
        await moderate(ports, params.id, body.show, principal);
        return done;
      },
    }),
  ];
}
