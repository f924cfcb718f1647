import { describe, expect, it } from 'vitest';
import { KeylessError } from './errors.ts';
import { readPublicationsFile } from './format/publications-file.ts';
import { readSignature } from './format/signature.ts';
import { readOnly, readTlv, writeTlv } from './format/tlv.ts';
import { integerBytes, stringBytes } from './format/values.ts';
import { readCertificate } from './keys/x509.ts';
import { issue } from './publish/certificate.ts';
import { signDetached } from './publish/cms.ts';
import { Authority, writePublicationsFile } from './publish/index.ts';
import { SigningKey } from './publish/signing-key.ts';
import { writeAggregationChain, writeSignature } from './sign/write.ts';
import { imprintOfText, makeSignature } from './testing.ts';
import { verifyPublicationsFile } from './verify/cms.ts';
import { verifyInternal } from './verify/internal.ts';
import { type Trust, verify, verifyByKey } from './verify/policies.ts';

const time = 1_780_000_001n;
const now = Number(time) * 1000;
const email = 'publications@city.example';
const subject = { organisation: '慈溪市' };
const document = imprintOfText('document');
const whole = makeSignature({ time, document }).bytes;

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (!(error instanceof KeylessError)) throw error;
    return error.code;
  }
  return 'read';
};
/** The signature with one more element inside. */
const withChild = (child: Uint8Array) => writeTlv(0x800, [readOnly(whole).value, child]);
/** A chain whose links carry these corrections. */
const chainOf = (corrections: number[]) => {
  const links = corrections.map((levelCorrection) => ({
    left: true,
    levelCorrection,
    sibling: document,
    kind: 'imprint' as const,
  }));
  const index = [(1n << BigInt(corrections.length + 1)) - 1n];
  return writeSignature([writeAggregationChain({ time, index, inputHash: document, algorithm: 1, links })]);
};

describe('bytes that are no signature', () => {
  it('are refused with the code and the byte', () => {
    const refused: [string, Uint8Array, string][] = [
      ['nothing', new Uint8Array(), 'tlv.truncated'],
      ['a text', new TextEncoder().encode('经纬'), 'tlv.truncated'],
      ['half of one', whole.subarray(0, whole.length >> 1), 'tlv.truncated'],
      ['one and a byte', Uint8Array.from([...whole, 0]), 'tlv.trailing'],
      ['more than an element holds', new Uint8Array(70_000), 'signature.too-long'],
      ['another element', writeTlv(0x801, []), 'signature.tag'],
      ['no chain', writeTlv(0x800, []), 'signature.no-chain'],
      ['an unknown critical element', withChild(writeTlv(0x1a, [])), 'tlv.unknown-critical'],
      ['an unknown critical element of a wide tag', withChild(writeTlv(0x8ff, [])), 'tlv.unknown-critical'],
      ['two calendars', withChild(readSignature(whole).calendar!.tlv.bytes), 'repeated'],
    ];
    for (const [what, bytes, code] of refused)
      expect([what, codeOf(() => readSignature(bytes))]).toEqual([what, `keyless.${code}`]);
  });

  it('that are elements inside each other thousands of times are refused without going down', () => {
    const levels = 15_000;
    const nested = new Uint8Array(4 * levels);
    for (let i = 0; i < levels; i++) {
      const length = 4 * (levels - 1 - i);
      nested.set([0x80, 0x1f, length >> 8, length & 255], 4 * i);
    }
    expect(codeOf(() => readSignature(withChild(nested)))).toBe('keyless.tlv.unknown-critical');
    nested[0]! |= 0x40;
    expect(codeOf(() => readSignature(withChild(nested)))).toBe('read');
  });

  it('are read where only the width of a header or an unknown non-critical element is unusual', () => {
    const extra = withChild(writeTlv(0x1a, document, { nonCritical: true }));
    const chains = readSignature(whole).chains.map(({ tlv }) => {
      const parts: Uint8Array[] = [];
      for (let at = 0; at < tlv.value.length; ) {
        const child = readTlv(tlv.value, at, 0);
        parts.push(writeTlv(child.tag, child.value, { wide: true }));
        at += child.bytes.length;
      }
      return writeTlv(0x801, parts);
    });
    const wide = writeTlv(0x800, [...chains, readSignature(whole).calendar!.tlv.bytes]);
    expect(wide.length).toBeGreaterThan(whole.length);
    expect(verifyInternal(readSignature(extra), { hash: document }).verdict).toEqual({ outcome: 'ok' });
    expect(verifyInternal(readSignature(wide), { hash: document }).verdict).toEqual({ outcome: 'ok' });
  });

  it('with integers, strings or imprints that are not in their form are refused', () => {
    const chain = (time: Uint8Array, hash = document) =>
      writeTlv(0x800, [
        writeTlv(0x801, [
          writeTlv(0x02, time),
          writeTlv(0x03, integerBytes(3)),
          writeTlv(0x05, hash),
          writeTlv(0x06, integerBytes(1)),
          writeTlv(0x07, [writeTlv(0x02, document)]),
        ]),
      ]);
    expect(codeOf(() => readSignature(chain(integerBytes(time))))).toBe('read');
    expect(codeOf(() => readSignature(chain(Uint8Array.of(0, 1))))).toBe('keyless.integer');
    expect(codeOf(() => readSignature(chain(new Uint8Array(9).fill(1))))).toBe('keyless.integer');
    expect(codeOf(() => readSignature(chain(integerBytes(1), document.subarray(1))))).toBe('keyless.imprint');
    expect(codeOf(() => readSignature(chain(integerBytes(1), Uint8Array.of(3, ...document.subarray(1)))))).toBe(
      'keyless.imprint',
    );
    const record = writeTlv(0x803, [writeTlv(0x10, []), writeTlv(0x09, stringBytes('x').subarray(0, 1))]);
    expect(codeOf(() => readSignature(withChild(record)))).toMatch(/keyless\.(missing|string)/);
  });
});

