/** Routes of targets: declared by the recipient, seen by both sides. */
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { insideNetwork } from '../../platform/networks/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { SharingPorts } from '../act.ts';
import * as api from '../api.ts';
import { deliveryOf } from '../delivery/serve.ts';
import * as k from '../problems.ts';
import { dropTarget, setTarget, targetBody } from './declare.ts';
import * as t from './problems.ts';
import { again } from './send.ts';

const base = '/api/v1/sharing';
const room = 'sharing';
const request = 'sharing.request' as const;

/** All of them. */
export function targetRoutes(ports: SharingPorts): RouteDefinition[] {
  const own = { params: api.idParams, response: z.object({}) };
  return [
    defineRoute({
      ...{ method: 'PUT', path: `${base}/shares/{id}/target`, room, access: request, body: targetBody, ...own },
      problems: [k.unknownGrant, k.notYours, t.notBatch, t.needsRows, insideNetwork],
      summary: { zh: '设置接收目标', en: 'Declare where batches are brought' },
      async handler({ params, body, principal }) {
        await setTarget(ports, params.id, body, principal);
        return {};
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${base}/shares/{id}/target`, room, access: request, ...own },
      problems: [k.unknownGrant, k.notYours, t.noTarget],
      summary: { zh: '取消接收目标', en: 'Take the target away' },
      async handler({ params, principal }) {
        await dropTarget(ports, params.id, principal);
        return {};
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/deliveries/{id}/transmission`,
        room,
        access: 'sharing.read',
        ...own,
        status: 202,
      },
      problems: [k.unknownDelivery, k.notYours],
      summary: { zh: '重新送达', en: 'Bring it to its target again' },
      async handler({ params, principal: p }) {
        const [, share] = await deliveryOf(ports, params.id, p);
        const asks = p.organisation === share.requester && p.permissions.has('sharing.request');
        const gives = p.organisation === share.provider && p.permissions.has('sharing.handle');
        if (!asks && !gives) throw new Problem(k.notYours, { action: '重新送达' });
        await again(ports, params.id);
        return {};
      },
    }),
  ];
}
