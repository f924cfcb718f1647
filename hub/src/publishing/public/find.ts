/**
 * Search over what is open: by the meaning of Chinese words as the catalogue's own search, ranked, with facets counted as each would be if
 * it alone were let go. Made of what is open now and made anew when that changes.
 */
import { catalogueOf, classOf, entry as publishedEntry, readWords, type Words } from '../../catalogue/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import { openChanged, type PublishingPorts } from '../ports.ts';
import { type OpenDataset, openDatasets } from '../rows.ts';

export const facetNames = ['theme', 'provider', 'cycle', 'format'] as const;
export type FacetName = (typeof facetNames)[number];

/** An open dataset with what it is found by. */
export interface Known {
  dataset: OpenDataset;
  provider: Bilingual;
  theme: { id: string; title: Bilingual };
  code: string | null;
  facets: Record<FacetName, readonly string[]>;
  concepts: Map<string, number>;
  text: string;
}

const WEIGHT = { title: 10, keyword: 6, item: 4, abstract: 3, provider: 3 } as const;
/** What was read is looked at again after so long in any case, since events may be missed. */
const FRESH_MS = 30_000;

/** The index of one hub. */
export class OpenSearch {
  readonly #ports: PublishingPorts;
  readonly #words: Words;
  #held: { at: number; known: Known[] } | undefined;

  constructor(ports: PublishingPorts) {
    this.#ports = ports;
    this.#words = readWords(ports.folders.standards).words;
    ports.bus.on(openChanged, () => {
      this.#held = undefined;
    });
  }

  /** Everything that is open. */
  async all(): Promise<Known[]> {
    const at = this.#ports.clock.now().getTime();
    if (!this.#held || at - this.#held.at > FRESH_MS || at < this.#held.at)
      this.#held = { at, known: (await openDatasets(this.#ports)).map((d) => this.#known(d)) };
    return this.#held.known;
  }

  #known(d: OpenDataset): Known {
    const provider = catalogueOf(this.#ports.lake).organisations.get(d.provider)?.name ?? {
      zh: d.provider,
      en: d.provider,
    };
    const code = publishedEntry(this.#ports.db, d.entry)?.code ?? null;
    const themeId = code?.slice(0, 3) ?? '';
    const read = code ? classOf(code.split('/')[0]!) : { wrong: 'form' as const };
    // Of departments' own resources (类 3) the 项 only says at which level the department stands.
    const words = 'words' in read ? read.words : [{ zh: '其他', en: 'Other' }];
    const title = code?.startsWith('3') ? words[0]! : (words[1] ?? words[0]!);
    const concepts = new Map<string, number>();
    const take = (text: string, weight: number) => {
      for (const { concept } of this.#words.of(text))
        concepts.set(concept, Math.max(weight, concepts.get(concept) ?? 0));
    };
    for (const text of [d.title.zh, d.title.en]) take(text, WEIGHT.title);
    for (const word of d.plan.keywords) take(word, WEIGHT.keyword);
    for (const i of d.items) take(i.title.zh, WEIGHT.item);
    for (const text of [d.abstract.zh, d.abstract.en]) take(text, WEIGHT.abstract);
    take(provider.zh, WEIGHT.provider);
    const text = [d.id, d.title.zh, d.title.en, d.abstract.zh, d.abstract.en, provider.zh, provider.en]
      .concat(
        d.plan.keywords,
        d.items.map((i) => `${i.name} ${i.title.zh} ${i.title.en}`),
      )
      .join('\n')
      .normalize('NFKC')
      .toLowerCase();
    const facets = {
      theme: [themeId],
      provider: [d.provider],
      cycle: [d.plan.cycle],
      format: d.files.map((f) => f.format),
    };
    return { dataset: d, provider, theme: { id: themeId, title }, code, facets, concepts, text };
  }

  async find(q: {
    words: string;
    chosen: Partial<Record<FacetName, readonly string[] | undefined>>;
    sort: 'relevance' | 'updated' | 'title';
    offset: number;
    limit: number;
  }): Promise<{
    total: number;
    hits: Known[];
    facets: Record<FacetName, { value: string; title: Bilingual; count: number }[]>;
    understood: { word: string; meaning: string }[];
  }> {
    const known = await this.all();
    const plain = q.words.normalize('NFKC').toLowerCase().trim();
    const found = this.#words.of(plain).slice(0, 12);
    const wanted = found.length
      ? found
      : plain
          .split(/\s+/)
          .filter(Boolean)
          .map((w) => ({ text: w, concept: w }));
    const scored = known
      .map((k) => ({ k, score: wanted.length ? this.#score(k, wanted, plain) : 1 }))
      .filter((s) => s.score > 0);
    const passes = (k: Known, f: FacetName) => {
      const chosen = q.chosen[f];
      return !chosen?.length || k.facets[f].some((v) => chosen.includes(v));
    };
    const titles: Record<FacetName, Map<string, Bilingual>> = {
      theme: new Map(),
      provider: new Map(),
      cycle: new Map(),
      format: new Map(),
    };
    const facets = Object.fromEntries(
      facetNames.map((f) => {
        const counts = new Map<string, number>();
        for (const { k } of scored)
          if (facetNames.every((o) => o === f || passes(k, o)))
            for (const v of k.facets[f]) {
              counts.set(v, (counts.get(v) ?? 0) + 1);
              titles[f].set(v, f === 'theme' ? k.theme.title : f === 'provider' ? k.provider : { zh: v, en: v });
            }
        const list = [...counts].map(([value, count]) => ({ value, count, title: titles[f].get(value)! }));
        return [f, list.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))];
      }),
    ) as Record<FacetName, { value: string; title: Bilingual; count: number }[]>;
    const hits = scored.filter(({ k }) => facetNames.every((f) => passes(k, f)));
    const updated = (k: Known) => k.dataset.updated.getTime();
    hits.sort((a, b) =>
      q.sort === 'title'
        ? a.k.dataset.title.zh.localeCompare(b.k.dataset.title.zh, 'zh')
        : q.sort === 'updated' || !wanted.length
          ? updated(b.k) - updated(a.k)
          : b.score - a.score || updated(b.k) - updated(a.k),
    );
    return {
      ...{ total: hits.length, facets, hits: hits.slice(q.offset, q.offset + q.limit).map((h) => h.k) },
      understood: wanted.filter((w) => w.concept !== w.text).map((w) => ({ word: w.text, meaning: w.concept })),
    };
  }

  /** 0 where not at least half of the words (all of two) are found. */
  #score(k: Known, words: readonly { text: string; concept: string }[], whole: string): number {
    let score = 0;
    let hits = 0;
    for (const { text, concept } of words) {
      const own = (k.concepts.get(concept) ?? 0) + (k.text.includes(text) ? 2 : 0);
      if (own > 0) hits++;
      score += own;
    }
    if (hits < Math.ceil(words.length / 2)) return 0;
    return score * (hits / words.length) + (k.dataset.title.zh.toLowerCase().includes(whole) ? 20 : 0);
  }
}
