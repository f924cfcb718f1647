/** The audit's HTTP interface: for the audit administrator only, and itself audited where entries leave the hub. */
import { type AuditEntry, auditFilter, auditPage, auditQuery, auditVerification } from '../auth/api.ts';
import { defineRoute, type RouteDefinition } from '../http/index.ts';
import { text } from '../i18n/index.ts';
import type { Audit } from './audit.ts';

const columns = [
  'seq',
  'at',
  'actor',
  'roles',
  'action',
  'object',
  'purpose',
  'outcome',
  'detail',
  'sessionId',
  'hash',
] as const;

/** Routes of the audit. */
export function auditRoutes(audit: Audit): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/audit',
      room: 'audit',
      summary: text('查询审计记录', 'Search the audit'),
      access: 'audit.read',
      query: auditQuery,
      response: auditPage,
      handler: ({ query }) => audit.query(query),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/audit.csv',
      room: 'audit',
      summary: text('导出审计记录', 'Export the audit'),
      access: 'audit.read',
      query: auditFilter,
      response: { stream: 'text/csv' },
      handler: async ({ query, principal, clock }) => {
        await audit.append({
          actor: principal,
          action: 'audit.export',
          object: 'audit',
          outcome: 'ok',
          detail: { ...query },
        });
        const day = clock.now().toISOString().slice(0, 10);
        return { chunks: csv(audit.stream(query)), filename: `audit-${day}.csv` };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/audit/verify',
      room: 'audit',
      summary: text('校验审计链', "Verify the audit's chain"),
      access: 'audit.read',
      response: auditVerification,
      handler: async ({ principal }) => {
        const answer = await audit.verify();
        await audit.append({
          actor: principal,
          action: 'audit.verify',
          object: 'audit',
          outcome: answer.intact ? 'ok' : 'failed',
          detail: { ...answer },
        });
        return answer;
      },
    }),
  ];
}

/** RFC 4180 with a byte-order mark, so that spreadsheet programs read the Chinese. */
async function* csv(pages: AsyncIterable<AuditEntry[]>): AsyncIterable<string> {
  yield `\ufeff${columns.join(',')}\r\n`;
  for await (const page of pages) {
    yield page.map((entry) => `${columns.map((c) => cell(entry[c])).join(',')}\r\n`).join('');
  }
}

function cell(value: unknown): string {
  let shown = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  // A spreadsheet would run it as a formula.
  if (/^[=+\-@\t\r]/.test(shown)) shown = `'${shown}`;
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
