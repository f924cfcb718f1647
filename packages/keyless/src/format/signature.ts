/** Keyless signature 0x800 (无钥签名): chains from a document to the calendar, and what ends them. */
import { fail } from '../errors.ts';
import { type AggregationChain, legacyId, readAggregationChain } from './aggregation.ts';
import { type CalendarChain, readCalendarChain } from './calendar.ts';
import type { Origin } from './metadata.ts';
import {
  type CalendarAuthentication,
  type PublicationRecord,
  readCalendarAuthentication,
  readPublicationRecord,
} from './publication.ts';
import { type Rfc3161Record, readRfc3161 } from './rfc3161.ts';
import { eachChild, readOnly, type Tlv } from './tlv.ts';
import { once } from './values.ts';

/** A signature as read; nothing in it is believed yet. */
export interface KeylessSignature {
  tlv: Tlv;
  /** The chain next to the document first. */
  chains: AggregationChain[];
  calendar?: CalendarChain;
  publication?: PublicationRecord;
  authentication?: CalendarAuthentication;
  rfc3161?: Rfc3161Record;
}

/** Greatest number of bytes of a signature: what one element can hold. */
export const MAX_SIGNATURE = 0xffff + 4;

/** Reads a signature. Throws {@link import('../errors.ts').KeylessError} with the byte. */
export function readSignature(bytes: Uint8Array): KeylessSignature {
  if (bytes.length > MAX_SIGNATURE) fail('signature.too-long', '不是签名：过长', 'no signature: too long');
  const tlv = readOnly(bytes);
  if (tlv.tag !== 0x800) fail('signature.tag', '不是无钥签名', 'not a keyless signature', 0);
  return readSignatureElements(tlv);
}

/** Reads the children of a signature; `tlv` may also be what holds a signature's parts in an answer of a server. */
export function readSignatureElements(tlv: Tlv): KeylessSignature {
  const chains: AggregationChain[] = [];
  let calendar: CalendarChain | undefined;
  let publication: PublicationRecord | undefined;
  let authentication: CalendarAuthentication | undefined;
  let rfc3161: Rfc3161Record | undefined;
  let reserved: Tlv | undefined;
  eachChild(tlv, (child) => {
    switch (child.tag) {
      case 0x801:
        chains.push(readAggregationChain(child));
        return true;
      case 0x802:
        once(calendar, child);
        calendar = readCalendarChain(child);
        return true;
      case 0x803:
        once(publication, child);
        publication = readPublicationRecord(child);
        return true;
      case 0x804:
        once(reserved, child);
        reserved = child;
        return true;
      case 0x805:
        once(authentication, child);
        authentication = readCalendarAuthentication(child);
        return true;
      case 0x806:
        once(rfc3161, child);
        rfc3161 = readRfc3161(child);
        return true;
      default:
        return false;
    }
  });
  if (chains.length === 0) fail('signature.no-chain', '签名没有聚合哈希链', 'no aggregation hash chain', tlv.offset);
  if (publication && authentication)
    fail(
      'signature.two-anchors',
      '公开记录和认证记录不可同时出现',
      'both a publication and an authentication record',
      tlv.offset,
    );
  if (!calendar && (publication || authentication))
    fail(
      'signature.no-calendar',
      '有公开或认证记录而没有日历哈希链',
      'an anchor without a calendar hash chain',
      tlv.offset,
    );
  chains.sort((a, b) => b.index.length - a.index.length);
  return {
    tlv,
    chains,
    ...(calendar ? { calendar } : {}),
    ...(publication ? { publication } : {}),
    ...(authentication ? { authentication } : {}),
    ...(rfc3161 ? { rfc3161 } : {}),
  };
}

/** Imprint of what was signed. */
export const signedHash = (s: KeylessSignature): Uint8Array => s.rfc3161?.inputHash ?? s.chains[0]!.inputHash;

/** Unix second of signing. */
export const signingTime = (s: KeylessSignature): bigint => s.calendar?.aggregationTime ?? s.chains[0]!.time;

/** Who asked, from the outermost server down to who signed: client ids and what stands beside them. */
export function originOf(s: KeylessSignature): Origin[] {
  const out: Origin[] = [];
  for (const chain of [...s.chains].reverse()) {
    for (const link of [...chain.links].reverse()) {
      if (link.metadata) {
        const { sound: _, ...origin } = link.metadata;
        out.push(origin);
      } else if (link.kind === 'legacy') {
        const { sibling: value } = link;
        out.push({ clientId: legacyId({ value, offset: 0 } as Tlv) });
      }
    }
  }
  return out;
}
