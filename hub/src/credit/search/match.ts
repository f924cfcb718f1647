/**
 * Finds the documents of one segment that answer a query and says how well. The tiers are the ranking: exact code,
 * exact name, beginning of the name, trade name, part, words in any order, abbreviation, pinyin, former names,
 * variants, address, person, and similar names when nothing else was found.
 */
import type { SearchRoute } from '../api.ts';
import type { CodeField } from './codes.ts';
import { type Pinyin, type PinyinPattern, type Place, unitPlace } from './pinyin.ts';
import type { Pool } from './pool.ts';
import { NameKind, type Segment } from './segment.ts';
import type { QueryText } from './text.ts';

/** Tiers, higher is better; 0 is no match. */
export const Tier = {
  number: 30,
  codeExact: 29,
  nameExact: 28,
  namePrefix: 27,
  codePrefix: 26,
  trade: 25,
  part: 24,
  words: 23,
  abbreviation: 22,
  pinyinWhole: 21,
  pinyinPart: 20,
  mixed: 19,
  initialsPrefix: 18,
  initials: 17,
  /** Letters that fit only a reading that the context does not have (zhongqing for 重庆). */
  misread: 16,
  formerExact: 15,
  former: 14,
  variant: 13,
  address: 12,
  personExact: 11,
  person: 10,
  personPinyin: 9,
  personMisread: 8,
  looseAbbreviation: 2,
  similar: 1,
} as const;

const ROUTES: Readonly<Record<number, SearchRoute>> = {
  [Tier.number]: 'number',
  [Tier.codeExact]: 'code',
  [Tier.nameExact]: 'name',
  [Tier.namePrefix]: 'prefix',
  [Tier.codePrefix]: 'code',
  [Tier.trade]: 'trade-name',
  [Tier.part]: 'part',
  [Tier.words]: 'words',
  [Tier.abbreviation]: 'abbreviation',
  [Tier.pinyinWhole]: 'pinyin',
  [Tier.pinyinPart]: 'pinyin',
  [Tier.mixed]: 'pinyin',
  [Tier.initialsPrefix]: 'initials',
  [Tier.initials]: 'initials',
  [Tier.misread]: 'pinyin',
  [Tier.formerExact]: 'former-name',
  [Tier.former]: 'former-name',
  [Tier.variant]: 'variant',
  [Tier.address]: 'address',
  [Tier.personExact]: 'person',
  [Tier.person]: 'person',
  [Tier.personPinyin]: 'person',
  [Tier.personMisread]: 'person',
  [Tier.looseAbbreviation]: 'abbreviation',
  [Tier.similar]: 'similar',
};

/** The route by which a tier was reached. */
export const routeOf = (tier: number): SearchRoute => ROUTES[tier] ?? 'similar';

/** What may be looked through. */
export interface Ways {
  name: boolean;
  /** Names with parts left out: not for queries whose rarest character stands in very many names. */
  abbreviation: boolean;
  pinyin: boolean;
  code: boolean;
  address: boolean;
  person: boolean;
}

/** A matched document: `ref` names the text (name entry, person or code field), `pattern` the pinyin reading. */
export interface Match {
  doc: number;
  tier: number;
  ref: number;
  pattern: number;
}

/** Pattern of plain text. */
export const textPattern = (folded: string): Place[] =>
  Array.from({ length: folded.length }, (_, i) => unitPlace(folded.charCodeAt(i)));

const CODE_FIELDS: readonly CodeField[] = ['uscc', 'orgcode', 'regno'];
/** The code field that a match's `ref` means. */
export const codeField = (ref: number): CodeField => CODE_FIELDS[ref] ?? 'uscc';

/** Bigrams that nearly every name has: they say nothing about likeness. */
const COMMON = new Set(['有限', '限公', '公司', '责任', '任公', '股份', '份有', '限责', '经营', '营部', '商行']);

