/**
 * Delivery of a list as a file: the same filters, division and protection as on the page, streamed, with its purpose in the
 * audit before the first byte leaves and with the number of rows at the end.
 */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import { sealedStream } from '../../platform/seal/index.ts';
import { csvFile, XLSX_TYPE, xlsx } from '../../platform/sheet/index.ts';
import { Shower } from '../../refinery/index.ts';
import { entitled, needMembers, needPurpose } from './access.ts';
import type { exportQuery, MemberItem } from './api.ts';
import type { Lists, LoadedList } from './load.ts';
import { casesOf, type MemberRow, memberItem, memberSelect, memberSql } from './members.ts';
import { type ListPorts, lastRun } from './service.ts';

const header = [
  ...[
    '序号',
    '名称',
    '证件号码/统一社会信用代码',
    '地址',
    '区划代码',
    '区划',
    '原因',
    '应办日期',
    '列入日期',
    '离开日期',
  ],
  ...['离开原因', '办理状态', '办理说明', '办理人', '办理时间'],
];
const endings = { done: '已办', excepted: '豁免', withdrawn: '不再应办' } as const;

function line(list: LoadedList, n: number, m: MemberItem): (string | null)[] {
  const state = list.declaration.states.find((s) => s.id === m.state)?.title.zh ?? m.state;
  return [
    ...[String(n), m.name.value, m.number.value, m.address.value, m.division, m.divisionTitle, m.reason, m.due],
    ...[m.since, m.until, m.ending && endings[m.ending], state, m.comment, m.by, m.at],
  ];
}

/** Checks, writes the audit's entry and answers the file. */
export async function exportList(
  ports: ListPorts,
  lists: Lists,
  id: string,
  query: z.output<typeof exportQuery>,
  asked: Principal,
  named: string | null,
) {
  const { list, scope } = entitled(lists, id, asked);
  needMembers(scope);
  const purpose = needPurpose(named ?? asked.purpose);
  const principal = { ...asked, purpose };
  const last = await lastRun(ports, id);
  const q = await memberSql(ports, list, scope, query, last?.day ?? null);
  const { format, ...filter } = query;
  const audit = (detail: Record<string, unknown>) =>
    ports.audit.append({
      ...{ actor: principal, action: 'lists.export', object: `list/${id}`, purpose, outcome: 'ok' },
      detail: { ...filter, format, scope: scope.division, day: last?.day ?? null, ...detail },
    });
  await audit({ phase: 'begun' });
  async function* rows(): AsyncGenerator<(string | null)[]> {
    let n = 0;
    for await (const batch of ports.lake.stream<MemberRow>(memberSelect(list, q, ''), q.params)) {
      const shower = new Shower(principal, ports.vault);
      const known = await casesOf(ports.db, id, batch);
      const items = batch.map((r) => memberItem(list, principal, shower, r, known));
      await shower.settle(ports.audit, `list:${id}/export`);
      for (const item of items) yield line(list, ++n, item);
    }
    await audit({ phase: 'ended', rows: n });
  }
  async function* headed(): AsyncGenerator<(string | null)[]> {
    yield header;
    yield* rows();
  }
  const { title } = list.declaration;
  const subject = {
    kind: 'export' as const,
    subject: `list/${id}/${randomUUID()}`,
    title: { zh: `清单导出：${title.zh}`, en: `Export of a list: ${title.en}` },
    organisation: principal.organisation,
    facts: { list: id, format, ...(last ? { day: last.day } : {}) },
  };
  const body = format === 'csv' ? csvFile(headed()) : xlsx(title.zh, header, rows());
  return {
    chunks: sealedStream(ports.seal, subject, body),
    filename: `${title.zh}-${last?.day ?? ''}.${format}`,
    contentType: format === 'csv' ? 'text/csv; charset=utf-8' : XLSX_TYPE,
  };
}
