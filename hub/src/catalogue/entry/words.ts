/**
 * Chinese words for search and for comparing items: a text is cut into words, longest declared word first and the rest by the
 * runtime's own segmenter (UAX 29 with the CLDR dictionary), and words that mean the same are told as one concept. The declared
 * words are `standards/catalogue-words.yaml`.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../platform/declared/index.ts';
import type { Problem } from '../../platform/problem.ts';

const file = z.strictObject({ groups: z.array(z.array(z.string().min(1).max(20)).min(2).max(30)).max(2000) });

/** Reads the declared groups of words; what is wrong with the file is told beside them. */
export function readWords(standards: string): { words: Words; problems: Problem[] } {
  const shown = 'standards/catalogue-words.yaml';
  const { value, problems } = readYaml(join(standards, 'catalogue-words.yaml'), shown, file);
  return { words: new Words(value?.groups ?? []), problems };
}

/** Full width to half, lower case: the form in which texts are compared. */
export const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Words without a meaning of their own in a catalogue, where everything is data of somebody. */
const EMPTY = new Set(
  '的 和 与 及 或 等 各 类 本 市 本市 全市 区 县 信息 数据 资料 情况 相关 有关 基本 基础 资源 明细 清单 表 记录'.split(
    ' ',
  ),
);

const HAN = /\p{Script=Han}/u;

/** A word in a text: as it stands there, and the concept that it means. */
export interface Word {
  text: string;
  concept: string;
}

/** The declared words. */
export class Words {
  readonly #concept = new Map<string, string>();
  readonly #segmenter = new Intl.Segmenter('zh', { granularity: 'word' });
  readonly #longest: number;
  readonly #held = new Map<string, Word[]>();

  constructor(groups: readonly (readonly string[])[]) {
    for (const group of groups) for (const word of group) this.#concept.set(plain(word), plain(group[0]!));
    this.#longest = Math.max(1, ...[...this.#concept.keys()].map((w) => w.length));
  }

  /** The concept that a whole word stands for: the first of its group, or itself. */
  concept(word: string): string {
    const own = plain(word);
    return this.#concept.get(own) ?? own;
  }

  /** The words of a text that mean something, in order. */
  of(text: string): Word[] {
    const own = plain(text);
    const known = this.#held.get(own);
    if (known) return known;
    const words: Word[] = [];
    let rest = '';
    const flush = () => {
      for (const s of this.#segmenter.segment(rest)) {
        if (s.isWordLike && !EMPTY.has(s.segment)) words.push({ text: s.segment, concept: s.segment });
      }
      rest = '';
    };
    for (let at = 0; at < own.length; ) {
      let length = HAN.test(own[at]!) ? Math.min(this.#longest, own.length - at) : 0;
      while (length > 0 && !this.#concept.has(own.slice(at, at + length))) length--;
      if (length > 0) {
        flush();
        const word = own.slice(at, at + length);
        words.push({ text: word, concept: this.#concept.get(word)! });
        at += length;
      } else rest += own[at++];
    }
    flush();
    // Letters of any script that are declared words (enterprise) are found after cutting.
    for (const w of words) w.concept = this.#concept.get(w.text) ?? w.concept;
    // Names of items return thousands of times; long texts do not.
    if (own.length <= 40 && this.#held.size < 100_000) this.#held.set(own, words);
    return words;
  }

  /** What an item's name comes down to: its concepts in order, so that 手机号 and 联系电话 are one item. */
  key(name: string): string {
    const whole = plain(name).replace(/[\s\p{P}]/gu, '');
    const one = this.#concept.get(whole);
    if (one) return one;
    const words = this.of(whole);
    return words.length ? words.map((w) => w.concept).join('') : whole;
  }
}
