/**
 * The tree over the leaves of a run, shaped as keyless signatures shape theirs: nodes are joined by height, an imprint is
 * 0x01 and a SHA-256 digest, and
 *
 *   node = SHA-256(imprint of left || imprint of right || level byte),  level = max(level of left, level of right) + 1
 *
 * Leaves stand at level 0. A slot per height holds a finished subtree; a new node moves up while its slot is taken. At the
 * end the slots are joined from the lowest up, the older node left. 65,536 leaves make a block (level 16); the roots of
 * blocks are kept, so that the way of one row to the root needs the leaves of its block only.
 */
import { createHash } from 'node:crypto';

/** Leaves of a whole block. */
export const BLOCK = 65_536;
/** Level of a whole block's root. */
export const BLOCK_LEVEL = 16;

/** A digest of 32 bytes with the height of the tree under it. */
export interface TreeNode {
  digest: Uint8Array;
  level: number;
}

/** One step upwards: what stands beside, on which side, and the level of the join. */
export interface ProofStep {
  side: 'left' | 'right';
  digest: Uint8Array;
  level: number;
}

const IMPRINT = Uint8Array.of(0x01);

/** Joins two nodes. */
export function join(left: TreeNode, right: TreeNode): TreeNode {
  const level = Math.max(left.level, right.level) + 1;
  const digest = createHash('sha256')
    .update(IMPRINT)
    .update(left.digest)
    .update(IMPRINT)
    .update(right.digest)
    .update(Uint8Array.of(level))
    .digest();
  return { digest, level };
}

/** Nodes waiting by height. */
export class TreeStack {
  readonly slots: (TreeNode | undefined)[] = [];

  /** Adds a finished subtree. */
  add(node: TreeNode): void {
    let own = node;
    for (let slot = this.slots[own.level]; slot; slot = this.slots[own.level]) {
      this.slots[own.level] = undefined;
      own = join(slot, own);
    }
    this.slots[own.level] = own;
  }

  /** The root of what was added, or null when nothing was. */
  root(): TreeNode | null {
    let own: TreeNode | null = null;
    for (const slot of this.slots) if (slot) own = own ? join(slot, own) : slot;
    return own;
  }
}

/** The root over leaves (each 32 bytes). */
export function rootOf(leaves: Iterable<Uint8Array>): TreeNode | null {
  const stack = new TreeStack();
  for (const digest of leaves) stack.add({ digest, level: 0 });
  return stack.root();
}

/**
 * The way of the node at `index` among `nodes` (all of one level) to the root, after which come the finished `tail`
 * (the root over what follows them, of a lower level) if there is one.
 */
export function proofAmong(nodes: readonly TreeNode[], index: number, tail: TreeNode | null): ProofStep[] {
  const steps: ProofStep[] = [];
  let row = [...nodes];
  let at = index;
  let rest = tail;
  let inRest = false;
  while (row.length > 1 || (row.length === 1 && rest)) {
    const above: TreeNode[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) {
      const joined = join(row[i]!, row[i + 1]!);
      if (!inRest && (at === i || at === i + 1)) {
        const beside = at === i ? row[i + 1]! : row[i]!;
        steps.push({ side: at === i ? 'right' : 'left', digest: beside.digest, level: joined.level });
      }
      above.push(joined);
    }
    if (row.length % 2 === 1) {
      const last = row[row.length - 1]!;
      const own = !inRest && at === row.length - 1;
      if (rest) {
        const joined = join(last, rest);
        if (own) steps.push({ side: 'right', digest: rest.digest, level: joined.level });
        else if (inRest) steps.push({ side: 'left', digest: last.digest, level: joined.level });
        rest = joined;
      } else rest = last;
      if (own) inRest = true;
    }
    if (!inRest) at >>= 1;
    row = above;
  }
  return steps;
}

/** Follows a proof from a leaf; answers the root that it leads to. */
export function follow(leaf: Uint8Array, steps: readonly ProofStep[]): Uint8Array {
  let own = leaf;
  for (const step of steps) {
    const [l, r] = step.side === 'left' ? [step.digest, own] : [own, step.digest];
    own = createHash('sha256')
      .update(IMPRINT)
      .update(l)
      .update(IMPRINT)
      .update(r)
      .update(Uint8Array.of(step.level))
      .digest();
  }
  return own;
}
