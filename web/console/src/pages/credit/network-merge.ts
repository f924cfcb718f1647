import type { NetworkAnswer } from './types.ts';

/** One network out of several answers: a node is in it once, complete when any answer says so; an edge once. Pure. */
export function mergeNetworks(
  root: string,
  answers: readonly NetworkAnswer[],
): Pick<NetworkAnswer, 'root' | 'nodes' | 'edges'> {
  const nodes = new Map<string, NetworkAnswer['nodes'][number]>();
  const edges = new Map<string, NetworkAnswer['edges'][number]>();
  for (const answer of answers) {
    for (const node of answer.nodes) {
      const before = nodes.get(node.id);
      nodes.set(node.id, before ? { ...before, complete: before.complete || node.complete } : node);
    }
    for (const edge of answer.edges) {
      edges.set([edge.from, edge.to, edge.kind, edge.position ?? '', edge.fact ?? ''].join('\u001f'), edge);
    }
  }
  return { root, nodes: [...nodes.values()], edges: [...edges.values()] };
}
