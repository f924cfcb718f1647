/** Routes of the archives: finding, seeing and handing in. */
import type { Readable } from 'node:stream';
import { catalogueOf } from '../catalogue/index.ts';
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { isArchivist, seen, workable } from './access.ts';
import * as api from './api.ts';
import { sendBack, takeIn } from './archiving.ts';
import { checks, phases, respects } from './checks.ts';
import { addFile, createDraft, describe, dropDraft, dropFile, submit } from './deposit.ts';
import type { ArchiveDeps } from './deps.ts';
import { formats } from './formats.ts';
import { mandatory, metadataTitles, openings, STATE_SECRETS, secrecies } from './metadata.ts';
import { takePackage } from './package/take.ts';
import * as kinds from './problems.ts';
import { type Category, categories, type Retention, retentions } from './reference.ts';
import { search } from './search.ts';
import { archiveOf, itemOf, namedOrganisation } from './shown.ts';
import { type State, states } from './store.ts';

export const base = '/api/v1/archives';
const room = 'archives';
const read = 'archive.read' as const;
const deposit = 'archive.deposit' as const;
const manage = 'archive.manage' as const;

const entries = <T extends object>(table: T) => Object.entries(table) as [Extract<keyof T, string>, T[keyof T]][];

/** Finding and seeing. */
export function readingRoutes(deps: ArchiveDeps): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: read, query: api.searchQuery, response: api.searchAnswer },
      summary: { zh: '检索档案', en: 'Search archives' },
      async handler({ query, principal }) {
        const found = await search(deps, principal, query);
        const titled = (name: 'year' | 'organisation' | 'category' | 'retention' | 'state', value: string) =>
          name === 'organisation'
            ? namedOrganisation(deps, value).name
            : ((name === 'category' ? categories[value as Category] : undefined) ??
              (name === 'retention' ? retentions[value as Retention] : undefined) ??
              (name === 'state' ? states[value as State] : undefined) ?? { zh: value, en: value });
        const facet = (name: Parameters<typeof titled>[0]) =>
          found.facets[name].map(({ value, count }) => {
            const { zh, en } = titled(name, value);
            return { value, count, title: { zh, en } };
          });
        return {
          items: found.items.map((hit) => itemOf(deps, hit, hit.whole, hit)),
          total: found.total,
          facets: {
            ...{ year: facet('year'), organisation: facet('organisation'), category: facet('category') },
            ...{ retention: facet('retention'), state: facet('state') },
          },
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/rules`, room, access: read, response: api.rules },
      summary: { zh: '著录项、代码、格式与检测项目', en: 'Metadata, codes, formats and checks' },
      async handler({ principal }) {
        const { fileMiB, files, borrowDays, scanner } = deps.config.archives;
        return {
          organisations: [...catalogueOf(deps.lake).organisations.values()].map(({ id, name }) => ({
            ...{ id, name, fonds: deps.fonds.get(id) ?? null },
          })),
          own: isArchivist(principal) ? null : principal.organisation,
          metadata: entries(metadataTitles).map(([key, title]) => ({ key, title, mandatory: mandatory.includes(key) })),
          categories: entries(categories).map(([value, title]) => ({ value, title })),
          retentions: entries(retentions).map(([value, { zh, en, years }]) => ({ value, title: { zh, en }, years })),
          secrecies: entries(secrecies).map(([value, title]) => ({
            value,
            title,
            refused: STATE_SECRETS.includes(value),
          })),
          openings: entries(openings).map(([value, title]) => ({ value, title })),
          formats: formats
            .filter((f) => f.id !== 'unknown')
            .map(({ id, title, extensions, fitness }) => ({ id, title, extensions: [...extensions], fitness })),
          respects: entries(respects).map(([value, title]) => ({ value, title })),
          phases: entries(phases).map(([value, title]) => ({ value, title })),
          checks: checks.map((c) => ({ ...c, phases: [...c.phases] })),
          limits: { fileMiB, files, borrowDays },
          scanner: scanner.length > 0,
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/{id}`, room, access: read, params: api.idParams, response: api.archive },
      summary: { zh: '一件档案', en: 'One archive' },
      problems: [kinds.unknownArchive],
      async handler({ params, principal }) {
        const { row, sight } = await seen(deps.db, deps.clock.now(), principal, params.id);
        return archiveOf(deps, principal, row, sight);
      },
    }),
  ];
}

