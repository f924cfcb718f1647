import { describe, expect, it } from 'vitest';
import { KeylessError } from './errors.ts';
import { answerOf, PDU, readPdu } from './format/pdu.ts';
import { publicationString, readPublicationString } from './format/publication.ts';
import { readPublicationsFile } from './format/publications-file.ts';
import { readSignature } from './format/signature.ts';
import { algorithmNamed } from './hash/algorithms.ts';
import { type Vector, vectorBytes, vectors, vectorsWanted } from './vectors-testing.ts';
import { verifyInternal } from './verify/internal.ts';
import { type Policy, type Trust, verify } from './verify/policies.ts';

const secret = () => new TextEncoder().encode('anon');
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex').toUpperCase();
const policies = new Set<string>(['internal', 'key', 'publicationsFile', 'userPublication', 'calendar']);

/** What is made of a row: its outcome and code, in the manifest's words. */
async function outcome(row: Vector): Promise<{ outcome: string; code: string }> {
  try {
    const bytes = vectorBytes(row.file);
    if (row.kind === 'publications-file') {
      readPublicationsFile(bytes);
      return { outcome: 'ok', code: '' };
    }
    const signature = readSignature(bytes);
    if (!policies.has(row.policy)) return { outcome: 'ok', code: '' };
    const trust: Trust = { level: Number(row.input_level || 0), extendingPermitted: row.extending === 'True' };
    if (row.input_hash) trust.hash = Buffer.from(row.input_hash, 'hex');
    if (row.publications_file) trust.publicationsFile = readPublicationsFile(vectorBytes(row.publications_file));
    if (row.pub_string) trust.userPublication = readPublicationString(row.pub_string);
    if (row.extender_response) {
      trust.extendingPermitted = true;
      const pdu = readPdu(vectorBytes(row.extender_response), [PDU.extensionResponse], secret, 1);
      trust.extender = () => pdu.extensionResponses[0]!.chain!;
    }
    const verdict = await verify(signature, row.policy as Policy, trust);
    if (verdict.outcome === 'ok') {
      const { aggregationRoot, calendarRoot } = verifyInternal(signature);
      if (row.aggr_root) expect(hex(aggregationRoot)).toBe(row.aggr_root);
      if (row.cal_root && calendarRoot) expect(hex(calendarRoot)).toBe(row.cal_root);
      return { outcome: 'ok', code: '' };
    }
    return { outcome: verdict.outcome === 'failed' ? 'error' : verdict.outcome, code: verdict.code };
  } catch (error) {
    if (!(error instanceof KeylessError)) throw error;
    return { outcome: 'parse_error', code: '' };
  }
}

describe.skipIf(!vectorsWanted)('the published vectors', () => {
  const rows = vectors();

  it('are there', () => {
    expect(rows.length).toBeGreaterThan(400);
  });

  it('of signatures and publications files come out as expected; differing implementations are not sided with', async () => {
    const wrong: unknown[] = [];
    for (const row of rows.filter((r) => r.kind !== 'pdu-response' && !r.variance)) {
      const got = await outcome(row);
      // What every implementation reads although it looks malformed must be read; nothing is said of verifying it.
      if (row.outcome === 'unspecified' ? got.outcome === 'parse_error' : row.outcome !== got.outcome)
        wrong.push([row.file, row.policy, row.outcome, got]);
      else if (row.outcome !== 'parse_error' && row.code && row.code !== got.code)
        wrong.push([row.file, row.code, got]);
    }
    expect(wrong).toEqual([]);
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
