/** Routes of administrators: accounts for the system administrator, roles, locks and resets for the security one. */
import { defineRoute, type RouteDefinition } from '../http/index.ts';
import { forbidden } from '../http/problems.ts';
import { text } from '../i18n/index.ts';
import type { JobQueue } from '../jobs/index.ts';
import { Problem } from '../problem.ts';
import type { AuditPort, VaultPort } from '../room.ts';
import { notToken } from '../vault/token.ts';
import {
  done,
  erasureAnswer,
  erasureRequest,
  grantsRequest,
  oneTimePassword,
  resetRequest,
  revealAnswer,
  revealRequest,
  roleTable,
  rotationRequest,
  rotationStarted,
  unlockRequest,
  userCreated,
  userCreateRequest,
  userList,
  userPatch,
  userPath,
  userQuery,
  userView,
} from './api.ts';
import {
  administratorRoles,
  organisationRoles,
  type Principal,
  rolePermissions,
  roles,
  roleTitles,
} from './principal.ts';
import * as problems from './problems.ts';
import type { Auth } from './service.ts';

/** Both the system and the security administrator see the list of users; nobody else. */
function administers(principal: Principal): void {
  if (principal.permissions.has('users.manage') || principal.permissions.has('roles.manage')) return;
  throw new Problem(forbidden, { permission: 'users.manage' });
}

