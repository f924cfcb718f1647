/** Internal verification: whether everything inside a signature agrees. Neither keys nor publications are asked. */
import { aggregate, shapeOf } from '../format/aggregation.ts';
import { calendarRoot, timeOfShape } from '../format/calendar.ts';
import { rfc3161Output } from '../format/rfc3161.ts';
import { type KeylessSignature, signedHash, signingTime } from '../format/signature.ts';
import { deprecatedAt, obsoleteAt } from '../hash/algorithms.ts';
import { equal, HashUnavailable, idOf } from '../hash/imprint.ts';
import { failed, inconclusive, OK, type Verdict, type VerificationCode } from './verdict.ts';

/** What is held against a signature. */
export interface Document {
  /** Imprint of the document. */
  hash?: Uint8Array;
  /** Level of the imprint when it is the root of a tree of one's own; 0 for a document. */
  level?: number;
}

/** What was computed on the way, for the policies that go on. */
export interface Computed {
  verdict: Verdict;
  /** Root of the last aggregation chain. */
  aggregationRoot?: Uint8Array;
  calendarRoot?: Uint8Array;
}

/** Verifies what needs nobody: rules in the order in which other verifiers of the format ask them. */
export function verifyInternal(signature: KeylessSignature, document: Document = {}): Computed {
  try {
    return rules(signature, document);
  } catch (error) {
    if (error instanceof HashUnavailable) return { verdict: inconclusive(error.message) };
    throw error;
  }
}

function rules(signature: KeylessSignature, document: Document): Computed {
  const { chains, rfc3161, calendar, publication, authentication } = signature;
  const first = chains[0]!;
  const no = (code: VerificationCode): Computed => ({ verdict: failed(code) });
  const input = signedHash(signature);
  const time = signingTime(signature);

  if (document.hash) {
    if (idOf(document.hash) !== idOf(input)) return no('GEN-04');
    if (!equal(document.hash, input)) return no('GEN-01');
  }
  const level = document.level ?? 0;
  if (level > 0 && (rfc3161 || first.links[0]!.levelCorrection < level)) return no('GEN-03');
  if (deprecatedAt(idOf(input), time)) return no('INT-13');
  if (rfc3161) {
    const { tstInfo, signedAttributes, time: at } = rfc3161;
    if (deprecatedAt(tstInfo.algorithm, at) || deprecatedAt(signedAttributes.algorithm, at)) return no('INT-14');
    const output = idOf(first.inputHash);
    if (deprecatedAt(output, at)) return no('INT-17');
    if (!equal(rfc3161Output(rfc3161, output), first.inputHash)) return no('INT-01');
  }
  for (const chain of chains)
    for (const link of chain.links) if (link.metadata && !link.metadata.sound) return no('INT-11');
  for (const chain of chains) if (deprecatedAt(chain.algorithm, chain.time)) return no('INT-15');
  if (!indexesContinue(signature)) return no('INT-12');
  for (const chain of chains) if (chain.time !== first.time) return no('INT-02');
  if (rfc3161 && rfc3161.time !== first.time) return no('INT-02');

  let root = first.inputHash;
  let at = 0;
  for (const chain of chains) {
    if (!equal(chain.inputHash, root)) return no('INT-01');
    ({ root, level: at } = aggregate(chain, root, at));
  }
  for (const chain of chains) if (chain.index.at(-1) !== shapeOf(chain.links)) return no('INT-10');
  if (!calendar) return { verdict: OK, aggregationRoot: root };

  if (!equal(calendar.inputHash, root)) return no('INT-03');
  if (calendar.aggregationTime !== first.time) return no('INT-04');
  if (timeOfShape(calendar) !== calendar.aggregationTime) return no('INT-05');
  for (const { left, sibling } of calendar.links)
    if (left && obsoleteAt(idOf(sibling), calendar.publicationTime)) return no('INT-16');
  const top = calendarRoot(calendar);
  if (authentication) {
    if (!equal(authentication.data.hash, top)) return no('INT-08');
    if (authentication.data.time !== calendar.publicationTime) return no('INT-06');
  }
  if (publication) {
    if (!equal(publication.data.hash, top)) return no('INT-09');
    if (publication.data.time !== calendar.publicationTime) return no('INT-07');
  }
  return { verdict: OK, aggregationRoot: root, calendarRoot: top };
}

/** Every chain's index is that of the chain above and one more; a record in front has the index of the first. */
function indexesContinue({ chains, rfc3161 }: KeylessSignature): boolean {
  for (let i = 0; i + 1 < chains.length; i++) {
    const [below, above] = [chains[i]!.index, chains[i + 1]!.index];
    if (below.length !== above.length + 1 || above.some((value, k) => value !== below[k])) return false;
  }
  const first = chains[0]!.index;
  return !rfc3161 || (rfc3161.index.length === first.length && rfc3161.index.every((value, k) => value === first[k]));
}
