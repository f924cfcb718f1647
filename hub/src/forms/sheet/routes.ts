/** The routes of spreadsheets: template, import, faults, export. */
import type { Readable } from 'node:stream';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import { XLSX_TYPE } from '../../platform/sheet/index.ts';
import { mayOf, must } from '../access.ts';
import * as api from '../api.ts';
import type { FormsPorts } from '../ports.ts';
import * as k from '../problems.ts';
import { designOf, formOf } from '../store.ts';
import { exportRecords } from './export.ts';
import { faultyRows } from './faults.ts';
import { applyImport, IMPORT_BYTES, importState, lookAt } from './import.ts';
import { template } from './template.ts';

const base = '/api/v1/forms/{form}';
const room = 'forms';
const problems = [k.unknownForm, k.notYours, k.notPublished, k.retired];
const imported = [...problems, k.unknownImport, k.importDone, k.importBad, k.importUnreadable, k.importFile];

/** Routes of spreadsheets. */
export function sheetRoutes(ports: FormsPorts): RouteDefinition[] {
  return [
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/template`,
        room,
        access: 'signed-in',
        params: api.formParams,
        response: { stream: XLSX_TYPE },
        problems,
      },
      summary: { zh: '下载填报模板（XLSX）', en: 'The template of a form (XLSX)' },
      async handler({ params, principal }) {
        const form = await formOf(ports.db.kysely, params.form);
        const may = mayOf(principal, form.organisation);
        must(may.fill || may.design);
        if (form.published === null) throw new Problem(k.notPublished);
        const design = await designOf(ports.db.kysely, form.id, form.published);
        return { chunks: template(design), filename: `${design.title.zh}-填报模板.xlsx` };
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/export`,
        room,
        access: 'forms.read',
        params: api.formParams,
        query: api.exportQuery,
        problems,
      },
      ...{ response: { stream: 'application/octet-stream' }, summary: { zh: '导出记录', en: 'Records as a file' } },
      handler: ({ params, query, purpose, principal }) => exportRecords(ports, params.form, query, purpose, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/imports`,
        room,
        access: 'forms.fill',
        params: api.formParams,
        query: api.importQuery,
        response: api.importAnswer,
      },
      ...{ bodyType: 'raw', bodyLimit: IMPORT_BYTES, rateLimit: 60, problems: imported, status: 201 },
      summary: { zh: '检查要导入的表格（XLSX、CSV）', en: 'Look at a spreadsheet to be taken in (XLSX, CSV)' },
      async handler({ params, query, request, principal }) {
        const chunks: Buffer[] = [];
        for await (const c of request.body as Readable) chunks.push(Buffer.from(c as Uint8Array));
        return lookAt(ports, params.form, query.name, Buffer.concat(chunks), principal);
      },
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/imports/{import}`,
        room,
        access: 'forms.fill',
        params: api.importParams,
        response: api.importAnswer,
        problems: imported,
      },
      summary: { zh: '一次导入', en: 'An import' },
      handler: ({ params, principal }) => importState(ports, params, principal),
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/imports/{import}/apply`,
        room,
        access: 'forms.fill',
        params: api.importParams,
        body: api.applyBody,
      },
      ...{ response: api.importAnswer, problems: imported },
      summary: { zh: '导入（整体或只导入正确的行）', en: 'Take an import in, whole or its good rows' },
      handler: ({ params, body, principal }) => applyImport(ports, params, body, principal),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: `${base}/imports/{import}/faults`,
        room,
        access: 'forms.fill',
        params: api.importParams,
        problems: imported,
      },
      ...{ response: { stream: XLSX_TYPE }, summary: { zh: '有错误的行（XLSX）', en: 'The rows with faults (XLSX)' } },
      handler: async ({ params, principal }) => ({
        chunks: await faultyRows(ports, params, principal),
        filename: '有错误的行.xlsx',
      }),
    }),
  ];
}
