/**
 * Why a golden value is what it is: every claim with its class, rank and day, whether it was chosen and by which rule, and
 * the way back to the received row, its run and its file. The rule is the SQL of golden.ts, limited to one legal person.
 */
import type { GoldenAttribute } from '../catalogue/index.ts';
import type { Lake, LakeRow } from '../platform/lake/index.ts';
import type { ClassPlan } from '../refinery/index.ts';
import { believedSql, claimSql, type FactSource, saidSql, sameKey } from './golden.ts';

/** One claim. */
export interface Claim extends LakeRow {
  value: string;
  class: number;
  rank: number;
  day: string | null;
  fact: bigint | number;
  run: number;
  row: number;
  closed_run: number | null;
  /** The latest current claim of its class. */
  latest: boolean;
  chosen: boolean;
  /** It says the same as the chosen one. */
  same: boolean;
  input: string | null;
  finished: string | null;
}

const words = {
  chosen: { zh: '采用：来源级别最高，同级取最近', en: 'chosen: the most trusted source, among equals the latest' },
  same: { zh: '与采用值一致', en: 'says the same as the chosen value' },
  closed: { zh: '已被取代、删除或消失', en: 'superseded, deleted or vanished' },
  older: { zh: '同一来源有更近的说法', en: 'the same source says something later' },
  lower: { zh: '来源级别低于采用值的来源', en: 'its source is less trusted than that of the chosen value' },
  earlier: {
    zh: '来源级别相同，但早于采用值',
    en: 'its source is as trusted, but it is earlier than the chosen value',
  },
};

/** The rule in words. */
export const ruleInWords = {
  zh: '每个来源取其最近的有效说法；来源之间取声明级别最高者，级别相同取最近者；未能清洗的值不采用。',
  en: 'Of every source its latest current claim; among sources the one of the most trusted declared rank, among equal ranks the latest; a value that could not be cleaned is never taken.',
};

/** What is said of a claim. */
export function sayOf(claim: Claim, chosen: Claim | undefined): { zh: string; en: string } {
  if (claim.chosen) return words.chosen;
  if (claim.closed_run !== null) return words.closed;
  if (!claim.latest) return words.older;
  if (claim.same) return words.same;
  return chosen && claim.rank > chosen.rank ? words.lower : words.earlier;
}

/** Every claim about an attribute of a legal person, the chosen one first, then by trust and time. */
export async function whyValue(
  lake: Pick<Lake, 'query'>,
  plans: readonly ClassPlan[],
  entity: number,
  attribute: GoldenAttribute,
): Promise<Claim[]> {
  const speaking = plans.filter((p) => p.declaration.fields.some((f) => f.golden === attribute));
  const source =
    (view: string): FactSource =>
    (classes) =>
      `SELECT entity, class, "day", fact, payload FROM ${view} WHERE entity = $entity AND class IN (${classes.join(', ')})`;
  const only = (sql: string) => `SELECT * FROM (${sql}) WHERE attribute = $attribute`;
  return lake.query<Claim>(
    `WITH every AS (${only(claimSql(speaking, source('v.legal_person_fact_all_v1')))}),
      said AS (${saidSql(only(claimSql(speaking, source('v.legal_person_fact_v1'))))}),
      believed AS (${believedSql('said')})
     SELECT DISTINCT e.value, e.class, e.rank, e."day", e.fact, (e.fact >> 32)::INTEGER AS run, (e.fact & 4294967295)::BIGINT AS row,
       a.closed_run, s.fact IS NOT NULL AS latest, coalesce(b.fact = e.fact, false) AS chosen,
       coalesce(${sameKey('e.attribute', 'e.value')} = ${sameKey('e.attribute', 'b.value')}, false) AS same, r.input, r.finished
     FROM every e
     JOIN (SELECT fact, min(closed_run) AS closed_run FROM v.legal_person_fact_all_v1 WHERE entity = $entity GROUP BY fact) a ON a.fact = e.fact
     LEFT JOIN said s ON s.class = e.class AND s.fact = e.fact
     LEFT JOIN believed b ON true
     LEFT JOIN v.run_v1 r ON r.run = e.fact >> 32
     ORDER BY chosen DESC, a.closed_run NULLS FIRST, e.rank, e."day" DESC NULLS LAST, e.fact DESC`,
    { entity, attribute },
  );
}