describe('a level', () => {
  it('of 255 is computed, beyond it is refused, and a correction beyond it is not read', () => {
    expect(verifyInternal(readSignature(chainOf([200, 53]))).verdict.outcome).toBe('ok');
    expect(codeOf(() => verifyInternal(readSignature(chainOf([200, 54]))))).toBe('keyless.chain.level');
    expect(codeOf(() => readSignature(chainOf([256])))).toBe('keyless.link.level');
  });
});

describe('times far away', () => {
  const authority = Authority.make({ kind: 'ecdsa', subject, email, now });
  const publicationsFile = readPublicationsFile(
    writePublicationsFile({ authority, created: time, publications: [{ time, hash: document }] }),
  );

  it.each([1n, 2n ** 31n, 2n ** 33n + 5n, 2n ** 63n - 1n, 2n ** 64n - 1n])(
    '%s agrees with itself and is not believed by key',
    async (at) => {
      const signature = readSignature(makeSignature({ time: at, document, authority }).bytes);
      expect(verifyInternal(signature, { hash: document }).verdict).toEqual({ outcome: 'ok' });
      expect(verifyByKey(signature, { publicationsFile })).toMatchObject({ outcome: 'failed', code: 'KEY-03' });
      if (at > time)
        expect(await verify(signature, 'publicationsFile', { publicationsFile })).toMatchObject({ code: 'GEN-02' });
    },
  );
});

