/**
 * Reports: made on demand for a month that is provisional, made once and kept under their own seal for every version of a
 * closed one. The same result gives the same bytes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { parse } from 'yaml';
import { imprintOf } from '../../platform/seal/index.ts';
import { formulas } from '../formula.ts';
import type { AssessmentDeps } from '../job.ts';
import { resultsOf, unitsIn } from '../results.ts';
import { mustSee, type Sight } from '../views.ts';
import { buildReport } from './build.ts';
import { type Language, reportContent } from './content.ts';

const languages: readonly Language[] = ['zh', 'en'];

interface ReportRow {
  scheme: string;
  month: string;
  version: number;
  language: Language;
  sha256: string;
  bytes: number;
  seal: number;
}

const cityOf = (deps: AssessmentDeps): { zh: string; en: string } => {
  const { city } = deps.config;
  const { name } = parse(readFileSync(join(deps.folders.cities, city, 'city.yaml'), 'utf8')) as {
    name?: { zh: string; en: string };
  };
  return name ?? { zh: city, en: city };
};

async function make(deps: AssessmentDeps, sight: Sight, language: Language): Promise<Uint8Array> {
  const content = await reportContent(deps, sight, { city: cityOf(deps), address: deps.http.url() });
  return buildReport(content, language);
}

async function kept(deps: AssessmentDeps, scheme?: string): Promise<ReportRow[]> {
  const found = await sql<ReportRow>`SELECT scheme, month, version, language, sha256, bytes, seal FROM assessment.report
    WHERE ${scheme === undefined ? sql`true` : sql`scheme = ${scheme}`} ORDER BY scheme, month, version, language DESC`.execute(
    deps.db.kysely,
  );
  return found.rows;
}

/** Makes a report of a closed version, keeps it and asks for its seal. */
async function keepOne(deps: AssessmentDeps, sight: Sight, language: Language): Promise<Uint8Array> {
  const { result, formula } = sight;
  const bytes = await make(deps, sight, language);
  const blob = await deps.blobs.put([bytes]);
  const { title } = formula.declaration;
  await deps.db.tx(async (trx) => {
    const seal = await deps.seal.request(
      {
        kind: 'file',
        subject: `assessment-report/${result.scheme}/${result.month}/${result.version}/${language}`,
        title: {
          zh: `${title.zh} ${result.month} 通报（${language === 'zh' ? '中文' : '英文'}）`,
          en: `${title.en}, ${result.month}, report (${language === 'zh' ? 'Chinese' : 'English'})`,
        },
        organisation: null,
        imprint: imprintOf(bytes),
        facts: { month: result.month, version: result.version, bytes: bytes.length },
      },
      trx,
    );
    await sql`INSERT INTO assessment.report (scheme, month, version, language, sha256, bytes, seal, made_at)
      VALUES (${result.scheme}, ${result.month}, ${result.version}, ${language}, ${blob.sha256}, ${bytes.length}, ${seal},
        ${deps.clock.now()}) ON CONFLICT DO NOTHING`.execute(trx);
  });
  return bytes;
}

/** Makes every report of closed versions that is not there yet; answers how many were made. */
export async function makeReports(deps: AssessmentDeps, signal: AbortSignal): Promise<number> {
  const there = new Set((await kept(deps)).map((r) => `${r.scheme} ${r.month} ${r.version} ${r.language}`));
  const schemes = [...new Set((await formulas(deps.db.kysely)).map((f) => f.scheme))];
  let made = 0;
  for (const scheme of schemes)
    for (const result of await resultsOf(deps.db.kysely, scheme))
      for (const language of languages) {
        if (result.version === 0 || there.has(`${scheme} ${result.month} ${result.version} ${language}`)) continue;
        signal.throwIfAborted();
        await keepOne(deps, await mustSee(deps, { scheme, month: result.month, version: result.version }), language);
        made += 1;
      }
  return made;
}

/** A report's bytes and name: the kept file of a closed version, a fresh one of a provisional month. */
export async function reportOf(
  deps: AssessmentDeps,
  sight: Sight,
  language: Language,
): Promise<{ bytes: Uint8Array; name: string }> {
  const { result, formula } = sight;
  const { title } = formula.declaration;
  const state =
    result.version === 0
      ? { zh: '初步', en: 'provisional' }
      : { zh: `第${result.version}版`, en: `v${result.version}` };
  const name = `${title[language]} ${result.month} ${state[language]}.pdf`;
  if (result.version === 0) return { bytes: await make(deps, sight, language), name };
  const row = (await kept(deps, result.scheme)).find(
    (r) => r.month === result.month && r.version === result.version && r.language === language,
  );
  if (!row) return { bytes: await keepOne(deps, sight, language), name };
  const chunks: Uint8Array[] = [];
  for await (const chunk of deps.blobs.get(row.sha256)) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), name };
}

/** Every month and version with its files, the newest first. */
export async function reportsView(deps: AssessmentDeps, scheme?: string) {
  const all = await formulas(deps.db.kysely);
  const files = await kept(deps, scheme);
  const out = [];
  for (const one of new Set(all.map((f) => f.scheme))) {
    if (scheme !== undefined && scheme !== one) continue;
    for (const r of await resultsOf(deps.db.kysely, one)) {
      const formula = all.find((f) => f.scheme === one && f.version === r.formula)!;
      out.push({
        ...{ scheme: one, title: formula.declaration.title, month: r.month, version: r.version, day: r.day },
        ...{ madeAt: r.made_at.toISOString(), objection: r.objection, seal: r.seal },
        units: (await unitsIn(deps.db.kysely, [r.id])).length,
        files: files
          .filter((f) => f.scheme === one && f.month === r.month && f.version === r.version)
          .map(({ language, bytes, sha256, seal }) => ({ language, bytes, sha256, seal })),
      });
    }
  }
  return out.reverse();
}
