/**
 * Encryption of received files as streams: a cipher in counter mode and an HMAC over everything before it.
 * Layout: `JWF` and the suite (1: SM4 and HMAC-SM3; 2: AES-256 and HMAC-SHA-256), key version (4 bytes, big-endian), salt
 * (16 bytes), ciphertext, tag (32 bytes). Each file has keys of its own, derived from its version's key and the salt, so
 * the counter starts at zero. Suite 1 is the default and about 60 MB/s a thread, suite 2 ten times that where the
 * processor helps; both are always read.
 * What `decrypt` hands out before the end is not yet checked: a reader keeps nothing of it until the stream has ended.
 */
import { type Cipher, createCipheriv, createHmac, type Hmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Transform } from 'node:stream';
import type { BlobCipher } from '../blobs/index.ts';
import { Problem, problemKind } from '../problem.ts';
import { deriveKey, type KeyRing } from './keys.ts';

const MAGIC = Buffer.from('JWF');
/** Ciphers by name; the number stands in the file. */
const suites = {
  sm: { number: 1, cipher: 'sm4-ctr', keyBytes: 16, digest: 'sm3' },
  aes: { number: 2, cipher: 'aes-256-ctr', keyBytes: 32, digest: 'sha256' },
} as const;
/** Which cipher files are encrypted with. */
export type FileSuite = keyof typeof suites;
const HEADER = 24;
const TAG = 32;

const damaged = problemKind(
  'vault.file-damaged',
  500,
  '加密文件与其校验不符：被截断、损坏或篡改',
  'the encrypted file does not fit its check: it was cut, damaged or tampered with',
);

/** The cipher of received files under the newest `files` key; older versions are still read. */
export function fileCipher(ring: KeyRing, suite: FileSuite = 'sm'): BlobCipher {
  if (ring.versions('files').length === 0) ring.makeNext('files');
  return {
    encrypt: () => encryptor(ring, suite),
    decrypt: () => decryptor(ring),
  };
}

function parts(ring: KeyRing, header: Buffer): { cipher: Cipher; mac: Hmac } {
  const suite = Object.values(suites).find((s) => s.number === header[3]);
  if (!suite || !header.subarray(0, 3).equals(MAGIC)) throw new Problem(damaged);
  const key = ring.key('files', header.readUInt32BE(4));
  const salt = header.subarray(8);
  const cipherKey = deriveKey(key, Buffer.concat([Buffer.from('jingwei file cipher'), salt])).subarray(
    0,
    suite.keyBytes,
  );
  const mac = createHmac(suite.digest, deriveKey(key, Buffer.concat([Buffer.from('jingwei file mac'), salt])));
  // Counter mode is its own inverse.
  return { cipher: createCipheriv(suite.cipher, cipherKey, Buffer.alloc(16)), mac: mac.update(header) };
}

function encryptor(ring: KeyRing, suite: FileSuite): Transform {
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header[3] = suites[suite].number;
  header.writeUInt32BE(ring.versions('files').at(-1)!, 4);
  randomBytes(16).copy(header, 8);
  const { cipher, mac } = parts(ring, header);
  let begun = false;
  const begin = (stream: Transform) => {
    if (!begun) stream.push(header);
    begun = true;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      begin(this);
      const sealed = cipher.update(chunk);
      mac.update(sealed);
      done(null, sealed);
    },
    flush(done) {
      begin(this);
      done(null, mac.digest());
    },
  });
}

function decryptor(ring: KeyRing): Transform {
  let kept: Buffer = Buffer.alloc(0);
  let open: { cipher: Cipher; mac: Hmac } | undefined;
  const fail = () => new Problem(damaged);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      kept = kept.length === 0 ? Buffer.from(chunk) : Buffer.concat([kept, chunk]);
      try {
        if (!open && kept.length >= HEADER) {
          open = parts(ring, Buffer.from(kept.subarray(0, HEADER)));
          kept = kept.subarray(HEADER);
        }
        // The last bytes may be the tag: they wait until more follows or the end comes.
        const ready = kept.length - TAG;
        if (!open || ready <= 0) return done();
        const sealed = kept.subarray(0, ready);
        open.mac.update(sealed);
        const plain = open.cipher.update(sealed);
        kept = Buffer.from(kept.subarray(ready));
        done(null, plain);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      if (!open || kept.length !== TAG || !timingSafeEqual(open.mac.digest(), kept)) done(fail());
      else done();
    },
  });
}
