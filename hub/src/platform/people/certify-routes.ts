/** Routes of the yearly review of rights. */
import { lastAdministrator } from '../auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import * as api from './api.ts';
import { begin, campaigns, decide, items, own, restore } from './certify.ts';
import * as k from './problems.ts';
import type { People } from './service.ts';
import { campaignShown, itemShown } from './views.ts';

const room = 'people';
const base = '/api/v1/people/recertifications';

export function certificationRoutes(people: People): RouteDefinition[] {
  const { ports } = people;
  const { kysely } = ports.db;
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: 'roles.manage', response: api.campaignsView },
      summary: { zh: '权限复核与进度', en: 'Reviews of roles and their progress' },
      async handler() {
        const { yearly, days, suspend } = ports.config.recertification;
        return { items: (await campaigns(kysely)).map(campaignShown), yearly: yearly ?? null, days, suspends: suspend };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: base, room, access: 'roles.manage', response: api.made, status: 201 },
      problems: [k.campaignRuns],
      summary: { zh: '开始一次权限复核', en: 'Begin a review of all roles' },
      handler: async ({ principal }) => ({ id: await begin(ports, principal) }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}/items`, room, access: 'roles.manage', params: api.idParams },
      ...{ query: api.itemsQuery, response: api.itemsView },
      summary: { zh: '一次复核的各项', en: 'The items of a review' },
      async handler({ params, query }) {
        const found = await items(params.id, { ...query, limit: query.limit + 1 }, kysely);
        const page = found.slice(0, query.limit);
        return { items: page.map(itemShown), next: found.length > query.limit ? page.at(-1)!.id : null };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/items/{id}/restore`, room, access: 'roles.manage', params: api.idParams },
      ...{ response: api.itemView, problems: [k.itemUnknown, k.restoreNot] },
      summary: { zh: '恢复逾期停用的角色', en: 'Restore a role that rests' },
      handler: async ({ params, principal }) => itemShown(await restore(ports, params.id, principal)),
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/me/recertification', room, access: 'signed-in', response: api.ownItemsView },
      summary: { zh: '待我复核的权限', en: 'Roles that are mine to review' },
      async handler({ principal }) {
        const found = await own(principal, kysely);
        return { due: found.due, items: found.items.map(itemShown) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/me/recertification/{id}', room, access: 'signed-in', params: api.idParams },
      ...{ body: api.decideBody, response: api.itemView },
      problems: [k.itemUnknown, k.itemForeign, k.itemState, k.commentNeeded, lastAdministrator],
      summary: { zh: '确认或撤回一项权限', en: 'Confirm or withdraw a role' },
      handler: async ({ params, body, principal }) => itemShown(await decide(ports, params.id, body, principal)),
    }),
  ];
}
