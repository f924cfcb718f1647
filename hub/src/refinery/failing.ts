/** The received rows behind a number of quality: the rule's own predicate, asked of the rows of one run. */
import type { Lake } from '../platform/lake/index.ts';
import { ident, literal } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { QualityRule } from './api.ts';
import { FLAG, isFilled } from './clean.ts';
import { type ClassPlan, pieceAt, recordHash } from './plan.ts';
import { noRows, notRefined, unknownField } from './problems.ts';
import { brokenRule, type FactsOfRuns, judgedAs, linkBits, orderOf, wrongOrder } from './quality.ts';

/** What a rule asks, in words. */
export const ruleInWords: Readonly<Record<QualityRule, { zh: string; en: string }>> = {
  format: { zh: '值符合声明的类型和格式', en: 'the value has the declared type and format' },
  codes: { zh: '值属于声明的代码表', en: 'the value is one of the declared codes' },
  required: { zh: '必填项有值', en: 'a required field has a value' },
  filled: { zh: '有值', en: 'the field has a value' },
  check: { zh: '校验位正确、日期存在于日历', en: 'check digits fit, the day exists in the calendar' },
  bounds: { zh: '值在声明的上下限之内', en: 'the value is within the declared bounds' },
  unique: { zh: '同一批次内业务主键不重复', en: 'the business key is not repeated in the run' },
  golden: { zh: '与所关联法人主体的登记信息一致', en: 'it agrees with the legal person to which the row is linked' },
  order: { zh: '截止日期不早于起始日期', en: 'the end is not before the beginning' },
  future: { zh: '日期不晚于接收日次日', en: 'the date is not later than the day after delivery' },
  cadence: { zh: '按更新周期送达', en: 'the delivery came within its cadence' },
  accepted: { zh: '未被隔离', en: 'the row is not in quarantine' },
  linked: { zh: '能在其法人主体下查到', en: 'the row can be found under its legal person' },
};

/** One page of failing rows: how many there are in all, and the rows' numbers, legal persons and received strings. */
export interface FailingRows {
  total: number;
  items: { row: number; fact: string; entity: number | null; values: (string | null)[] }[];
}

/** SQL condition on a received row (columns _row, _run and the fields) that it breaks the rule. */
export function failingPredicate(
  plan: ClassPlan,
  run: number,
  field: string,
  rule: QualityRule,
  factsOf: FactsOfRuns,
): string {
  const position = plan.declaration.fields.findIndex((f) => f.name === field) + 1;
  const declared = plan.declaration.fields[position - 1];
  const whole = rule === 'linked' || rule === 'unique' || rule === 'accepted' || rule === 'cadence';
  if (!declared && !whole) throw new Problem(unknownField, { source: plan.source, field });
  const byFact = (condition: string) =>
    `_row IN (SELECT (fact & 4294967295)::INTEGER FROM ${factsOf([run], 'fact, entity, "day", payload, link')} f WHERE ${condition})`;
  switch (rule) {
    case 'required':
    case 'filled':
      return `coalesce(NOT ${isFilled(declared!, ident(field))}, true)`;
    case 'format':
    case 'codes':
    case 'check':
    case 'bounds': {
      const piece = pieceAt('payload', position);
      const value = 'substr(v, 2)';
      return `_row IN (SELECT (fact & 4294967295)::INTEGER FROM (SELECT fact, ${piece} AS v FROM ${factsOf([run], 'fact, payload')} WHERE contains(payload, ${FLAG}))
        WHERE starts_with(v, ${FLAG}) AND ${brokenRule(literal(judgedAs(declared!)), value)} = ${literal(rule)})`;
    }
    case 'unique':
      return `_row NOT IN (SELECT min(_row) FROM ${plan.table} WHERE _run = ${run} GROUP BY ${recordHash(plan)})`;
    case 'order': {
      const order = orderOf(plan);
      return order ? wrongOrder(order) : 'false';
    }
    case 'golden': {
      const code = plan.identity.uscc?.name === field;
      const [given, agrees] = code
        ? [linkBits.codeGiven, linkBits.codeAgrees]
        : [linkBits.nameGiven, linkBits.nameAgrees];
      return byFact(`entity > 0 AND (link & ${given}) > 0 AND (link & ${agrees}) = 0`);
    }
    case 'future':
      return byFact(`"day" > (SELECT finished::DATE + 1 FROM rf.run WHERE run = ${run})`);
    case 'linked':
      return byFact('entity = 0');
    default:
      throw new Problem(noRows, { rule });
  }
}

/** The rows of a run that break a rule. */
export async function failingRows(
  lake: Pick<Lake, 'query' | 'first'>,
  plan: ClassPlan,
  question: { run: number; field: string; rule: QualityRule; page: number; size: number },
  factsOf: FactsOfRuns,
): Promise<FailingRows> {
  const { run, field, rule, page, size } = question;
  const known = await lake.first('SELECT 1 AS one FROM rf.run WHERE run = $run AND source = $source', {
    run,
    source: plan.source,
  });
  if (!known) throw new Problem(notRefined, { source: plan.source, run });
  const where = `_run = ${run} AND (${failingPredicate(plan, run, field, rule, factsOf)})`;
  const total = await lake.first<{ n: number }>(`SELECT count(*) AS n FROM ${plan.table} WHERE ${where}`);
  const names = plan.declaration.fields.map((f) => f.name);
  const rows = await lake.query<Record<string, string | null>>(
    `SELECT r._row::VARCHAR AS _row, ((r._run::BIGINT << 32) | r._row)::VARCHAR AS _fact, f.entity::VARCHAR AS _entity, ${names.map((n) => `r.${ident(n)}`).join(', ')}
     FROM (SELECT * FROM ${plan.table} WHERE ${where} ORDER BY _row LIMIT ${size} OFFSET ${(page - 1) * size}) r
     LEFT JOIN ${factsOf([run], 'fact, entity')} f ON f.fact = (r._run::BIGINT << 32) | r._row ORDER BY r._row`,
  );
  return {
    total: total?.n ?? 0,
    items: rows.map((r) => ({
      row: Number(r._row),
      fact: r._fact!,
      entity: r._entity && r._entity !== '0' ? Number(r._entity) : null,
      values: names.map((n) => r[n] ?? null),
    })),
  };
}
