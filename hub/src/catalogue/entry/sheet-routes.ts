/** Import and export of the catalogue as workbooks. */
import type { Readable } from 'node:stream';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { cityDay } from '../../platform/law/index.ts';
import { XLSX_TYPE } from '../../platform/sheet/index.ts';
import * as api from './api.ts';
import type { EntryContext } from './context.ts';
import { mayFind } from './facets.ts';
import * as kinds from './problems.ts';
import { exportSheet } from './sheet-export.ts';
import { bytesOf, IMPORT_BYTES, importSheet } from './sheet-import.ts';
import { noHeader, tooLong, unreadable } from './sheet-read.ts';

const base = '/api/v1/catalogue';
const room = 'catalogue';
const access = 'catalogue.read' as const;

/** Routes of workbooks. */
export function sheetRoutes(entries: () => EntryContext): RouteDefinition[] {
  return [
    defineRoute({
      ...{ method: 'POST', path: `${base}/import`, room, access, query: api.importQuery, response: api.importAnswer },
      ...{ bodyType: 'raw', bodyLimit: IMPORT_BYTES, rateLimit: 60 },
      problems: [unreadable, noHeader, tooLong, kinds.providerUnknown],
      summary: { zh: '导入目录填报表（XLSX）', en: 'Import a filled-in form (XLSX)' },
      async handler({ query, principal, request }) {
        const file = await bytesOf(request.body as Readable);
        return importSheet(entries(), file, { keep: query.dry === 'false', provider: query.provider }, principal);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/export`,
        room,
        access,
        query: api.exportQuery,
        response: { stream: XLSX_TYPE },
      },
      summary: { zh: '导出目录（XLSX）', en: 'The catalogue as a workbook' },
      async handler({ query, principal, clock }) {
        const context = entries();
        const found = context.search.find({
          ...{
            words: query.q?.trim() || undefined,
            chosen: { provider: query.provider ?? [] },
            offset: 0,
            limit: 50_000,
          },
          ...{ sort: 'code', visible: mayFind(context, principal) },
        });
        const { chunks } = exportSheet(
          context,
          found.hits.map((h) => h.entry),
        );
        return { chunks, filename: `政务信息资源目录-${cityDay(clock.now())}.xlsx` };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/form`, room, access, response: { stream: XLSX_TYPE } },
      summary: { zh: '空白填报表（XLSX）', en: 'The empty form' },
      handler: async () => ({ chunks: exportSheet(entries(), []).chunks, filename: '政务信息资源目录填报表.xlsx' }),
    }),
  ];
}
