/** Routes of grants, deliveries, receipts and records of use. */
import { z } from 'zod';
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import { act, type SharingPorts, stepBody } from '../act.ts';
import * as api from '../api.ts';
import { matterOf } from '../matters.ts';
import * as k from '../problems.ts';
import { needsRows } from '../target/problems.ts';
import { recordUse, useBody } from '../use.ts';
import { shares, shareView } from '../views.ts';
import { askDelivery } from './ask.ts';
import { rangeOf } from './range.ts';
import { confirmReceipt, deliveryOf, doubt, doubtBody, download, receiptBody } from './serve.ts';

const base = '/api/v1/sharing';
const room = 'sharing';
const access = 'sharing.read' as const;

/** A download of data names its purpose: of the request, else of the session. */
const needPurpose = (purpose: string | null | undefined): string => {
  if (!purpose) throw new Problem(purposeNeeded);
  return purpose;
};

/** All of them. */
export function deliveryRoutes(ports: SharingPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/shares`, room, access, query: api.sharesQuery, response: api.sharesAnswer },
      summary: { zh: '共享授权', en: 'Grants' },
      handler: ({ query, principal }) => shares(ports, query, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/shares/{id}`, room, access, params: api.idParams, response: api.shareDetail },
      summary: { zh: '一项共享授权', en: 'A grant' },
      problems: [k.unknownGrant],
      handler: ({ params, principal }) => shareView(ports, params.id, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/shares/{id}/steps`, room, access, params: api.idParams, body: stepBody },
      ...{ response: api.shareDetail, problems: [k.unknownGrant, k.notYours, k.wrongState, k.conflict, k.notMended] },
      summary: { zh: '办理授权的一个步骤', en: 'Take a step on a grant' },
      async handler({ params, body, principal }) {
        await act(ports, 'share', params.id, body, principal);
        return shareView(ports, params.id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/shares/{id}/uses`, room, access: 'sharing.request', params: api.idParams },
      ...{ body: useBody, response: api.shareDetail, status: 201, problems: [k.unknownGrant, k.notYours] },
      summary: { zh: '登记使用记录', en: 'Record the use' },
      async handler({ params, body, principal }) {
        await recordUse(ports, params.id, body, principal);
        return shareView(ports, params.id, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/shares/{id}/deliveries`,
        room,
        access: 'sharing.handle',
        params: api.idParams,
      },
      ...{ body: api.deliverBody, response: api.made, status: 202 },
      problems: [k.unknownGrant, k.notYours, k.grantNotActive, k.servedByInterface, k.deliveryOpen, needsRows],
      summary: { zh: '交付数据', en: 'Deliver' },
      async handler({ params, body, principal }) {
        const share = await matterOf(ports.db.kysely, 'share', params.id, principal);
        if (principal.organisation !== share.provider) throw new Problem(k.notYours, { action: '交付数据' });
        return { id: await ports.db.tx((trx) => askDelivery(ports, share, body, principal, trx)) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/deliveries/{id}/file`, room, access: 'sharing.request', params: api.idParams },
      ...{ response: { stream: 'application/octet-stream' } },
      problems: [k.unknownDelivery, k.notYours, k.notReady, k.grantNotActive, k.noRange, k.fileGone, purposeNeeded],
      summary: { zh: '下载交付的数据', en: 'Download what was delivered' },
      handler: ({ params, principal, purpose, request, reply }) =>
        download(ports, params.id, 'file', principal, needPurpose(purpose ?? principal.purpose), (bytes, sha256) => {
          const etag = `"${sha256}"`;
          const { range, 'if-range': ifRange } = request.headers;
          const part = rangeOf(range, bytes, etag, ifRange as string | undefined);
          reply.header('accept-ranges', 'bytes').header('etag', etag);
          if (part === 'unsatisfiable') {
            reply.header('content-range', `bytes */${bytes}`);
            throw new Problem(k.noRange, { bytes });
          }
          reply.header('content-length', String(part ? part.to - part.from + 1 : bytes));
          if (part) reply.code(206).header('content-range', `bytes ${part.from}-${part.to}/${bytes}`);
          return part;
        }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/deliveries/{id}/manifest`,
        room,
        access: 'sharing.request',
        params: api.idParams,
      },
      ...{ response: { stream: 'application/json' } },
      problems: [k.unknownDelivery, k.notYours, k.notReady, k.grantNotActive],
      summary: { zh: '下载交付清单', en: 'Download the manifest' },
      handler: ({ params, principal, purpose }) =>
        download(ports, params.id, 'manifest', principal, purpose ?? principal.purpose ?? '下载交付清单'),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/deliveries/{id}/receipt`,
        room,
        access: 'sharing.request',
        params: api.idParams,
      },
      ...{ body: receiptBody, response: api.receiptAnswer },
      problems: [k.unknownDelivery, k.notYours, k.notReady, k.receiptTwice, k.fingerprintForm],
      summary: { zh: '确认收讫', en: 'Confirm the receipt' },
      handler: ({ params, body, principal }) => confirmReceipt(ports, params.id, body, principal),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/deliveries/{id}/corrections`, room, access: 'sharing.request' },
      ...{ params: api.idParams, body: doubtBody, response: api.doubtAnswer, status: 201 },
      problems: [k.unknownDelivery, k.notYours, k.recordUnknown],
      summary: { zh: '对交付的记录提出校核', en: 'Ask for a correction of a delivered record' },
      handler: ({ params, body, principal }) => doubt(ports, params.id, body, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/deliveries/{id}`, room, access, params: api.idParams },
      ...{ response: z.object({ share: z.number().int() }), problems: [k.unknownDelivery] },
      summary: { zh: '交付所属的授权', en: 'The grant that a delivery is of' },
      handler: async ({ params, principal }) => ({ share: (await deliveryOf(ports, params.id, principal))[1].id }),
    }),
  ];
}
