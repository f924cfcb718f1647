/** Where a resource comes from and where it goes: source, runs, class, libraries, and what is made of them, down to fields. */
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { Lake } from '../../platform/lake/index.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Use, UseKind } from './uses.ts';

export type NodeKind = 'provider' | 'source' | 'run' | 'class' | UseKind;

export interface LineageNode {
  id: string;
  kind: NodeKind;
  title: Bilingual;
  /** Steps from the provider; what it is drawn by. */
  stage: number;
  /** What is to be said of it: rows of a run, fields of a class. */
  detail: string | null;
}

export interface LineageEdge {
  from: string;
  to: string;
  /** Fields that go this way; null: not told by field. */
  fields: string[] | null;
}

export interface LineageGraph {
  nodes: LineageNode[];
  edges: LineageEdge[];
  /** Every field of the source with the uses that read it directly. */
  fields: { name: string; title: Bilingual; uses: string[] }[];
}

const STAGE: Record<NodeKind, number> = {
  ...{ provider: 0, source: 1, run: 2, class: 3, library: 4, indicator: 5, list: 5, theme: 5, score: 5, warning: 5 },
  ...{ analysis: 5, delivery: 6 },
};
/** Runs that are drawn. */
const RUNS = 3;

/** The graph of one source; `field` leaves only what that field reaches. */
export async function lineageOf(
  lake: Lake,
  catalogue: Catalogue,
  uses: readonly Use[],
  id: string,
  field?: string,
): Promise<LineageGraph> {
  const source = catalogue.sources.get(id);
  if (!source) return { nodes: [], edges: [], fields: [] };
  const d = source.declaration;
  const nodes = new Map<string, LineageNode>();
  const edges: LineageEdge[] = [];
  const node = (kind: NodeKind, own: string, title: Bilingual, detail: string | null = null) => {
    if (!nodes.has(own)) nodes.set(own, { id: own, kind, title, stage: STAGE[kind], detail });
    return own;
  };
  const owner = catalogue.organisations.get(d.owner)?.name ?? { zh: d.owner, en: d.owner };
  const provider = node('provider', `provider/${d.owner}`, owner);
  const delivery = node('source', `source/${id}`, d.title, d.transport.kind);
  const cls = node(
    'class',
    `class/${id}`,
    { zh: `${d.title.zh}（库内）`, en: `${d.title.en} (in the lake)` },
    `raw.${id.replace(/[^a-z0-9]+/g, '_')}`,
  );
  edges.push({ from: provider, to: delivery, fields: null });
  const runs = await recentRuns(lake, id);
  for (const run of runs) {
    const title = { zh: `归集批次 ${run.run}`, en: `Run ${run.run}` };
    const own = node('run', `run/${run.run}`, title, `${run.finished.slice(0, 10)} · ${run.accepted}`);
    edges.push({ from: delivery, to: own, fields: null }, { from: own, to: cls, fields: null });
  }
  if (runs.length === 0) edges.push({ from: delivery, to: cls, fields: null });

  const reads = (use: Use): string[] | undefined => {
    const fields = use.sources.get(id);
    if (fields === undefined) return undefined;
    const all = fields === null ? d.fields.map((f) => f.name) : [...fields];
    return field === undefined ? all : all.filter((f) => f === field);
  };
  const reached = new Set<string>();
  for (const use of uses) {
    const fields = reads(use);
    if (fields === undefined || (field !== undefined && fields.length === 0)) continue;
    edges.push({ from: cls, to: node(use.kind, use.id, use.title), fields });
    reached.add(use.id);
  }
  // What reads what was reached, until nothing new is.
  for (let grew = true; grew; ) {
    grew = false;
    for (const use of uses) {
      for (const other of use.uses) {
        if (!reached.has(other) || other === use.id || edges.some((e) => e.from === other && e.to === use.id)) continue;
        edges.push({ from: other, to: node(use.kind, use.id, use.title), fields: null });
        if (!reached.has(use.id)) {
          reached.add(use.id);
          grew = true;
        }
      }
    }
  }
  return {
    nodes: [...nodes.values()],
    edges,
    fields: d.fields.map((f) => ({
      ...{ name: f.name, title: f.title },
      uses: uses.filter((u) => u.sources.get(id) === null || u.sources.get(id)?.has(f.name)).map((u) => u.id),
    })),
  };
}

async function recentRuns(lake: Lake, source: string): Promise<{ run: number; finished: string; accepted: number }[]> {
  const there = await lake.first(
    "SELECT 1 AS one FROM duckdb_views() WHERE schema_name = 'v' AND view_name = 'run_v1'",
  );
  if (!there) return [];
  return lake.query(
    `SELECT run, finished::VARCHAR AS finished, accepted FROM v.run_v1 WHERE source = $source AND finished IS NOT NULL
     ORDER BY run DESC LIMIT ${RUNS}`,
    { source },
  );
}
