/**
 * Looks at a table and proposes a model: what each column holds (by its name, its values, how many differ), which columns only repeat others, and so what to
 * compare. Blocking is found by itself.
 */
import { ident } from './dialect.ts';
import type { Engine } from './engine.ts';
import type { ColumnKind, ColumnModel, TableModel } from './model.ts';

/** What a column looks like. */
export interface ColumnProfile {
  name: string;
  records: number;
  missing: number;
  distinct: number;
  /** Mean length in characters. */
  length: number;
  /** Shares of values that look like something. */
  dates: number;
  numbers: number;
  emails: number;
  phones: number;
  digits: number;
  codes: number;
  chinese: number;
  words: number;
  companies: number;
  addresses: number;
  /** Why it is left out, if it is: `id`, `empty`, `constant`, `repeats <column>`. */
  skipped?: string;
  kind?: ColumnKind;
}

/** A proposed model, ready for `parseModel`, with what was seen. */
export interface Suggestion {
  model: {
    id: string;
    topology?: string;
    tables: TableModel[];
    columns: Record<string, ColumnModel>;
    swaps: [string, string][];
  };
  profile: ColumnProfile[];
}

const SAMPLE = 20_000;

/** Profiles a relation. */
export async function profileTable(engine: Engine, relation: string): Promise<ColumnProfile[]> {
  const d = engine.dialect;
  const names = (await engine.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${relation}`)).map(
    (r) => r.column_name,
  );
  const out: ColumnProfile[] = [];
  for (const name of names) {
    const share = (pattern: string) => `coalesce(avg(CASE WHEN ${d.matches('v', pattern)} THEN 1.0 ELSE 0.0 END), 0)`;
    const [row] = await engine.rows<Record<string, number>>(
      `SELECT (SELECT count(*) FROM ${relation}) AS records, (SELECT count(*) FROM ${relation} WHERE nullif(trim(CAST(${ident(name)} AS VARCHAR)), '') IS NULL) AS missing,
        (SELECT count(DISTINCT CAST(${ident(name)} AS VARCHAR)) FROM ${relation}) AS "distinct", coalesce(avg(length(v)), 0) AS length,
        ${share('^\\d{4}[-/.年]\\d{1,2}[-/.月]\\d{1,2}|^(1[5-9]|20)\\d\\d(0[1-9]|1[0-2])([0-2]\\d|3[01])$|^\\d{1,2}[-/.]\\d{1,2}[-/.]\\d{4}$')} AS dates,
        ${share('^-?\\d+\\.\\d+$')} AS numbers, ${share('^\\S+@\\S+\\.\\S+$')} AS emails, ${share('^(\\+?86)?1[3-9]\\d{9}$|^0\\d{2,3}-?\\d{7,8}$|^\\+\\d[\\d -]{7,}$')} AS phones,
        ${share('^\\d+$')} AS digits, ${share('^(?:[0-9A-Za-z]+[ -]?)*\\d(?:[ -]?[0-9A-Za-z]+)*$')} AS codes, ${share('\\p{Han}')} AS chinese, ${share('\\S\\s+\\S')} AS words,
        ${share('(公司|厂|店|合作社|事务所|中心|行)$')} AS companies, ${share('(路|街|村|弄|号|镇|小区).*\\d|\\d.*(路|街|号|室)')} AS addresses
        FROM (SELECT trim(CAST(${ident(name)} AS VARCHAR)) AS v FROM ${relation} WHERE nullif(trim(CAST(${ident(name)} AS VARCHAR)), '') IS NOT NULL ORDER BY ${d.hash52(ident(name))} LIMIT ${SAMPLE})`,
    );
    out.push({ name, ...(row as unknown as Omit<ColumnProfile, 'name'>) });
  }
  return out;
}

function kindOf(p: ColumnProfile): ColumnKind {
  const given = p.records - p.missing;
  const name = p.name.toLowerCase();
  if (p.emails > 0.8) return 'email';
  if (p.dates > 0.8) return 'date';
  if (p.phones > 0.8) return 'phone';
  if (p.distinct <= 20 && p.distinct < given / 10) return 'category';
  if (p.companies > 0.5) return 'company';
  if (p.addresses > 0.5 || /addr|street|地址|住所|住址/.test(name)) return p.codes > 0.6 ? 'code' : 'address';
  if (p.codes > 0.7) return p.digits < 0.3 && p.words > 0.8 && p.length > 14 ? 'text' : 'code';
  if (p.numbers > 0.5) return 'number';
  if (p.chinese > 0.5) return p.length > 12 ? 'text' : 'name';
  if (p.distinct <= 600 && p.distinct < given / 50 && p.length < 20 && !/name|surname|姓|名/.test(name))
    return 'category';
  return p.length > 24 ? 'text' : 'name';
}

/** The id: named so, or the first column without repetition. */
function idOf(profile: readonly ColumnProfile[]): string | undefined {
  const unique = profile.filter((p) => p.missing === 0 && p.distinct === p.records);
  return (unique.find((p) => /(^|_)(id|uid|key|编号|序号)$/i.test(p.name)) ?? unique[0])?.name;
}

/**
 * Proposes a model for one table, or for several of the same columns. `relation` may be a table, a parenthesised query or what `engine.file` answers.
 */
export async function suggestModel(engine: Engine, tables: readonly TableModel[]): Promise<Suggestion> {
  const relationOf = async (t: TableModel) =>
    t.path ? engine.file({ path: t.path, ...(t.delimiter ? { delimiter: t.delimiter } : {}) }) : t.relation!;
  const relations = await Promise.all(tables.map(relationOf));
  const profiles: ColumnProfile[][] = [];
  for (const r of relations) profiles.push(await profileTable(engine, r));
  const profile = profiles[0]!;
  const id = idOf(profile) ?? profile[0]!.name;
  const common = (name: string) => profiles.every((list) => list.some((p) => p.name === name));
  const columns: Record<string, ColumnModel> = {};
  for (const p of profile) {
    if (p.name === id) p.skipped = 'id';
    else if (!common(p.name)) p.skipped = 'not in every table';
    else if (p.missing === p.records) p.skipped = 'empty';
    else if (p.distinct === 1) p.skipped = 'constant';
    else if (/^(cluster|entity|truth|label)(_id)?$/i.test(p.name)) p.skipped = 'looks like an answer';
    if (p.skipped) continue;
    p.kind = kindOf(p);
    columns[p.name] = { kind: p.kind, ...(p.chinese > 0.5 ? { chinese: true } : {}) };
  }
  await dropRepeats(engine, relations[0]!, profile, columns);
  return { model: { id, tables: [...tables], columns, swaps: swapsOf(columns) }, profile };
}

/**
 * Leaves out columns that are put together from others (full name beside first name and surname): evidence must not count twice. The one with more
 * words goes where two of the others, at least, stand in most of its values.
 */
async function dropRepeats(
  engine: Engine,
  relation: string,
  profile: ColumnProfile[],
  columns: Record<string, ColumnModel>,
): Promise<void> {
  const texts = profile.filter((p) => p.kind === 'name' || p.kind === 'text');
  for (const whole of [...texts].sort((a, b) => b.length - a.length)) {
    if (!columns[whole.name]) continue;
    const parts: string[] = [];
    for (const part of texts) {
      if (part === whole || part.length >= whole.length || !columns[part.name]) continue;
      const [w, v] = [`lower(CAST(${ident(whole.name)} AS VARCHAR))`, `lower(CAST(${ident(part.name)} AS VARCHAR))`];
      const [row] = await engine.rows<{ share: number | null }>(
        `SELECT avg(CASE WHEN position(${v} IN ${w}) > 0 THEN 1.0 ELSE 0.0 END) AS share FROM (SELECT * FROM ${relation} LIMIT ${SAMPLE}) WHERE ${ident(whole.name)} IS NOT NULL AND length(${v}) > 1`,
      );
      if ((row?.share ?? 0) > 0.7) parts.push(part.name);
    }
    if (parts.length >= 2) {
      delete columns[whole.name];
      whole.skipped = `repeats ${parts.join(' and ')}`;
    }
  }
}

const FIRST = /^(first_?name|given_?name|forename|名)$/i;
const LAST = /^(last_?name|surname|family_?name|姓|姓氏)$/i;

function swapsOf(columns: Record<string, ColumnModel>): [string, string][] {
  const names = Object.keys(columns);
  const first = names.find((n) => FIRST.test(n) && columns[n]!.kind === 'name');
  const last = names.find((n) => LAST.test(n) && columns[n]!.kind === 'name');
  return first && last ? [[first, last]] : [];
}
