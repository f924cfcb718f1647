/** The way from one received row to the root of its run, from the leaves that the lake keeps. */
import type { SourceDeclaration } from '../catalogue/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import type { RowProof } from './api.ts';
import { BLOCK, BLOCK_LEVEL, join, type ProofStep, proofAmong, rootOf, type TreeNode } from './hash/tree.ts';
import { rawTable } from './names.ts';
import { problems } from './problems.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Takes out the proof of a row: accepted, quarantined and duplicate rows all stand in the tree. The leaves of the row's
 * block are read and joined again; other blocks are known by their roots.
 */
export async function proofOfRow(
  lake: Lake,
  sourceOf: (id: string) => SourceDeclaration | undefined,
  run: number,
  row: number,
): Promise<RowProof> {
  const receipt = await lake.first<{ source: string; root: Uint8Array | null; leaves: number }>(
    'SELECT source, root, leaves FROM ex.run WHERE run = $run',
    { run },
  );
  if (!receipt) throw new Problem(problems.unknownRun, { run });
  const source = sourceOf(receipt.source);
  if (!source || !receipt.root || row < 1 || row > receipt.leaves) throw new Problem(problems.unknownRow, { run, row });
  const block = Math.floor((row - 1) / BLOCK);
  const bounds = { run, from: block * BLOCK + 1, to: (block + 1) * BLOCK };
  const leaves = await lake.query<{ row: number; leaf: Uint8Array }>(
    `SELECT _row AS row, _leaf AS leaf FROM ${rawTable(source.id)} WHERE _run = $run AND _row BETWEEN $from AND $to
     UNION ALL SELECT row, leaf FROM ex.quarantine WHERE run = $run AND row BETWEEN $from AND $to
     UNION ALL SELECT row, leaf FROM ex.duplicate WHERE run = $run AND row BETWEEN $from AND $to
     UNION ALL SELECT row, leaf FROM ex.erased WHERE run = $run AND row BETWEEN $from AND $to AND whole AND place = 'accepted'
     ORDER BY row`,
    bounds,
  );
  const expected = Math.min(BLOCK, receipt.leaves - block * BLOCK);
  if (leaves.length !== expected)
    throw new Error(`run ${run}: block ${block} has ${leaves.length} leaves of ${expected}`);
  const nodes: TreeNode[] = leaves.map((l) => ({ digest: l.leaf, level: 0 }));
  const index = (row - 1) % BLOCK;
  const above = await lake.query<{ level: number; root: Uint8Array }>(
    'SELECT level, root FROM ex.block WHERE run = $run ORDER BY block',
    { run },
  );
  const whole = above.filter((b) => b.level === BLOCK_LEVEL).map((b) => ({ digest: b.root, level: b.level }));
  const last = above.find((b) => b.level < BLOCK_LEVEL);
  const tail = last ? { digest: last.root, level: last.level } : null;
  const path: ProofStep[] = proofAmong(nodes, index, null);
  if (block < whole.length) path.push(...proofAmong(whole, block, tail));
  else path.push(...tailPath(whole, tail ?? rootOf(leaves.map((l) => l.leaf))!));
  return {
    run,
    row,
    leaf: hex(nodes[index]!.digest),
    path: path.map((s) => ({ side: s.side, imprint: `01${hex(s.digest)}`, level: s.level })),
    root: `01${hex(receipt.root)}`,
  };
}

/** The way of the tail itself: it meets the finished subtrees over whole blocks, from the lowest up, on their right. */
function tailPath(whole: TreeNode[], tail: TreeNode): ProofStep[] {
  const steps: ProofStep[] = [];
  let rest = [...whole];
  let level = tail.level;
  while (rest.length) {
    // The lowest subtree is over the lowest set bit of the number of blocks.
    const size = rest.length & -rest.length;
    const node = perfect(rest.slice(rest.length - size));
    rest = rest.slice(0, rest.length - size);
    level = Math.max(level, node.level) + 1;
    steps.push({ side: 'left', digest: node.digest, level });
  }
  return steps;
}

function perfect(nodes: TreeNode[]): TreeNode {
  let row = nodes;
  while (row.length > 1) {
    const next: TreeNode[] = [];
    for (let i = 0; i < row.length; i += 2) next.push(join(row[i]!, row[i + 1]!));
    row = next;
  }
  return row[0]!;
}
