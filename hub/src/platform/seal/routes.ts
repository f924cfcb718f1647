/** Seals over HTTP: for who may read them; files sealed by their fingerprint; outside clients for the security administrator. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../http/index.ts';
import { text } from '../i18n/index.ts';
import { Problem } from '../problem.ts';
import type { AuditPort } from '../room.ts';
import * as api from './api.ts';
import type { Clients } from './clients.ts';
import {
  badImprint,
  loginTaken,
  pendingSeal,
  unavailable,
  unknownClient,
  unknownSeal,
  weakImprint,
} from './problems.ts';
import type { Seals } from './seals.ts';
import type { Signer } from './signer.ts';
import type { KeptSeal } from './store.ts';
import { checkImprint } from './subject.ts';
import type { Trust } from './trust.ts';

const room = 'seal';
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** A seal as lists show it. */
export function brief(seal: KeptSeal) {
  const { id, kind, subject, title, organisation, level, facts, state } = seal;
  return {
    ...{ id, kind, subject, title, organisation, level, facts, state },
    imprint: hex(seal.imprint),
    requestedAt: seal.requestedAt.toISOString(),
    signedAt: iso(seal.signedAt),
    publishedAt: iso(seal.publishedAt),
  };
}

/** What the routes stand on. */
export interface SealRoutesHost {
  seals: Seals;
  trust: Trust;
  clients: Clients;
  signer: Signer;
  audit: AuditPort;
}

/** Routes of seals and of clients. */
export function sealRoutes(host: SealRoutesHost): RouteDefinition[] {
  return [...readRoutes(host), ...fileRoutes(host), ...clientRoutes(host.clients), clockRoute(host)];
}

function readRoutes({ seals, trust }: SealRoutesHost): RouteDefinition[] {
  const access = 'seal.read';
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/seals', room, access },
      summary: text('签封列表，新的在前', 'Seals, the newest first'),
      query: api.sealQuery,
      response: api.sealPage,
      handler: async ({ query }) => {
        const imprint = query.imprint === undefined ? undefined : new Uint8Array(Buffer.from(query.imprint, 'hex'));
        const rows = await seals.store.list({ ...query, imprint });
        const items = rows.slice(0, query.limit).map(brief);
        return { items, next: rows.length > query.limit ? items.at(-1)!.id : null };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/seals/summary', room, access },
      summary: text('签封的数目与等待情况', 'How many seals there are, and what waits'),
      response: api.sealSummary,
      handler: async () => {
        const rows = await seals.store.summary();
        const least = rows.flatMap((r) => (r.oldest ? [r.oldest.getTime()] : []));
        const last = rows.flatMap((r) => (r.last ? [r.last.getTime()] : []));
        return {
          kinds: rows.map(({ kind, sealed, pending, extended }) => ({ kind, sealed, pending, extended })),
          pending: rows.reduce((n, r) => n + r.pending, 0),
          oldestPending: least.length ? new Date(Math.min(...least)).toISOString() : null,
          lastSigned: last.length ? new Date(Math.max(...last)).toISOString() : null,
          fault: seals.fault,
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/seals/{seal}', room, access },
      summary: text('一个签封及其此刻的验证结论', 'One seal, and what its verification says now'),
      params: api.sealPath,
      response: api.sealWhole,
      problems: [unknownSeal],
      handler: async ({ params }) => {
        const seal = await seals.store.get(params.seal);
        if (!seal) throw new Problem(unknownSeal);
        const { signature, reference } = seal;
        const verdict = signature && (await trust.verdict(signature, seal.imprint, seal.level));
        return { ...brief(seal), reference, signature: signature && base64(signature), verdict };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/seals/{seal}/signature', room, access },
      summary: text('下载签名文件', 'The signature as a file'),
      params: api.sealPath,
      response: { stream: 'application/octet-stream' },
      problems: [unknownSeal, pendingSeal],
      handler: async ({ params }) => {
        const seal = await seals.store.get(params.seal);
        if (!seal) throw new Problem(unknownSeal);
        if (!seal.signature) throw new Problem(pendingSeal);
        return { chunks: one(seal.signature), filename: `${seal.kind}-${seal.id}.ksig` };
      },
    }),
  ];
}

function fileRoutes({ seals }: SealRoutesHost): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/seals', room, access: 'seal.sign' },
      summary: text('为一份文件的指纹签封', 'Seal a file by its fingerprint; the file itself is not sent'),
      body: api.fileSealRequest,
      response: api.sealBrief,
      status: 201,
      rateLimit: 120,
      problems: [badImprint, weakImprint],
      handler: async ({ body, principal }) => {
        const imprint = new Uint8Array(Buffer.from(body.imprint, 'hex'));
        checkImprint(imprint);
        const id = await seals.request({
          kind: 'file',
          // One seal for each person and fingerprint: who seals it again later proves an own moment.
          subject: `${principal.userId}/${hex(imprint)}`,
          title: text(body.name, body.name),
          organisation: principal.organisation,
          imprint,
          facts: body.size === undefined ? {} : { bytes: body.size },
        });
        return brief((await seals.store.get(id))!);
      },
    }),
  ];
}

function clientRoutes(clients: Clients): RouteDefinition[] {
  const access = 'seal.manage';
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/seals/clients', room, access },
      summary: text('签名服务的外部客户端', 'Outside clients of the signing service'),
      response: api.clientList,
      handler: async () => ({ items: await clients.list() }),
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/seals/clients', room, access },
      summary: text('新建客户端；密钥只显示一次', 'Make a client; its key is shown this once'),
      body: api.clientRequest,
      response: api.clientCreated,
      status: 201,
      problems: [loginTaken, unavailable],
      handler: ({ body, principal }) => clients.create(principal, body),
    }),
    defineRoute({
      ...{ method: 'PATCH', path: '/api/v1/seals/clients/{login}', room, access },
      summary: text('修改、停用客户端或更换密钥', 'Change or disable a client, or give it a new key'),
      params: api.clientPath,
      body: api.clientPatch,
      response: api.clientCreated,
      problems: [unknownClient, unavailable],
      handler: ({ params, body, principal }) => clients.patch(principal, params.login, body),
    }),
    defineRoute({
      ...{ method: 'DELETE', path: '/api/v1/seals/clients/{login}', room, access },
      summary: text('删除客户端', 'Remove a client'),
      params: api.clientPath,
      response: z.null(),
      status: 204,
      problems: [unknownClient, unavailable],
      handler: async ({ params, principal }) => {
        await clients.remove(principal, params.login);
        return null;
      },
    }),
  ];
}

function clockRoute({ signer, audit }: SealRoutesHost): RouteDefinition {
  return defineRoute({
    ...{ method: 'POST', path: '/api/v1/seals/clock', room, access: 'seal.manage' },
    summary: text('确认本机时间无误，恢复签名', "Confirm that the machine's time is right: signing goes on"),
    response: z.object({ at: z.string() }),
    problems: [unavailable],
    handler: async ({ principal, clock }) => {
      const at = clock.now().toISOString();
      await signer.call('acceptClock', null);
      await audit.append({ actor: principal, action: 'seal.clock', object: 'seal', outcome: 'ok', detail: { at } });
      return { at };
    },
  });
}

/** Base 64 of bytes. */
export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Bytes as a stream of one chunk. */
export async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
