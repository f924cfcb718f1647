/** What figures need of the city besides their own SQL: names and shapes of towns, of when views are, who hands in what they read. */
import type { Lake } from '../platform/lake/index.ts';
import type { Source } from './sources.ts';
import { recordViewOf } from './sources.ts';

/** A town (乡镇、街道): its code, name, outline in WGS 84. */
export interface Town {
  code: string;
  name: string;
  wkt: string;
}

/** Read from the published views, and again when the libraries changed. */
export class Places {
  readonly #lake: Lake;
  #names = new Map<string, string>();
  #towns: Town[] = [];
  #fresh = new Map<string, string>();
  #integrated: string | null = null;
  sources: Map<string, Source> = new Map();

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** Reads what is there; a view that nobody publishes yet leaves its part empty. */
  async read(): Promise<void> {
    const ask = async <T extends Record<string, unknown>>(sql: string): Promise<T[]> =>
      this.#lake.query<T>(sql).catch(() => []);
    const named = await ask<{ code: string; name: string }>(
      'SELECT division AS code, name FROM v.division_v1 WHERE name IS NOT NULL',
    );
    this.#names = new Map(named.map((d) => [d.code, d.name]));
    this.#towns = await ask<Town & Record<string, unknown>>(
      `SELECT division AS code, name, boundary AS wkt FROM v.division_v1 WHERE length(division) = 9 AND boundary IS NOT NULL ORDER BY division`,
    );
    const runs = await ask<{ source: string; at: string }>(
      `SELECT source, max(finished) AS at FROM v.run_v1 WHERE accepted > 0 OR received > 0 GROUP BY source`,
    );
    this.#fresh = new Map(runs.map((r) => [recordViewOf(r.source), zoned(r.at)]));
    const last = await ask<{ at: string | null }>('SELECT max(finished) AS at FROM v.integration_v1');
    this.#integrated = last[0]?.at ? zoned(last[0].at) : null;
    const classes = await ask<Source & Record<string, unknown>>(
      'SELECT source, owner, title_zh AS zh, title_en AS en FROM v.class_v1',
    );
    this.sources = new Map(classes.map((c) => [recordViewOf(c.source), c]));
  }

  division(code: string): string | undefined {
    return this.#names.get(code);
  }

  towns(): readonly Town[] {
    return this.#towns;
  }

  /** Of when the newest data of these views is: the last run of the sources, else the last integration. */
  freshness(views: readonly string[]): string | null {
    const known = views.map((v) => this.#fresh.get(v)).filter((at) => at !== undefined);
    if (known.length) return known.sort().at(-1)!;
    return views.some((v) =>
      /^v\.(legal_person|person|household|building|dwelling|division|grid|road|water|place|park|base|area)/.test(v),
    )
      ? this.#integrated
      : null;
  }
}

/** The engine's TIMESTAMP as an instant. */
const zoned = (at: string): string => (/[Zz]|[+-]\d\d:?\d\d$/.test(at) ? at : `${at.replace(' ', 'T')}Z`);
