/** Private keys that sign: RSA and ECDSA P-256 by Node's OpenSSL, SM2 by our own (OpenSSL does not sign it in the way of GB/T 35276). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { fail } from '../errors.ts';
import { bigOf, childrenOf, oidOf, onlyDer } from '../keys/der.ts';
import { newSm2, publicSm2, signSm2 } from '../keys/sm2.ts';
import { bits, integer, NULL, octets, oid, sequence, tagged } from './der.ts';

/** Kind of a key. */
export type KeyKind = 'rsa' | 'ecdsa' | 'sm2';

const SM2_CURVE = '1.2.156.10197.1.301';
const EC_KEY = '1.2.840.10045.2.1';
const kinds: Record<KeyKind, { type: string; digest: 'sha256' | 'sm3'; digestType: string }> = {
  rsa: { type: '1.2.840.113549.1.1.11', digest: 'sha256', digestType: '2.16.840.1.101.3.4.2.1' },
  ecdsa: { type: '1.2.840.10045.4.3.2', digest: 'sha256', digestType: '2.16.840.1.101.3.4.2.1' },
  sm2: { type: '1.2.156.10197.1.501', digest: 'sm3', digestType: '1.2.156.10197.1.401' },
};

/** A private key. */
export class SigningKey {
  readonly kind: KeyKind;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly #secret: KeyObject | bigint;

  private constructor(kind: KeyKind, secret: KeyObject | bigint) {
    this.kind = kind;
    this.#secret = secret;
    this.spki =
      typeof secret === 'bigint'
        ? sequence(sequence(oid(EC_KEY), oid(SM2_CURVE)), bits(publicSm2(secret)))
        : new Uint8Array(createPublicKey(secret).export({ type: 'spki', format: 'der' }));
  }

  /** A new key. `rsaBits`: 2048 or 3072. */
  static create(kind: KeyKind, rsaBits: 2048 | 3072 = 3072): SigningKey {
    if (kind === 'sm2') return new SigningKey(kind, newSm2());
    const { privateKey } =
      kind === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: rsaBits })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return new SigningKey(kind, privateKey);
  }

  /** Reads a key in PEM (PKCS #8). Throws `keyless.key.unreadable`. */
  static load(pem: string): SigningKey {
    const bad = () => fail('key.unreadable', '私钥无法读取', 'the private key cannot be read');
    const base64 = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(pem)?.[1];
    if (!base64) return bad();
    const sm2 = sm2Secret(new Uint8Array(Buffer.from(base64, 'base64')));
    if (sm2 !== undefined) return new SigningKey('sm2', sm2);
    let key: KeyObject;
    try {
      key = createPrivateKey(pem);
    } catch {
      return bad();
    }
    if (key.asymmetricKeyType === 'rsa') return new SigningKey('rsa', key);
    if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
      return new SigningKey('ecdsa', key);
    return bad();
  }

  /** The key in PEM (PKCS #8), unencrypted: to be kept where only its owner reads. */
  pem(): string {
    const secret = this.#secret;
    if (typeof secret !== 'bigint') return secret.export({ type: 'pkcs8', format: 'pem' }) as string;
    const d = Buffer.from(secret.toString(16).padStart(64, '0'), 'hex');
    const inner = sequence(integer([1]), octets(d), tagged(1, bits(publicSm2(secret))));
    const outer = sequence(integer([0]), sequence(oid(EC_KEY), oid(SM2_CURVE)), octets(inner));
    return pemOf('PRIVATE KEY', outer);
  }

  /** Dotted OID of the way in which it signs. */
  get signatureType(): string {
    return kinds[this.kind].type;
  }

  /** AlgorithmIdentifier of the way in which it signs. */
  get algorithm(): Uint8Array {
    const type = oid(this.signatureType);
    return this.kind === 'rsa' ? sequence(type, NULL) : sequence(type);
  }

  /** The digest that goes with it: name and AlgorithmIdentifier. */
  get digest(): { name: 'sha256' | 'sm3'; algorithm: Uint8Array } {
    const { digest, digestType } = kinds[this.kind];
    return { name: digest, algorithm: sequence(oid(digestType), NULL) };
  }

  /** Signs bytes. */
  sign(data: Uint8Array): Uint8Array {
    const secret = this.#secret;
    return typeof secret === 'bigint' ? signSm2(secret, data) : new Uint8Array(sign('sha256', data, secret));
  }
}

/** The number of an SM2 key in PKCS #8; undefined where it is a key of another kind. */
function sm2Secret(pkcs8: Uint8Array): bigint | undefined {
  try {
    const [, algorithm, key] = childrenOf(onlyDer(pkcs8));
    const [type, curve] = childrenOf(algorithm!);
    if (oidOf(type!) !== EC_KEY || oidOf(curve!) !== SM2_CURVE) return undefined;
    return bigOf(childrenOf(onlyDer(key!.content))[1]!.content);
  } catch {
    return undefined;
  }
}

/** DER as PEM. */
export function pemOf(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Content of the first PEM block of a label; Throws `keyless.key.unreadable`. */
export function derOf(label: string, pem: string): Uint8Array {
  const found = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(pem);
  if (!found) return fail('key.unreadable', `没有 ${label}`, `there is no ${label}`);
  return new Uint8Array(Buffer.from(found[1]!, 'base64'));
}
