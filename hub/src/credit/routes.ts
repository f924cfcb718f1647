/** The routes of credit look-up; the work is done beside, here is who may ask what and in which form. */
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import type { Deps } from '../platform/room.ts';
import * as api from './api.ts';
import { queryByClass } from './class-query.ts';
import { entityFacts, type LeafOf, origin, why } from './enterprise.ts';
import { exportFile } from './export.ts';
import { CATEGORY_TITLES, type Metadata, withFields } from './metadata.ts';
import { network } from './network.ts';
import { panoramaOf } from './panorama.ts';
import { persons, relationsOf } from './persons.ts';
import * as problem from './problems.ts';
import type { SearchIndex } from './search/index.ts';
import { search } from './search-service.ts';
import { type Look, viewerOf } from './view.ts';

/** What the routes stand on. */
export interface CreditPorts extends Pick<Deps, 'lake' | 'vault' | 'audit' | 'log' | 'seal'> {
  index: SearchIndex;
  metadata: Metadata;
  leafOf: LeafOf | null;
  /** Most rows of one export. */
  maxRows: number;
}

type Asked = { principal: Look['principal']; purpose?: string; clock: { now(): Date } };

const room = 'credit';
/** An office with many users behind one address asks more than the general limit of requests a minute allows. */
const rateLimit = 12_000;
const base = '/api/v1/credit';

