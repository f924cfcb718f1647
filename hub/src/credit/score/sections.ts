/** Sections (门类) of GB/T 4754 as SQL. */

import { INDUSTRY_SECTIONS } from '@jingwei/codes';

/** Section letter (门类) of an industry code with or without its letter; NULL when it says none. */
export function sectionSql(code: string): string {
  const division = `try_cast(regexp_extract(${code}, '^[A-T]?([0-9]{2})', 1) AS INTEGER)`;
  const cases = INDUSTRY_SECTIONS.map(
    ([letter, low, high]) => `WHEN ${division} BETWEEN ${low} AND ${high} THEN '${letter}'`,
  );
  return `CASE WHEN regexp_matches(${code}, '^[A-T]') THEN left(${code}, 1) ${cases.join(' ')} END`;
}
