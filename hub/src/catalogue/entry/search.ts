/**
 * Search over the entries: by the meaning of Chinese words (`words.ts`), by the initials or the whole of their pinyin, in names,
 * tags, items, abstracts, providers and codes, ranked, with facets counted as each would be if it alone were let go. The index
 * is made of the book in memory and follows its changes entry by entry.
 */
import { pinyin } from 'pinyin-pro';
import type { Bilingual } from '../../platform/i18n/index.ts';
import type { Cadence } from '../api.ts';
import { contentOf, type Entry, type EntryBook, inForce } from './book.ts';
import { codeOf } from './classes.ts';
import { plain, type Words } from './words.ts';

/** What entries may be chosen by. */
export const facetNames = [
  'provider',
  'sharing',
  'classification',
  'cycle',
  'format',
  'level',
  'open',
  'state',
] as const;
export type FacetName = (typeof facetNames)[number];
export type EntryState = 'published' | 'retired' | 'draft';

export interface SearchQuery {
  words?: string | undefined;
  chosen: Partial<Record<FacetName, readonly string[]>>;
  offset: number;
  limit: number;
  sort: 'relevance' | 'code' | 'published';
  /** Which entries are there at all for whoever asks. */
  visible(entry: Entry): boolean;
}

export interface SearchAnswer {
  total: number;
  /** Not all words were found together, so entries with most of them are shown. */
  relaxed: boolean;
  /** Concepts by which the words were looked for. */
  understood: { word: string; meaning: string }[];
  hits: { entry: Entry; score: number; items: string[] }[];
  facets: Record<FacetName, { value: string; count: number }[]>;
}

interface Doc {
  entry: Entry;
  title: string;
  text: string;
  /** Initials and whole pinyin of the name and of the items' names. */
  latin: string;
  /** Numbers of its values, in the order of `facetNames`. */
  facets: number[];
  concepts: Map<string, number>;
  code: string;
}

/** Words that so many entries have as such are not looked for inside of other words too. */
const ENOUGH = 20;
/** Entries that are taken into the index at a time. */
const SLICE = 100;

const WEIGHT = { title: 10, tag: 5, item: 4, abstract: 3, provider: 3 } as const;

/** The index. */
export class EntrySearch {
  readonly #book: EntryBook;
  readonly #words: Words;
  readonly #organisation: (id: string) => Bilingual;
  /** By their slots; a slot that an entry left is used again. */
  readonly #docs: (Doc | undefined)[] = [];
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  /** Of each facet its values by their numbers, and the numbers by value. */
  readonly #values = facetNames.map(() => ({ values: [] as string[], numbers: new Map<string, number>() }));
  readonly #postings = new Map<string, Map<number, number>>();
  readonly #latin = new Map<string, string>();
  #change = -1;

  constructor(book: EntryBook, words: Words, organisation: (id: string) => Bilingual) {
    this.#book = book;
    this.#words = words;
    this.#organisation = organisation;
  }

