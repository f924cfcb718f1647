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
  facets: Record<FacetName, string>;
  concepts: Map<string, number>;
  code: string;
}

const WEIGHT = { title: 10, tag: 5, item: 4, abstract: 3, provider: 3 } as const;

/** The index. */
export class EntrySearch {
  readonly #book: EntryBook;
  readonly #words: Words;
  readonly #organisation: (id: string) => Bilingual;
  readonly #docs = new Map<string, Doc>();
  readonly #postings = new Map<string, Map<string, number>>();
  readonly #latin = new Map<string, string>();
  #change = -1;

  constructor(book: EntryBook, words: Words, organisation: (id: string) => Bilingual) {
    this.#book = book;
    this.#words = words;
    this.#organisation = organisation;
  }

  /** Takes in what changed since the last time. */
  refresh(): void {
    if (this.#change === this.#book.change) return;
    this.#change = this.#book.change;
    const seen = new Set<string>();
    for (const entry of this.#book.all()) {
      seen.add(entry.id);
      // A changed entry is another object: the book makes it anew when it reads it.
      if (this.#docs.get(entry.id)?.entry !== entry) {
        this.#drop(entry.id);
        this.#add(entry);
      }
    }
    for (const id of this.#docs.keys()) if (!seen.has(id)) this.#drop(id);
  }

  find(query: SearchQuery): SearchAnswer {
    this.refresh();
    const words = query.words ? this.#queryWords(query.words) : [];
    const { scores, relaxed } = this.#scores(query.words ?? '', words);
    const rows: { doc: Doc; score: number }[] = [];
    const counts = Object.fromEntries(facetNames.map((f) => [f, new Map<string, number>()])) as unknown as Record<
      FacetName,
      Map<string, number>
    >;
    const chosen = facetNames.flatMap((f) => (query.chosen[f]?.length ? [[f, new Set(query.chosen[f])] as const] : []));
    for (const [id, score] of scores ?? this.#every()) {
      const doc = this.#docs.get(id)!;
      if (!query.visible(doc.entry)) continue;
      const missed = chosen.filter(([f, values]) => !values.has(doc.facets[f]));
      // Missing only one choice, it still counts for that facet.
      if (missed.length > 1) continue;
      for (const f of facetNames) {
        if (missed.length === 1 && missed[0]![0] !== f) continue;
        counts[f].set(doc.facets[f], (counts[f].get(doc.facets[f]) ?? 0) + 1);
      }
      if (missed.length === 0) rows.push({ doc, score });
    }
    const sort = query.sort === 'relevance' && !query.words ? 'code' : query.sort;
    rows.sort((a, b) =>
      sort === 'relevance'
        ? b.score - a.score || cmp(a.doc.code, b.doc.code)
        : sort === 'published'
          ? published(b.doc.entry) - published(a.doc.entry) || cmp(a.doc.code, b.doc.code)
          : cmp(a.doc.code, b.doc.code),
    );
    return {
      ...{ total: rows.length, relaxed },
      understood: words.filter((w) => w.meaning !== w.word),
      hits: rows.slice(query.offset, query.offset + query.limit).map(({ doc, score }) => ({
        ...{ entry: doc.entry, score, items: this.#matched(doc, words) },
      })),
      facets: Object.fromEntries(
        facetNames.map((f) => [
          f,
          [...counts[f]]
            .map(([value, count]) => ({ value, count }))
            .sort((a, b) => b.count - a.count || cmp(a.value, b.value)),
        ]),
      ) as SearchAnswer['facets'],
    };
  }

  #every(): [string, number][] {
    return [...this.#docs.keys()].map((id) => [id, 0]);
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

  #scores(
    text: string,
    words: { word: string; meaning: string }[],
  ): { scores: Map<string, number> | null; relaxed: boolean } {
    if (words.length === 0) return { scores: null, relaxed: false };
    const whole = plain(text).trim();
    const total = new Map<string, { score: number; hits: number }>();
    for (const { word, meaning } of words) {
      const own = new Map(this.#postings.get(meaning));
      const latin = /^[a-z]{2,}$/.test(word);
      for (const [id, doc] of this.#docs) {
        let more = 0;
        if (doc.title.includes(word)) more = 6;
        else if (doc.text.includes(word)) more = 2;
        if (latin && doc.latin.includes(word)) more = Math.max(more, doc.latin.indexOf(word) === 0 ? 8 : 4);
        if (more) own.set(id, (own.get(id) ?? 0) + more);
      }
      const rarity = 1 + Math.log((this.#docs.size + 1) / (own.size + 1));
      for (const [id, weight] of own) {
        const known = total.get(id);
        if (known) {
          known.score += weight * rarity;
          known.hits++;
        } else total.set(id, { score: weight * rarity, hits: 1 });
      }
    }
    const least = [...total.values()].some((t) => t.hits === words.length) ? words.length : Math.ceil(words.length / 2);
    const scores = new Map<string, number>();
    for (const [id, { score, hits }] of total) {
      if (hits < least) continue;
      const { title } = this.#docs.get(id)!;
      scores.set(id, score + (title === whole ? 60 : title.includes(whole) ? 20 : 0));
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
      facets: {
        ...{ provider: entry.provider, sharing: c.sharing.type ?? '', classification: c.classification.slice(0, 3) },
        ...{ cycle: (c.cycle ?? '') satisfies Cadence | '', format: c.format.toLowerCase(), level: c.level ?? '' },
        ...{ open: String(c.open.open), state: stateOf(entry) },
      },
    };
    this.#docs.set(entry.id, doc);
    for (const [concept, weight] of concepts) {
      const posting = this.#postings.get(concept);
      if (posting) posting.set(entry.id, weight);
      else this.#postings.set(concept, new Map([[entry.id, weight]]));
    }
  }

  #drop(id: string): void {
    const doc = this.#docs.get(id);
    if (!doc) return;
    for (const concept of doc.concepts.keys()) {
      const posting = this.#postings.get(concept)!;
      posting.delete(id);
      if (posting.size === 0) this.#postings.delete(concept);
    }
    this.#docs.delete(id);
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
