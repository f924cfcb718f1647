/**
 * Which rules would find what they found the last time: nothing that they read has changed since, and no row has crossed a
 * date that they compare with the day. Such a rule is not run again; what it found is seen again as it stands.
 */
import { createHash } from 'node:crypto';
import { type ClassFields, recordSelect, recordView } from '../../libraries/index.ts';
import type { LakeSession } from '../../platform/lake/index.ts';
import { flipCondition, movesAll, movesOf } from '../score/moves.ts';
import type { Rule } from './rules.ts';

/** The table of what rules stood on when they last ran. */
export const ruleTables: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS cs.rule_basis (rule VARCHAR, day DATE, basis VARCHAR)',
];

/** What every rule stands on today: a mark of its text and of all that it reads. */
export async function basesOf(
  s: LakeSession,
  rules: readonly Rule[],
  classes: readonly ClassFields[],
): Promise<Map<string, string>> {
  const facts = await s.query<{ class: number; mark: bigint | number; n: number }>(
    `SELECT f.class, bit_xor(hash(f.entity || ' ' || f.fact || ' ' || coalesce(r.refined_at::VARCHAR, ''))) AS mark, count(*) AS n
     FROM v.legal_person_fact_v1 f LEFT JOIN v.refined_run_v1 r ON r.run = f.run WHERE f.entity > 0 GROUP BY f.class`,
  );
  const [persons, relations] = [
    await s.first(
      `SELECT bit_xor(hash(concat_ws(chr(31), entity, coalesce(status, ''), coalesce(division, '')))) AS mark, count(*) AS n FROM v.legal_person_v1`,
    ),
    await s.first('SELECT bit_xor(hash(r::VARCHAR)) AS mark, count(*) AS n FROM v.legal_person_relation_v1 r'),
  ];
  const byClass = new Map(facts.map((f) => [f.class, `${f.mark} ${f.n}`]));
  const text = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));
  return new Map(
    rules.map((rule) => {
      const read = classes.filter((c) => new RegExp(`\\bv\\.${recordView(c.source)}\\b`).test(rule.sql));
      const parts = [
        rule,
        read.map((c) => [recordSelect(c, 'x'), byClass.get(c.class)]),
        persons,
        /\bv\.legal_person_relation_v1\b/.test(rule.sql) ? relations : null,
      ];
      return [rule.id, createHash('sha256').update(text(parts)).digest('hex')];
    }),
  );
}

/** Whether a rule says on `day` what it said when it last ran. */
export async function stillSays(s: LakeSession, rule: Rule, basis: string, day: string): Promise<boolean> {
  const last = await s.first<{ day: string; basis: string }>(
    'SELECT day, basis FROM cs.rule_basis WHERE rule = $rule',
    {
      rule: rule.id,
    },
  );
  if (last?.basis !== basis) return false;
  const moves = await movesOf(s, rule.sql);
  if (await movesAll(s, moves, last.day, day)) return false;
  if (last.day === day) return true;
  for (const flip of moves.flips) {
    const crossed = await s.first(
      `SELECT 1 AS one FROM v.${flip.view} AS "${flip.alias}" WHERE ${flipCondition(flip, last.day, day)} LIMIT 1`,
    );
    if (crossed) return false;
  }
  return true;
}