  /** Takes in what changed since the last time. */
  refresh(): void {
    for (const _ of this.#changes());
  }

  /** The same in slices, so that a hub that starts with many entries answers meanwhile. */
  async warm(): Promise<void> {
    let n = 0;
    for (const _ of this.#changes()) if (++n % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  *#changes(): Generator<void> {
    if (this.#change === this.#book.change) return;
    const { change } = this.#book;
    const seen = new Set<string>();
    for (const entry of this.#book.all()) {
      seen.add(entry.id);
      // A changed entry is another object: the book makes it anew when it reads it.
      const slot = this.#slots.get(entry.id);
      if (slot !== undefined && this.#docs[slot]!.entry === entry) continue;
      this.#drop(entry.id);
      this.#add(entry);
      yield;
    }
    for (const id of [...this.#slots.keys()]) if (!seen.has(id)) this.#drop(id);
    this.#change = change;
  }

  find(query: SearchQuery): SearchAnswer {
    this.refresh();
    const words = query.words ? this.#queryWords(query.words) : [];
    const scored = words.length ? this.#scores(query.words!, words) : null;
    const counts = this.#values.map((v) => new Int32Array(v.values.length));
    const chosen = facetNames.map((f, i) => {
      const given = query.chosen[f];
      return given?.length ? new Set(given.map((v) => this.#values[i]!.numbers.get(v) ?? -1)) : null;
    });
    const rows: number[] = [];
    for (let slot = 0; slot < this.#docs.length; slot++) {
      const doc = this.#docs[slot];
      if (!doc || (scored && scored.scores[slot] === 0) || !query.visible(doc.entry)) continue;
      let missed = -1;
      let misses = 0;
      for (let f = 0; f < chosen.length; f++)
        if (chosen[f] && !chosen[f]!.has(doc.facets[f]!)) {
          missed = f;
          misses++;
        }
      // Missing only one choice, it still counts for that facet.
      if (misses > 1) continue;
      if (misses === 1) counts[missed]![doc.facets[missed]!]!++;
      else {
        for (let f = 0; f < counts.length; f++) counts[f]![doc.facets[f]!]!++;
        rows.push(slot);
      }
    }
    const doc = (slot: number) => this.#docs[slot]!;
    const byCode = (a: number, b: number) => cmp(doc(a).code, doc(b).code);
    if (query.sort === 'published')
      rows.sort((a, b) => published(doc(b).entry) - published(doc(a).entry) || byCode(a, b));
    else if (query.sort === 'code' || !scored) rows.sort(byCode);
    else rows.sort((a, b) => scored.scores[b]! - scored.scores[a]! || byCode(a, b));
    const facets = facetNames.map((f, i) => {
      const { values } = this.#values[i]!;
      const own = values.flatMap((value, n) => (counts[i]![n]! > 0 ? [{ value, count: counts[i]![n]! }] : []));
      return [f, own.sort((a, b) => b.count - a.count || cmp(a.value, b.value))] as const;
    });
    return {
      ...{ total: rows.length, relaxed: scored?.relaxed ?? false },
      understood: words.filter((w) => w.meaning !== w.word),
      hits: rows.slice(query.offset, query.offset + query.limit).map((slot) => ({
        ...{ entry: doc(slot).entry, score: scored?.scores[slot] ?? 0, items: this.#matched(doc(slot), words) },
      })),
      facets: Object.fromEntries(facets) as SearchAnswer['facets'],
    };
  }

  #queryWords(text: string): { word: string; meaning: string }[] {
    const found = this.#words.of(text).map((w) => ({ word: w.text, meaning: w.concept }));
    // A question of empty words only (信息) is taken as it is written.
    const own = found.length
      ? found
      : plain(text)
          .split(/\s+/)
          .filter(Boolean)
          .map((word) => ({ word, meaning: word }));
    return own.filter((w, i) => own.findIndex((o) => o.meaning === w.meaning) === i).slice(0, 12);
  }

  /** Scores by slot, 0 for what was not found. */
  #scores(
    text: string,
    words: readonly { word: string; meaning: string }[],
  ): { scores: Float64Array; relaxed: boolean } {
    const whole = plain(text).trim();
    const n = this.#docs.length;
    const scores = new Float64Array(n);
    const hits = new Uint8Array(n);
    for (const { word, meaning } of words) {
      const own = new Float64Array(n);
      const posting = this.#postings.get(meaning);
      for (const [slot, weight] of posting ?? []) own[slot] = weight;
      const latin = /^[a-z]{2,}$/.test(word);
      const rare = (posting?.size ?? 0) < ENOUGH;
      let found = 0;
      for (let slot = 0; slot < n; slot++) {
        const doc = this.#docs[slot];
        if (!doc) continue;
        let more = 0;
        if (doc.title.includes(word)) more = 6;
        else if (rare && doc.text.includes(word)) more = 2;
        if (latin && doc.latin.includes(word)) more = Math.max(more, doc.latin.startsWith(word) ? 8 : 4);
        own[slot]! += more;
        if (own[slot]! > 0) found++;
      }
      const rarity = 1 + Math.log((this.#slots.size + 1) / (found + 1));
      for (let slot = 0; slot < n; slot++)
        if (own[slot]! > 0) {
          scores[slot]! += own[slot]! * rarity;
          hits[slot]!++;
        }
    }
    const least = hits.includes(words.length) ? words.length : Math.ceil(words.length / 2);
    for (let slot = 0; slot < n; slot++) {
      if (hits[slot]! < least) scores[slot] = 0;
      else {
        const title = this.#docs[slot]?.title ?? '';
        scores[slot]! += title === whole ? 60 : title.includes(whole) ? 20 : 0;
      }
    }
    return { scores, relaxed: least < words.length };
  }

  /** Items by which an entry was found: the first three. */
  #matched(doc: Doc, words: readonly { word: string; meaning: string }[]): string[] {
    if (words.length === 0) return [];
    const wanted = new Set(words.map((w) => w.meaning));
    const out: string[] = [];
    for (const item of contentOf(doc.entry).items) {
      if (out.length === 3) break;
      if (this.#words.of(item.title.zh).some((w) => wanted.has(w.concept))) out.push(item.title.zh);
    }
    return out;
  }

  #add(entry: Entry): void {
    const c = contentOf(entry);
    const provider = this.#organisation(entry.provider);
    const code = codeOf(c.classification, entry.sequence);
    const concepts = new Map<string, number>();
    const take = (text: string, weight: number) => {
      for (const { concept } of this.#words.of(text))
        concepts.set(concept, Math.max(weight, concepts.get(concept) ?? 0));
    };
    take(c.title.zh, WEIGHT.title);
    take(c.title.en, WEIGHT.title);
    for (const tag of c.tags) take(tag, WEIGHT.tag);
    for (const item of c.items) take(item.title.zh, WEIGHT.item);
    take(c.abstract.zh, WEIGHT.abstract);
    take(c.abstract.en, WEIGHT.abstract);
    take(provider.zh, WEIGHT.provider);
    const names = c.items.map((i) => i.title.zh);
    const doc: Doc = {
      ...{ entry, code, concepts, title: plain(c.title.zh) },
      text: plain(
        [entry.id, code, c.title.zh, c.title.en, c.abstract.zh, c.abstract.en, provider.zh, provider.en]
          .concat(
            c.tags,
            names,
            c.items.map((i) => `${i.field ?? ''} ${i.title.en}`),
          )
          .join('\n'),
      ),
      latin: [c.title.zh, ...names].map((n) => this.#letters(n)).join(' '),
      facets: [],
    };
    const values: Record<FacetName, string> = {
      ...{ provider: entry.provider, sharing: c.sharing.type ?? '', classification: c.classification.slice(0, 3) },
      ...{ cycle: (c.cycle ?? '') satisfies Cadence | '', format: c.format.toLowerCase(), level: c.level ?? '' },
      ...{ open: String(c.open.open), state: stateOf(entry) },
    };
    doc.facets = facetNames.map((f, i) => {
      const { values: known, numbers } = this.#values[i]!;
      const number = numbers.get(values[f]) ?? known.push(values[f]) - 1;
      numbers.set(values[f], number);
      return number;
    });
    const slot = this.#free.pop() ?? this.#docs.length;
    this.#docs[slot] = doc;
    this.#slots.set(entry.id, slot);
    for (const [concept, weight] of concepts) {
      const posting = this.#postings.get(concept);
      if (posting) posting.set(slot, weight);
      else this.#postings.set(concept, new Map([[slot, weight]]));
    }
  }

  #drop(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    for (const concept of this.#docs[slot]!.concepts.keys()) {
      const posting = this.#postings.get(concept)!;
      posting.delete(slot);
      if (posting.size === 0) this.#postings.delete(concept);
    }
    this.#docs[slot] = undefined;
    this.#slots.delete(id);
    this.#free.push(slot);
  }

  /** Initials and whole pinyin of a name: `bdcdj budongchandengji`. */
  #letters(name: string): string {
    const known = this.#latin.get(name);
    if (known !== undefined) return known;
    const syllables = pinyin(name, { toneType: 'none', type: 'array', nonZh: 'removed', v: true });
    const own = `${syllables.map((s) => s[0] ?? '').join('')} ${syllables.join('')}`;
    if (this.#latin.size < 200_000) this.#latin.set(name, own);
    return own;
  }
}

/** How an entry stands for those who look for it. */
export const stateOf = (entry: Entry): EntryState =>
  inForce(entry) ? 'published' : entry.retiredAt ? 'retired' : 'draft';

const published = (entry: Entry): number => entry.published?.decided_at?.getTime() ?? 0;
const cmp = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
