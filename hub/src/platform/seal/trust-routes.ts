/**
 * What anybody may ask without an account: how the service is, its publications and calendar, calendar chains, and the certificate whose number
 * one holds. Nothing of it tells what was signed. Few requests a minute from one address.
 */
import type { Config } from '../config/index.ts';
import { defineRoute, type RouteDefinition } from '../http/index.ts';
import { type Bilingual, text } from '../i18n/index.ts';
import { Problem } from '../problem.ts';
import * as api from './api.ts';
import { refusedRange, unavailable, unknownPublication, unknownReference, unknownSecond } from './problems.ts';
import { base64, one } from './routes.ts';
import type { Seals } from './seals.ts';
import type { Signer } from './signer.ts';
import type { Trust } from './trust.ts';

const room = 'trust';
const access = 'public';
/** Requests a minute from one address: more than a person clicks. */
const rateLimit = 120;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const at = (time: number): string => new Date(time * 1000).toISOString();

/** What the routes stand on. */
export interface TrustRoutesHost {
  seals: Seals;
  trust: Trust;
  signer: Signer;
  config: Config['seal'];
  name: Bilingual;
  /** Configured public address. */
  publicUrl: string | null;
}

/** Routes of trust. */
export function trustRoutes(host: TrustRoutesHost): RouteDefinition[] {
  return [
    statusRoute(host),
    ...fileRoutes(host),
    ...publicationRoutes(host),
    ...calendarRoutes(host),
    certificateRoute(host),
  ];
}

function statusRoute({ seals, signer, config, name, publicUrl }: TrustRoutesHost): RouteDefinition {
  return defineRoute({
    ...{ method: 'GET', path: '/api/v1/trust/status', room, access, rateLimit },
    summary: text('签名服务的状况', 'How the signing service is'),
    response: api.trustStatus,
    problems: [unavailable],
    handler: async () => {
      const [status, counts, [last]] = await Promise.all([
        signer.call('status', null),
        seals.store.counts(),
        seals.store.publications(undefined, 1),
      ]);
      const alarm = status.alarm ?? seals.fault;
      return {
        name,
        email: config.email,
        algorithm: config.algorithm,
        authority: config.authority,
        publicUrl,
        parent: config.parent?.url ?? null,
        firstSecond: status.first,
        lastSecond: status.last,
        lastPublication: last?.time.toISOString() ?? null,
        seals: counts.sealed,
        signing: config.signing && !alarm,
        alarm: alarm && { zh: alarm.zh, en: alarm.en },
      };
    },
  });
}

function fileRoutes({ trust }: TrustRoutesHost): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: '/keyless/publications', room, access, rateLimit },
      summary: text('公开值文件', 'The publications file'),
      response: { stream: 'application/ksi-publication-file' },
      problems: [unavailable],
      handler: async ({ reply }) => {
        reply.header('cache-control', 'public, max-age=60');
        return { chunks: one((await trust.anchors()).bytes), filename: 'publications.bin' };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/keyless/root.pem', room, access, rateLimit },
      summary: text('根证书', "The root certificate of the service's authority"),
      response: { stream: 'application/x-pem-file' },
      problems: [unavailable],
      handler: async ({ reply }) => {
        reply.header('cache-control', 'public, max-age=3600');
        return { chunks: one(Buffer.from((await trust.anchors()).root)), filename: 'root.pem' };
      },
    }),
  ];
}

interface PublicationRow {
  time: Date;
  root: Uint8Array;
  printed: string;
  seals: number;
}

const publication = ({ time, root, printed, seals }: PublicationRow) => ({
  time: time.getTime() / 1000,
  at: time.toISOString(),
  printed,
  root: hex(root),
  seals,
});

