/** The rows of an import that were not taken in, as a workbook with their faults marked. */
import { sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import { columnLetters } from '../../platform/sheet/index.ts';
import type { FormsPorts } from '../ports.ts';
import { designOf } from '../store.ts';
import type { CellFault } from './cells.ts';
import { importOf, judged, recordId, reopened, toFill } from './import.ts';
import { type OutCell, workbook } from './workbook.ts';

/** The rows that were not taken in, as they stood, with their faults marked and said. */
export async function faultyRows(
  ports: FormsPorts,
  at: { form: number; import: string },
  p: Principal,
): Promise<AsyncGenerator<Buffer>> {
  const { form } = await toFill(ports, at.form, p);
  const row = await importOf(ports, at, p);
  const design = await designOf(ports.db.kysely, form.id, row.version);
  const found = await reopened(ports, row, design);
  const bad = new Map<number, CellFault[]>();
  // Claims of this import's own records are no faults of its rows: those stand in the store.
  const taken = new Set(
    (
      await sql<{
        record: string;
      }>`SELECT record FROM forms.change WHERE action = 'import' AND reason = ${row.id}`.execute(ports.db.kysely)
    ).rows.map((r) => r.record),
  );
  for await (const chunk of judged(ports, form, design, found, p.login, false))
    for (const j of chunk)
      if (j.faults.length && !taken.has(recordId(row.id, j.record.row)))
        for (const f of j.faults) bad.set(f.row, [...(bad.get(f.row) ?? []), f]);
  await ports.audit.append({
    actor: p,
    action: 'forms.import.faults',
    object: `form:${form.id}/import:${row.id}`,
    outcome: 'ok',
    detail: { rows: bad.size },
  });
  const width = Math.max(...found.headers.map((h) => h.index)) + 1;
  const header = Array.from({ length: width }, (_, i) => found.headers.find((h) => h.index === i)?.header ?? '');
  async function* rows(): AsyncGenerator<OutCell[]> {
    for await (const r of found.sheet.rows()) {
      const faults = bad.get(r.number);
      if (!faults) continue;
      const marked = new Set(faults.map((f) => f.cell));
      yield [
        ...Array.from({ length: width }, (_, i): OutCell => {
          const text = r.cells.get(i)?.text ?? '';
          return marked.has(`${columnLetters(i)}${r.number}`) ? { text, marked: true } : text;
        }),
        String(r.number),
        faults.map((f) => `${f.cell}：${f.zh}`).join('\n'),
      ];
    }
  }
  return workbook([{ name: '有错误的行', header: [...header, '原行号', '错误'], rows: rows(), textColumns: true }]);
}
