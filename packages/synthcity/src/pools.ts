/** Groups of enterprises, and the relations, as tables numbered from 1. */
import { census } from './city/enterprises.ts';
import type { Engine, Step } from './engine.ts';
import type { Pool } from './model.ts';
import type { Sizes } from './plan.ts';
import { hashOf, saltOf } from './sql.ts';

const conditions: Record<Pool, string> = {
  market: "kind NOT IN ('social', 'institution')",
  company: "kind IN ('company', 'stock', 'foreign', 'sole', 'partnership', 'collective')",
  individual: "kind = 'individual'",
  taxpayer: "kind NOT IN ('social', 'institution')",
  employer: "kind <> 'individual' OR e % 4 = 0",
  factory: "sector = 'factory'",
  food: "sector = 'food' OR industry IN ('5212', '5213', '5223', '1411')",
  carrier: "sector = 'carrier'",
  builder: "sector = 'builder'",
  venue: "sector IN ('venue', 'food')",
  clinic: "sector = 'clinic' OR industry IN ('5251', '8421')",
  school: "sector = 'school' OR industry = '8310'",
  farm: "sector = 'farm' OR kind = 'coop'",
  tech: "sector = 'tech' OR (sector = 'factory' AND kind IN ('company', 'stock', 'foreign') AND scale > 4)",
  trader: "kind IN ('company', 'stock', 'foreign') AND sector IN ('factory', 'trade', 'tech')",
  shop: "sector IN ('shop', 'trade')",
  office: "sector IN ('office', 'service', 'realty') AND kind <> 'individual'",
  foreign: "kind = 'foreign'",
  hazard: "sector IN ('factory', 'trade') AND e % 5 = 0",
  any: 'true',
  social: "kind = 'social'",
  institution: "kind = 'institution'",
};

/** Steps that make `pool_<name>(k, e)`. Newcomers of day two stand behind the others, so that only new rows of registers reach them. */
export function poolSteps(seed: number | string, enterprises: number): Step[] {
  const n = census(enterprises);
  const salt = saltOf(seed, 'pool');
  return Object.entries(conditions).map(([pool, condition], i) => ({
    name: `group ${pool}`,
    sql: `CREATE TABLE pool_${pool} AS SELECT row_number() OVER (ORDER BY e > ${n.enterprises}, ${hashOf('e', salt, i)}, e)::INTEGER AS k, e
      FROM ent WHERE (${condition}) AND e <= ${n.enterprises + n.newcomers} ORDER BY k`,
  }));
}

/** Counts the members of every group as of day one, and the relations. */
export async function readSizes(engine: Engine, enterprises: number): Promise<Sizes> {
  const pools = new Map<string, number>();
  for (const pool of Object.keys(conditions)) {
    const [row] = await engine.rows<{ n: number }>(
      `SELECT count(*)::INTEGER AS n FROM pool_${pool} WHERE e <= ${enterprises}`,
    );
    pools.set(pool, row?.n ?? 0);
  }
  const linked = new Map<string, number>();
  for (const table of ['holder', 'officer', 'former', 'branch']) {
    const [row] = await engine.rows<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${table}`);
    linked.set(table, row?.n ?? 0);
  }
  const [adult] = await engine.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM adult');
  return { pools, linked, adults: adult?.n ?? 0 };
}
