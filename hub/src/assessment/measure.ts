/** Runs a formula's SQL over the staged records and the lake: for every indicator the records of every unit. */
import { withDay } from '../platform/declared/index.ts';
import type { LakeSession } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import { type Indicator, readyIndicator } from './declaration.ts';
import type { FormulaVersion } from './formula.ts';
import * as k from './problems.ts';
import type { Counted } from './score.ts';

/** Most records that one indicator may answer: what is more is grouped by its SQL. */
export const RECORDS_LIMIT = 50_000;

/** What an indicator found. */
export interface Measured {
  indicator: string;
  /** Views that are not there, so that it could not be measured. */
  absent: string[];
  records: Map<string, Counted[]>;
}

type Row = {
  unit: string | null;
  kind: string;
  ref: string;
  title: { zh: string | null; en: string | null } | null;
  note: { zh: string | null; en: string | null } | null;
  base: number | string;
  value: number | string;
};

const both = (t: Row['title'], otherwise: string) => ({ zh: t?.zh ?? otherwise, en: t?.en ?? t?.zh ?? otherwise });

/** Measures one indicator on a day. */
async function measureOne(s: LakeSession, file: string, indicator: Indicator, day: string): Promise<Measured> {
  const ready = await readyIndicator(s, file, indicator);
  if (ready.absent.length) return { indicator: indicator.id, absent: ready.absent, records: new Map() };
  const rows = await s.query<Row>(
    `SELECT unit::VARCHAR AS unit, kind::VARCHAR AS kind, ref::VARCHAR AS ref, title, note, base::DOUBLE AS base, value::DOUBLE AS value
     FROM (${withDay(ready.sql, day)}) WHERE unit IS NOT NULL ORDER BY unit, kind, ref LIMIT ${RECORDS_LIMIT + 1}`,
  );
  const place = { file, pointer: `/indicators/${indicator.id}/sql` };
  if (rows.length > RECORDS_LIMIT)
    throw new Problem(k.tooManyRecords, { indicator: indicator.id, limit: RECORDS_LIMIT }, place);
  const records = new Map<string, Counted[]>();
  let before = '';
  for (const row of rows) {
    const name = `${row.unit} ${row.kind} ${row.ref}`;
    if (name === before) throw new Problem(k.recordTwice, { indicator: indicator.id, record: name }, place);
    before = name;
    const [base, value] = [Number(row.base), Number(row.value)];
    if (!(base >= 0 && value >= 0 && (indicator.measure === 'count' || value <= base * (1 + 1e-12))))
      throw new Problem(k.recordWrong, { indicator: indicator.id, record: name }, place);
    const list = records.get(row.unit!) ?? [];
    list.push({
      ...{ kind: row.kind, ref: row.ref, title: both(row.title, row.ref), base, value, objection: null },
      note: row.note?.zh ? both(row.note, '') : null,
    });
    records.set(row.unit!, list);
  }
  return { indicator: indicator.id, absent: [], records };
}

/** Measures every indicator of a formula; `day` is the last that counts. */
export async function measure(s: LakeSession, formula: FormulaVersion, day: string): Promise<Measured[]> {
  const out: Measured[] = [];
  for (const i of formula.declaration.indicators) out.push(await measureOne(s, formula.file, i, day));
  return out;
}
