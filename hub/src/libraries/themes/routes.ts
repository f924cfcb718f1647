/** The routes of themes; what is answered is made in service.ts. */
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import type { Deps } from '../../platform/room.ts';
import { jobReference } from '../../refinery/index.ts';
import * as api from './api.ts';
import { THEMES_JOB } from './job.ts';
import * as kinds from './problems.ts';
import * as service from './service.ts';

const base = '/api/v1/libraries/themes';
const room = 'libraries';
const access = 'library.read' as const;
const looked = [kinds.unknown, kinds.forbidden, purposeNeeded];

/** All routes of themes. */
export function themeRoutes(deps: Deps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access, response: api.themesAnswer, problems: [kinds.notReady] },
      summary: { zh: '专题库总览', en: 'Themes' },
      handler: (c) => service.overview(deps, c.principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{theme}`, room, access, params: api.themeParams, response: api.themeDetail },
      summary: { zh: '一个专题库', en: 'One theme' },
      problems: [kinds.unknown],
      handler: (c) => service.detail(deps, c.params.theme, c.principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{theme}/members`, room, access, params: api.themeParams },
      ...{ query: api.membersQuery, response: api.membersAnswer, problems: looked },
      summary: { zh: '专题库成员', en: 'Members of a theme' },
      handler: (c) => service.members(deps, c.params.theme, c.query, c),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{theme}/members/{entity}`, room, access, params: api.memberParams },
      ...{ response: api.memberAnswer, problems: [...looked, kinds.memberUnknown] },
      summary: { zh: '专题库的一个成员', en: 'A member of a theme' },
      handler: (c) => service.member(deps, c.params.theme, c.params.entity, c),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{theme}/export`, room, access, params: api.themeParams },
      ...{ query: api.exportQuery, response: { stream: 'text/csv' }, problems: looked },
      summary: { zh: '导出专题库', en: 'Export a theme' },
      handler: (c) => service.exportTheme(deps, c.params.theme, c.query, c),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `/api/v1/libraries/belonging/{library}/{entity}`,
        room,
        access,
        params: api.belongsParams,
      },
      ...{ response: api.belongsAnswer, problems: [kinds.forbidden, purposeNeeded] },
      summary: { zh: '一个对象属于哪些专题', en: 'Themes that an entity belongs to' },
      handler: (c) => service.belongs(deps, c.params.library, c.params.entity, c),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/run`,
        room,
        access: 'refinery.review',
        body: api.runBody,
        response: jobReference,
      },
      ...{ status: 202, problems: [kinds.unknown] },
      summary: { zh: '立即计算专题库', en: 'Make the themes now' },
      async handler({ body, principal }) {
        const job = await deps.jobs.submit(THEMES_JOB, body, { by: principal.userId, unique: body.theme ?? 'fresh' });
        const object = `theme/${body.theme ?? '*'}`;
        await deps.audit.append({ actor: principal, action: 'themes.run', object, outcome: 'ok', detail: { job } });
        return { job };
      },
    }),
  ];
}
