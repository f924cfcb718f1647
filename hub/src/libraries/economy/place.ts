/** Where enterprises belong: golden dimensions (town, industry, form) and the declared ones, made anew by every run. */
import { divisionAt, INDUSTRY_SECTIONS, industryAt } from '@jingwei/codes';
import type { LakeSession } from '../../platform/lake/index.ts';
import { literal } from '../../platform/lake/index.ts';
import { withoutValues } from '../../platform/log/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Economy } from './load.ts';
import { dimensionFailed } from './problems.ts';

const FORMS: readonly (readonly [string, string])[] = [
  ['外国|外商|港澳台', '外商及港澳台投资'],
  ['股份有限', '股份有限公司'],
  ['分公司|分支', '分支机构'],
  ['个人独资', '个人独资企业'],
  ['自然人独资|法人独资|有限责任|有限公司', '有限责任公司'],
  ['合伙', '合伙企业'],
  ['股份合作|集体', '集体及股份合作'],
  ['合作社', '农民专业合作社'],
  ['个体', '个体工商户'],
];

/** Makes eco.enterprise, eco.member and eco.code. A declared dimension that fails or waits is left out, told by `onProblem`. */
export async function placeEnterprises(
  s: LakeSession,
  economy: Economy,
  day: string,
  onProblem: (p: Problem) => void,
): Promise<void> {
  const sections = INDUSTRY_SECTIONS.map(
    ([letter, low, high]) => `WHEN d BETWEEN ${low} AND ${high} THEN '${letter}'`,
  ).join(' ');
  const forms = FORMS.map(([words, form]) => `WHEN regexp_matches(kind, ${literal(words)}) THEN ${literal(form)}`).join(
    ' ',
  );
  await s.run('DELETE FROM eco.enterprise');
  await s.run(`INSERT INTO eco.enterprise
    WITH p AS (SELECT entity, name, left(division, 9) AS town, regexp_extract(industry, '[0-9]+') AS code, kind FROM v.legal_person_v1),
    q AS (SELECT *, try_cast(left(code, 2) AS INTEGER) AS d FROM p)
    SELECT entity, name, town, CASE ${sections} END, nullif(left(code, 2), ''), CASE WHEN length(code) >= 3 THEN left(code, 3) END,
      CASE WHEN length(code) >= 4 THEN left(code, 4) END, CASE ${forms} WHEN kind IS NOT NULL THEN '其他' END FROM q ORDER BY entity`);
  await s.run('DELETE FROM eco.member');
  await s.run('DELETE FROM eco.code');
  for (const x of economy.dimensions) {
    if (x.missing.length) continue;
    const body = `(${x.select.sql})`;
    const given = x.select.usesDay ? { day } : {};
    try {
      await s.run(
        `CREATE OR REPLACE TEMP TABLE eco_place AS SELECT DISTINCT try_cast(entity AS INTEGER) AS entity, code::VARCHAR AS code, title::VARCHAR AS title
         FROM ${body} WHERE entity > 0 AND code IS NOT NULL`,
        given,
      );
    } catch (error) {
      const failed = { id: x.id, message: withoutValues((error as Error).message.split('\n')[0]!) };
      onProblem(new Problem(dimensionFailed, failed, { file: `libraries/economy/${x.sql}` }));
      continue;
    }
    const one = x.several ? '' : 'QUALIFY row_number() OVER (PARTITION BY entity ORDER BY code) = 1';
    await s.run(
      `INSERT INTO eco.member SELECT DISTINCT ${literal(x.id)}, entity, code FROM eco_place ${one} ORDER BY ALL`,
    );
    await s.run(
      `INSERT INTO eco.code SELECT ${literal(x.id)}, code, max(title) FROM eco_place GROUP BY code ORDER BY code`,
    );
  }
  await s.run('DROP TABLE IF EXISTS eco_place');
}

/** What a code of a golden dimension is called; null when nobody knows. */
export function builtInTitle(dimension: string, code: string): string | null {
  if (dimension === 'town') return divisionAt(code)?.name ?? null;
  if (dimension === 'form') return code;
  return industryAt(code)?.name ?? null;
}
