import { expect, describe as group, it } from 'vitest';
import { describe, describeTime } from './describe.ts';
import { describeText } from './describe-text.ts';
import { shapeOf } from './format/aggregation.ts';
import { metadataValue } from './format/metadata.ts';
import { readSignature } from './format/signature.ts';
import { imprint } from './hash/imprint.ts';
import { writeAggregationChain, writeCalendarChain, writePublicationRecord, writeSignature } from './sign/write.ts';
import { vectorBytes, vectorsWanted } from './vectors-testing.ts';
import { verifyInternal } from './verify/internal.ts';

const of = (text: string) => imprint(1, new TextEncoder().encode(text));

/** A signature whose origin has a name that tries to write into a terminal. */
function signature(origin: string) {
  const links = [
    {
      left: true,
      levelCorrection: 2,
      sibling: metadataValue({ clientId: origin, machineId: 'm1', sequence: 7n, requestTime: 1_700_000_000_000_042n }),
      kind: 'metadata' as const,
    },
  ];
  const chain = { time: 1n, index: [shapeOf(links)], inputHash: of('document'), algorithm: 1, links };
  const root = verifyInternal(readSignature(writeSignature([writeAggregationChain(chain)]))).aggregationRoot!;
  const calendar = {
    publicationTime: 1n,
    aggregationTime: 1n,
    inputHash: root,
    links: [{ left: false, sibling: of('second 0') }],
  };
  const bare = readSignature(writeSignature([writeAggregationChain(chain), writeCalendarChain(calendar)]));
  const hash = verifyInternal(bare).calendarRoot!;
  return readSignature(
    writeSignature([
      writeAggregationChain(chain),
      writeCalendarChain(calendar),
      writePublicationRecord(0x803, { time: 1n, hash, references: ['慈溪日报 2026-11-21'] }),
    ]),
  );
}

group('the account of a signature', () => {
  it('says what, when, by whom and what every step computes, as JSON', () => {
    const account = describe(signature('市监局'));
    expect(JSON.parse(JSON.stringify(account))).toEqual(account);
    expect(account.origin).toEqual([
      {
        clientId: '市监局',
        machineId: 'm1',
        sequence: '7',
        requestTime: '2023-11-14T22:13:20.000042Z',
        requestMicroseconds: '1700000000000042',
      },
    ]);
    expect(account.chains[0]!.links[0]).toMatchObject({ side: 'left', levelCorrection: 2, level: 3 });
    expect(account.chains[0]!.output).toEqual(account.calendar!.input);
    expect(account.calendar).toMatchObject({ continues: true, shapeTime: { unix: '1' } });
    expect(account.anchor).toMatchObject({ kind: 'publication', references: ['慈溪日报 2026-11-21'] });
    expect(account.anchor.kind === 'publication' && account.anchor.hash).toEqual(account.calendar!.root);
  });

  it('as text has both languages and lets no origin write into the terminal', () => {
    const account = describe(signature('x\u001b[2J\u202e'));
    expect(describeText(account, 'zh')).toContain('签名时间: 1970-01-01 08:00:01 北京时间（1）');
    const text = describeText(account, 'en');
    expect(text).toContain('x\\u{1b}[2J\\u{202e}, machine m1');
    expect(text).not.toContain('\u001b');
    expect(describeText(account, 'en', { steps: false }).split('\n').length).toBeLessThan(text.split('\n').length);
  });

  it('says where a chain does not go on from the one before', () => {
    const [first, ...rest] = signature('x').chains;
    const strange = { ...first!, inputHash: of('something else') };
    expect(describe({ ...signature('x'), chains: [first!, strange, ...rest] }).chains[1]!.continues).toBe(false);
  });

  it('names no date where there is none', () => {
    expect(describeTime((1n << 64n) - 1n)).toEqual({ unix: '18446744073709551615', utc: null, beijing: null });
  });

  it.skipIf(!vectorsWanted)('says what stands in front of the first chain and what a key signed', () => {
    const rfc = describe(readSignature(vectorBytes('pack-2024/valid-signatures/rfc3161-signature.ksig')));
    expect(rfc.rfc3161).toMatchObject({ input: rfc.document, tstInfo: { algorithm: 'sha256' } });
    expect(rfc.chains[0]!.continues).toBe(true);
    expect(rfc.anchor).toMatchObject({ kind: 'authentication', signatureName: 'RSA PKCS #1 v1.5, SHA-256' });
  });
});
