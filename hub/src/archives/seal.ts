/** Seals of whole archives: asked for at archiving, verified at every examination, made anew when an algorithm ages. */
import { algorithmOf, prependChain, readSignature, sentenceOf, verifyInternal } from '@jingwei/keyless';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import type { ArchiveDeps } from './deps.ts';
import { notSealed, unknownFile } from './problems.ts';
import { type ArchiveRow, type FileRow, type GenerationRow, generationsOf } from './store.ts';
import { FIRST_ALGORITHM, hex, imprintFrom, imprintOfText, metadataText, treeOf, unhex } from './tree.ts';

/** The text that stands for metadata and list of files. */
export const textOf = (row: ArchiveRow, files: readonly FileRow[]): string =>
  metadataText({
    ...{ reference: row.reference ?? '', organisation: row.organisation, metadata: row.metadata },
    files: files.map(({ no, name, role, bytes, sha256, format, software }) => ({
      ...{ no, name, role, bytes, sha256, format, software },
    })),
  });

/** Asks for a seal over leaves and keeps it as the archive's next generation. */
export async function sealLeaves(
  deps: Pick<ArchiveDeps, 'seal' | 'clock'>,
  trx: Kysely<AnyTables>,
  row: ArchiveRow,
  given: { algorithm: number; no: number; leaves: Uint8Array[]; metadata: string; files: number; bytes: number },
): Promise<number> {
  const { root, level } = treeOf(given.algorithm, given.leaves);
  const reference = row.reference ?? String(row.id);
  const seal = await deps.seal.request(
    {
      ...{ kind: 'archive', subject: String(row.id), organisation: row.organisation, imprint: root, level },
      title: { zh: `电子档案 ${reference}`, en: `Electronic archive ${reference}` },
      facts: { reference, files: given.files, bytes: given.bytes, generation: given.no },
    },
    trx,
  );
  await sql`INSERT INTO archives.generation (archive, no, seal, algorithm, leaves, metadata, level, root, at)
    VALUES (${row.id}, ${given.no}, ${seal}, ${given.algorithm}, ${JSON.stringify(given.leaves.map(hex))}::jsonb,
      ${given.metadata}, ${level}, ${hex(root)}, ${deps.clock.now()})`.execute(trx);
  return seal;
}

/** The first seal of an archive. */
export function sealArchive(
  deps: Pick<ArchiveDeps, 'seal' | 'clock'>,
  trx: Kysely<AnyTables>,
  row: ArchiveRow,
  files: readonly FileRow[],
): Promise<number> {
  const metadata = textOf(row, files);
  const leaves = [
    imprintOfText(FIRST_ALGORITHM, metadata),
    ...files.map((f) => imprintFrom(FIRST_ALGORITHM, unhex(f.sha256))),
  ];
  const bytes = files.reduce((n, f) => n + f.bytes, 0);
  return sealLeaves(deps, trx, row, {
    algorithm: FIRST_ALGORITHM,
    no: 1,
    leaves,
    metadata,
    files: files.length,
    bytes,
  });
}

/** What is wrong with the seals of an archive against what is recorded of it, or what was verified. */
export async function verifySeals(
  deps: Pick<ArchiveDeps, 'db' | 'seal'>,
  row: ArchiveRow,
  files: readonly FileRow[],
): Promise<{ ok: boolean; sentence: Bilingual } | null> {
  const generations = await generationsOf(deps.db, row.id);
  if (generations.length === 0) return null;
  const bad = (zh: string, en: string) => ({ ok: false, sentence: { zh, en } });
  for (const g of generations) {
    const seal = await deps.seal.get(g.seal);
    if (!seal?.signature) return bad('签封尚未签名', 'the seal has no signature yet');
    const leaves = g.leaves.map(unhex);
    if (hex(imprintOfText(g.algorithm, g.metadata)) !== g.leaves[0])
      return bad('登记的元数据与签封不符', 'the recorded metadata are not those sealed');
    const { root } = treeOf(g.algorithm, leaves);
    if (hex(root) !== g.root || hex(seal.imprint) !== g.root)
      return bad('哈希树的根与签封不符', 'the root of the tree is not that of the seal');
    // Fingerprints on record are SHA-256: seals under it can be held against them; contents are hashed anew by A01.
    if (
      g.algorithm === FIRST_ALGORITHM &&
      files.some((f, i) => hex(imprintFrom(1, unhex(f.sha256))) !== g.leaves[i + 1])
    )
      return bad('登记的文件指纹与签封不符', 'recorded fingerprints are not those sealed');
    const { verdict } = verifyInternal(readSignature(seal.signature), { hash: root, level: g.level });
    if (verdict.outcome !== 'ok') {
      return {
        ok: false,
        sentence:
          verdict.outcome === 'failed'
            ? sentenceOf(verdict.code)
            : { zh: '签名无法验证', en: 'the signature cannot be verified' },
      };
    }
  }
  const newest = generations[0]!;
  const algorithm = algorithmOf(newest.algorithm)?.name ?? '?';
  return {
    ok: true,
    sentence: {
      zh: `${generations.length} 个签封均验证通过（${algorithm}），根 ${newest.root.slice(2, 14)}…`,
      en: `${generations.length === 1 ? 'the seal' : `${generations.length} seals`} verified (${algorithm}), root ${newest.root.slice(2, 14)}…`,
    },
  };
}

/** A seal's signature, whole. Problem `archives.not-sealed`. */
export async function signatureOf(deps: Pick<ArchiveDeps, 'seal'>, generation: GenerationRow): Promise<Uint8Array> {
  const seal = await deps.seal.get(generation.seal);
  if (!seal?.signature) throw new Problem(notSealed);
  return seal.signature;
}

/** The signature of one file, or of the metadata text (`no` 0), taken out of the archive's tree. */
export async function proofOfFile(
  deps: Pick<ArchiveDeps, 'db' | 'seal'>,
  row: ArchiveRow,
  files: readonly FileRow[],
  no: number,
  generation?: GenerationRow,
): Promise<Uint8Array> {
  const g = generation ?? (await generationsOf(deps.db, row.id))[0];
  if (!g) throw new Problem(notSealed);
  const leaf = no === 0 ? 0 : files.findIndex((f) => f.no === no) + 1;
  if (no !== 0 && leaf === 0) throw new Problem(unknownFile, { no });
  const leaves = g.leaves.map(unhex);
  const signature = readSignature(await signatureOf(deps, g));
  return prependChain(signature, {
    ...{ hash: leaves[leaf]!, links: treeOf(g.algorithm, leaves).chainOf(leaf), algorithm: g.algorithm },
  });
}
