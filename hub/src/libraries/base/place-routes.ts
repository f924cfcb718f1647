/** Routes about where things are: maps, counts of areas, the building of an enterprise, the reading of addresses. */

import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import iconv from 'iconv-lite';
import { z } from 'zod';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { csvFile } from '../../platform/sheet/index.ts';
import { Shower } from '../../refinery/index.ts';
import { jobReference } from '../api.ts';
import * as api from './api.ts';
import * as places from './api-places.ts';
import { baseLibraries } from './index.ts';
import { AddressDesk, fileCells, fileColumns, lookUp, noTable, standings } from './look-up.ts';
import { countsOf, keptBack, mapOf } from './map.ts';
import { methodIn, unknownEntity, unknownLibrary } from './read.ts';
import type { Asker } from './routes.ts';
import { readCsv } from './sheet.ts';

const k = (code: string, zh: string, en: string) => problemKind(`libraries.address.${code}`, 422, zh, en);
const tooMany = k('file-rows', '一次最多 {most} 行，文件有更多。', 'At most {most} rows at once; the file has more.');
const noColumn = k(
  'file-column',
  '文件没有地址列；列名是：{columns}。',
  'The file has no column of addresses; its columns are: {columns}.',
);
/** Largest file of addresses. */
const MOST_ROWS = 100_000;
const MOST_BYTES = 64 * 2 ** 20;
const BATCH = 1_000;