/** Handing in, and what archivists do with what was handed in. */
export function depositRoutes(deps: ArchiveDeps): RouteDefinition[] {
  const shown = async (principal: Parameters<typeof seen>[2], id: number) =>
    archiveOf(deps, principal, await workable(deps.db, principal, id), 'whole');
  const limit = deps.config.archives.fileMiB * 2 ** 20;
  const answer = { response: api.archive };
  return [
    defineRoute({
      ...{ method: 'POST', path: base, room, access: deposit, body: api.createBody, status: 201, ...answer },
      summary: { zh: '登记一件档案', en: 'Begin an archive' },
      problems: [kinds.noOrganisation, kinds.notYours, kinds.unknownOrganisation],
      async handler({ body, principal }) {
        return shown(principal, await createDraft(deps, principal, { ...body, package: false }));
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/packages`,
        room,
        access: deposit,
        query: api.packageQuery,
        status: 201,
        ...answer,
      },
      ...{ bodyType: 'raw', bodyLimit: limit + 1 },
      summary: { zh: '上传归档信息包（ZIP）', en: 'Hand in a package (ZIP)' },
      problems: [kinds.badPackage, kinds.unreadable, kinds.tooLarge, kinds.noOrganisation, kinds.notYours],
      async handler({ query, principal, request }) {
        return shown(principal, await takePackage(deps, principal, query, request.body as Readable));
      },
    }),
    defineRoute({
      ...{ method: 'PUT', path: `${base}/{id}/metadata`, room, access: deposit, params: api.idParams, ...answer },
      body: api.describeBody,
      summary: { zh: '著录', en: 'Describe an archive' },
      problems: [kinds.unknownArchive, kinds.notYours, kinds.wrongState],
      async handler({ params, body, principal }) {
        await describe(deps, principal, params.id, body.metadata);
        return shown(principal, params.id);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/{id}/files`, room, access: deposit, params: api.idParams, status: 201 },
      ...{ query: api.fileQuery, bodyType: 'raw', bodyLimit: limit + 1, ...answer },
      summary: { zh: '上传一个文件', en: 'Add a file' },
      problems: [kinds.unknownArchive, kinds.notYours, kinds.wrongState, kinds.tooLarge, kinds.tooMany, kinds.sameName],
      async handler({ params, query, principal, request }) {
        await addFile(deps, principal, params.id, query, request.body as Readable);
        return shown(principal, params.id);
      },
    }),
    defineRoute({
      ...{
        method: 'DELETE',
        path: `${base}/{id}/files/{no}`,
        room,
        access: deposit,
        params: api.fileParams,
        ...answer,
      },
      summary: { zh: '移除一个文件', en: 'Take a file out of a draft' },
      problems: [kinds.unknownArchive, kinds.unknownFile, kinds.wrongState],
      async handler({ params, principal }) {
        await dropFile(deps, principal, params.id, params.no);
        return shown(principal, params.id);
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${base}/{id}`, room, access: deposit, params: api.idParams, response: api.done },
      summary: { zh: '删除草稿', en: 'Delete a draft' },
      problems: [kinds.unknownArchive, kinds.notYours, kinds.wrongState],
      async handler({ params, principal }) {
        await dropDraft(deps, principal, params.id);
        return { done: true as const };
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{id}/submit`,
        room,
        access: deposit,
        params: api.idParams,
        response: api.job,
      },
      status: 202,
      summary: { zh: '提交检测', en: 'Hand it to the checks' },
      problems: [kinds.unknownArchive, kinds.notYours, kinds.wrongState, kinds.referenceTaken],
      handler: async ({ params, principal }) => ({ job: await submit(deps, principal, params.id) }),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{id}/take-in`,
        room,
        access: manage,
        params: api.idParams,
        body: api.takeInBody,
      },
      ...answer,
      summary: { zh: '归档', en: 'Take an archive in' },
      problems: [kinds.unknownArchive, kinds.wrongState, kinds.groundsNeeded],
      async handler({ params, body, principal }) {
        await takeIn(deps, principal, params.id, body.grounds);
        return shown(principal, params.id);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/{id}/return`,
        room,
        access: manage,
        params: api.idParams,
        body: api.reasonBody,
      },
      ...answer,
      summary: { zh: '退回补正', en: 'Send an archive back' },
      problems: [kinds.unknownArchive, kinds.wrongState],
      async handler({ params, body, principal }) {
        await sendBack(deps, principal, params.id, body.reason);
        return shown(principal, params.id);
      },
    }),
  ];
}