describe('a printed publication', () => {
  const to = time + 30n;
  const made = makeSignature({ time, publicationTime: to, document, published: true });
  const bare = readSignature(makeSignature({ time, document }).bytes);
  const chain = readSignature(made.bytes).calendar!;
  const given = { time: to, hash: made.root };
  const verdict = (trust: Trust, signature = bare) =>
    verify(signature, 'userPublication', { userPublication: given, extendingPermitted: true, ...trust });

  it('proves a signature that ends in it, or that an extender leads to it', async () => {
    expect(await verdict({}, readSignature(made.bytes))).toEqual({ outcome: 'ok' });
    expect(await verdict({ extender: () => chain })).toEqual({ outcome: 'ok' });
  });

  it('refutes what leads elsewhere', async () => {
    const other = { ...given, hash: document };
    expect(await verdict({ userPublication: other }, readSignature(made.bytes))).toMatchObject({ code: 'PUB-04' });
    expect(await verdict({ extender: () => ({ ...chain, inputHash: document }) })).toMatchObject({ code: 'PUB-01' });
    expect(await verdict({ extender: () => ({ ...chain, publicationTime: to + 1n }) })).toMatchObject({
      code: 'PUB-02',
    });
    const elsewhere = makeSignature({ time, publicationTime: to, document: imprintOfText('other') });
    expect(
      await verdict({
        userPublication: { time: to, hash: elsewhere.root },
        extender: () => readSignature(elsewhere.bytes).calendar!,
      }),
    ).toMatchObject({ code: 'PUB-03' });
  });

  it('decides nothing before the signature or without an extender that answers', async () => {
    const extender = () => {
      throw new Error('down');
    };
    for (const trust of [
      {},
      { extender },
      { userPublication: { ...given, time: time - 1n } },
      { extendingPermitted: false },
    ])
      expect(await verdict(trust)).toMatchObject({ outcome: 'inconclusive', code: 'GEN-02' });
  });
});

describe('a publications file', () => {
  const authority = Authority.make({ kind: 'ecdsa', subject, email, now, years: 1 });
  const editor = { roots: [authority.root], email };

  it('made after the publisher’s certificate ended is not written, and one made before is not believed later', () => {
    const late = time + 370n * 86_400n;
    expect(codeOf(() => writePublicationsFile({ authority, created: late, publications: [] }))).toBe(
      'keyless.publications.expired',
    );
    const file = readPublicationsFile(writePublicationsFile({ authority, created: time, publications: [] }));
    expect(codeOf(() => verifyPublicationsFile(file, { ...editor, at: late }))).toBe('keyless.publications.expired');
    expect(codeOf(() => verifyPublicationsFile(file, { ...editor, at: time - 7200n }))).toBe(
      'keyless.publications.expired',
    );
  });

  it('with any byte of its content changed is refused', () => {
    const bytes = writePublicationsFile({ authority, created: time, publications: [{ time, hash: document }] });
    const { signed } = readPublicationsFile(bytes);
    for (let at = 0; at < signed.length; at += 11) {
      const changed = bytes.slice();
      changed[at]! ^= 0x10;
      expect(codeOf(() => verifyPublicationsFile(readPublicationsFile(changed), editor))).toMatch(/^keyless\./);
    }
  });

  it('signed by one whom a certificate issued that may issue none is refused', () => {
    const file = readPublicationsFile(writePublicationsFile({ authority, created: time, publications: [] }));
    const root = SigningKey.create('ecdsa');
    const rootName = { name: 'Root', organisation: 'X' };
    const span = { from: now - 1000, to: now + 1_000_000 };
    const rootCertificate = readCertificate(issue({ subject: rootName, spki: root.spki, key: root, ...span }));
    const middle = SigningKey.create('ecdsa');
    const middleCertificate = readCertificate(
      issue({ subject: { ...rootName, name: 'M' }, spki: middle.spki, key: root, issuer: rootCertificate, ...span }),
    );
    const end = SigningKey.create('ecdsa');
    const endCertificate = readCertificate(
      issue({
        subject: { ...rootName, name: 'E', email },
        spki: end.spki,
        key: middle,
        issuer: middleCertificate,
        ...span,
      }),
    );
    const code = (key: SigningKey, certificate: typeof endCertificate) =>
      codeOf(() =>
        verifyPublicationsFile(
          { ...file, signature: signDetached(file.signed, { key, certificate }, [middleCertificate], now) },
          { roots: [rootCertificate.bytes], email },
        ),
      );
    expect(code(middle, middleCertificate)).toBe('keyless.publications.email');
    expect(code(end, endCertificate)).toBe('keyless.publications.untrusted');
    // A root that signs itself has no business to sign content: its key usage does not say so.
    expect(code(root, rootCertificate)).toBe('keyless.publications.signature');
  });
});
