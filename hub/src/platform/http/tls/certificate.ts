/** A certificate and its key as files, judged before they are served: who may read the key, whether both belong together, from when until when. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { Problem } from '../../problem.ts';
import {
  expired,
  keyExposed,
  keyForeign,
  mismatch,
  noFile,
  notCertificate,
  notKey,
  notYet,
  weakKey,
} from './problems.ts';

/** Where a certificate lies. */
export interface CertificateFiles {
  /** PEM: the certificate, then those that it stands on. */
  certificate: string;
  /** PEM: the private key, unencrypted, readable by its owner only. */
  key: string;
}

/** A pair that serves. */
export interface Served {
  /** What the server is given; TLS 1.2 at least. */
  context: SecureContextOptions;
  /** SHA-256 of the certificate, hexadecimal pairs with colons between. */
  fingerprint: string;
  from: Date;
  until: Date;
  /** Who issued it, one line. */
  issuer: string;
  /** Whether it holds for a host's name. */
  covers(host: string): boolean;
}

/** What every connection of the hub keeps to: TLS 1.2 at least, the server's order of the standard library's own list. */
export const versions = { minVersion: 'TLSv1.2', honorCipherOrder: true } as const;

/**
 * Reads and judges a pair. `fresh`: one that is to take another's place must hold now; at a start an old one is served and said to be old,
 * since a hub that does not start can be mended by nobody. Throws a Problem that names the file.
 */
export function readPair(files: CertificateFiles, now: Date, fresh: boolean): Served {
  const chain = read(files.certificate);
  refuseExposed(files.key);
  return judge(chain, read(files.key), files, now, fresh);
}

/** Judges a pair of texts; `files` are named in what is wrong. */
export function judge(chain: string, keyText: string, files: CertificateFiles, now: Date, fresh: boolean): Served {
  const [path, file] = [files.certificate, { file: files.certificate }];
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(chain);
  } catch {
    throw new Problem(notCertificate, { path }, file);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(keyText);
  } catch {
    throw new Problem(notKey, { path: files.key }, { file: files.key });
  }
  if (!certificate.checkPrivateKey(key)) throw new Problem(mismatch, { path }, file);
  const context: SecureContextOptions = { cert: chain, key: keyText, ...versions };
  try {
    createSecureContext(context);
  } catch (error) {
    // A key too short, a damaged certificate of the chain.
    throw new Problem(weakKey, { path, reason: (error as Error).message.split(':').at(-1)!.trim() }, file);
  }
  const [from, until] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (fresh && until <= now) throw new Problem(expired, { path, until: until.toISOString() }, file);
  if (fresh && from > now) throw new Problem(notYet, { path, from: from.toISOString() }, file);
  return {
    context,
    fingerprint: certificate.fingerprint256,
    ...{ from, until },
    issuer: certificate.issuer.replaceAll('\n', ', '),
    covers: (host) => (/^[\d.]+$|:/.test(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined,
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Problem(noFile, { path }, { file: path });
  }
}

/** Like the vault's keys; a link is followed, since tools that renew certificates keep the newest behind one. */
function refuseExposed(path: string): void {
  let stat: Stats;
  try {
    stat = statSync(path);
  } catch {
    throw new Problem(noFile, { path }, { file: path });
  }
  const mode = stat.mode & 0o777;
  if (!stat.isFile() || ![0, process.geteuid?.()].includes(stat.uid))
    throw new Problem(keyForeign, { path }, { file: path });
  if (mode & 0o077) throw new Problem(keyExposed, { path, mode: mode.toString(8) }, { file: path });
}

/** What tells one version of the files from another without reading them. */
export function stampOf(files: CertificateFiles): string {
  return [files.certificate, files.key]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.mode}` : 'none';
    })
    .join(' ');
}
