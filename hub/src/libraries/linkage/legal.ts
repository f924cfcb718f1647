/**
 * Legal persons: what the match leaves to people is weighed by the version in force, for whom it asks. Weights order candidates and tell why; nothing is
 * linked by them, so that they change no library.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { barsOf, scorePairs } from '@jingwei/linkage';
import type { z } from 'zod';
import type { Clock } from '../../platform/clock.ts';
import { readYaml } from '../../platform/declared/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { type ClassPlan, comparedWords, reviewCompared, sampleCompared, unknownReview } from '../../refinery/index.ts';
import type { reviewWeights } from './api.ts';
import { judge, type LinkageDeclaration, linkageDeclaration } from './declaration.ts';
import { LakeEngine, SCHEMA } from './engine.ts';
import { learnFrom } from './learn.ts';
import { inForce, useFrequencies } from './versions.ts';

/** The folder and name of the library. */
export const LEGAL_PERSON = 'legal-person';
/** Its number among versions; declared libraries begin at 1. */
export const LEGAL_NUMBER = 0;

/** What can be compared, and how it is called. */
const titles: Record<(typeof comparedWords)[number], { zh: string; en: string }> = {
  name: { zh: '企业名称', en: 'Name' },
  person: { zh: '法定代表人', en: 'Legal representative' },
  address: { zh: '住所', en: 'Address' },
};
const attributes = [{ name: 'name' }, { name: 'legal-representative' }, { name: 'address' }];

/** The title of a compared column. */
export const legalTitle = (column: string): { zh: string; en: string } | null =>
  (titles as Record<string, { zh: string; en: string }>)[column] ?? null;

/** The declared linkage of legal persons. */
export interface LegalLinkage {
  declaration: LinkageDeclaration;
  sha256: string;
}

/** Reads libraries/legal-person/linkage.yaml, with every mistake and its place; neither where there is none. */
export function loadLegal(folder: string): { legal?: LegalLinkage; problems: Problem[] } {
  const path = join(folder, LEGAL_PERSON, 'linkage.yaml');
  if (!existsSync(path)) return { problems: [] };
  const shown = `libraries/${LEGAL_PERSON}/linkage.yaml`;
  const yaml = readYaml(path, shown, linkageDeclaration);
  if (!yaml.value) return { problems: yaml.problems };
  const evidence = comparedWords.map((name) => ({ name }));
  const problems = [
    ...yaml.problems,
    ...judge(yaml.value, { evidence, attributes }, (p) => ({ file: shown, line: yaml.line(p) })),
  ];
  if (problems.length > 0) return { problems };
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { legal: { declaration: yaml.value, sha256 }, problems };
}

/** The declared linkage of this hub. */
export const legalOf = (folders: Pick<Deps['folders'], 'sources'>): ReturnType<typeof loadLegal> =>
  loadLegal(join(folders.sources, '..', 'libraries'));

/** Learns from rows whose unified code and name agree with a register, and keeps a proposed version. */
export function learnLegal(options: {
  lake: Lake;
  clock: Clock;
  legal: LegalLinkage;
  plans: readonly ClassPlan[];
  by: string | null;
  onProgress?: (done: number, total: number, zh: string, en: string) => void;
  signal?: AbortSignal;
}): ReturnType<typeof learnFrom> {
  const { legal, plans, ...rest } = options;
  const d = legal.declaration;
  const order = Object.values(d.columns).map(
    (c) => `t[${(comparedWords as readonly string[]).indexOf(c.evidence) + 1}]`,
  );
  return learnFrom({
    ...rest,
    number: LEGAL_NUMBER,
    declaration: d,
    sha256: legal.sha256,
    async sample(s) {
      await sampleCompared(s, plans, d.learn.sample);
      await s.run(
        `CREATE OR REPLACE TEMP TABLE lk_text AS SELECT source, fact, [${order.join(', ')}] AS t FROM compared_sample;
         CREATE OR REPLACE TEMP TABLE lk_link AS SELECT source, fact, entity, anchor FROM compared_sample`,
      );
    },
    known: async (s) => (await s.first<{ n: number }>('SELECT count(*) AS n FROM v.entity_v1'))!.n,
  });
}

/** Weighs the candidates of a review with the version in force, the likeliest first, equals as the match has them; a Problem when there is no such review. */
export function weighReview(lake: Lake, review: string): Promise<z.input<typeof reviewWeights>> {
  return lake.session(async (s) => {
    const found = await reviewCompared(s, review);
    if (!found) throw new Problem(unknownReview, { review });
    const v = await inForce(s, LEGAL_NUMBER);
    if (!v || found.entities.length === 0) return { version: v?.version ?? null, thresholds: null, candidates: [] };
    const columns = Object.entries(v.declaration.columns).map(([name, c]) => `${c.evidence} AS ${name}`);
    await s.run(
      `CREATE OR REPLACE TEMP TABLE lk_rows AS SELECT id, ${columns.join(', ')} FROM compared_row;
       CREATE OR REPLACE TEMP TABLE lk_known AS SELECT id, ${columns.join(', ')} FROM compared_known`,
    );
    await useFrequencies(s, LEGAL_NUMBER, v);
    await scorePairs(
      new LakeEngine(s),
      SCHEMA,
      v.frozen,
      'SELECT a.id AS l, b.id AS r FROM lk_rows a CROSS JOIN lk_known b',
    );
    const best = await s.query<{ entity: number; w: number; pat: number }>(
      `SELECT k.entity, x.w, x.pat::DOUBLE AS pat FROM ${SCHEMA}.paired x JOIN compared_known k ON k.id = x.r
       QUALIFY row_number() OVER (PARTITION BY k.entity ORDER BY x.w DESC, x.pat) = 1 ORDER BY x.w DESC, list_position($entities::INTEGER[], k.entity)`,
      { entities: found.entities },
    );
    const { thresholds } = v.declaration;
    const possible = best.filter((b) => !found.against.includes(b.entity));
    const clear =
      possible[0] &&
      possible[0].w >= thresholds.link &&
      (!possible[1] || possible[0].w - possible[1].w >= thresholds.lead)
        ? possible[0].entity
        : null;
    return {
      version: v.version,
      thresholds,
      candidates: best.map((b) => ({
        entity: b.entity,
        bits: b.w,
        clear: b.entity === clear,
        against: found.against.includes(b.entity),
        bars: barsOf(v.frozen, b.pat).map((x) => ({ ...x, title: legalTitle(x.name) })),
      })),
    };
  });
}
