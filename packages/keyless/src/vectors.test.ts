import { describe, expect, it } from 'vitest';
import { KeylessError } from './errors.ts';
import { answerOf, PDU, readPdu } from './format/pdu.ts';
import { publicationString, readPublicationString } from './format/publication.ts';
import { readSignature } from './format/signature.ts';
import { algorithmNamed } from './hash/algorithms.ts';
import { imprint } from './hash/imprint.ts';
import * as library from './index.ts';
import { misjudged, stubExtender, type Vector, vectorBytes, vectors, vectorsWanted } from './vectors-testing.ts';
import { verify } from './verify/policies.ts';

const secret = () => new TextEncoder().encode('anon');

/** Rows on which implementations of the format differ: read or refused, and no side is taken. */
const differing = [
  'invalid-signature-aggr-chain-left-link-metadata-padding-wrong-order.tlv',
  'invalid-signature-aggr-chain-right-link-metadata-padding-wrong-order.tlv',
  'publications-file-contains-critical-unknown-element.tlv',
];
/** Rows that only the genuine calendar of another service can answer, since a root cannot be made to order. */
const genuineOnly = [
  'policy-verification-signature-calendar-input-hashes-do-not-match-PUB-03.ksig',
  'policy-verification-signature-other-core-signature-with-extended-calendar-PUB-03.ksig',
];
const named = (row: Vector) => row.file.split('/').at(-1)!;

describe.skipIf(!vectorsWanted)('the published vectors', () => {
  const rows = vectors();

  it('are there', () => {
    expect(rows.length).toBeGreaterThan(400);
  });

  it('of signatures and publications files come out as expected', async () => {
    expect(rows.filter((row) => row.variance).map(named)).toEqual(differing);
    expect(await misjudged(rows, library)).toEqual([]);
  });

  it('that ask an extender come out as expected where its chains are known', async () => {
    const live = vectors(false);
    const known = live.filter((row) => /^(1710452040|1711365147)$/.test(row.aggr_time ?? ''));
    expect(known.length).toBe(7);
    expect(await misjudged(known, library, stubExtender(library))).toEqual([]);
    const rest = live.filter((row) => !known.includes(row) && !genuineOnly.includes(named(row)));
    expect(rest.length).toBe(3);
    for (const row of rest) {
      const { calendar } = readSignature(vectorBytes(row.file));
      // A calendar of others: the signature's own chain, or one of as many steps, from another second's root.
      const other = calendar ?? stubExtender(library)(1_710_452_040n, 1_710_452_040n);
      const extender = async () => ({ ...(await other), inputHash: imprint(1, new Uint8Array(1)) });
      expect(await misjudged([row], library, extender)).toEqual([]);
    }
  });

  it('of answers of servers come out as expected', () => {
    const wrong: unknown[] = [];
    for (const row of rows.filter((r) => r.kind === 'pdu-response')) {
      const [, id = '', mac = ''] = /requestId=(\d+) hmac=(\w+)/.exec(row.policy)!;
      let got = 'ok';
      try {
        const pdu = readPdu(
          vectorBytes(row.file),
          [PDU.aggregationResponse, PDU.extensionResponse],
          secret,
          algorithmNamed(mac)!.id,
        );
        if (/conf/.test(row.file) && !/broken/.test(row.file)) expect(pdu.config).toBeDefined();
        else answerOf(pdu, [...pdu.aggregationResponses, ...pdu.extensionResponses], BigInt(id));
      } catch (error) {
        if (!(error instanceof KeylessError)) throw error;
        got = 'error';
      }
      if (got !== row.outcome) wrong.push([row.file, row.outcome, got]);
    }
    expect(wrong).toEqual([]);
  });

  it('of printed publications are written as they were printed', () => {
    const printed = rows.map((row) => row.pub_string).filter((text): text is string => !!text);
    expect(printed.length).toBeGreaterThan(50);
    for (const text of printed) {
      const { time, hash } = readPublicationString(text);
      expect(publicationString(time, hash)).toBe(text);
    }
  });

  it('cut off anywhere or changed anywhere are refused or judged, never a crash', async () => {
    const bytes = vectorBytes('pack-2024/valid-signatures/signature-extended.ksig');
    for (let n = 0; n < bytes.length; n += 7) expect(() => readSignature(bytes.subarray(0, n))).toThrow(KeylessError);
    for (let i = 0; i < bytes.length; i += 3) {
      const changed = bytes.slice();
      changed[i]! ^= 1 << (i % 8);
      try {
        const verdict = await verify(readSignature(changed), 'internal');
        expect(['ok', 'failed', 'inconclusive']).toContain(verdict.outcome);
      } catch (error) {
        expect(error).toBeInstanceOf(KeylessError);
      }
    }
  });
});
