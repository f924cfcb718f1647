import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import sm from 'sm-crypto-v2';
import { describe, expect, it } from 'vitest';
import * as browser from './browser.ts';
import { bigOf } from './der.ts';
import * as node from './node.ts';
import { publicKey } from './public.ts';
import { DEFAULT_ID, messageDigest, newSm2, publicSm2, signSm2, sm2Key, verifySm2 } from './sm2.ts';
import { keyNumbers } from './spki.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');
const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

const keys = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
};

describe('keys', () => {
  it.each(Object.entries(keys))('of kind %s verify alike in the browser and on Node', (_, pair) => {
    const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
    const numbers = keyNumbers(spki) as Parameters<typeof node.checkOf>[1];
    const checks = [node.checkOf(spki, numbers)!, browser.checkOf(spki, numbers)!];
    for (const digest of ['sha256', 'sha512']) {
      const signature = new Uint8Array(sign(digest, bytes('公开数据'), pair.privateKey));
      const cases: [Uint8Array, Uint8Array][] = [
        [bytes('公开数据'), signature],
        [bytes('other'), signature],
        ...[0, 40, signature.length - 1].map((at): [Uint8Array, Uint8Array] => [
          bytes('公开数据'),
          Uint8Array.from(signature, (byte, i) => (i === at ? byte ^ 4 : byte)),
        ]),
        [bytes('公开数据'), signature.subarray(1)],
        [bytes('公开数据'), new Uint8Array()],
        [bytes('公开数据'), new Uint8Array(signature.length)],
      ];
      cases.forEach(([data, value], i) => {
        for (const check of checks) expect(check(digest, data, value)).toBe(i === 0);
      });
    }
  });

  it('of no accepted kind or size are none', () => {
    const spki = (pair: { publicKey: { export(o: object): Buffer } }) =>
      new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
    const none = [
      spki(generateKeyPairSync('rsa', { modulusLength: 768 }) as never),
      spki(generateKeyPairSync('ed25519') as never),
      spki(generateKeyPairSync('ec', { namedCurve: 'P-521' }) as never),
      new Uint8Array(),
      spki(keys.rsa as never).subarray(0, 100),
    ];
    for (const key of none) expect(publicKey(key)).toBeUndefined();
    const moved = spki(keys.p256 as never);
    moved[moved.length - 1]! ^= 1;
    expect(publicKey(moved)).toBeUndefined();
  });

  it('verify only in a way of their own kind', () => {
    const key = publicKey(new Uint8Array(keys.p256.publicKey.export({ type: 'spki', format: 'der' })))!;
    const signature = new Uint8Array(sign('sha256', bytes('x'), keys.p256.privateKey));
    expect(key.signed({ key: 'ec', digest: 'sha256' }, bytes('x'), signature)).toBe(true);
    expect(key.signed({ key: 'rsa', digest: 'sha256' }, bytes('x'), signature)).toBe(false);
    expect(key.signed({ key: 'sm2' }, bytes('x'), signature)).toBe(false);
    expect(verify('sha256', bytes('x'), keys.p256.publicKey, signature)).toBe(true);
  });
});

describe('SM2', () => {
  // GB/T 32918.5-2017, annex A.
  const d = bigOf(fromHex('3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8'));
  const k = bigOf(fromHex('59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21'));
  const key =
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13';

  it('signs the example of GB/T 32918.5 to its numbers', () => {
    expect(hex(publicSm2(d))).toBe(key);
    expect(hex(messageDigest(fromHex(key), bytes('message digest'), DEFAULT_ID))).toBe(
      'f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640',
    );
    const signature = signSm2(d, bytes('message digest'), { k });
    expect(hex(signature)).toContain('f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3');
    expect(hex(signature)).toContain('b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa');
    expect(verifySm2(sm2Key(fromHex(key))!, bytes('message digest'), signature)).toBe(true);
  });

  it('agrees with another implementation both ways and refuses what is changed', () => {
    for (let i = 0; i < 2; i++) {
      const own = newSm2();
      const point = publicSm2(own);
      const message = createHash('sha256').update(String(i)).digest();
      const signature = signSm2(own, message);
      const options = { der: true, hash: true, publicKey: hex(point) };
      expect(sm.sm2.doVerifySignature(message, hex(signature), hex(point), options)).toBe(true);
      const theirs = sm.sm2.doSignature(message, own.toString(16).padStart(64, '0'), options);
      expect(verifySm2(sm2Key(point)!, message, fromHex(theirs))).toBe(true);
      expect(verifySm2(sm2Key(point)!, bytes('x'), signature)).toBe(false);
      expect(verifySm2(sm2Key(point)!, message, signature, bytes('someone else'))).toBe(false);
    }
  });

  it('has no key outside the curve and no private key out of range', () => {
    expect(sm2Key(fromHex(`${key.slice(0, -2)}12`))).toBeUndefined();
    expect(() => signSm2(0n, bytes('x'))).toThrow('out of range');
  });
});
