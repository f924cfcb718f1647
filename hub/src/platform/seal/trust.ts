/** What this hub's signatures are verified against: its publications file, its root and its calendar; and what a verification says in words. */
import {
  extendSignature,
  KeylessError,
  type PublicationsFile,
  readPublicationsFile,
  readSignature,
  sentenceOf,
  verify,
} from '@jingwei/keyless';
import type { z } from 'zod';
import type { verdictSchema } from './api.ts';
import type { Signer } from './signer.ts';

/** The publications file with what it was made from. */
export interface Anchors {
  bytes: Uint8Array;
  root: string;
  file: PublicationsFile;
}

/** Milliseconds for which the publications file is not asked for again; a publication of this hub ends them. */
const FRESH = 60_000;

/** Reads the anchors from the signing thread and verifies against them. */
export class Trust {
  readonly #signer: Signer;
  #anchors: Promise<Anchors> | undefined;
  #until = 0;

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  /** Something was published: what was read before is old. */
  changed(): void {
    this.#anchors = undefined;
  }

  anchors(): Promise<Anchors> {
    if (this.#anchors && performance.now() < this.#until) return this.#anchors;
    this.#until = performance.now() + FRESH;
    const read = this.#signer.call('anchors', null).then(({ file, root }) => ({
      bytes: file,
      root,
      file: readPublicationsFile(file),
    }));
    read.catch(() => this.changed());
    this.#anchors = read;
    return read;
  }

  /** Verifies a signature over an imprint under the default policy, with this hub's own calendar to extend by. */
  async verdict(bytes: Uint8Array, imprint: Uint8Array, level: number): Promise<z.input<typeof verdictSchema>> {
    const { file } = await this.anchors();
    try {
      const signature = readSignature(bytes);
      const verdict = await verify(signature, 'default', {
        hash: imprint,
        level,
        publicationsFile: file,
        extendingPermitted: true,
        extender: async (from, to) => {
          const chain = await this.#signer.call('extend', {
            from: Number(from),
            to: to === undefined ? null : Number(to),
          });
          return readSignature(extendSignature(signature, chain)).calendar!;
        },
      });
      if (verdict.outcome !== 'ok') {
        const sentence = sentenceOf(verdict.code);
        return { outcome: verdict.outcome, code: verdict.code, sentence, by: null, publication: null };
      }
      const after = file.publications
        .map((p) => p.data.time)
        .filter((time) => time >= (signature.publication?.data.time ?? signature.calendar?.aggregationTime ?? 0n))
        .reduce<bigint | null>((least, time) => (least === null || time < least ? time : least), null);
      const publication = after === null ? null : new Date(Number(after) * 1000).toISOString();
      return { outcome: 'ok', code: null, sentence: proven, by: publication ? 'publication' : 'key', publication };
    } catch (error) {
      if (!(error instanceof KeylessError)) throw error;
      const sentence = { zh: error.zh, en: error.message };
      return { outcome: 'failed', code: error.code, sentence, by: null, publication: null };
    }
  }
}

const proven = {
  zh: '签名有效：内容自签名之时起未被改动',
  en: 'the signature holds: the content is unchanged since it was signed',
};
