/**
 * The model of a linkage: which tables, what their columns mean, how candidates are found and compared, how it is decided.
 * Written as YAML or as an object; see the README for an example. `parseModel` validates (validate.ts).
 */

/** What a column holds, which decides how it is prepared, compared and blocked by default. */
export type ColumnKind =
  | 'name' // a name of one or a few words, personal or of a place
  | 'text' // several words: titles, authors, descriptions
  | 'date'
  | 'number'
  | 'code' // an identifier in letters and digits: identity number, registration, postcode
  | 'phone'
  | 'email'
  | 'category' // few different values
  | 'company' // 企业名称
  | 'address'
  | 'array'; // several values in one cell

/** All kinds. */
export const KINDS: readonly ColumnKind[] = [
  'name',
  'text',
  'date',
  'number',
  'code',
  'phone',
  'email',
  'category',
  'company',
  'address',
  'array',
];

/** A column. */
export interface ColumnModel {
  kind: ColumnKind;
  /** The column's name in the tables, when it differs; or per table. */
  from?: string | Record<string, string>;
  /** True where values are Chinese: simplified, compared by pinyin too. Found out by `suggestModel`. */
  chinese?: boolean;
  /**
   * Chinese company names: leading digits of the divisions whose counties may be written without 市 or 县 (`3302`), so that 慈溪德天阀门有限公司 and 德天阀门 have one
   * trade name.
   */
  home?: string;
  /**
   * Separator of an `array` column (default `;`), or of several values in one cell of a name, company, code, phone or e-mail (former names, aliases, several telephones):
   * records are compared by the two values that are most alike, and blocked by each.
   */
  separator?: string;
  /** Order of day, month, year where a date does not begin with the year. Default `ymd`. */
  order?: 'ymd' | 'dmy' | 'mdy';
  /** Relative frequencies of values from outside, used instead of those counted: value → share of records. */
  frequencies?: Record<string, number>;
}

/** A level of a comparison; the first that holds counts, `else` follows by itself. */
export type Level =
  | 'exact' // same after preparation
  | 'values' // categories: every pair of usual values has a weight of its own, so that 男 in one table may mean 1 in another
  | 'swapped-day-month'
  | 'date-parts' // two of year, month, day agree
  | 'same-year'
  | 'homophone' // 同音: same pinyin with tone
  | 'pinyin' // same pinyin without tone
  | 'initials' // same initials of pinyin
  | 'prefix' // one begins with the other, or is its initial
  | 'same-first' // same first character (姓)
  | 'user' // e-mail: same part before @
  | 'short-name' // 企业简称: one is an abbreviation of the other
  | 'trade' // same trade name 字号
  | { jaroWinkler: number } // similarity at least
  | { damerau: number } // edits at most
  | { tokens: number } // weighted share of common words at least, rare words weighing more
  | { contained: number } // weighted share of the shorter side's words found in the other
  | { days: number }
  | { years: number } // calendar years at most this far apart, whatever the day
  | { difference: number } // numbers: at most this far apart
  | { relative: number } // numbers: at most this share apart
  | { common: number } // arrays: at least so many common values
  | { alike: number } // arrays: share of the shorter one's values found in the other, given names by their first letter
  | { start: number }; // same first n characters

/** A comparison. */
export interface ComparisonModel {
  /** The column compared. */
  column: string;
  levels: Level[];
  /** Weigh agreement on rare values more. Default true. */
  termFrequency?: boolean;
}

/**
 * A declared blocking rule: records that agree on every part are compared. With `window` it is a sorted neighbourhood (Hernández & Stolfo 1995): records are put in the
 * order of their parts, and each is compared with the `window` - 1 that follow it, so that the number of pairs is known beforehand.
 */
export interface BlockingRule {
  /** Parts: `surname`, `dob.year`, `dob.month`, `dob.day`, `name.start3`, `name.end4`, `name.pinyin`, `name.initials`, `name.words`, `name.skipgrams`. */
  on: string[];
  /** Size of the neighbourhood, 2 to 100. */
  window?: number;
}

/** How candidates are found. */
export interface BlockingModel {
  rules: BlockingRule[];
  /** Find further rules from the data. Default true. */
  auto: boolean;
  /** Candidate pairs per record at most, on average, of the rules found by itself. Default by the number of records. */
  pairsPerRecord?: number;
  /** A declared rule that makes more pairs is refused. Default 1,000 per record but at least 10 million. */
  maxPairsPerRule?: number;
}

