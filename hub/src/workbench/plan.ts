/** The engine's plan as a tree of steps. Of each only what tells nothing of the data: its kind, the table, the kind of a join, rows expected. */
import type { PlanNode } from './api.ts';

interface EngineNode {
  name?: string;
  children?: EngineNode[];
  extra_info?: Record<string, unknown>;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value ? value : null);

function nodeOf(node: EngineNode): PlanNode {
  const info = node.extra_info ?? {};
  const rows = Number(String(info['Estimated Cardinality'] ?? '').replace(/[^0-9]/g, '') || Number.NaN);
  return {
    name: (node.name ?? '').trim(),
    table: text(info.Table)?.split('.').at(-1) ?? null,
    join: text(info['Join Type']),
    rows: Number.isFinite(rows) ? rows : null,
    children: (node.children ?? []).flatMap(shown),
  };
}

/** Steps that only pass rows on say nothing to people. */
const shown = (node: EngineNode): PlanNode[] => {
  const one = nodeOf(node);
  return one.name === 'PROJECTION' ? one.children : [one];
};

/** The tree of a plan as the engine tells it. */
export const planTree = (plan: unknown): PlanNode[] =>
  (Array.isArray(plan) ? (plan as EngineNode[]) : []).flatMap(shown);
