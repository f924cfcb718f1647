/** Verification policies (验证策略): by key, by publications file, by a printed publication, by the calendar itself, and whichever of them decides. */
import { type CalendarChain, calendarRoot, timeOfShape } from '../format/calendar.ts';
import { nearestPublication, type PublicationsFile, publicationAt } from '../format/publications-file.ts';
import { type KeylessSignature, signingTime } from '../format/signature.ts';
import { deprecatedAt } from '../hash/algorithms.ts';
import { equal, HashUnavailable, idOf } from '../hash/imprint.ts';
import { type Computed, type Document, verifyInternal } from './internal.ts';
import { keyCertificate } from './pki.ts';
import { failed, inconclusive, OK, type Verdict } from './verdict.ts';

/** Gives the calendar chain from a second to a publication (to the newest root where none is named). Throws where it cannot. */
export type Extender = (aggregationTime: bigint, publicationTime?: bigint) => Promise<CalendarChain> | CalendarChain;

/** What verification is given beside the signature. */
export interface Trust extends Document {
  publicationsFile?: PublicationsFile;
  /** A publication that the user has from elsewhere, such as a newspaper. */
  userPublication?: { time: bigint; hash: Uint8Array };
  /** Whether an extender may be asked. */
  extendingPermitted?: boolean;
  extender?: Extender;
}

/** Name of a policy. */
export type Policy = 'internal' | 'key' | 'publicationsFile' | 'userPublication' | 'calendar' | 'default';

/** Verifies a signature under a policy. */
export async function verify(signature: KeylessSignature, policy: Policy, trust: Trust = {}): Promise<Verdict> {
  const computed = verifyInternal(signature, trust);
  if (computed.verdict.outcome !== 'ok' || policy === 'internal') return computed.verdict;
  try {
    switch (policy) {
      case 'key':
        return byKey(signature, trust);
      case 'publicationsFile':
        return await byPublicationsFile(signature, computed, trust);
      case 'userPublication':
        return await byUserPublication(signature, computed, trust);
      case 'calendar':
        return await byCalendar(signature, computed, trust);
      case 'default': {
        if (trust.userPublication) return await byUserPublication(signature, computed, trust);
        const verdict = await byPublicationsFile(signature, computed, trust);
        return verdict.outcome === 'inconclusive' ? byKey(signature, trust) : verdict;
      }
    }
  } catch (error) {
    if (error instanceof HashUnavailable) return inconclusive(error.message);
    throw error;
  }
}

/** Verifies by key, after the internal rules; needs no extender and so waits for nobody. */
export function verifyByKey(signature: KeylessSignature, trust: Trust): Verdict {
  const { verdict } = verifyInternal(signature, trust);
  return verdict.outcome === 'ok' ? byKey(signature, trust) : verdict;
}

/** Whether what decides the shape of a calendar chain is deprecated: the algorithms of its left links. */
const weak = (chain: CalendarChain): boolean =>
  chain.links.some(({ left, sibling }) => left && deprecatedAt(idOf(sibling), chain.publicationTime));

function byKey(signature: KeylessSignature, { publicationsFile }: Trust): Verdict {
  const { calendar, authentication } = signature;
  if (!calendar) return inconclusive('no calendar hash chain');
  if (weak(calendar)) return inconclusive('a deprecated algorithm in the calendar hash chain');
  if (!authentication) return inconclusive('no calendar authentication record');
  const record = publicationsFile?.certificates.find((c) => equal(c.id, authentication.certificateId));
  const certificate = record && keyCertificate(record.certificate);
  if (!certificate) return inconclusive('the certificate is not in the publications file');
  const time = calendar.aggregationTime;
  if (time < certificate.notBefore || time > certificate.notAfter) return failed('KEY-03');
  const { signatureType, data, signature: value } = authentication;
  return certificate.signed(signatureType, data.tlv.bytes, value) ? OK : failed('KEY-02');
}

/** Extends to a publication and holds the answer against it and against the signature. */
async function extended(
  signature: KeylessSignature,
  computed: Computed,
  { extendingPermitted, extender }: Trust,
  to: { time: bigint; hash: Uint8Array },
): Promise<Verdict> {
  if (!extendingPermitted || !extender) return inconclusive('extending is not permitted');
  const time = signingTime(signature);
  let chain: CalendarChain;
  try {
    chain = await extender(time, to.time);
  } catch (error) {
    return inconclusive(`the extender did not answer: ${(error as Error).message}`);
  }
  if (weak(chain)) return inconclusive('a deprecated algorithm in the extended calendar hash chain');
  if (!equal(calendarRoot(chain), to.hash)) return failed('PUB-01');
  if (chain.publicationTime !== to.time || timeOfShape(chain) !== time) return failed('PUB-02');
  return equal(chain.inputHash, computed.aggregationRoot!) ? OK : failed('PUB-03');
}

async function byPublicationsFile(signature: KeylessSignature, computed: Computed, trust: Trust): Promise<Verdict> {
  const { calendar, publication } = signature;
  const { publicationsFile: file } = trust;
  if (!file) return inconclusive('no publications file');
  const known = publication && publicationAt(file, publication.data.time);
  if (publication && known) {
    if (!equal(publication.data.hash, known.data.hash)) return failed('PUB-05');
    return weak(calendar!) ? inconclusive('a deprecated algorithm in the calendar hash chain') : OK;
  }
  const nearest = nearestPublication(file, signingTime(signature));
  if (!nearest) return inconclusive('no publication after the time of signing');
  return extended(signature, computed, trust, nearest.data);
}

async function byUserPublication(signature: KeylessSignature, computed: Computed, trust: Trust): Promise<Verdict> {
  const { calendar, publication } = signature;
  const { userPublication: given } = trust;
  if (!given) return inconclusive('no publication was given');
  if (publication && publication.data.time === given.time) {
    if (!equal(publication.data.hash, given.hash)) return failed('PUB-04');
    return weak(calendar!) ? inconclusive('a deprecated algorithm in the calendar hash chain') : OK;
  }
  if (signingTime(signature) >= given.time) return inconclusive('the publication is not after the time of signing');
  return extended(signature, computed, trust, given);
}

const rightSiblings = (chain: CalendarChain): Uint8Array[] =>
  chain.links.filter((link) => !link.left).map((link) => link.sibling);

async function byCalendar(signature: KeylessSignature, computed: Computed, trust: Trust): Promise<Verdict> {
  const { calendar, publication } = signature;
  if (!trust.extender) return inconclusive('no extender');
  const time = signingTime(signature);
  let chain: CalendarChain;
  try {
    chain = calendar ? await trust.extender(time, calendar.publicationTime) : await trust.extender(time);
  } catch (error) {
    return inconclusive(`the extender did not answer: ${(error as Error).message}`);
  }
  if (calendar && publication) {
    if (!equal(calendarRoot(chain), computed.calendarRoot!)) return failed('CAL-01');
  } else if (calendar) {
    const [ours, theirs] = [rightSiblings(calendar), rightSiblings(chain)];
    if (ours.length !== theirs.length || ours.some((sibling, i) => !equal(sibling, theirs[i]!)))
      return failed('CAL-04');
  }
  if (!equal(chain.inputHash, computed.aggregationRoot!)) return failed('CAL-02');
  return chain.aggregationTime === time ? OK : failed('CAL-03');
}
