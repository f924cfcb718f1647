/** The routes that a phone calls: files in parts, synchronisation. */
import type { Readable } from 'node:stream';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import * as api from './api.ts';
import { beginFile, contentOf, fileState, PART_BYTES, takePart } from './files.ts';
import type { FormsPorts } from './ports.ts';
import * as k from './problems.ts';
import { pull } from './pull.ts';
import { base, rateLimit, room } from './routes.ts';
import { sync } from './sync.ts';

/** Bytes of one batch of operations. */
const SYNC_BYTES = 4 << 20;

/** Routes of files and of synchronisation. */
export function phoneRoutes(ports: FormsPorts): RouteDefinition[] {
  const problems = [k.unknownFile, k.fileOther, k.fileOffset, k.fileField, k.fileRefused, k.notYours, k.unknownForm];
  const file = { room, params: api.fileParams, problems, rateLimit } as const;
  return [
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/files`,
        room,
        access: 'forms.fill',
        body: api.fileBody,
        response: api.fileAnswer,
        status: 201,
        problems,
        rateLimit,
      },
      summary: { zh: '开始上传文件', en: 'Begin a file' },
      handler: ({ body, principal }) => beginFile(ports, body, principal),
    }),
    defineRoute({
      ...{
        ...file,
        method: 'PUT',
        path: `${base}/files/{file}`,
        access: 'forms.fill',
        query: api.partQuery,
        response: api.fileAnswer,
      },
      ...{ bodyType: 'raw', bodyLimit: PART_BYTES },
      summary: { zh: '上传文件的一段', en: 'Send a part of a file' },
      handler: ({ params, query, principal, request }) =>
        takePart(ports, params.file, query.offset, request.body as Readable, principal),
    }),
    defineRoute({
      ...{ ...file, method: 'GET', path: `${base}/files/{file}`, access: 'forms.fill', response: api.fileAnswer },
      summary: { zh: '文件已收到多少', en: 'How far a file came' },
      handler: ({ params, principal }) => fileState(ports, params.file, principal),
    }),
    defineRoute({
      ...{
        ...file,
        method: 'GET',
        path: `${base}/files/{file}/content`,
        access: 'signed-in',
        response: { stream: 'application/octet-stream' },
      },
      summary: { zh: '文件内容', en: 'The content of a file' },
      handler: ({ params, principal }) => contentOf(ports, params.file, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/sync`,
        room,
        access: 'forms.fill',
        body: api.syncBody,
        response: api.syncAnswer,
        rateLimit,
        bodyLimit: SYNC_BYTES,
      },
      summary: { zh: '上传离线采集的操作', en: 'Send operations that were collected offline' },
      description: {
        zh: '每个操作有自己的编号，只执行一次；重复发送得到同一答复。与他人修改冲突的内容保留待处理。',
        en: 'Every operation has its own key and is done once; sent again it is answered the same. What conflicts with another change is kept to be settled.',
      },
      handler: ({ body, principal }) => sync(ports, body, principal),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/sync`,
        room,
        access: 'forms.fill',
        query: api.pullQuery,
        response: api.pullAnswer,
        rateLimit,
      },
      ...{
        summary: { zh: '取回表单、任务和我的记录', en: 'Forms, tasks and my records for a phone' },
        problems: [k.noOrganisation, k.notYours],
      },
      handler: ({ query, principal }) => pull(ports, query.since, principal),
    }),
  ];
}