/** Works on one segment; its scratch arrays are reused from query to query. */
export class Matcher {
  readonly segment: Segment;
  readonly #pinyin: Pinyin;
  readonly #tiers: Uint8Array;
  readonly #refs: Int32Array;
  readonly #patterns: Uint8Array;
  readonly #touched: Uint32Array;
  #count = 0;

  constructor(segment: Segment, pinyin: Pinyin) {
    this.segment = segment;
    this.#pinyin = pinyin;
    this.#tiers = new Uint8Array(segment.count);
    this.#refs = new Int32Array(segment.count);
    this.#patterns = new Uint8Array(segment.count);
    this.#touched = new Uint32Array(segment.count);
  }

  get bytes(): number {
    return this.#tiers.byteLength + this.#refs.byteLength + this.#patterns.byteLength + this.#touched.byteLength;
  }

  #hit(doc: number, tier: number, ref: number, pattern = 255): void {
    if (this.segment.dead[doc]) return;
    const old = this.#tiers[doc]!;
    if (tier <= old) return;
    if (old === 0) this.#touched[this.#count++] = doc;
    this.#tiers[doc] = tier;
    this.#refs[doc] = ref;
    this.#patterns[doc] = pattern;
  }

  /** Hands out what was hit and forgets it. */
  #drain(each: (doc: number, tier: number, ref: number, pattern: number) => void): void {
    for (let i = 0; i < this.#count; i++) {
      const doc = this.#touched[i]!;
      each(doc, this.#tiers[doc]!, this.#refs[doc]!, this.#patterns[doc]!);
      this.#tiers[doc] = 0;
    }
    this.#count = 0;
  }

  /** Marks everything that answers the query; read it with `found` and `match`, then `clear`. */
  find(query: QueryText, ways: Ways, patterns: readonly PinyinPattern[]): void {
    if (query.words.length > 0) {
      const words = this.#words(query.words, ways);
      this.#whole(query, ways, patterns);
      for (const m of words.values()) this.#hit(m.doc, m.tier, m.ref, m.pattern);
    } else this.#whole(query, ways, patterns);
  }

  /** Marks names that resemble the query: for when nothing was found in any segment. */
  findSimilar(query: QueryText): void {
    this.#abbreviation(query.folded, true);
    if (this.#count === 0) this.#similar(query.folded);
  }

  /** Marks given documents. */
  mark(docs: Iterable<number>): void {
    for (const doc of docs) this.#hit(doc, Tier.number, -1);
  }

  /** The documents marked, each once, in no order. */
  get found(): Uint32Array {
    return this.#touched.subarray(0, this.#count);
  }

  /** How well a marked document matched. */
  tier(doc: number): number {
    return this.#tiers[doc]!;
  }

  match(doc: number): Match {
    return { doc, tier: this.#tiers[doc]!, ref: this.#refs[doc]!, pattern: this.#patterns[doc]! };
  }

  clear(): void {
    for (let i = 0; i < this.#count; i++) this.#tiers[this.#touched[i]!] = 0;
    this.#count = 0;
  }

  #whole(query: QueryText, ways: Ways, patterns: readonly PinyinPattern[]): void {
    if (ways.code && query.code) {
      this.segment.data.codes.search(query.code, (doc, field, exact) =>
        this.#hit(doc, exact ? Tier.codeExact : Tier.codePrefix, CODE_FIELDS.indexOf(field)),
      );
    }
    const pattern = textPattern(query.folded);
    if (pattern.length === 0) return;
    if (ways.name) {
      this.#names(pattern);
      if (ways.abbreviation) this.#abbreviation(query.folded, false);
    }
    if (ways.address && pattern.length >= 2) this.#addresses(pattern);
    if (ways.person && pattern.length >= 2) this.#persons(pattern);
    if (ways.pinyin) {
      patterns.forEach((p, i) => {
        this.#pinyinNames(p, i);
        if (ways.person && p.kind === 'pinyin' && p.places.length >= 2) this.#pinyinPersons(p, i);
      });
    }
  }

  #names(pattern: readonly Place[]): void {
    const { names, nameDocs, nameKinds } = this.segment.data;
    names.search(pattern, (id, at) => {
      const exact = at === 0 && names.length(id) === pattern.length;
      const kind = nameKinds[id];
      let tier: number = exact ? Tier.nameExact : at === 0 ? Tier.namePrefix : Tier.part;
      if (tier === Tier.part && this.#atTrade(id, pattern, at)) tier = Tier.trade;
      if (kind === NameKind.former) tier = exact || at === 0 ? Tier.formerExact : Tier.former;
      if (kind === NameKind.variant) tier = Tier.variant;
      this.#hit(nameDocs[id]!, tier, id);
    });
  }

  #atTrade(id: number, pattern: readonly Place[], first: number): boolean {
    const trade = this.segment.trades[id]!;
    return trade === first || (trade > first && this.segment.data.names.find(id, pattern, trade) === trade);
  }

  #addresses(pattern: readonly Place[]): void {
    this.segment.data.addresses.search(pattern, (doc) => this.#hit(doc, Tier.address, doc));
  }

  #persons(pattern: readonly Place[]): void {
    const { persons } = this.segment.data;
    persons.search(pattern, (id, at) => {
      if (at !== 0) return;
      this.#ofPerson(id, persons.length(id) === pattern.length ? Tier.personExact : Tier.person);
    });
  }

  #ofPerson(id: number, tier: number, pattern = 255): void {
    const { offsets, values } = this.segment.data.links;
    for (let i = offsets[id]!; i < offsets[id + 1]!; i++) this.#hit(values[i]!, tier, id, pattern);
  }

  #pinyinNames(p: PinyinPattern, index: number): void {
    const { names, nameDocs, nameKinds } = this.segment.data;
    names.search(p.places, (id, at) => {
      const start = at === 0 || this.#atTrade(id, p.places, at);
      const kind = nameKinds[id];
      let tier: number;
      if (kind === NameKind.former) tier = Tier.former;
      else if (kind === NameKind.variant) tier = Tier.variant;
      else if (p.kind === 'pinyin') tier = start ? Tier.pinyinWhole : Tier.pinyinPart;
      else if (p.kind === 'mixed') tier = Tier.mixed;
      else tier = start ? Tier.initialsPrefix : Tier.initials;
      this.#hit(nameDocs[id]!, tier, id, index);
    });
  }

  #pinyinPersons(p: PinyinPattern, index: number): void {
    const { persons } = this.segment.data;
    persons.search(p.places, (id, at) => {
      if (at !== 0 || persons.length(id) !== p.places.length) return;
      this.#ofPerson(id, Tier.personPinyin, index);
    });
  }

  /**
   * A name with parts left out (慈溪公牛 for 慈溪市公牛电器有限公司): all units in order, the first at the beginning or at
   * the trade name, in runs of two units on average; `loose` allows any runs anywhere.
   */
  #abbreviation(folded: string, loose: boolean): void {
    if (folded.length < 3 || !/^[\u3400-\u9fff]/.test(folded)) return;
    const { names, nameDocs, nameKinds } = this.segment.data;
    let rarest = folded.charCodeAt(0);
    for (let i = 1; i < folded.length; i++) {
      const unit = folded.charCodeAt(i);
      if (names.frequency(unit) < names.frequency(rarest)) rarest = unit;
    }
    names.withUnit(rarest, (id) => {
      if (nameKinds[id] === NameKind.variant) return;
      const runs = this.#runs(names, id, folded, loose);
      if (runs === 0 || (!loose && runs > folded.length / 2)) return;
      const tier = loose ? Tier.looseAbbreviation : nameKinds[id] === NameKind.former ? Tier.former : Tier.abbreviation;
      this.#hit(nameDocs[id]!, tier, id);
    });
  }

  /** Into how many runs the text falls when it is laid over the name in order; 0 when it does not fit. */
  #runs(names: Pool, id: number, folded: string, loose: boolean): number {
    return coverRuns(names, id, folded, loose ? [] : [0, this.segment.trades[id]!]).length;
  }

  #words(words: readonly string[], ways: Ways): Map<number, Match> {
    const { names } = this.segment.data;
    const rarity = (word: string) => Math.min(...[...word].map((c) => names.frequency(c.charCodeAt(0))));
    let found: Map<number, Match> | null = null;
    for (const word of [...words].sort((a, b) => rarity(a) - rarity(b))) {
      const pattern = textPattern(word);
      if (ways.name) this.#names(pattern);
      if (ways.address && pattern.length >= 2) this.#addresses(pattern);
      if (ways.person && pattern.length >= 2) this.#persons(pattern);
      const before: Map<number, Match> | null = found;
      const next = new Map<number, Match>();
      this.#drain((doc, reached, ref, pinyin) => {
        const tier = reached >= Tier.part ? Tier.words : reached;
        const old = before?.get(doc);
        if (before && !old) return;
        next.set(doc, old && old.tier <= tier ? old : { doc, tier, ref, pattern: pinyin });
      });
      found = next;
      if (found.size === 0) break;
    }
    return found ?? new Map();
  }

  /** At least six in ten of the telling bigrams in common. */
  #similar(folded: string): void {
    const { names, nameDocs, nameKinds } = this.segment.data;
    const grams: [number, number][] = [];
    for (let i = 0; i + 1 < folded.length && grams.length < 30; i++) {
      if (!COMMON.has(folded.slice(i, i + 2))) grams.push([folded.charCodeAt(i), folded.charCodeAt(i + 1)]);
    }
    if (grams.length < 3) return;
    const counts = new Uint8Array(names.count);
    const need = Math.ceil(grams.length * 0.6);
    for (const [a, b] of grams) {
      for (const id of names.bigram(a, b)) {
        counts[id]! += 1;
        if (counts[id] === need && nameKinds[id] !== NameKind.variant) this.#hit(nameDocs[id]!, Tier.similar, id);
      }
    }
  }

  /** The reading by which a pinyin match was made fits the context of the name. */
  readsWell(match: Match, patterns: readonly PinyinPattern[]): boolean {
    const pattern = patterns[match.pattern];
    if (!pattern) return true;
    const isPerson = match.tier === Tier.personPinyin;
    const pool = isPerson ? this.segment.data.persons : this.segment.data.names;
    const name = pool.folded(match.ref);
    for (let at = pool.find(match.ref, pattern.places); at >= 0; at = pool.find(match.ref, pattern.places, at + 1)) {
      if (this.#pinyin.readsAs(name, at, pattern.places, isPerson)) return true;
    }
    return false;
  }
}

/**
 * Lays a text over a name in order, greedily, beginning at one of the starts (anywhere when there are none). Answers
 * the runs [start, end) of the name that it covers; none when it does not fit.
 */
export function coverRuns(names: Pool, id: number, folded: string, starts: readonly number[]): [number, number][] {
  const from = names.starts[id]!;
  const to = names.starts[id + 1]!;
  let best: [number, number][] = [];
  const first = folded.charCodeAt(0);
  for (let s = from; s < to; s++) {
    if (names.units[s] !== first || (starts.length > 0 && !starts.includes(s - from))) continue;
    const runs: [number, number][] = [[s - from, s - from + 1]];
    let at = s + 1;
    let i = 1;
    for (; i < folded.length && at < to; at++) {
      if (names.units[at] !== folded.charCodeAt(i)) continue;
      const last = runs.at(-1)!;
      if (last[1] === at - from) last[1] += 1;
      else runs.push([at - from, at - from + 1]);
      i += 1;
    }
    if (i === folded.length && (best.length === 0 || runs.length < best.length)) best = runs;
  }
  return best;
}
