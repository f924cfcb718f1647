/** `jingwei fsck`: the calendar's folder, record by record, and every seal's signature. */
import { join } from 'node:path';
import { KeylessError, readPublicationsFile, readSignature, verify, verifyPublicationsFile } from '@jingwei/keyless';
import { checkFolder } from '@jingwei/keyless/service';
import { Problem, problemKind } from '../problem.ts';
import type { SealStore } from './store.ts';

const folderFault = problemKind('seal.fsck.folder', 500, '签名日历：{zh}', 'the calendar of signatures: {en}');
const fileFault = problemKind('seal.fsck.publications', 500, '公开值文件：{zh}', 'the publications file: {en}');
const sealFault = problemKind(
  'seal.fsck.signature',
  500,
  '签封 {seal} 的签名不成立：{code}',
  'the signature of seal {seal} does not hold: {code}',
);

/** What a check found. */
export interface SealCheck {
  /** Seals whose signature was verified, and seals that wait for one. */
  seals: number;
  pending: number;
  /** What was put right, in Chinese and English. */
  mended: { zh: string; en: string }[];
  problems: Problem[];
}

/** What is checked. */
export interface SealCheckHost {
  /** The data folder; its signing service must not be running. */
  data: string;
  store: SealStore;
  /** Publications file and root certificate; asked only where there are signatures. */
  anchors(): Promise<{ publicationsFile: Uint8Array; root: string }>;
  /** E-mail address that the editor's certificate must bear. */
  email: string;
  /** Whether ends that were never finished are cut. */
  mend: boolean;
  onProgress?: (done: number, total: number, note: string) => void;
}

/** Checks folder and seals. */
export async function checkSeals(host: SealCheckHost): Promise<SealCheck> {
  const { store } = host;
  const problems: Problem[] = [];
  const mended: SealCheck['mended'] = [];
  // First the folder: reading the anchors opens it, and an end that was never finished is cut at that.
  for (const { zh, en, file, mended: done } of checkFolder(join(host.data, 'seal'), { mend: host.mend })) {
    if (done) mended.push({ zh, en });
    else problems.push(new Problem(folderFault, { zh, en }, { file }));
  }
  const { pending, sealed } = await store.counts();
  if (sealed === 0) return { seals: 0, pending, mended, problems };
  const anchors = await host.anchors();
  const publicationsFile = readPublicationsFile(anchors.publicationsFile);
  try {
    verifyPublicationsFile(publicationsFile, { roots: [anchors.root], email: host.email });
  } catch (error) {
    if (!(error instanceof KeylessError)) throw error;
    problems.push(new Problem(fileFault, { zh: error.zh, en: error.message }));
  }
  let seals = 0;
  for await (const batch of store.signatures()) {
    for (const { id, imprint, level, signature } of batch) {
      seals += 1;
      const code = await faultOf(signature, { hash: imprint, level, publicationsFile });
      if (code) problems.push(new Problem(sealFault, { seal: id, code }));
    }
    host.onProgress?.(seals, sealed, '');
  }
  return { seals, pending, mended, problems };
}

async function faultOf(bytes: Uint8Array, trust: NonNullable<Parameters<typeof verify>[2]>): Promise<string | null> {
  try {
    const verdict = await verify(readSignature(bytes), 'default', trust);
    return verdict.outcome === 'ok' ? null : verdict.code;
  } catch (error) {
    if (error instanceof KeylessError) return error.code;
    throw error;
  }
}
