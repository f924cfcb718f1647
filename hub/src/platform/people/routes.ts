/** Routes of people and organisations: administrators', heads' and everybody's own. */
import type { Principal } from '../auth/principal.ts';
import { lastAdministrator, notSuccessor } from '../auth/problems.ts';
import { forbidden } from '../http/problems.ts';
import { defineRoute, type RouteDefinition } from '../http/route.ts';
import { Problem } from '../problem.ts';
import { actOf, confirm, effectsOf, preview, propose, withdraw } from './acts.ts';
import * as api from './api.ts';
import { certificationRoutes } from './certify-routes.ts';
import { cancel, handover, plan } from './changes.ts';
import { delegations, endDelegation, lend } from './delegations.ts';
import { accountOf, dayOf } from './ports.ts';
import * as k from './problems.ts';
import type { People } from './service.ts';
import * as views from './views.ts';

const room = 'people';
const base = '/api/v1/people';
const ok = { ok: true as const };

/** Sessions as standing for a former organisation needs them. */
export interface StandingPort {
  standFor(principal: Principal, former: string | null): Promise<void>;
}

/** Both the system and the security administrator handle organisations; nobody else. */
function administers(p: Principal): void {
  if (!p.permissions.has('users.manage') && !p.permissions.has('roles.manage'))
    throw new Problem(forbidden, { permission: 'users.manage' });
}

/** All of them. */
export function peopleRoutes(people: People, sessions: StandingPort): RouteDefinition[] {
  return [
    ...organisationRoutes(people),
    ...personRoutes(people),
    ...ownRoutes(people, sessions),
    ...certificationRoutes(people),
  ];
}

