/** What a record class is to the generator: where its rows come from and what each column says. */

/** How the file of a class is written; the folder under `sources/` declares the same. */
export type FileKind = 'csv' | 'gb' | 'utf16' | 'pipe' | 'xlsx' | 'jsonl' | 'parquet';

/** Groups of enterprises that a class is about. */
export type Pool =
  | 'market'
  | 'company'
  | 'individual'
  | 'taxpayer'
  | 'employer'
  | 'factory'
  | 'food'
  | 'carrier'
  | 'builder'
  | 'venue'
  | 'clinic'
  | 'school'
  | 'farm'
  | 'tech'
  | 'trader'
  | 'shop'
  | 'office'
  | 'foreign'
  | 'hazard'
  | 'any'
  | 'social'
  | 'institution';

/** Tables of relations of which a class has one row each. */
export type Linked = 'holder' | 'officer' | 'former' | 'branch';

/**
 * Where rows come from. `rate` is the number of rows per enterprise of the city at full size (300,000 enterprises,
 * 45.73 million rows); classes marked `core` keep it at every size, the others give way to the size that is asked for.
 */
export type Rows =
  | { shape: 'once' | 'events'; pool: Pool; rate: number; core?: boolean }
  | { shape: 'periods'; pool: Pool; rate: number; months: 1 | 3 | 12; person?: boolean }
  | { shape: 'persons'; rate: number }
  | { shape: 'linked'; table: Linked };

/** What a defect needs to know of a column. */
export type Role =
  | 'code'
  | 'organisation-code'
  | 'registration-number'
  | 'name'
  | 'citizen'
  | 'date'
  | 'address'
  | 'representative'
  | 'status'
  | 'capital';

/** What a column's SQL may use. */
export interface ColumnContext {
  /** Hash of the row, this column's own. */
  h: string;
  /** The same, another one after the record was updated. */
  w: string;
  /** A number that belongs to this class and column. */
  salt: bigint;
  /** Index of the record, 1 … (duplicates have the index of what they repeat). */
  index: string;
  /** Index of the subscriber (periodic classes), else the index of the record. */
  subscriber: string;
  /** SQL of the record's date. */
  day: string;
  /** SQL of the record's period as months since year 0 (periodic classes). */
  month: string;
  /** Digits that the largest index needs. */
  digits: number;
  /** Conditions under which a defect is written. */
  when: Record<string, string>;
  /** Whether records may be updated (day two), and whether this column must then differ. */
  updates: boolean;
  moves: boolean;
  /** ISO date of the first delivery. */
  today: string;
}

/** What a column says. */
export interface Recipe {
  sql(context: ColumnContext): string;
  role?: Role;
}

/** A record class. */
export interface ClassModel {
  /** `<owner>.<resource>`, as the folder under `sources/`. */
  id: string;
  rows: Rows;
  mode: 'changes' | 'snapshot';
  file?: FileKind;
  /** A register gives its codes and names itself: they are never missing or wrong in it. */
  register?: boolean;
  /** Columns that name a record. */
  key: readonly string[];
  columns: Readonly<Record<string, Recipe>>;
}
