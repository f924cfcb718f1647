/** Sections (门类) of GB/T 4754 as SQL. */

/** Ranges of two-digit divisions by section of GB/T 4754—2017. */
const SECTIONS: readonly [string, number, number][] = [
  ['A', 1, 5],
  ['B', 6, 12],
  ['C', 13, 43],
  ['D', 44, 46],
  ['E', 47, 50],
  ['F', 51, 52],
  ['G', 53, 60],
  ['H', 61, 62],
  ['I', 63, 65],
  ['J', 66, 69],
  ['K', 70, 70],
  ['L', 71, 72],
  ['M', 73, 75],
  ['N', 76, 79],
  ['O', 80, 82],
  ['P', 83, 83],
  ['Q', 84, 85],
  ['R', 86, 90],
  ['S', 91, 96],
  ['T', 97, 97],
];

/** Section letter (门类) of an industry code with or without its letter; NULL when it says none. */
export function sectionSql(code: string): string {
  const division = `try_cast(regexp_extract(${code}, '^[A-T]?([0-9]{2})', 1) AS INTEGER)`;
  const cases = SECTIONS.map(([letter, low, high]) => `WHEN ${division} BETWEEN ${low} AND ${high} THEN '${letter}'`);
  return `CASE WHEN regexp_matches(${code}, '^[A-T]') THEN left(${code}, 1) ${cases.join(' ')} END`;
}
