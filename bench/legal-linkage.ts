/**
 * What the linkage engine adds to the reviews of the match of legal persons, on a city of known truth: how often the right candidate stands first by the match's
 * own order and by weight, and what linking by itself from some weight on would add, rightly and wrongly.
 *
 *   node --import tsx bench/legal-linkage.ts --city <folder> --lake <file that bench/refinery.ts left>
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { sourceDeclaration } from '../hub/src/catalogue/index.ts';
import { LEGAL_NUMBER, learnLegal, loadLegal, weighReview } from '../hub/src/libraries/linkage/legal.ts';
import { plansOf } from '../hub/src/libraries/linkage/plans.ts';
import { linkageTables } from '../hub/src/libraries/linkage/tables.ts';
import { putInForce } from '../hub/src/libraries/linkage/versions.ts';
import { systemClock } from '../hub/src/platform/clock.ts';
import { ident, literal, openDuckDbLake } from '../hub/src/platform/lake/index.ts';

const { values: options } = parseArgs({ options: { city: { type: 'string' }, lake: { type: 'string' } } });
const { city, lake: path } = options;
if (!city || !path) throw new Error('--city and --lake are needed');
const lake = await openDuckDbLake({ path, memoryMiB: 2048 });
await lake.define(linkageTables);

const sources = new URL('../sources/', import.meta.url).pathname;
const declarations = readdirSync(sources)
  .flatMap((owner) => readdirSync(join(sources, owner)).map((r) => join(sources, owner, r, 'source.yaml')))
  .filter((f) => existsSync(f))
  .map((f) => ({ version: 1, declaration: sourceDeclaration.parse(parse(readFileSync(f, 'utf8'))) }));
const { legal } = loadLegal(new URL('../libraries', import.meta.url).pathname);
const plans = await plansOf(lake, declarations);
const began = process.cpuUsage();
const { version, measure } = await learnLegal({ lake, clock: systemClock, legal: legal!, plans, by: null });
const used = process.cpuUsage(began);
console.log(`learned in ${((used.user + used.system) / 1e6).toFixed(1)} s of the processor`, measure);
await putInForce(lake, systemClock, LEGAL_NUMBER, version, null, false);

const truthOf = (id: string) => join(city, 'truth', `${id}.parquet`);
const truths = declarations
  .filter(({ declaration: d }) => d.subject === 'legal-person' && existsSync(truthOf(d.id)))
  .map(({ declaration: d }) => `SELECT ${d.number} AS class, * FROM read_parquet(${literal(truthOf(d.id))})`);
const columns = await lake.query<{ column_name: string }>(`DESCRIBE ${truths[0]}`);
const reviews = await lake.query<{ review: string; candidates: string; who: number | null }>(
  `WITH truth AS (SELECT class, ${ident(columns[1]!.column_name)} AS "row", enterprise FROM (${truths.join(' UNION ALL BY NAME ')})),
     same AS (SELECT e.entity, t.enterprise FROM rf.entity e JOIN read_parquet(${literal(truthOf('enterprises'))}) t ON t.uscc = e.uscc)
   SELECT v.review::VARCHAR AS review, v.candidates, s.entity AS who FROM rf.review v JOIN ex.run x ON x.run = (v.fact >> 32)
   LEFT JOIN truth t ON t.class = x.number AND t."row" = (v.fact & 4294967295) LEFT JOIN same s ON s.enterprise = t.enterprise`,
);

const among = { reviews: reviews.length, 'right one among them': 0, 'first by the match': 0, 'first by weight': 0 };
const several = { reviews: 0, 'right one among them': 0, 'first by the match': 0, 'first by weight': 0 };
const { lead } = legal!.declaration.thresholds;
const alone = [13, 10, 5, 0, -5, -10].map((bits) => ({ 'from bits': bits, linked: 0, right: 0 }));
for (const r of reviews) {
  const said = (JSON.parse(r.candidates) as { entity: number }[]).map((c) => c.entity);
  const { candidates } = await weighReview(lake, r.review);
  if (said.length > 1) several.reviews += 1;
  for (const count of said.length > 1 ? [among, several] : [among]) {
    if (r.who === null || !said.includes(r.who)) continue;
    count['right one among them'] += 1;
    if (said[0] === r.who) count['first by the match'] += 1;
    if (candidates[0]?.entity === r.who) count['first by weight'] += 1;
  }
  const [best, next] = candidates.filter((c) => !c.against);
  for (const a of alone) {
    if (!best || best.bits < a['from bits'] || (next && best.bits - next.bits < lead)) continue;
    a.linked += 1;
    if (best.entity === r.who) a.right += 1;
  }
}
console.table({ all: among, 'of several candidates': several });
console.log(`linked by themselves, ${lead} bits ahead of the next`);
console.table(alone);
await lake.close();
