/** Records as a workbook or CSV for who reads them: numbers masked always, personal values plain only where a purpose was stated. */
import { sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import { mask } from '../../platform/auth/protection.ts';
import { Problem } from '../../platform/problem.ts';
import { csvFile, XLSX_TYPE, xlsx } from '../../platform/sheet/index.ts';
import { mayOf, must } from '../access.ts';
import type { Design, Value } from '../design.ts';
import { stateTitles } from '../machine.ts';
import type { FormsPorts } from '../ports.ts';
import { notPublished } from '../problems.ts';
import { isBlank, isRows, protectionOf, shownText, type ValueField, valueFields } from '../pure/index.ts';
import { designsOf } from '../read.ts';
import { designOf, formOf, type RecordRow, type State } from '../store.ts';
import { showAll } from '../values.ts';

const PAGE = 1000;

function textOf(design: Design, f: ValueField, value: Value | undefined, plain: boolean): string {
  if (isBlank(value)) return '';
  const own = design.fields.find((x) => x.name === f.name) ?? f;
  if (own.kind === 'table' && isRows(value)) {
    if (!plain && protectionOf(f) === 'personal') return `${value.length} 行`;
    return value
      .map((r) =>
        own.fields
          .map((c) => shownText(c, r[c.name] as Value))
          .filter((t) => t !== '')
          .join(' '),
      )
      .join('；');
  }
  const text = shownText(own, value);
  if (plain || protectionOf(f) !== 'personal') return text;
  return mask(f.kind === 'address' ? 'address' : 'person-name', text);
}

/** A file of records. The columns are those of the newest design. */
export async function exportRecords(
  ports: FormsPorts,
  formId: number,
  q: { format: 'xlsx' | 'csv'; state: State[] },
  purpose: string | undefined,
  p: Principal,
) {
  const form = await formOf(ports.db.kysely, formId);
  must(mayOf(p, form.organisation).read);
  if (form.published === null) throw new Problem(notPublished);
  const design = await designOf(ports.db.kysely, form.id, form.published);
  const fields = valueFields(design).filter((f) => f.kind !== 'signature');
  const stated = (purpose ?? p.purpose ?? '').trim();
  const header = ['记录编号', '状态', '填报人', '采集时间', '接收时间', '版本', ...fields.map((f) => f.title.zh)];
  await ports.audit.append({
    ...{
      actor: p,
      action: 'forms.export',
      object: `form:${form.id}`,
      outcome: 'ok',
      ...(stated ? { purpose: stated } : {}),
    },
    detail: { format: q.format, personal: stated !== '' },
  });
  const at = (d: Date | null) =>
    d ? new Date(d.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ') : '';
  async function* rows(): AsyncGenerator<string[]> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const found = await sql<RecordRow>`SELECT * FROM forms.record WHERE form = ${form.id} AND id > ${after}::uuid
        AND (${q.state.length === 0} OR state = ANY(${q.state}::text[])) ORDER BY id LIMIT ${PAGE}`.execute(
        ports.db.kysely,
      );
      if (found.rows.length === 0) return;
      const designs = await designsOf(
        ports,
        form.id,
        found.rows.map((r) => r.version),
      );
      const shown = await showAll(
        ports,
        found.rows.map((r) => r.values),
      );
      for (const [i, r] of found.rows.entries())
        yield [
          ...[r.id, stateTitles[r.state].zh, r.filled_name, at(r.collected_at), at(r.received_at), String(r.version)],
          ...fields.map((f) => textOf(designs.get(r.version)!, f, shown[i]![f.name], stated !== '')),
        ];
      after = found.rows.at(-1)!.id;
    }
  }
  const name = `${design.title.zh}.${q.format}`;
  if (q.format === 'xlsx')
    return { chunks: xlsx(design.title.zh, header, rows()), filename: name, contentType: XLSX_TYPE };
  async function* lines() {
    yield header;
    yield* rows();
  }
  return { chunks: csvFile(lines()), filename: name, contentType: 'text/csv; charset=utf-8' };
}
