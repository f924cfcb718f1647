/**
 * What an integration changed of golden records, as one root: a leaf is SHA-256 of the JSON array of the library's name, the entity's number and its
 * values as text in declared order; leaves stand in the order of entities and make the same tree as a run's rows. All of it happens in the engine:
 * a first integration changes millions of records. Root and leaves are written in the transaction that writes the records.
 */
import { TreeBuilder } from '@jingwei/keyless';
import { type LakeSession, literal } from '../platform/lake/index.ts';

/**
 * - `lib.golden_leaf`  what every changed golden record was hashed to, by integration; library 0: legal persons
 * - `lib.golden_root`  the root over an integration's changes of a library; none where nothing changed
 */
export const goldenRootTables: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS lib.golden_leaf (integration INTEGER, library SMALLINT, entity INTEGER, leaf BLOB USING COMPRESSION uncompressed)',
  'CREATE TABLE IF NOT EXISTS lib.golden_root (integration INTEGER, library SMALLINT, name VARCHAR, changes BIGINT, level SMALLINT, root BLOB)',
  `CREATE OR REPLACE VIEW v.golden_root_v1 AS SELECT integration, library, name, changes, level, root FROM lib.golden_root`,
];

const SHA256 = 1;
const IMPRINT = "unhex('01')";

/** A library and its golden records: SQL of (entity, said VARCHAR[]) limited to those that may have changed. */
export interface GoldenChanges {
  integration: number;
  library: number;
  name: string;
  records: string;
}

/** Writes the leaves of records that are not what they were, and the root over them. */
export async function rootOfChanges(s: LakeSession, changes: GoldenChanges): Promise<void> {
  const { integration, library, name, records } = changes;
  const text = `to_json([${literal(name)}, entity::VARCHAR] || said)::VARCHAR`;
  await s.run(`CREATE OR REPLACE TEMP TABLE golden_new AS
    SELECT entity, unhex(sha256(${text})) AS leaf FROM (${records})`);
  const changed = await s.run(`INSERT INTO lib.golden_leaf
    SELECT ${integration}, ${library}, n.entity, n.leaf FROM golden_new n
    LEFT JOIN (SELECT entity, arg_max(leaf, integration) AS leaf FROM lib.golden_leaf
      WHERE library = ${library} AND entity IN (SELECT entity FROM golden_new) GROUP BY entity) o ON o.entity = n.entity
    WHERE o.leaf IS NULL OR o.leaf <> n.leaf ORDER BY n.entity`);
  await s.run('DROP TABLE golden_new');
  if (changed === 0) return;
  const node = await rootOfLeaves(
    s,
    `SELECT leaf, row_number() OVER (ORDER BY entity) - 1 AS place FROM lib.golden_leaf
     WHERE integration = ${integration} AND library = ${library}`,
  );
  if (!node) return;
  await s.run('INSERT INTO lib.golden_root VALUES ($integration, $library, $name, $changes, $level, $root)', {
    ...{ integration, library, name, changes: node.leaves, level: node.level, root: node.root.subarray(1) },
  });
}

/** Nodes of one height that are joined here; more are joined in the engine first. */
const FEW = 4096;

/**
 * The root over leaves that SQL gives as (leaf BLOB, place from 0): many are joined pair by pair, height by height, in the engine; what is left over
 * at a height is a finished subtree. The few nodes at the end are joined here.
 */
export async function rootOfLeaves(
  s: LakeSession,
  leaves: string,
  few = FEW,
): Promise<{ root: Uint8Array; level: number; leaves: number } | null> {
  await s.run('CREATE OR REPLACE TEMP TABLE tree_row (place BIGINT, digest BLOB)');
  let n = await s.run(`INSERT INTO tree_row SELECT place, leaf FROM (${leaves})`);
  if (n === 0) return null;
  const count = n;
  const rest: { digest: Uint8Array; level: number }[] = [];
  let level = 0;
  for (; n > few; level++) {
    if (n % 2 === 1) {
      const place = { place: n - 1 };
      const last = await s.first<{ digest: Uint8Array }>('SELECT digest FROM tree_row WHERE place = $place', place);
      rest.push({ digest: last!.digest, level });
    }
    n = Math.floor(n / 2);
    const byte = (level + 1).toString(16).padStart(2, '0');
    await s.run(`CREATE OR REPLACE TEMP TABLE tree_above AS
      SELECT place, unhex(sha256(${IMPRINT} || l || ${IMPRINT} || r || unhex('${byte}'))) AS digest
      FROM (SELECT place // 2 AS place, max(digest) FILTER (place % 2 = 0) AS l, max(digest) FILTER (place % 2 = 1) AS r
            FROM tree_row GROUP BY place // 2 HAVING count(*) = 2)`);
    await s.run('DROP TABLE tree_row; ALTER TABLE tree_above RENAME TO tree_row');
  }
  const top = await s.query<{ digest: Uint8Array }>('SELECT digest FROM tree_row ORDER BY place');
  await s.run('DROP TABLE tree_row');
  const tree = new TreeBuilder(SHA256, { expected: top.length });
  for (const { digest } of top) tree.add(Uint8Array.of(SHA256, ...digest), { level });
  // Higher subtrees are the older ones: they stand to the left.
  for (const { digest, level } of rest.reverse()) tree.add(Uint8Array.of(SHA256, ...digest), { level });
  return { ...tree.close(), leaves: count };
}
