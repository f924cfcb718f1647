/** Certificates and signatures of keys, by what the platform offers. */
import { createPublicKey, verify, X509Certificate } from 'node:crypto';

/** What a certificate says that matters here. */
export interface KeyCertificate {
  /** Unix seconds, both included. */
  notBefore: bigint;
  notAfter: bigint;
  /** Whether the key signed these bytes in the way of this OID. */
  signed(type: string, data: Uint8Array, signature: Uint8Array): boolean;
}

/** Digest by the OID of a way to sign; RSA (PKCS #1 v1.5) and ECDSA. */
const digests: Record<string, { digest: string; key: string }> = {
  '1.2.840.113549.1.1.11': { digest: 'sha256', key: 'rsa' },
  '1.2.840.113549.1.1.12': { digest: 'sha384', key: 'rsa' },
  '1.2.840.113549.1.1.13': { digest: 'sha512', key: 'rsa' },
  '1.2.840.10045.4.3.2': { digest: 'sha256', key: 'ec' },
  '1.2.840.10045.4.3.3': { digest: 'sha384', key: 'ec' },
  '1.2.840.10045.4.3.4': { digest: 'sha512', key: 'ec' },
};

/** Reads a certificate in DER; undefined where it is none. */
export function keyCertificate(der: Uint8Array): KeyCertificate | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return undefined;
  }
  const seconds = (text: string) => BigInt(Math.floor(Date.parse(text) / 1000));
  return {
    notBefore: seconds(certificate.validFrom),
    notAfter: seconds(certificate.validTo),
    signed(type, data, signature) {
      const way = digests[type];
      if (!way) return false;
      try {
        const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
        return key.asymmetricKeyType === way.key && verify(way.digest, data, key, signature);
      } catch {
        return false;
      }
    },
  };
}
