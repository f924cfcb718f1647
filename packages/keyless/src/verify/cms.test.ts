import { describe, expect, it } from 'vitest';
import { readPublicationsFile } from '../format/publications-file.ts';
import { vectorBytes, vectorsWanted } from '../vectors-testing.ts';
import { verifyPublicationsFile } from './cms.ts';

const anchor = (name: string) => Buffer.from(vectorBytes(`trust-anchors/${name}.pem`)).toString();
const email = 'publications@guardtime.com';
const genuine = 'pack-2024/policy-verification-signatures/resources/publications-file.bin';

describe.skipIf(!vectorsWanted)('the signature of a publications file', () => {
  const bytes = vectorsWanted ? vectorBytes(genuine) : new Uint8Array();
  const roots = vectorsWanted ? [anchor('globalsign-document-signing-root-r45')] : [];

  it('is believed at the time of the file from the editor under the root', () => {
    const { signer } = verifyPublicationsFile(readPublicationsFile(bytes), { roots, email });
    expect(signer).toContain(email);
  });

  it('is not believed now, under another root, from another editor, or over other content', () => {
    const file = readPublicationsFile(bytes);
    const code = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'believed';
    };
    expect(code(() => verifyPublicationsFile(file, { roots, email, at: 1_900_000_000n }))).toBe(
      'keyless.publications.expired',
    );
    const other = [anchor('identrust-commercial-root-ca-1')];
    expect(code(() => verifyPublicationsFile(file, { roots: other, email }))).toBe('keyless.publications.untrusted');
    expect(code(() => verifyPublicationsFile(file, { roots, email: 'somebody@else' }))).toBe(
      'keyless.publications.email',
    );
    const changed = { ...file, signed: Uint8Array.from(file.signed, (byte, i) => (i === 100 ? byte ^ 1 : byte)) };
    expect(code(() => verifyPublicationsFile(changed, { roots, email }))).toBe('keyless.publications.changed');
    const forged = file.signature.slice();
    forged[forged.length - 5]! ^= 1;
    expect(code(() => verifyPublicationsFile({ ...file, signature: forged }, { roots, email }))).toMatch(
      /signature|cms|der/,
    );
  });

  it('cut off or changed anywhere is refused, never a crash', () => {
    const file = readPublicationsFile(bytes);
    for (let i = 0; i < file.signature.length; i += 29) {
      const changed = file.signature.slice();
      changed[i]! ^= 0x55;
      for (const signature of [changed, file.signature.subarray(0, i)]) {
        try {
          verifyPublicationsFile({ ...file, signature }, { roots, email });
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^keyless\./);
        }
      }
    }
  });
});
