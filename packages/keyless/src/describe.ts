/**
 * A signature as an account (签名说明) that people and programs can read: what was signed, when, at whose request, and every step of the chain up
 * to what anchors it. It says what the signature contains and what its steps compute to; whether that proves anything is for a policy to judge.
 */

import type {
  AnchorAccount,
  CalendarAccount,
  CalendarLinkAccount,
  ChainAccount,
  ImprintAccount,
  LinkAccount,
  OriginAccount,
  Rfc3161Account,
  SiblingAccount,
  SignatureAccount,
  TimeAccount,
} from './account.ts';
import { KeylessError } from './errors.ts';
import { type AggregationChain, type AggregationLink, aggregate, legacyId } from './format/aggregation.ts';
import { type CalendarChain, calendarRoot, timeOfShape } from './format/calendar.ts';
import type { Origin } from './format/metadata.ts';
import { publicationString } from './format/publication.ts';
import { type Rfc3161Record, rfc3161Output } from './format/rfc3161.ts';
import { type KeylessSignature, originOf, signedHash, signingTime } from './format/signature.ts';
import type { Tlv } from './format/tlv.ts';
import { algorithmOf } from './hash/algorithms.ts';
import { equal, HashUnavailable, idOf } from './hash/imprint.ts';

const hexOf = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
};

const nameOf = (id: number): string => algorithmOf(id)?.name ?? String(id);

/** An imprint in words. */
export const describeImprint = (imprint: Uint8Array): ImprintAccount => ({
  algorithm: nameOf(imprint[0]!),
  hex: hexOf(imprint.subarray(1)),
  imprint: hexOf(imprint),
});

/** Greatest second that a `Date` names. */
const LAST_SECOND = 8_640_000_000_000n;
const EIGHT_HOURS = 8 * 3600 * 1000;

/** A Unix second in words. */
export function describeTime(unix: bigint): TimeAccount {
  if (unix + 8n * 3600n > LAST_SECOND) return { unix: String(unix), utc: null, beijing: null };
  const ms = Number(unix) * 1000;
  const beijing = new Date(ms + EIGHT_HOURS).toISOString();
  return {
    unix: String(unix),
    utc: new Date(ms).toISOString().replace('.000Z', 'Z'),
    beijing: beijing.replace('T', ' ').replace('.000Z', ''),
  };
}

function describeOrigin(origin: Origin): OriginAccount {
  const micros = origin.requestTime;
  const fraction = micros === undefined ? '' : String(micros % 1_000_000n).padStart(6, '0');
  const second = micros === undefined ? null : describeTime(micros / 1_000_000n).utc;
  return {
    clientId: origin.clientId,
    ...(origin.machineId !== undefined ? { machineId: origin.machineId } : {}),
    ...(origin.sequence !== undefined ? { sequence: String(origin.sequence) } : {}),
    ...(micros !== undefined
      ? { requestTime: second?.replace('Z', `.${fraction}Z`) ?? null, requestMicroseconds: String(micros) }
      : {}),
  };
}

function describeSibling(link: AggregationLink): SiblingAccount {
  const { kind, sibling, metadata } = link;
  if (kind === 'imprint') return { kind, ...describeImprint(sibling) };
  if (kind === 'metadata' && metadata) {
    return { kind, origin: describeOrigin(metadata), hex: hexOf(sibling), sound: metadata.sound };
  }
  const clientId = legacyId({ value: sibling, offset: 0 } as Tlv);
  return { kind: 'client', origin: { clientId }, hex: hexOf(sibling) };
}

/** What is computed, or undefined where this machine cannot (an algorithm it has not, a level beyond 255). */
function computed<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof HashUnavailable || error instanceof KeylessError) return undefined;
    throw error;
  }
}

const imprintOrNull = (imprint: Uint8Array | undefined) => (imprint ? describeImprint(imprint) : null);
const continues = (from: Uint8Array | undefined, to: Uint8Array) => (from ? equal(from, to) : null);

