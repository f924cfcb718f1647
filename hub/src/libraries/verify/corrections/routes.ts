/** The routes of corrections: a department sees what is asked of its sources and what it asked itself. */
import { purposeNeeded } from '../../../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../../../platform/http/index.ts';
import type { Deps } from '../../../platform/room.ts';
import { unknownEntity } from '../../../refinery/index.ts';
import { personForbidden } from '../../base/index.ts';
import * as api from './api.ts';
import * as kinds from './problems.ts';
import { possible, raiseRecord } from './record.ts';
import { correctionOf, corrections, handle, summary } from './service.ts';

const base = '/api/v1/libraries/corrections';
const room = 'libraries';
const access = 'lists.read' as const;

/** All routes of corrections. */
export function correctionRoutes(deps: Deps): RouteDefinition[] {
  const records = [
    ...[kinds.recordUnknown, kinds.recordOver, kinds.libraryUnknown, kinds.libraryNotYours],
    ...[unknownEntity, personForbidden, purposeNeeded],
  ];
  return [
    defineRoute({
      ...{ method: 'POST', path: base, room, access: 'credit.read', body: api.raiseBody, response: api.recordAnswer },
      summary: { zh: '对一条记录的一项提出校核', en: 'Ask the department of a source to correct a value of a record' },
      ...{ status: 201, problems: [...records, kinds.fieldUnseen, kinds.alreadyOpen] },
      handler({ body, ...asked }) {
        const { comment, ...rest } = body;
        return 'fact' in rest
          ? raiseRecord(deps, { fact: rest.fact }, rest.field, comment, asked)
          : raiseRecord(deps, { library: rest.library, entity: rest.entity }, rest.attribute, comment, asked);
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/possible`, room, access: 'credit.read' },
      ...{ query: api.possibleQuery, response: api.possibleAnswer, problems: records },
      summary: { zh: '一条记录可校核的项', en: 'What of a record may be corrected, and what is being corrected' },
      handler: ({ query, ...asked }) => possible(deps, query, asked),
    }),
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
      problems: [kinds.correctionUnknown, kinds.notYours, kinds.stateRefused, kinds.alreadyOpen],
      handler: ({ params, body, principal }) => handle(deps, params.id, body, principal),
    }),
  ];
}
