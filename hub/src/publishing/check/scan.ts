/**
 * Columns looked through for personal data: every distinct value, out of the engine in batches, judged by its form (`patterns.ts`) and the
 * column as a whole: a form that chance makes too (a bank card's check digit, an old id beside registration numbers) counts where
 * chance does not explain it.
 */
import { regno } from '@jingwei/codes';
import { ident, type LakeSession } from '../../platform/lake/index.ts';
import type { OpenField } from '../plan.ts';
import { cardlike, findPersonal, namelike, type PersonalKind, plainForm, veiled } from './patterns.ts';

/** What a column holds of one kind. */
export interface ColumnFinding {
  item: string;
  kind: PersonalKind;
  /** Rows that hold it, and rows with a value at all. */
  places: number;
  of: number;
  examples: string[];
}

const NAME_TITLE =
  /姓名|代表人|负责人|联系人|经办人|户主|校长|院长|申请人|当事人|法人(?!单位)|人员|name of|person|contact|representative/i;

/** Looks through columns of a temporary table. `signal` stops it between batches. */
export async function scanColumns(
  s: LakeSession,
  table: string,
  fields: readonly (OpenField & { format?: string | undefined })[],
  signal?: AbortSignal,
): Promise<ColumnFinding[]> {
  const out: ColumnFinding[] = [];
  for (const field of fields) {
    if (field.role !== 'item' || field.type === 'date' || field.type === 'boolean') continue;
    // Shapes and measured numbers hold long digits of no meaning here; a number with a unit is a measure.
    if (
      ['wkt', 'longitude', 'latitude', 'amount'].includes(field.format ?? '') ||
      (field.type !== 'text' && field.unit)
    )
      continue;
    if (['month', 'year', 'band', 'present'].includes(field.as)) continue;
    out.push(...(await scanColumn(s, table, field, signal)));
  }
  return out;
}

async function scanColumn(
  s: LakeSession,
  table: string,
  field: OpenField & { format?: string | undefined },
  signal?: AbortSignal,
): Promise<ColumnFinding[]> {
  const judge = new ColumnJudge(`${field.title.zh} ${field.title.en}`, field.format);
  const column = ident(field.name);
  for await (const batch of s.stream<{ v: string; c: number; r: number }>(
    `SELECT ${column}::VARCHAR AS v, count(*) AS c, min(_id) AS r FROM ${table} WHERE ${column} IS NOT NULL GROUP BY 1`,
  )) {
    signal?.throwIfAborted();
    for (const { v, c, r } of batch) judge.take(v, Number(c), Number(r));
  }
  return judge.findings().map((f) => ({ item: field.name, ...f }));
}

interface Tally {
  places: number;
  weak: number;
  values: number;
  examples: { row: number; text: string }[];
}

/** Gathers what the values of one column are and says what the column holds. */
export class ColumnJudge {
  readonly #title: string;
  readonly #format: string | undefined;
  readonly #kinds = new Map<PersonalKind, Tally>();
  #rows = 0;
  #distinct = 0;
  #names: Tally = { places: 0, weak: 0, values: 0, examples: [] };
  #cards = 0;
  #fifteens = 0;
  #regnos = 0;

  constructor(title: string, format?: string) {
    this.#title = title;
    this.#format = format;
  }

  /** Takes a value that stands in so many rows, first in row `row`. */
  take(value: string, times: number, row: number): void {
    this.#rows += times;
    this.#distinct++;
    // Codes of organisations and divisions are what they are; names of firms may hold a person's, which is their name.
    const company = this.#format === 'company-name' || this.#format === 'uscc' || this.#format === 'division';
    const seen = new Set<PersonalKind>();
    for (const found of findPersonal(value)) {
      if (seen.has(found.kind) || (company && (found.kind === 'name' || found.kind === 'door'))) continue;
      seen.add(found.kind);
      add(this.#tally(found.kind), times, row, veiled(found), found.weak);
    }
    const plain = plainForm(value);
    if (/\d{4}/.test(plain) && cardlike(value)) this.#cards++;
    if (/^\d{15}$/.test(plain)) {
      this.#fifteens++;
      if (regno.check(plain)) this.#regnos++;
    }
    if (!company && !seen.has('name') && namelike(value))
      add(this.#names, times, row, veiled({ kind: 'name', text: plainForm(value) }), false);
  }

  #tally(kind: PersonalKind): Tally {
    const own = this.#kinds.get(kind) ?? { places: 0, weak: 0, values: 0, examples: [] };
    this.#kinds.set(kind, own);
    return own;
  }

  /** What the column holds. */
  findings(): Omit<ColumnFinding, 'item'>[] {
    const out: Omit<ColumnFinding, 'item'>[] = [];
    for (const [kind, t] of this.#kinds) {
      // Luhn lets one number of ten through: half of those that look like cards are no chance.
      if (kind === 'bank-card' && t.values < 0.5 * this.#cards) continue;
      // An old id has no check digit and looks like a registration number, which has one: where most of them hold it, that is what they are.
      if (kind === 'citizen-id' && t.weak === t.values && this.#regnos >= 0.5 * this.#fifteens) continue;
      if (kind === 'passport' && t.values < 0.3 * this.#distinct && !/护照|通行证|证件|passport/i.test(this.#title))
        continue;
      out.push({ kind, places: t.places, of: this.#rows, examples: said(t) });
    }
    const share = this.#names.values / Math.max(1, this.#distinct);
    const told = NAME_TITLE.test(this.#title) || this.#format === 'person-name';
    const already = this.#kinds.has('name');
    if (!already && this.#names.values > 0 && (told ? share >= 0.2 : share >= 0.7 && this.#names.values >= 5))
      out.push({ kind: 'name', places: this.#names.places, of: this.#rows, examples: said(this.#names) });
    return out;
  }
}

function add(t: Tally, times: number, row: number, text: string, weak: boolean): void {
  t.places += times;
  t.values++;
  if (weak) t.weak++;
  if (t.examples.length < 3) t.examples.push({ row, text });
}

const said = (t: Tally): string[] => t.examples.map((e) => `#${e.row} ${e.text}`);