function describeChain(
  chain: AggregationChain,
  before: Uint8Array | undefined,
  from: number,
): { account: ChainAccount; output: Uint8Array | undefined; level: number } {
  let value: Uint8Array | undefined = chain.inputHash;
  let level = from;
  const links = chain.links.map((link): LinkAccount => {
    const input: Uint8Array | undefined = value;
    const next = input && computed(() => aggregate({ links: [link], algorithm: chain.algorithm }, input, level));
    value = next?.root;
    level += 1 + link.levelCorrection;
    return {
      side: link.left ? 'left' : 'right',
      levelCorrection: link.levelCorrection,
      level,
      sibling: describeSibling(link),
      result: imprintOrNull(value),
    };
  });
  const account: ChainAccount = {
    time: describeTime(chain.time),
    index: chain.index.map(String),
    algorithm: nameOf(chain.algorithm),
    input: describeImprint(chain.inputHash),
    continues: continues(before, chain.inputHash),
    links,
    output: imprintOrNull(value),
  };
  return { account, output: value, level };
}

function describeCalendar(chain: CalendarChain, before: Uint8Array | undefined): CalendarAccount {
  let value: Uint8Array | undefined = chain.inputHash;
  const links = chain.links.map((link): CalendarLinkAccount => {
    const input: Uint8Array | undefined = value;
    value = input && computed(() => calendarRoot({ links: [link], inputHash: input }));
    return {
      side: link.left ? 'left' : 'right',
      sibling: describeImprint(link.sibling),
      result: imprintOrNull(value),
    };
  });
  const shape = timeOfShape(chain);
  return {
    aggregationTime: describeTime(chain.aggregationTime),
    publicationTime: describeTime(chain.publicationTime),
    shapeTime: shape === undefined ? null : describeTime(shape),
    input: describeImprint(chain.inputHash),
    continues: continues(before, chain.inputHash),
    links,
    root: imprintOrNull(value),
  };
}

const signatureNames: Record<string, string> = {
  '1.2.840.113549.1.1.11': 'RSA PKCS #1 v1.5, SHA-256',
  '1.2.840.113549.1.1.12': 'RSA PKCS #1 v1.5, SHA-384',
  '1.2.840.113549.1.1.13': 'RSA PKCS #1 v1.5, SHA-512',
  '1.2.840.10045.4.3.2': 'ECDSA, SHA-256',
  '1.2.840.10045.4.3.3': 'ECDSA, SHA-384',
  '1.2.840.10045.4.3.4': 'ECDSA, SHA-512',
  '1.2.156.10197.1.501': 'SM2, SM3',
};

function describeAnchor({ publication, authentication }: KeylessSignature): AnchorAccount {
  if (publication) {
    const { data, references, repositories } = publication;
    return {
      kind: 'publication',
      time: describeTime(data.time),
      hash: describeImprint(data.hash),
      printed: publicationString(data.time, data.hash),
      references,
      repositories,
    };
  }
  if (!authentication) return { kind: 'none' };
  const { data, signatureType, certificateId, repository, signature } = authentication;
  return {
    kind: 'authentication',
    time: describeTime(data.time),
    hash: describeImprint(data.hash),
    signatureType,
    signatureName: signatureNames[signatureType] ?? null,
    certificateId: hexOf(certificateId),
    ...(repository !== undefined ? { repository } : {}),
    signature: hexOf(signature),
  };
}

function describeRfc3161(record: Rfc3161Record): Rfc3161Account {
  const part = (p: Rfc3161Record['tstInfo']) => ({
    algorithm: nameOf(p.algorithm),
    prefix: hexOf(p.prefix),
    suffix: hexOf(p.suffix),
  });
  return {
    time: describeTime(record.time),
    index: record.index.map(String),
    input: describeImprint(record.inputHash),
    tstInfo: part(record.tstInfo),
    signedAttributes: part(record.signedAttributes),
  };
}

/** The account of a signature as read. */
export function describe(signature: KeylessSignature): SignatureAccount {
  const { rfc3161, calendar } = signature;
  const chains: ChainAccount[] = [];
  let before = rfc3161
    ? computed(() => rfc3161Output(rfc3161, idOf(signature.chains[0]!.inputHash)))
    : signature.chains[0]!.inputHash;
  let level = 0;
  for (const chain of signature.chains) {
    const { account, output, level: reached } = describeChain(chain, before, level);
    chains.push(account);
    before = output;
    level = reached;
  }
  return {
    bytes: signature.tlv.bytes.length,
    document: describeImprint(signedHash(signature)),
    signingTime: describeTime(signingTime(signature)),
    origin: originOf(signature).map(describeOrigin),
    rfc3161: rfc3161 ? describeRfc3161(rfc3161) : null,
    chains,
    calendar: calendar ? describeCalendar(calendar, before) : null,
    anchor: describeAnchor(signature),
  };
}
