/** One enterprise: its figures of every measure, what contradicts and what is doubtful, what figures were before, and why. */
import type { Lake } from '../../platform/lake/index.ts';
import { ident } from '../../platform/lake/index.ts';
import { classFields, recordSelect } from '../records.ts';
import { type Grain, grains, type Measure, monthsOf } from './declaration.ts';
import type { Economy } from './load.ts';
import { writePeriod } from './query.ts';

const grainOf = (months: number): Grain => grains.find((g) => monthsOf[g] === months)!;
/** A figure's period as it is written. */
export const periodOf = (months: number, period: number): string => writePeriod({ grain: grainOf(months), period });

/** Everything that is kept of an enterprise. */
export async function readSheet(lake: Lake, economy: Economy, entity: number) {
  const given = { entity };
  const [figures, contradictions, doubts, history, members] = await Promise.all([
    lake.query<{
      id: string;
      grain: number;
      period: number;
      value: number;
      parts: number;
      disputed: boolean;
      source: string;
    }>(
      `SELECT m.id, f.grain, f.period, f.value, f.parts, f.disputed, m.sources[f.source + 1] AS source FROM eco.figure f JOIN eco.measure m ON m.measure = f.measure
       WHERE f.entity = $entity ORDER BY f.grain, f.period`,
      given,
    ),
    lake.query<{ id: string; grain: number; period: number; value: number; source: string; chosen: boolean }>(
      `SELECT m.id, c.grain, c.period, c.value, m.sources[c.source + 1] AS source, c.chosen FROM eco.contradiction c JOIN eco.measure m ON m.measure = c.measure
       WHERE c.entity = $entity ORDER BY c.period DESC, m.id, c.chosen DESC`,
      given,
    ),
    lake.query<{ id: string; grain: number; period: number; value: number; source: string; reason: string }>(
      `SELECT m.id, c.grain, c.period, c.value, m.sources[c.source + 1] AS source, c.reason FROM eco.doubt c JOIN eco.measure m ON m.measure = c.measure
       WHERE c.entity = $entity ORDER BY c.period DESC, m.id`,
      given,
    ),
    lake.query<{
      id: string;
      grain: number;
      period: number;
      value: number;
      source: string;
      recorded: string;
      until: string;
    }>(
      `SELECT m.id, h.grain, h.period, h.value, m.sources[h.source + 1] AS source, h.recorded, h.until FROM eco.history h JOIN eco.measure m ON m.measure = h.measure
       WHERE h.entity = $entity ORDER BY h.until DESC, m.id, h.period DESC LIMIT 200`,
      given,
    ),
    lake.query<{ dimension: string; code: string; title: string | null }>(
      'SELECT dimension, code, title FROM v.economy_member_v1 WHERE entity = $entity ORDER BY dimension, code',
      given,
    ),
  ]);
  const dated = <T extends { grain: number; period: number }>({ grain, period, ...rest }: T) => ({
    ...rest,
    ...{ grain: grainOf(grain), period: periodOf(grain, period) },
  });
  return {
    measures: economy.declaration.measures.map((m) => ({
      ...{ id: m.id, title: m.title, unit: m.unit, decimals: m.decimals, over: m.over },
      figures: figures.filter((f) => f.id === m.id).map(({ id: _, ...f }) => dated(f)),
    })),
    contradictions: contradictions.map(dated),
    doubts: doubts.map(dated),
    history: history.map(dated),
    members,
  };
}

/** What sources said that a figure is made of: every current row, whether it is used, and the way back to it. */
export async function whyFigure(
  lake: Lake,
  economy: Economy,
  m: Measure,
  entity: number,
  months: number,
  period: number,
) {
  const classes = new Map((await lake.session((s) => classFields(s))).map((c) => [c.source, c]));
  const figure = await lake.first<{
    value: number;
    source: string;
    parts: number;
    disputed: boolean;
    recorded: string;
  }>(
    `SELECT f.value, m.sources[f.source + 1] AS source, f.parts, f.disputed, f.recorded FROM eco.figure f JOIN eco.measure m ON m.measure = f.measure
     WHERE m.id = $id AND f.entity = $entity AND f.grain = $months AND f.period = $period`,
    { id: m.id, entity, months, period },
  );
  const doubts = await lake.query<{ source: string; grain: number; period: number; reason: string }>(
    `SELECT m.sources[d.source + 1] AS source, d.grain, d.period, d.reason FROM eco.doubt d JOIN eco.measure m ON m.measure = d.measure WHERE m.id = $id AND d.entity = $entity`,
    { id: m.id, entity },
  );
  const said: Said[] = [];
  for (const [i, x] of m.sources.entries()) {
    const cls = classes.get(x.source);
    const own = monthsOf[x.period.grain];
    if (!cls || own > months) continue;
    const col = (name: string) => ident(['entity', 'day', 'fact', 'amount'].includes(name) ? `${name}_` : name);
    const facts = '(SELECT * FROM v.legal_person_fact_v1 WHERE entity = $entity)';
    const rows = await lake.query<{
      fact: bigint | number;
      day: string | null;
      raw: string | null;
      stated: string | null;
      value: number | null;
      run: number;
      row: number;
      input: string | null;
      finished: string | null;
    }>(
      `SELECT s.*, (s.fact >> 32)::INTEGER AS run, (s.fact & 4294967295)::BIGINT AS row, r.input, r.finished FROM (
         SELECT fact, "day", ${col(x.field)}::VARCHAR AS raw, ${col(x.period.field)}::VARCHAR AS stated, round(${col(x.field)}::DOUBLE * ${economy.factors.get(m.id)![i]}, 4) AS value
         FROM (${recordSelect(cls, facts, (f) => f === x.field || f === x.period.field)})) s LEFT JOIN v.run_v1 r ON r.run = s.fact >> 32
       ORDER BY s.stated, s."day", s.fact`,
      { entity },
    );
    for (const r of rows) {
      const at = monthNumber(r.stated, x.period.form);
      if (at === null || at < period || at >= period + months) continue;
      const start = at - (at % own);
      const doubt = doubts.find((d) => d.source === x.source && d.grain === own && d.period === start);
      said.push({
        ...{
          source: x.source,
          field: x.field,
          rank: x.rank,
          fills: x.fills,
          stated: r.stated ?? '',
          raw: r.raw,
          value: r.value,
        },
        ...{ day: r.day, run: r.run, row: Number(r.row), input: r.input, finished: r.finished },
        ...{ used: figure?.source === x.source && !doubt, doubt: doubt?.reason ?? null },
      });
    }
  }
  return { figure: figure ?? null, said };
}

/** One row that says something of a figure. `raw`: as the source's field has it, `value`: in the measure's unit. */
export interface Said {
  source: string;
  field: string;
  rank: number;
  fills: boolean;
  stated: string;
  raw: string | null;
  value: number | null;
  day: string | null;
  run: number;
  row: number;
  input: string | null;
  finished: string | null;
  used: boolean;
  doubt: string | null;
}

/** The same reading of a period as in make.ts, of one value. */
function monthNumber(text: string | null, form: 'yyyymm' | 'date' | 'year'): number | null {
  const found =
    form === 'year'
      ? /^(\d{4})()/.exec(text ?? '')
      : form === 'date'
        ? /^(\d{4})-(\d{2})-/.exec(text ?? '')
        : /^((?:19|20)\d{2})[-/年.]?(0?[1-9]|1[0-2])月?$/.exec(text ?? '');
  return found ? Number(found[1]) * 12 + (found[2] ? Number(found[2]) - 1 : 0) : null;
}
