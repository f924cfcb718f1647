/** Changes files at random and hands them to every reader: nothing but a KeylessError may come of it. For the test and bench/keyless-fuzz. */
import { describe } from './describe.ts';
import { describeText } from './describe-text.ts';
import { KeylessError } from './errors.ts';
import { readCalendarChainBytes } from './format/calendar.ts';
import { PDU, readPdu } from './format/pdu.ts';
import { type PublicationsFile, readPublicationsFile } from './format/publications-file.ts';
import { readSignature } from './format/signature.ts';
import { certificatesOf } from './keys/x509.ts';
import { type FuzzKind, type FuzzSeed, mutateFile, randomFrom } from './mutate-testing.ts';
import { verifyPublicationsFile } from './verify/cms.ts';
import { verifyInternal } from './verify/internal.ts';
import { verifyByKey } from './verify/policies.ts';

/** What the readers are given beside the changed file. */
export interface FuzzTrust {
  publicationsFile: PublicationsFile;
  roots: string[];
  email: string;
}

/** Reads, describes and verifies a file of a kind. */
export function consume(kind: FuzzKind, bytes: Uint8Array, trust: FuzzTrust): void {
  switch (kind) {
    case 'signature': {
      const signature = readSignature(bytes);
      describeText(describe(signature), 'zh');
      verifyInternal(signature);
      verifyByKey(signature, { publicationsFile: trust.publicationsFile });
      return;
    }
    case 'publications':
      verifyPublicationsFile(readPublicationsFile(bytes), trust);
      return;
    case 'cms':
      verifyPublicationsFile({ ...trust.publicationsFile, signature: bytes }, trust);
      return;
    case 'pdu':
      readPdu(bytes, Object.values(PDU), () => new Uint8Array(4), 1);
      return;
    case 'calendar':
      readCalendarChainBytes(bytes);
      return;
    case 'certificate':
      certificatesOf(bytes);
  }
}

/** Milliseconds from which a file is looked at once more. */
const SLOW = 20;

/** What came of it. */
export interface FuzzReport {
  files: number;
  accepted: number;
  /** Refused with a KeylessError, by code. */
  refused: Record<string, number>;
  /** Anything else: what a mutation must never lead to. */
  crashes: { seed: number; kind: FuzzKind; error: string; hex: string }[];
  /** Milliseconds of the slowest file. */
  slowest: number;
}

/** Reads `files` changed files. The same `seed` gives the same files. */
export function fuzz(seeds: readonly FuzzSeed[], files: number, seed: number, trust: FuzzTrust): FuzzReport {
  const random = randomFrom(seed);
  const report: FuzzReport = { files, accepted: 0, refused: {}, crashes: [], slowest: 0 };
  for (let n = 0; n < files; n++) {
    const { kind, bytes } = seeds[random(seeds.length)]!;
    let changed = bytes;
    for (let i = random(3); i >= 0; i--) changed = mutateFile(kind, changed, seeds, random);
    const began = performance.now();
    try {
      consume(kind, changed, trust);
      report.accepted += 1;
    } catch (error) {
      if (error instanceof KeylessError) report.refused[error.code] = (report.refused[error.code] ?? 0) + 1;
      else if (report.crashes.length < 20)
        report.crashes.push({
          seed,
          kind,
          error: String((error as Error).stack),
          hex: Buffer.from(changed).toString('hex'),
        });
    }
    let took = performance.now() - began;
    // A slow file is slow again; a machine that was busy elsewhere is not.
    for (let again = 0; took > SLOW && again < 2; again++) {
      const once = performance.now();
      try {
        consume(kind, changed, trust);
      } catch {
        // Told already.
      }
      took = Math.min(took, performance.now() - once);
    }
    report.slowest = Math.max(report.slowest, took);
  }
  return report;
}

/** Splits publications files into the file and its parts, so that every depth is reached. */
export function seedsOf(
  signatures: readonly Uint8Array[],
  publications: readonly Uint8Array[],
  pdus: readonly Uint8Array[],
) {
  const seeds: FuzzSeed[] = [];
  for (const bytes of signatures) {
    seeds.push({ kind: 'signature', bytes });
    try {
      const { calendar } = readSignature(bytes);
      if (calendar) seeds.push({ kind: 'calendar', bytes: calendar.tlv.bytes });
    } catch {
      // A file that is refused as it is: its neighbourhood is worth a look, too.
    }
  }
  for (const bytes of publications) {
    seeds.push({ kind: 'publications', bytes });
    const file = readPublicationsFile(bytes);
    seeds.push({ kind: 'cms', bytes: file.signature });
    for (const { certificate } of file.certificates) seeds.push({ kind: 'certificate', bytes: certificate });
  }
  for (const bytes of pdus) seeds.push({ kind: 'pdu', bytes });
  return seeds;
}