/** The routes; `ask` decides who may ask a library and audits it. */
export function placeRoutes(deps: Deps, ask: Asker): RouteDefinition[] {
  const { lake, audit, vault } = deps;
  const room = 'libraries';
  const desk = new AddressDesk(lake);
  const opened = async () => {
    const open = await desk.open();
    if (!open) throw new Problem(noTable);
    return open;
  };
  const all = () => baseLibraries(lake, deps.folders).libraries;
  const base = '/api/v1/libraries/base/{library}/entities/{entity}';
  const addresses = '/api/v1/libraries/addresses';
  return [
    defineRoute({
      method: 'GET',
      path: `${base}/map`,
      room,
      summary: { zh: '一条记录的示意图', en: 'A sketch map of an entity' },
      access: 'library.read',
      params: api.entityParams,
      response: places.mapAnswer,
      problems: [unknownLibrary, unknownEntity],
      handler: (c) =>
        ask(c, c.params.library, { action: 'library.map', object: String(c.params.entity) }, (reading, d) =>
          mapOf(reading, d, c.params.entity),
        ),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/counts`,
      room,
      summary: { zh: '区域内的人口、楼栋和企业数', en: 'People, buildings and enterprises of an area' },
      access: 'library.read',
      params: api.entityParams,
      response: places.countsAnswer,
      problems: [unknownLibrary],
      handler: (c) =>
        ask(c, c.params.library, { action: 'library.counts', object: String(c.params.entity) }, (reading, d) =>
          countsOf(reading, d, c.params.entity, c.principal.permissions.has('person.read')),
        ),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/libraries/legal-persons/{entity}/place',
      room,
      summary: { zh: '企业住所所在楼栋和参保人员', en: 'The building of an enterprise and who is insured by it' },
      access: 'library.read',
      params: places.enterpriseParams,
      response: places.enterprisePlace,
      handler: async ({ params, principal, purpose: asked }) => {
        const purpose = asked ?? principal.purpose;
        const libraries = all();
        const of = (name: string) => libraries.find((l) => l.declaration.library === name)?.declaration;
        const [building, person] = [of('building'), of('person')];
        const seat = building
          ? await lake.first<{ entity: number; method: string }>(
              `SELECT entity, method FROM lib.base_link WHERE library = $library AND fact = -$entity AND entity IS NOT NULL AND closed_run IS NULL`,
              { library: building.number, entity: params.entity },
            )
          : undefined;
        const where = seat
          ? (await standings(lake, libraries, building!.number, [seat.entity])).get(seat.entity)
          : undefined;
        const counted = async (sql: string, values: Record<string, number>) =>
          (await lake.first<{ n: number }>(sql, values))?.n ?? 0;
        const enterprises = seat
          ? await counted(
              'SELECT count(DISTINCT fact) AS n FROM lib.base_link WHERE library = $library AND entity = $entity AND fact < 0 AND closed_run IS NULL',
              { library: building!.number, entity: seat.entity },
            )
          : 0;
        const dwellings = seat
          ? await counted(
              `SELECT count(DISTINCT entity) AS n FROM lib.base_relation WHERE to_library = $library AND to_entity = $entity AND kind = 'building' AND library = $dwelling`,
              { library: building!.number, entity: seat.entity, dwelling: of('dwelling')?.number ?? 0 },
            )
          : 0;
        const insured = person
          ? await lake.query<{ entity: number }>(
              `SELECT DISTINCT entity FROM lib.base_relation WHERE library = $library AND kind = 'employer' AND to_code = (SELECT uscc FROM v.legal_person_v1 WHERE entity = $entity) ORDER BY entity`,
              { library: person.number, entity: params.entity },
            )
          : [];
        const may = principal.permissions.has('person.read');
        const shower = new Shower({ ...principal, purpose }, vault);
        const people: z.input<typeof places.enterprisePlace>['people'] = [];
        if (may && purpose && person && insured.length > 0) {
          const at = person.attributes.findIndex((a) => a.name === person.label);
          const names = await lake.query<{ entity: number; value: string }>(
            `SELECT entity, value FROM lib.base_value WHERE library = ${person.number} AND attribute = ${at + 1} AND entity IN (${insured
              .slice(0, 50)
              .map((r) => r.entity)
              .join(', ')}) ORDER BY entity`,
          );
          const guard = person.attributes[at]!;
          for (const n of names) {
            const format = guard.format ? { format: guard.format } : {};
            people.push({
              entity: n.entity,
              label: shower.cell(
                { level: person.level, owner: person.owner },
                { protection: guard.protection, ...format },
                n.value,
              ),
            });
          }
          await shower.settle(audit, `enterprise-people:${params.entity}`);
          await audit.append({
            actor: principal,
            action: 'library.look',
            object: `legal-person/${params.entity}/people`,
            outcome: 'ok',
            ...{ purpose, detail: { people: people.length } },
          });
        }
        return {
          building: seat
            ? { entity: seat.entity, label: where?.address ?? null, method: methodIn(building!, seat.method) }
            : null,
          areas:
            where?.areas.map(({ kind, title, library, entity, name }) => ({
              kind,
              title,
              library,
              entity,
              label: name,
            })) ?? [],
          ...{ enterprises, dwellings, people },
          insured: may ? insured.length : keptBack([insured.length])[0]!,
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${addresses}/look-up`,
      reads: true,
      room,
      summary: { zh: '地址解析', en: 'Read an address' },
      access: 'library.read',
      body: places.addressBody,
      response: places.addressAnswer,
      problems: [noTable],
      handler: async ({ body }) => lookUp(lake, all(), await opened(), body.text),
    }),
    defineRoute({
      method: 'POST',
      path: `${addresses}/file`,
      room,
      summary: { zh: '批量地址解析（CSV）', en: 'Read a file of addresses (CSV)' },
      access: 'library.read',
      query: z.object({ column: z.string().max(60).optional() }),
      bodyType: 'raw',
      bodyLimit: MOST_BYTES,
      response: { stream: 'text/csv; charset=utf-8' },
      problems: [noTable, tooMany, noColumn],
      handler: async ({ query, request }) => {
        const open = await opened();
        const rows = readCsv(await textOf(request.body as Readable));
        const [head, ...body] = rows;
        const wanted = query.column;
        const named =
          (wanted === undefined
            ? head?.findIndex((h) => /地址|住所|住址|address|addr/i.test(h))
            : head?.indexOf(wanted)) ?? -1;
        if (!head || named < 0) throw new Problem(noColumn, { columns: (head ?? []).join('、').slice(0, 200) });
        if (body.length > MOST_ROWS) throw new Problem(tooMany, { most: MOST_ROWS });
        const libraries = all();
        const lines = async function* (): AsyncGenerator<(string | null)[]> {
          yield [...head, ...fileColumns];
          for (let i = 0; i < body.length; i += BATCH) {
            const part = body.slice(i, i + BATCH);
            const readings = part.map((row) => open.book.read(row[named] ?? ''));
            const entities = [...new Set(readings.flatMap((r) => (r.entity === null ? [] : [r.entity])))];
            const where = await standings(lake, libraries, open.library, entities);
            for (const [j, row] of part.entries()) {
              const reading = readings[j]!;
              const own = reading.entity === null ? undefined : where.get(reading.entity);
              yield [...head.map((_, x) => row[x] ?? ''), ...fileCells(reading, own)];
            }
            await setImmediate();
          }
        };
        return { chunks: csvFile(lines()), filename: '地址解析结果.csv' };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/libraries/base/remake',
      room,
      summary: { zh: '声明变更立即生效', en: 'Make libraries whose declaration changed now' },
      access: 'system.manage',
      response: jobReference,
      status: 202,
      handler: async ({ principal }) => ({
        job: await deps.jobs.submit('libraries.remake', {}, { by: principal.userId, unique: 'remake' }),
      }),
    }),
  ];
}

/** A body as text: UTF-8, or GB 18030 where it is not that. */
async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return iconv.decode(bytes, 'gb18030');
  }
}
