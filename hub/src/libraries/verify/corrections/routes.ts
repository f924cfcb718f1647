/** The routes of corrections: a department sees what is asked of its sources and what it asked itself. */
import { defineRoute, type RouteDefinition } from '../../../platform/http/index.ts';
import type { Deps } from '../../../platform/room.ts';
import * as api from './api.ts';
import * as kinds from './problems.ts';
import { correctionOf, corrections, handle, summary } from './service.ts';

const base = '/api/v1/libraries/corrections';
const room = 'libraries';
const access = 'lists.read' as const;

/** All routes of corrections. */
export function correctionRoutes(deps: Deps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access, query: api.correctionsQuery, response: api.correctionsAnswer },
      summary: { zh: '核实事项', en: 'Corrections' },
      handler: ({ query, principal }) => corrections(deps, query, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/summary`, room, access, response: api.summaryAnswer },
      summary: { zh: '核实事项数量', en: 'How many corrections there are' },
      handler: ({ principal }) => summary(deps, principal),
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}`, room, access, params: api.idParams, response: api.correctionDetail },
      summary: { zh: '一条核实事项及其经过', en: 'A correction and its history' },
      problems: [kinds.correctionUnknown],
      handler: ({ params, principal }) => correctionOf(deps, params.id, principal),
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/{id}`, room, access: 'lists.handle', params: api.idParams },
      ...{ body: api.handleBody, response: api.correctionDetail },
      summary: { zh: '登记核实结果', en: 'Say how a correction stands' },
      problems: [kinds.correctionUnknown, kinds.notYours, kinds.stateRefused],
      handler: ({ params, body, principal }) => handle(deps, params.id, body, principal),
    }),
  ];
}
