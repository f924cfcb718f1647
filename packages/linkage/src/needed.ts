/** Which blocking would bring two records together that no rule did. */
import { partSql, ruleSource } from './keys.ts';
import type { Linkage } from './linker.ts';
import { preparedColumns } from './prepare.ts';

/** A rule that would have compared two records. */
export interface NeededRule {
  /** Its parts, as `blocking.rules` of a model takes them. */
  on: string[];
  /** Records that share the key of these two: the block that the rule would make of them. */
  records: number;
}

/** Parts that are looked at, by kind of column. */
const PARTS: Record<string, string[]> = {
  name: ['start3', 'end3', 'start2', 'words', 'skipgrams'],
  text: ['words', 'start3'],
  date: ['year', 'month', 'day'],
  code: ['start4', 'end4', 'skipgrams'],
  phone: ['start4', 'end4', 'skipgrams'],
  email: ['user', 'start4'],
  company: ['trade', 'pinyin', 'initials', 'start3', 'skipgrams'],
  address: ['start6', 'words'],
  array: ['words'],
};

/**
 * Rules of one part, and of two where one alone would make a large block, on which two records agree; the smallest blocks first, five at most. Empty: they
 * agree on no part of any column, so that no blocking of this kind would compare them.
 */
export async function neededBlocking(l: Linkage, x: number, y: number): Promise<NeededRule[]> {
  const { model, engine, schema: s } = l;
  const d = engine.dialect;
  const found: { on: string; key: string; sql: string; list: boolean }[] = [];
  for (const c of preparedColumns(model)) {
    const sounds = c.sounds && c.model.kind === 'name' ? ['pinyin', 'initials'] : [];
    for (const part of [undefined, ...sounds, ...(PARTS[c.model.kind] ?? [])]) {
      const on = part === undefined ? c.name : `${c.name}.${part}`;
      const { sql, list } = partSql(d, c, part);
      const rows = await engine.rows<{ key: string }>(
        `SELECT key FROM (SELECT DISTINCT rid, CAST(${list ? d.unnest(sql) : sql} AS VARCHAR) AS key FROM ${ruleSource(d, model, [on], `${s}.rec`)} WHERE rid IN (${x}, ${y})) WHERE key IS NOT NULL GROUP BY key HAVING count(*) = 2 ORDER BY key LIMIT 1`,
      );
      if (rows[0]) found.push({ on, key: rows[0].key, sql, list });
    }
  }
  const having = (f: (typeof found)[number]) =>
    `SELECT DISTINCT rid FROM (SELECT rid, CAST(${f.list ? d.unnest(f.sql) : f.sql} AS VARCHAR) AS key FROM ${ruleSource(d, model, [f.on], `${s}.rec`)}) WHERE key = '${f.key.replaceAll("'", "''")}'`;
  const count = async (parts: typeof found): Promise<NeededRule> => {
    const [first, second] = parts.map(having);
    const sql = second === undefined ? first : `SELECT rid FROM (${first}) WHERE rid IN (${second})`;
    const [row] = await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM (${sql})`);
    return { on: parts.map((f) => f.on), records: row!.n };
  };
  const out: NeededRule[] = [];
  for (const f of found) out.push(await count([f]));
  const columnOf = (f: (typeof found)[number]) => f.on.split('.')[0];
  if (!out.some((r) => r.records <= 100)) {
    const few = found.slice(0, 6);
    for (const [i, a] of few.entries())
      for (const b of few.slice(i + 1)) if (columnOf(a) !== columnOf(b)) out.push(await count([a, b]));
  }
  return out.sort((a, b) => a.records - b.records || a.on.length - b.on.length).slice(0, 5);
}
