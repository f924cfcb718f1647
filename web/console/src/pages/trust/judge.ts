/**
 * Judging a signature here, in the browser: whether it belongs to a document, whether everything inside it agrees, and what proves it. The strongest
 * proof that decides is taken: a publication that the person brings from elsewhere, one of the publications file, and before any is out the key.
 */
import {
  type CalendarChain,
  type Extender,
  type KeylessSignature,
  type Policy,
  type PublicationsFile,
  sentenceOf,
  type Trust,
  type Verdict,
  type VerificationCode,
  verify,
} from '@jingwei/keyless';

/** What a signature rests on: a publication given by hand, one of the publications file, a key, or nothing that could be asked. */
export type Basis = 'given' | 'publication' | 'key' | 'none';

/** What was held against a signature: a file here, the fingerprint that the hub keeps of a thing, or nothing. */
export type Compared = 'file' | 'record' | 'none';

/** One policy that was asked, with its verdict. */
export interface Asked {
  policy: Policy;
  verdict: Verdict;
}

/** What came out. */
export interface Judgement {
  /** Proven, refuted, or neither. */
  outcome: 'proven' | 'refuted' | 'open';
  basis: Basis;
  /** Why not, where it is not proven. */
  code?: VerificationCode;
  /** What is missing, in technical English, where nothing could be concluded. */
  reason?: string;
  /** Every policy that was asked, in order. */
  asked: Asked[];
  /** The calendar's chain to a publication where one was fetched: with it the signature needs no key any more. */
  chain?: CalendarChain;
}

/** What judging is given beside the signature. */
export interface Evidence {
  /** Imprint of the document; without it only the signature itself is judged. */
  hash?: Uint8Array;
  /** Height of the tree of which `hash` is the root; 0 for a document. */
  level?: number;
  /** Taken as trusted: its own signature was verified before. */
  publicationsFile?: PublicationsFile;
  /** A printed publication that the person has from elsewhere. */
  userPublication?: { time: bigint; hash: Uint8Array };
  extender?: Extender;
}

/** Judges a signature. Never throws for what the signature says; only for faults of the program. */
export async function judge(signature: KeylessSignature, evidence: Evidence): Promise<Judgement> {
  let fetched: CalendarChain | undefined;
  const { extender } = evidence;
  const trust: Trust = {
    ...(evidence.hash ? { hash: evidence.hash } : {}),
    ...(evidence.level ? { level: evidence.level } : {}),
    ...(evidence.publicationsFile ? { publicationsFile: evidence.publicationsFile } : {}),
    ...(evidence.userPublication ? { userPublication: evidence.userPublication } : {}),
    ...(extender
      ? {
          extendingPermitted: true,
          extender: async (from: bigint, to?: bigint) => {
            fetched = await extender(from, to);
            return fetched;
          },
        }
      : {}),
  };
  const asked: Asked[] = [];
  const ask = async (policy: Policy): Promise<Verdict> => {
    const verdict = await verify(signature, policy, trust);
    asked.push({ policy, verdict });
    return verdict;
  };
  const end = (verdict: Verdict, basis: Basis): Judgement => {
    if (verdict.outcome === 'ok') {
      // A chain that was fetched and did not decide proves nothing.
      return { outcome: 'proven', basis, asked, ...(fetched && basis !== 'key' ? { chain: fetched } : {}) };
    }
    const { code, reason } = verdict;
    return {
      outcome: verdict.outcome === 'failed' ? 'refuted' : 'open',
      basis: 'none',
      code,
      ...(reason ? { reason } : {}),
      asked,
    };
  };
  const inside = await ask('internal');
  if (inside.outcome !== 'ok') return end(inside, 'none');
  // What the person brings decides alone: nothing of the service may stand in for it.
  if (evidence.userPublication) return end(await ask('userPublication'), 'given');
  const published = await ask('publicationsFile');
  if (published.outcome !== 'inconclusive') return end(published, 'publication');
  const byKey = await ask('key');
  // Where neither concludes, what the publication lacks is told: it is what a signature is to be proven by, unless none came out yet.
  const lacks = byKey.outcome === 'inconclusive' && reasonOf(published.reason) !== 'not-published' ? published : byKey;
  return end(lacks, 'key');
}

/** The family of a code: which plain explanation it has. */
export function familyOf(code: VerificationCode): string {
  if (code === 'GEN-01' || code === 'GEN-02' || code === 'GEN-03' || code === 'GEN-04') return code;
  return code.slice(0, 3);
}

/** The code's own sentence, for those who know the format. */
export const technical = (code: VerificationCode): { zh: string; en: string } => sentenceOf(code);

/** What verification says is missing, and the key of its plain words. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^no publications file/, 'no-file'],
  [/^no publication after/, 'not-published'],
  [/^the publication is not after/, 'too-early'],
  [/^the extender did not answer|^extending is not permitted|^no extender/, 'no-extender'],
  [/^no calendar/, 'no-anchor'],
  [/^the certificate is not in/, 'unknown-certificate'],
  [/cannot be computed here/, 'no-algorithm'],
  [/deprecated algorithm/, 'weak'],
];

/** Key of the plain words for what is missing; `other` where there are none. */
export const reasonOf = (reason: string | undefined): string =>
  reasons.find(([pattern]) => reason && pattern.test(reason))?.[1] ?? 'other';
