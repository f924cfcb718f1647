/**
 * Collections and integrations as OpenLineage run events (openlineage.io, specification 2-0-2): of each run a START and a
 * COMPLETE, with its datasets, their schemas, row counts, and who owns them. The identifier of a run is a UUID made of its number, so
 * that the same run always tells the same.
 */
import { createHash } from 'node:crypto';
import type { Lake } from '../../platform/lake/index.ts';
import type { Catalogue } from '../catalogue.ts';

const SPEC = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const FACETS = 'https://openlineage.io/spec/facets';

type Facet = Record<string, unknown>;
interface Dataset {
  namespace: string;
  name: string;
  facets?: Record<string, Facet>;
  outputFacets?: Record<string, Facet>;
}
/** A run event; see the specification's RunEvent. */
export interface RunEvent {
  eventType: 'START' | 'COMPLETE';
  eventTime: string;
  producer: string;
  schemaURL: string;
  run: { runId: string };
  job: { namespace: string; name: string; facets: Record<string, Facet> };
  inputs: Dataset[];
  outputs: Dataset[];
}

/** A UUID (version 8 by RFC 9562: of the application's own making) of a name. */
function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const instant = (text: string): string => new Date(`${text.replace(' ', 'T').replace(/Z?$/, '')}Z`).toISOString();
const className = (source: string): string => `raw.${source.replace(/[^a-z0-9]+/g, '_')}`;

interface RunRow {
  run: number;
  source: string;
  started: string;
  finished: string;
  accepted: number;
}

/** Says what ran; `hub` is the URI by which this hub is known. */
export class LineageEvents {
  readonly #hub: string;
  readonly #catalogue: Catalogue;

  constructor(hub: string, catalogue: Catalogue) {
    this.#hub = hub;
    this.#catalogue = catalogue;
  }

  #facet(schema: string, content: Record<string, unknown>): Facet {
    return { _producer: this.#hub, _schemaURL: `${FACETS}/${schema}`, ...content };
  }

  #dataset(namespace: string, name: string, source: string, rows?: number): Dataset {
    const d = this.#catalogue.sources.get(source)?.declaration;
    const facets: Record<string, Facet> = {};
    if (d) {
      const fields = d.fields.map((f) => ({ name: f.name, type: f.type, description: f.title.zh }));
      facets.schema = this.#facet('1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet', { fields });
      facets.documentation = this.#facet('1-0-1/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet', {
        description: d.abstract.zh,
      });
      facets.ownership = this.#facet('1-0-1/OwnershipDatasetFacet.json#/$defs/OwnershipDatasetFacet', {
        owners: [{ name: d.owner, type: 'provider' }],
      });
    }
    const own: Dataset = { namespace, name, facets };
    if (rows !== undefined)
      own.outputFacets = {
        outputStatistics: this.#facet(
          '1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet',
          { rowCount: rows },
        ),
      };
    return own;
  }

  #pair(
    name: string,
    key: string,
    at: { started: string; finished: string | null },
    inputs: Dataset[],
    outputs: Dataset[],
  ): RunEvent[] {
    const kind = name.startsWith('collect.') ? 'COLLECTION' : 'INTEGRATION';
    const jobType = this.#facet('2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet', {
      ...{ processingType: 'BATCH', integration: 'JINGWEI', jobType: kind },
    });
    const base = {
      ...{ producer: this.#hub, schemaURL: SPEC, run: { runId: uuidOf(`${this.#hub} ${key}`) } },
      job: { namespace: 'jingwei', name, facets: { jobType } },
      ...{ inputs, outputs },
    };
    const start: RunEvent = { eventType: 'START', eventTime: instant(at.started), ...base };
    return at.finished ? [start, { eventType: 'COMPLETE', eventTime: instant(at.finished), ...base }] : [start];
  }

  /** Events of runs from a number on, oldest first. */
  async collections(lake: Lake, after: number, limit: number): Promise<{ events: RunEvent[]; next: number | null }> {
    if (!(await has(lake, 'run_v1'))) return { events: [], next: null };
    const rows = await lake.query<RunRow & Record<string, unknown>>(
      `SELECT run, source, started::VARCHAR AS started, finished::VARCHAR AS finished, accepted FROM v.run_v1
       WHERE run > $after AND finished IS NOT NULL ORDER BY run LIMIT $limit`,
      { after, limit },
    );
    const events = rows.flatMap((r) => {
      const owner = r.source.split('.')[0]!;
      const input = this.#dataset(`source.${owner}`, r.source, r.source);
      const output = this.#dataset('jingwei.lake', className(r.source), r.source, Number(r.accepted));
      return this.#pair(`collect.${r.source}`, `run ${r.run}`, r, [input], [output]);
    });
    return { events, next: rows.length === limit ? rows.at(-1)!.run : null };
  }

  /** Events of integrations from a number on, oldest first; their inputs are the classes of their runs. */
  async integrations(lake: Lake, after: number, limit: number): Promise<{ events: RunEvent[]; next: number | null }> {
    if (!(await has(lake, 'integration_v1')) || !(await has(lake, 'refined_run_v1'))) return { events: [], next: null };
    const rows = await lake.query<{ integration: number; started: string; finished: string | null; sources: string[] }>(
      `SELECT i.integration, i.started::VARCHAR AS started, i.finished::VARCHAR AS finished,
         coalesce((SELECT list(DISTINCT r.source ORDER BY r.source) FROM v.refined_run_v1 r WHERE r.integration = i.integration), []) AS sources
       FROM v.integration_v1 i WHERE i.integration > $after ORDER BY i.integration LIMIT $limit`,
      { after, limit },
    );
    const events = rows.flatMap((r) => {
      const inputs = r.sources.map((s) => this.#dataset('jingwei.lake', className(s), s));
      const outputs = [
        { namespace: 'jingwei.lake', name: 'v.legal_person_v1' },
        { namespace: 'jingwei.lake', name: 'v.legal_person_fact_v1' },
      ];
      return this.#pair('integrate', `integration ${r.integration}`, r, inputs, outputs);
    });
    return { events, next: rows.length === limit ? rows.at(-1)!.integration : null };
  }
}

const has = (lake: Lake, view: string) =>
  lake.first("SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'v' AND view_name = $view", { view });