function organisationRoutes(people: People): RouteDefinition[] {
  const { ports } = people;
  const faults = [k.actShape, k.actDay, k.orgUnknown, k.orgEnded, k.orgTaken, k.heirWrong, k.actOrder, k.moveForeign];
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/organisations`, room, access: 'signed-in', response: api.organisationsView },
      summary: { zh: '机构登记与机构变动', en: 'Organisations and the acts on them' },
      handler: ({ principal }) => {
        administers(principal);
        return views.organisationsShown(people);
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/organisations/{code}`, room, access: 'signed-in', params: api.codeParams },
      ...{ query: api.dayQuery, response: api.organisationView, problems: [k.orgUnknown] },
      summary: { zh: '一个机构在某日的状况与沿革', en: 'An organisation as it was on a day, with its history' },
      handler: ({ params, query, principal }) => {
        administers(principal);
        return views.organisationShownOn(people, params.code, query.day);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/organisations/preview`,
        reads: true,
        room,
        access: 'users.manage',
        body: api.actBody,
      },
      ...{ response: api.effectsView, problems: faults },
      summary: { zh: '机构变动的影响（不改动）', en: 'What an act would affect; nothing is changed' },
      handler: ({ body }) => preview(ports, body),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/organisations/acts`, room, access: 'users.manage', body: api.proposeBody },
      ...{ response: api.made, status: 201, problems: [...faults, k.actChanged] },
      summary: { zh: '提出机构变动', en: 'Propose an act on organisations' },
      handler: async ({ body, principal }) => ({ id: await propose(ports, body.act, body.fingerprint, principal) }),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/organisations/acts/{id}/effects`, room, access: 'signed-in' },
      ...{ params: api.idParams, response: api.effectsView, problems: [k.actUnknown, k.moveForeign] },
      summary: { zh: '机构变动事项的影响', en: 'What an act affects, or affected' },
      async handler({ params, principal }) {
        administers(principal);
        return ports.db.tx(async (trx) => {
          const act = await actOf(params.id, trx);
          return act.effects ?? effectsOf(ports, act, trx);
        });
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/organisations/acts/{id}/confirm`, room, access: 'roles.manage' },
      ...{ params: api.idParams, body: api.confirmBody, response: api.done },
      problems: [...faults, k.actUnknown, k.actState, k.actChanged, k.actFourEyes],
      summary: { zh: '确认机构变动', en: 'Confirm an act on organisations' },
      async handler({ params, body, principal }) {
        await confirm(ports, params.id, body.fingerprint, principal);
        await people.look();
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/organisations/acts/{id}/withdraw`, room, access: 'signed-in' },
      ...{ params: api.idParams, response: api.done, problems: [k.actUnknown, k.actState] },
      summary: { zh: '撤回未生效的机构变动', en: 'Withdraw an act that does not hold yet' },
      async handler({ params, principal }) {
        administers(principal);
        await withdraw(ports, params.id, principal);
        return ok;
      },
    }),
  ];
}

function personRoutes(people: People): RouteDefinition[] {
  const { ports } = people;
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/users/{id}`, room, access: 'signed-in', params: api.userParams },
      ...{ response: api.personView, problems: [k.userUnknown, k.notYours] },
      summary: { zh: '一个人：沿革与名下事项', en: 'A person: history and what they hold' },
      handler: ({ params, principal }) => views.personShown(people, params.id, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/users/{id}/changes`, room, access: 'users.manage', params: api.userParams },
      ...{ body: api.changeBody, response: api.made, status: 201 },
      problems: [
        ...[k.userUnknown, k.notYours, k.changeDay, k.changePlanned, k.sameOrganisation, k.orgUnknown, k.orgEnded],
        lastAdministrator,
      ],
      summary: { zh: '登记调动或离岗', en: 'Record a move or an end' },
      handler: async ({ params, body, principal }) => ({ id: await plan(ports, params.id, body, principal) }),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/changes/{id}/cancel`, room, access: 'users.manage', params: api.idParams },
      ...{ response: api.done, problems: [k.changeUnknown] },
      summary: { zh: '取消未生效的调动或离岗', en: 'Cancel a planned move or end' },
      async handler({ params, principal }) {
        await cancel(ports, params.id, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/users/{id}/handover`, room, access: 'signed-in', params: api.userParams },
      ...{ body: api.handoverBody, response: api.handoverView },
      problems: [k.userUnknown, k.notYours, k.handoverKind, k.handoverTo],
      summary: { zh: '把名下事项交接给同事', en: 'Hand over what somebody holds' },
      async handler({ params, body, principal }) {
        views.mustHandle(principal, await accountOf({ id: params.id }, ports.db.kysely));
        return { given: await handover(ports, params.id, body, principal) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/delegations`, room, access: 'roles.manage', response: api.delegationsView },
      summary: { zh: '在期的职权委托', en: 'Roles that are lent, now or soon' },
      async handler() {
        const today = dayOf(ports.clock);
        const rows = await delegations(ports.db.kysely, { running: today });
        return { items: await views.delegationsShown(rows, today, ports.db.kysely) };
      },
    }),
  ];
}

function ownRoutes(people: People, sessions: StandingPort): RouteDefinition[] {
  const { ports } = people;
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/me/roles', room, access: 'signed-in', response: api.ownRolesView },
      summary: { zh: '我的职权：委托与原机构', en: 'Own roles: delegations and former organisations' },
      handler: ({ principal }) => views.ownRoles(people, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/me/delegations', room, access: 'signed-in', body: api.lendBody },
      ...{ response: api.made, status: 201 },
      problems: [k.lendDays, k.lendRole, k.lendTo, k.lendHeld, k.lendPair],
      summary: { zh: '委托一项职权', en: 'Lend a role to a colleague' },
      async handler({ body, principal }) {
        const id = await lend(ports, body, principal);
        ports.accounts.forget();
        return { id };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/delegations/{id}/end`, room, access: 'signed-in', params: api.idParams },
      ...{ response: api.done, problems: [k.lendUnknown] },
      summary: { zh: '提前终止委托', en: 'End a delegation before its day' },
      async handler({ params, principal }) {
        await endDelegation(ports, params.id, principal);
        ports.accounts.forget();
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'PUT', path: '/api/v1/me/standing', room, access: 'signed-in', body: api.standingBody },
      ...{ response: api.done, problems: [notSuccessor] },
      summary: {
        zh: '以原机构身份办理，或恢复本机构',
        en: 'Stand for a former organisation, or for the own one again',
      },
      async handler({ body, principal }) {
        await sessions.standFor(principal, body.organisation);
        return ok;
      },
    }),
  ];
}