function publicationRoutes({ seals }: TrustRoutesHost): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/trust/publications', room, access, rateLimit },
      summary: text('公开值，新的在前', 'Publications, the newest first'),
      query: api.publicationQuery,
      response: api.publicationList,
      handler: async ({ query: { before, limit } }) => {
        const rows = await seals.store.publications(
          before === undefined ? undefined : new Date(before * 1000),
          limit + 1,
        );
        const items = rows.slice(0, limit).map(publication);
        return { items, next: rows.length > limit ? items.at(-1)!.time : null };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/trust/publications/{time}', room, access, rateLimit },
      summary: text('一个公开值', 'One publication'),
      params: api.timePath,
      response: api.publicationView,
      problems: [unknownPublication],
      handler: async ({ params }) => {
        const row = await seals.store.publication(new Date(params.time * 1000));
        if (!row) throw new Problem(unknownPublication);
        return publication(row);
      },
    }),
  ];
}

function calendarRoutes({ signer }: TrustRoutesHost): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/trust/calendar', room, access, rateLimit },
      summary: text('日历中签过名的各秒，新的在前', 'Seconds in which something was signed, the newest first'),
      query: api.calendarQuery,
      response: api.calendarList,
      problems: [unavailable],
      handler: async ({ query }) => {
        const rows = await signer.call('seconds', { before: query.before ?? null, limit: query.limit + 1 });
        const items = rows.slice(0, query.limit).map(second);
        return { items, next: rows.length > query.limit ? items.at(-1)!.time : null };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: '/api/v1/trust/calendar/{time}', room, access, rateLimit },
      summary: text('日历中的一秒', 'One second of the calendar'),
      params: api.timePath,
      response: api.calendarSecond,
      problems: [unknownSecond, unavailable],
      handler: async ({ params }) => {
        const [row] = await signer.call('seconds', { before: params.time + 1, limit: 1 });
        if (row?.time !== params.time) throw new Problem(unknownSecond);
        return second(row);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: '/api/v1/trust/extend', reads: true, room, access, rateLimit },
      summary: text('从一秒到一个公开值的日历哈希链', 'The calendar hash chain from a second to a publication'),
      body: api.extendRequest,
      bodyLimit: 4096,
      response: api.extendAnswer,
      problems: [refusedRange, unavailable],
      handler: async ({ body: { aggregationTime, publicationTime } }) => {
        const range = { from: aggregationTime, to: publicationTime ?? null };
        const chain = await signer.call('extend', range).catch((error) => {
          const outside = error instanceof Problem && String(error.params.code).startsWith('keyless.extend.');
          throw outside ? new Problem(refusedRange) : error;
        });
        return { chain: base64(chain) };
      },
    }),
  ];
}

const second = ({ time, root, calendarRoot }: { time: number; root: Uint8Array; calendarRoot: Uint8Array }) => ({
  time,
  at: at(time),
  root: hex(root),
  calendarRoot: hex(calendarRoot),
});

function certificateRoute({ seals, trust }: TrustRoutesHost): RouteDefinition {
  return defineRoute({
    ...{ method: 'GET', path: '/api/v1/trust/certificates/{reference}', room, access, rateLimit: 60 },
    summary: text('凭编号查看签封证书', 'A certificate by its number'),
    params: api.referencePath,
    response: api.certificate,
    problems: [unknownReference, unavailable],
    handler: async ({ params }) => {
      const seal = await seals.store.byReference(params.reference);
      if (!seal) throw new Problem(unknownReference);
      const { kind, level, state, organisation, signature } = seal;
      return {
        ...{ kind, level, state, organisation },
        // Rules are public by themselves; what a run, a file or an archive is called is for who may read seals.
        title: kind === 'rule' ? seal.title : null,
        imprint: hex(seal.imprint),
        signedAt: seal.signedAt?.toISOString() ?? null,
        publishedAt: seal.publishedAt?.toISOString() ?? null,
        signature: signature && base64(signature),
        verdict: signature && (await trust.verdict(signature, seal.imprint, level)),
      };
    },
  });
}
