/** The routes of comparison lists; what is answered is made in service.ts, who may see what is decided in access.ts. */
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { jobReference } from '../../refinery/index.ts';
import { raiseAnswer } from '../verify/corrections/index.ts';
import * as api from './api.ts';
import { exportList } from './export.ts';
import { listsOf } from './job.ts';
import * as kinds from './problems.ts';
import { detail, doubt, follow, member, members, overview } from './service.ts';

const base = '/api/v1/libraries/lists';
const room = 'libraries';
const access = 'lists.read' as const;

/** All routes of lists. */
export function listRoutes(deps: Deps): RouteDefinition[] {
  const lists = () => listsOf(deps.lake);
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access, response: api.listsAnswer, problems: [kinds.notReady] },
      summary: { zh: '比对清单总览', en: 'Comparison lists' },
      handler: (c) => overview(deps, lists(), c.principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{list}`, room, access, params: api.listParams, response: api.listDetail },
      summary: { zh: '一份比对清单', en: 'One comparison list' },
      problems: [kinds.listUnknown],
      handler: (c) => detail(deps, lists(), c.params.list, c.principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{list}/members`, room, access, params: api.listParams },
      ...{ query: api.membersQuery, response: api.membersAnswer },
      summary: { zh: '清单成员', en: 'Members of a list' },
      problems: [kinds.listUnknown, kinds.notYours],
      handler: (c) => members(deps, lists(), c.params.list, c.query, c.principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{list}/members/{entity}`, room, access, params: api.memberParams },
      response: api.memberDetail,
      summary: { zh: '清单的一个成员及其办理经过', en: 'A member of a list and how it was followed up' },
      problems: [kinds.listUnknown, kinds.memberUnknown, kinds.notYours],
      handler: (c) => member(deps, lists(), c.params.list, c.params.entity, c.principal),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/{list}/members/{entity}/follow-up`, room, access: 'lists.handle' },
      ...{ params: api.memberParams, body: api.followBody, response: api.memberDetail },
      summary: { zh: '登记办理情况', en: "Say where a member's case stands" },
      problems: [kinds.listUnknown, kinds.memberUnknown, kinds.notYours, kinds.stateUnknown],
      handler: (c) => follow(deps, lists(), c.params.list, c.params.entity, c.body, c.principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{list}/members/{entity}/corrections`, room, access: 'lists.handle' },
      ...{ params: api.memberParams, body: api.doubtBody, response: raiseAnswer, status: 201 },
      summary: { zh: '成员的数据有误，提请来源部门核实', en: "Ask the department of a source about a member's data" },
      problems: [kinds.listUnknown, kinds.memberUnknown, kinds.notYours, kinds.fieldUnknown],
      handler: (c) => doubt(deps, lists(), c.params.list, c.params.entity, c.body, c.principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{list}/export`, room, access, params: api.listParams },
      ...{ query: api.exportQuery, response: { stream: 'text/csv' } },
      summary: { zh: '导出清单', en: 'Export a list' },
      problems: [kinds.listUnknown, kinds.notYours, purposeNeeded],
      handler: (c) => exportList(deps, lists(), c.params.list, c.query, c.principal, c.purpose ?? null),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/run`, room, access: 'lists.run' },
      ...{ body: api.runBody, response: jobReference, status: 202 },
      summary: { zh: '立即计算清单', en: 'Run the lists now' },
      problems: [kinds.listUnknown],
      async handler({ body, principal }) {
        if (body.list && !lists().lists.has(body.list)) throw new Problem(kinds.listUnknown, { list: body.list });
        const job = await deps.jobs.submit('libraries.lists', body.list ? { list: body.list } : { fresh: true }, {
          by: principal.userId,
          unique: body.list ?? 'fresh',
        });
        const entry = { actor: principal, action: 'lists.run', object: `list/${body.list ?? '*'}` };
        await deps.audit.append({ ...entry, outcome: 'ok', detail: { job } });
        return { job };
      },
    }),
  ];
}