/** A table. */
export interface TableModel {
  name: string;
  /** A file (CSV, Parquet). */
  path?: string;
  /** Or a relation of the engine: table name or parenthesised query. */
  relation?: string;
  delimiter?: string;
  /** The column that tells records apart, where it differs from the model's. */
  id?: string;
  /** True when the table holds no two records of one entity: at most one of its records joins a cluster. */
  unique?: boolean;
}

/** A record: `table` may be left out where the model has one table only. */
export interface RecordRef {
  table?: string;
  id: string;
}

/** A person's verdict on two records. */
export interface Label {
  left: RecordRef;
  right: RecordRef;
  match: boolean;
  reviewer?: string;
}

/** Which pairs may match. `dedupe`: within tables; `link`: between tables; `link-and-dedupe`: both; `pairs`: by pair of tables, as `between` says. */
export type Topology = 'dedupe' | 'link' | 'link-and-dedupe' | 'pairs';

/**
 * A column whose different values keep records apart for certain: no cluster holds two of them. With `check` only valid values count
 * (`uscc`: unified social credit codes 统一社会信用代码 whose check character is right, GB 32100), so that a mistyped code parts nothing.
 */
export interface ApartModel {
  column: string;
  check?: 'uscc';
}

/** A whole model, validated. */
export interface Model {
  /** Column that tells records apart. */
  id: string;
  topology: Topology;
  /** With topology `pairs`: numbers of tables whose records may match; a table with itself may hold an entity twice. */
  between: [number, number][];
  tables: TableModel[];
  columns: Record<string, ColumnModel>;
  /** Pairs of name columns whose contents are sometimes swapped (first name, surname). */
  swaps: [string, string][];
  comparisons: ComparisonModel[];
  blocking: BlockingModel;
  /** Columns whose different values never meet in a cluster. */
  apart: ApartModel[];
  /** Posterior probability from which two records are one. Default: the preset rule, see threshold.ts. */
  threshold?: number;
  labels: Label[];
  seed: number;
}

/** The levels that a column gets when the model names none. */
export function defaultLevels(column: ColumnModel): Level[] {
  switch (column.kind) {
    case 'name':
      return column.chinese
        ? ['exact', 'homophone', 'pinyin', { damerau: 1 }, 'same-first']
        : ['exact', { damerau: 1 }, { jaroWinkler: 0.92 }, { jaroWinkler: 0.8 }, 'prefix'];
    case 'text':
      return [
        'exact',
        { tokens: 0.9 },
        { tokens: 0.7 },
        { jaroWinkler: 0.9 },
        { tokens: 0.5 },
        { contained: 0.6 },
        { tokens: 0.25 },
      ];
    case 'date':
      return ['exact', { damerau: 1 }, 'swapped-day-month', 'date-parts', 'same-year'];
    case 'number':
      return ['exact', { relative: 0.01 }, { relative: 0.1 }];
    case 'code':
      return ['exact', { damerau: 1 }, { damerau: 2 }, { start: 3 }];
    case 'phone':
      return ['exact', { damerau: 1 }, { damerau: 2 }];
    case 'email':
      return ['exact', 'user', { damerau: 2 }, { jaroWinkler: 0.88 }];
    case 'category':
      return ['values', 'exact', { damerau: 1 }];
    case 'company':
      return column.chinese
        ? ['exact', 'short-name', 'trade', { jaroWinkler: 0.92 }, 'pinyin', { jaroWinkler: 0.8 }]
        : ['exact', { tokens: 0.9 }, { jaroWinkler: 0.92 }, { tokens: 0.6 }, { contained: 0.7 }];
    case 'address':
      return column.chinese
        ? ['exact', { tokens: 0.85 }, { tokens: 0.6 }, { tokens: 0.35 }]
        : ['exact', { tokens: 0.9 }, { jaroWinkler: 0.92 }, { tokens: 0.5 }, { contained: 0.6 }];
    case 'array':
      return ['exact', { alike: 1 }, { common: 2 }, { alike: 0.5 }, { common: 1 }];
  }
}