/** All routes. */
export function creditRoutes(ports: CreditPorts): RouteDefinition[] {
  const { lake, metadata, index } = ports;
  const viewer = (c: Asked, plain = false) => viewerOf(ports, c, plain);
  /** Of a route whose query says whether personal data is wanted plain. */
  const asked = (c: Asked & { query: { plain: boolean } }) => viewer(c, c.query.plain);
  return [
    defineRoute({
      method: 'GET',
      path: `${base}/search`,
      room,
      summary: { zh: '查询企业', en: 'Search enterprises' },
      access: 'credit.search',
      query: api.searchQuery,
      rateLimit,
      response: api.searchAnswer,
      problems: [problem.queryEmpty, problem.queryTooLong, problem.pageTooDeep],
      handler: (c) => search(ports, viewer(c), c.query, true),
    }),
    defineRoute({
      method: 'POST',
      path: `${base}/search`,
      reads: true,
      room,
      summary: {
        zh: '查询企业（可按证件号码、手机号码）',
        en: 'Search enterprises, also by identity or telephone number',
      },
      access: 'credit.search',
      body: api.searchBody,
      rateLimit,
      response: api.searchAnswer,
      problems: [problem.queryEmpty, problem.queryTooLong, problem.pageTooDeep, problem.personForbidden],
      handler: (c) => search(ports, viewer(c), c.body, false),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises/{entity}`,
      room,
      summary: { zh: '企业全景', en: 'Panorama of an enterprise' },
      access: 'credit.read',
      params: api.entityParams,
      query: api.plainQuery,
      rateLimit,
      response: api.panorama,
      problems: [problem.enterpriseUnknown, problem.purposeNeeded],
      handler: (c) => panoramaOf(lake, metadata, asked(c), c.params.entity),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises/{entity}/facts`,
      room,
      summary: { zh: '企业的记录', en: 'Records of an enterprise' },
      access: 'credit.read',
      params: api.entityParams,
      query: api.entityFactsQuery,
      response: api.entityFactsAnswer,
      problems: [problem.enterpriseUnknown, problem.classUnknown, problem.cursorInvalid, problem.purposeNeeded],
      handler: (c) => entityFacts(ports, asked(c), c.params.entity, c.query),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises/{entity}/why`,
      room,
      summary: { zh: '取值依据', en: 'Why an attribute has its value' },
      access: 'credit.read',
      params: api.entityParams,
      query: api.whyQuery,
      response: api.whyAnswer,
      problems: [problem.enterpriseUnknown, problem.attributeUnknown, problem.purposeNeeded],
      handler: (c) => why(ports, asked(c), c.params.entity, c.query.attribute),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/enterprises/{entity}/relations`,
      room,
      summary: { zh: '企业的关系', en: 'Relations of an enterprise' },
      access: 'credit.read',
      params: api.entityParams,
      query: api.relationsQuery,
      response: api.relationsAnswer,
      problems: [problem.enterpriseUnknown, problem.cursorInvalid, problem.purposeNeeded],
      handler: (c) => relationsOf(lake, metadata, asked(c), c.params.entity, c.query),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/facts/{fact}/origin`,
      room,
      summary: { zh: '记录来源', en: 'Where a record comes from' },
      access: 'credit.read',
      params: api.factParams,
      query: api.originQuery,
      response: api.originAnswer,
      problems: [problem.factUnknown, problem.purposeNeeded],
      handler: (c) => origin(ports, asked(c), c.params.fact, c.query.entity),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/persons`,
      room,
      summary: { zh: '查询自然人', en: 'Look up natural persons' },
      access: 'person.read',
      query: api.personsQuery,
      response: api.personsAnswer,
      problems: [problem.personKeyNeeded, problem.purposeNeeded],
      handler: (c) => persons(lake, metadata, ports.vault, viewer(c), c.query),
    }),
    defineRoute({
      method: 'POST',
      path: `${base}/persons`,
      reads: true,
      room,
      summary: { zh: '按证件号码查询自然人', en: 'Look up natural persons by identity number' },
      access: 'person.read',
      body: api.personsBody,
      response: api.personsAnswer,
      problems: [problem.personKeyNeeded, problem.numberInvalid, problem.purposeNeeded],
      handler: (c) => persons(lake, metadata, ports.vault, viewer(c), c.body),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/network`,
      room,
      summary: { zh: '关系网络', en: 'Network around a node' },
      access: 'credit.read',
      query: api.networkQuery,
      response: api.networkAnswer,
      problems: [problem.nodeInvalid, problem.nodeUnknown, problem.personForbidden, problem.purposeNeeded],
      handler: (c) => network(lake, metadata, asked(c), c.query),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/classes`,
      room,
      summary: { zh: '记录类', en: 'Record classes' },
      access: 'credit.read',
      response: api.classesAnswer,
      handler: async () => ({
        categories: api.category.options.map((c) => ({ category: c, title: CATEGORY_TITLES[c] })),
        classes: [...(await metadata.classes()).values()].sort((a, b) => a.class - b.class).map(withFields),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/facts`,
      room,
      summary: { zh: '按类查询', en: 'Query by class over all enterprises' },
      access: 'credit.read',
      query: api.classQuery,
      response: api.classQueryAnswer,
      problems: [
        problem.classNeeded,
        problem.classUnknown,
        problem.classProtected,
        problem.fieldUnknown,
        problem.filterProtected,
        problem.cursorInvalid,
      ],
      handler: (c) => queryByClass(lake, metadata, asked(c), c.query),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/export`,
      room,
      summary: { zh: '导出', en: 'Export records of a class' },
      access: 'credit.export',
      query: api.exportQuery,
      response: { stream: 'text/csv' },
      problems: [
        problem.classNeeded,
        problem.classProtected,
        problem.filterProtected,
        problem.exportTooMany,
        problem.purposeNeeded,
      ],
      handler: (c) => exportFile(ports, asked(c), c.query),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/index`,
      room,
      summary: { zh: '查询索引状态', en: 'State of the search index' },
      access: 'system.read',
      response: api.indexState,
      handler: async () => index.state(),
    }),
    defineRoute({
      method: 'POST',
      path: `${base}/index/rebuild`,
      room,
      summary: { zh: '重建查询索引', en: 'Rebuild the search index' },
      access: 'system.manage',
      response: api.indexState,
      status: 202,
      handler: async (c) => {
        await ports.audit.append({
          actor: c.principal,
          action: 'credit.index-rebuild',
          object: 'credit/index',
          outcome: 'ok',
        });
        index.rebuild().catch((error: unknown) => ports.log.error({ error }, 'the search index could not be built'));
        return index.state();
      },
    }),
  ];
}
