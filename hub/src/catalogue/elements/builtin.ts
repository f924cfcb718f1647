/** National tables that the program carries (packages/codes) as versions of code sets. */
import {
  currentDivision,
  DIVISION_TABLE,
  type Division,
  divisionChildren,
  INDUSTRY_TABLE,
  type Industry,
  industryChildren,
} from '@jingwei/codes';
import type { Code, CodeVersion } from './declaration.ts';

function divisions(): Code[] {
  const out: Code[] = [];
  const add = (d: Division, parent?: string) => {
    // The tables have Chinese names only.
    out.push({ code: d.code, zh: d.name, en: d.name, ...(parent === undefined ? {} : { parent }) });
    for (const child of divisionChildren(d.code)) add(child, d.code);
  };
  for (let n = 11; n <= 82; n++) {
    const province = currentDivision(`${n}0000`);
    if (province) add(province);
  }
  return out;
}

function industries(): Code[] {
  const out: Code[] = [];
  const add = (i: Industry, parent?: string) => {
    out.push({ code: i.code, zh: i.name, en: i.name, ...(parent === undefined ? {} : { parent }) });
    for (const child of industryChildren(i.code)) add(child, i.code);
  };
  for (const section of industryChildren()) add(section);
  return out;
}

const made = new Map<string, readonly CodeVersion[]>();

/** Versions of a national table; made once. */
export function nationalVersions(table: 'division' | 'industry'): readonly CodeVersion[] {
  const known = made.get(table);
  if (known) return known;
  const versions: CodeVersion[] =
    table === 'division'
      ? [
          {
            version: String(DIVISION_TABLE.lastYear),
            from: `${DIVISION_TABLE.lastYear}-01-01`,
            codes: divisions(),
          },
        ]
      : [{ version: INDUSTRY_TABLE.standard.split('-').at(-1)!, from: '2017-10-01', codes: industries() }];
  made.set(table, versions);
  return versions;
}