/** Routes of administrators. */
export function administrationRoutes(auth: Auth): RouteDefinition[] {
  const { users } = auth;
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/users',
      room: 'auth',
      summary: text('用户列表', 'Users'),
      access: 'signed-in',
      query: userQuery,
      response: userList,
      handler: ({ query, principal }) => {
        administers(principal);
        return users.list(query);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/users/{id}',
      room: 'auth',
      summary: text('一个用户', 'A user'),
      access: 'signed-in',
      params: userPath,
      response: userView,
      problems: [problems.noUser],
      handler: ({ params, principal }) => {
        administers(principal);
        return users.get(params.id);
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/users',
      room: 'auth',
      summary: text('新建用户', 'Create a user'),
      access: 'users.manage',
      body: userCreateRequest,
      response: userCreated,
      status: 201,
      problems: [problems.loginTaken, problems.subjectTaken, problems.organisationEnded],
      handler: ({ body, principal }) => users.create(principal, body),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/api/v1/users/{id}',
      room: 'auth',
      summary: text('修改或停用用户', 'Change or disable a user'),
      access: 'users.manage',
      params: userPath,
      body: userPatch,
      response: userView,
      problems: [
        problems.noUser,
        problems.notSelf,
        problems.lastAdministrator,
        problems.subjectTaken,
        problems.bindingWithRoles,
        problems.organisationEnded,
      ],
      handler: ({ params, body, principal }) => users.patch(principal, params.id, body),
    }),
    defineRoute({
      method: 'PUT',
      path: '/api/v1/users/{id}/grants',
      room: 'auth',
      summary: text('设定用户的角色', "Set a user's roles"),
      access: 'roles.manage',
      params: userPath,
      body: grantsRequest,
      response: userView,
      problems: [
        problems.noUser,
        problems.notSelf,
        problems.separation,
        problems.organisationNeeded,
        problems.lastAdministrator,
      ],
      handler: ({ params, body, principal }) => users.setGrants(principal, params.id, body),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/users/{id}/reset',
      room: 'auth',
      summary: text('重置密码', 'Reset the password'),
      access: 'roles.manage',
      params: userPath,
      body: resetRequest,
      response: oneTimePassword,
      problems: [problems.noUser, problems.notSelf],
      handler: async ({ params, body, principal }) => ({
        oneTimePassword: await users.reset(principal, params.id, body),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/users/{id}/unlock',
      room: 'auth',
      summary: text('解除锁定', 'Unlock'),
      access: 'roles.manage',
      params: userPath,
      body: unlockRequest,
      response: done,
      problems: [problems.noUser, problems.notSelf],
      handler: async ({ params, body, principal }) => {
        await users.unlock(principal, params.id, body.reason);
        return { ok: true as const };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/roles',
      room: 'auth',
      summary: text('角色与权限表', 'Roles and permissions'),
      access: 'signed-in',
      response: roleTable,
      handler: async () => ({
        roles: roles.map((role) => ({
          role,
          title: roleTitles[role],
          administrator: administratorRoles.includes(role),
          boundToOrganisation: organisationRoles.includes(role),
          permissions: [...rolePermissions[role]],
        })),
      }),
    }),
  ];
}

/**
 * The routes of the vault: opening values, for which the session's purpose must be chosen and the reason is asked each
 * time; where the audit is given, erasing a number; and, where the queue is given, too, starting the rotation of its key.
 */
export function revealRoutes(vault: VaultPort & ErasurePort, audit?: AuditPort, jobs?: JobQueue): RouteDefinition[] {
  return [
    ...(audit && jobs ? [rotationRoute(audit, jobs)] : []),
    ...(audit ? [erasureRoute(vault, audit)] : []),
    defineRoute({
      method: 'POST',
      path: '/api/v1/vault/reveal',
      room: 'vault',
      summary: text('查看身份信息原值', 'Look at identity data'),
      access: 'vault.reveal',
      body: revealRequest,
      response: revealAnswer,
      problems: [problems.purposeNeeded],
      handler: async ({ body, principal }) => {
        if (!principal.purpose) throw new Problem(problems.purposeNeeded);
        const values = await vault.reveal(body.tokens, principal, `${principal.purpose} · ${body.reason}`);
        return { values: Object.fromEntries(body.tokens.map((token) => [token, values.get(token) ?? null])) };
      },
    }),
  ];
}

/** What erasing needs of the vault beside the port that every room has. */
interface ErasurePort {
  /** The normal form that a token stands for; null when it is not in the vault. */
  normOfToken(token: string): Promise<string | null>;
  erasable(norm: string): Promise<{ values: number; erased: number }>;
  erase(token: string, who: Principal | null, purpose: string): Promise<string[]>;
}

/** Erasure of a person's number (个人信息保护法第四十七条): in every spelling, for ever, and not by who could read it. */
function erasureRoute(vault: VaultPort & ErasurePort, audit: AuditPort): RouteDefinition {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/vault/erasure',
    room: 'vault',
    summary: text('删除一个人的身份信息', "Erase a person's identity data"),
    access: 'vault.erase',
    body: erasureRequest,
    response: erasureAnswer,
    problems: [notToken, problems.unknownToken],
    handler: async ({ body, principal }) => {
      const { person, reason, dryRun } = body;
      const tokens = 'token' in person ? [person.token] : await vault.find(person.kind, person.number);
      const norm = 'token' in person ? await vault.normOfToken(person.token) : vault.normOf(person.kind, person.number);
      if (norm === null) throw new Problem(problems.unknownToken);
      const before = await vault.erasable(norm);
      // The count alone tells whether a number is known here: it is audited like the erasure, which audits itself.
      const nothing = dryRun || before.values === before.erased;
      if (nothing) {
        await audit.append({
          ...{ actor: principal, action: 'vault.erase-look', object: norm, purpose: reason, outcome: 'ok' },
          detail: { ...before, dryRun },
        });
      } else await vault.erase(tokens[0]!, principal, reason);
      return {
        dryRun,
        values: before.values,
        alreadyErased: before.erased,
        erased: nothing ? 0 : before.values - before.erased,
      };
    },
  });
}

function rotationRoute(audit: AuditPort, jobs: JobQueue): RouteDefinition {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/vault/rotation',
    room: 'vault',
    summary: text('更换保险库密钥', "Rotate the vault's key"),
    // Keys are the security administrator's: the page of keys asks another address.
    deprecated: { since: '2026-11-22', sunset: '2027-11-22', successor: '/api/v1/keys/rotations' },
    access: 'system.manage',
    body: rotationRequest,
    response: rotationStarted,
    status: 202,
    handler: async ({ body, principal }) => {
      const job = await jobs.submit('vault.rotate', {}, { by: principal.userId, unique: 'vault' });
      await audit.append({
        actor: principal,
        action: 'vault.rotate-start',
        object: `job/${job}`,
        outcome: 'ok',
        detail: { reason: body.reason },
      });
      return { job };
    },
  });
}
