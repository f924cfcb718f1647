/**
 * The search engine over a base segment and an overlay of what changed since: matches, filters, counts facets, ranks,
 * pages and draws highlights. Pure and synchronous; the worker runs it beside the hub.
 */
import type { SearchHit, SearchRoute } from '../api.ts';
import { codeField, coverRuns, type Match, Matcher, routeOf, Tier, textPattern, type Ways } from './match.ts';
import { Pinyin, type PinyinPattern } from './pinyin.ts';
import { type FeedEnterprise, NameKind, type Segment, SegmentBuilder } from './segment.ts';
import { originalRanges, type QueryText } from './text.ts';

/** What the worker is asked. */
export interface EngineQuery {
  query: QueryText;
  ways: Omit<Ways, 'abbreviation'>;
  /** Enterprises found by another way (a number's token): they come first. */
  entities: number[];
  status: string[];
  town: string[];
  industry: string[];
  /** First hit and how many. */
  offset: number;
  size: number;
}

/** A hit before protection: the legal representative and a person's highlight are plain. */
export interface EngineHit extends Omit<SearchHit, 'legalRepresentative'> {
  legalRepresentative: string | null;
}

/** The engine's answer; facets as value → count. */
export interface EngineAnswer {
  total: number;
  hits: EngineHit[];
  facets: { status: [string, number][]; town: [string, number][]; industry: [string, number][] };
}

/** All that the engine knows of one changed enterprise. */
export interface Changed {
  enterprise: FeedEnterprise | null;
  aliases: { kind: 'former' | 'variant'; name: string }[];
  persons: string[];
}

/** So many of the first hits are put in order by how their pinyin reads in context; fixed, so that pages agree. */
const READING_WINDOW = 100;

/** One more than the highest tier. */
const TIERS = 32;
/** Answers kept. */
const REMEMBERED = 256;
/** In so many names the rarest character of an abbreviation may stand. */
const ABBREVIATION_FREQUENCY = 60_000;

interface Ranked extends Match {
  matcher: Matcher;
}

/** See the head of this file. */
export class Engine {
  readonly #pinyin = new Pinyin();
  readonly #base: Matcher;
  #overlay: Matcher | null = null;
  readonly #changed = new Map<number, Changed>();
  readonly #answers = new Map<string, EngineAnswer>();

  constructor(base: Segment) {
    this.#learn(base);
    this.#base = new Matcher(base, this.#pinyin);
  }

  #learn(segment: Segment): void {
    const seen = new Uint8Array(65536);
    segment.data.names.seen(seen);
    segment.data.persons.seen(seen);
    this.#pinyin.learn(seen);
  }

  /** Puts changed enterprises in the place of what was known of them; null removes one. */
  refresh(changes: ReadonlyMap<number, Changed>): void {
    this.#answers.clear();
    for (const [entity, change] of changes) {
      this.#changed.set(entity, change);
      const doc = this.#base.segment.data.docs.get(entity);
      if (doc !== undefined) this.#base.segment.dead[doc] = 1;
    }
    const builder = new SegmentBuilder();
    for (const [entity, c] of this.#changed) {
      if (!c.enterprise) continue;
      builder.enterprise(c.enterprise);
      for (const a of c.aliases) builder.alias(entity, a.kind, a.name);
      for (const p of c.persons) builder.person(entity, p);
    }
    const segment = builder.done(this.#base.segment.data.shorts);
    this.#learn(segment);
    this.#overlay = new Matcher(segment, this.#pinyin);
  }

  /** Figures for the state page. */
  get figures() {
    const all = this.#matchers();
    const sum = (of: (s: Segment) => number) => all.reduce((n, m) => n + of(m.segment), 0);
    return {
      enterprises: sum((s) => s.count - s.dead.reduce((n, d) => n + d, 0)),
      names: sum((s) => s.data.names.count),
      persons: sum((s) => s.data.persons.count),
      codes: sum((s) => s.data.codes.count),
      bytes: all.reduce((n, m) => n + m.segment.bytes + m.bytes, 0),
      refreshed: this.#changed.size,
    };
  }

  #matchers(): Matcher[] {
    return this.#overlay ? [this.#base, this.#overlay] : [this.#base];
  }

  /** Answers a query; the same question is remembered until something changes. */
  search(q: EngineQuery): EngineAnswer {
    const key = JSON.stringify(q);
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = this.#search(q);
      if (this.#answers.size >= REMEMBERED) this.#answers.delete(this.#answers.keys().next().value!);
      this.#answers.set(key, answer);
    }
    return answer;
  }

  #search(q: EngineQuery): EngineAnswer {
    const matchers = this.#matchers();
    const patterns = q.ways.pinyin && q.query.letters ? this.#pinyin.patterns(q.query.letters) : [];
    const rarest = Math.min(
      ...Array.from(q.query.folded, (c) =>
        matchers.reduce((n, m) => n + m.segment.data.names.frequency(c.charCodeAt(0)), 0),
      ),
    );
    const abbreviation = rarest <= ABBREVIATION_FREQUENCY;
    for (const m of matchers) {
      m.mark(q.entities.flatMap((e) => m.segment.data.docs.get(e) ?? []));
      m.find(q.query, { ...q.ways, abbreviation }, patterns);
    }
    if (q.ways.name && matchers.every((m) => m.found.length === 0)) for (const m of matchers) m.findSimilar(q.query);
    const facets = { status: new Map<string, number>(), town: new Map(), industry: new Map() };
    const need = Math.max(q.offset + q.size, patterns.length > 0 ? READING_WINDOW : 0);
    let total = 0;
    const ranked: Ranked[] = [];
    for (const m of matchers) {
      const kept = filter(m, q, facets);
      total += kept.length;
      ranked.push(...best(m, kept, need));
    }
    ranked.sort((a, b) => b.tier - a.tier || a.matcher.segment.compare(a.doc, b.matcher.segment, b.doc));
    for (const m of matchers) m.clear();
    const ordered = patterns.length > 0 ? byReading(ranked, patterns) : ranked;
    const hits = ordered.slice(q.offset, q.offset + q.size).map((r) => describe(r, q.query, patterns));
    const sorted = (map: Map<string, number>) =>
      [...map].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 50);
    return {
      total,
      hits,
      facets: { status: sorted(facets.status), town: sorted(facets.town), industry: sorted(facets.industry) },
    };
  }
}

type Facets = { status: Map<string, number>; town: Map<string, number>; industry: Map<string, number> };

/** Documents that pass all filters; each facet counts those that pass the other two. */
function filter(m: Matcher, q: EngineQuery, facets: Facets): Uint32Array {
  const { data, sections } = m.segment;
  const { dictionary } = data;
  const allowed = (wanted: string[], texts: readonly string[]) =>
    Uint8Array.from(texts, (t) => (wanted.length === 0 || wanted.includes(t) ? 1 : 0));
  const okStatus = allowed(q.status, dictionary.status.texts);
  const okTown = allowed(q.town, dictionary.town.texts);
  const okIndustry = allowed(q.industry, sections);
  const counts = {
    status: new Uint32Array(okStatus.length),
    town: new Uint32Array(okTown.length),
    industry: new Uint32Array(okIndustry.length),
  };
  const kept = new Uint32Array(m.found.length);
  let n = 0;
  for (const doc of m.found) {
    const s = data.statuses[doc]!;
    const t = data.towns[doc]!;
    const i = data.industries[doc]!;
    const [a, b, c] = [okStatus[s]!, okTown[t]!, okIndustry[i]!];
    if (b & c) counts.status[s]! += 1;
    if (a & c) counts.town[t]! += 1;
    if (a & b) counts.industry[i]! += 1;
    if (a & b & c) kept[n++] = doc;
  }
  const gather = (into: Map<string, number>, counted: Uint32Array, texts: readonly string[]) =>
    counted.forEach((n, k) => {
      const text = texts[k]!;
      if (n > 0 && text) into.set(text, (into.get(text) ?? 0) + n);
    });
  gather(facets.status, counts.status, dictionary.status.texts);
  gather(facets.town, counts.town, dictionary.town.texts);
  gather(facets.industry, counts.industry, sections);
  return kept.subarray(0, n);
}

/** The best `need` documents in order of tier and rank. */
function best(m: Matcher, docs: Uint32Array, need: number): Ranked[] {
  const counts = new Uint32Array(TIERS);
  for (const doc of docs) counts[m.tier(doc)]! += 1;
  const out: Ranked[] = [];
  for (let tier = TIERS - 1; tier > 0 && out.length < need; tier--) {
    if (counts[tier] === 0) continue;
    const list = new Uint32Array(counts[tier]!);
    let n = 0;
    for (const doc of docs) if (m.tier(doc) === tier) list[n++] = doc;
    for (const doc of firstByRank(list, m.segment.ranks, need - out.length)) out.push({ ...m.match(doc), matcher: m });
  }
  return out;
}

/** The first `need` documents by rank: sorted when few, by a place for each rank when many. */
function firstByRank(docs: Uint32Array, ranks: Uint32Array, need: number): Uint32Array {
  if (docs.length <= 4096) return docs.sort((a, b) => ranks[a]! - ranks[b]!).subarray(0, need);
  const at = new Uint32Array(ranks.length);
  for (const doc of docs) at[ranks[doc]!] = doc + 1;
  const out = new Uint32Array(Math.min(need, docs.length));
  let n = 0;
  for (let rank = 0; n < out.length; rank++) if (at[rank]) out[n++] = at[rank]! - 1;
  return out;
}

/** Moves matches whose letters do not fit the name's context behind the others, within the window. */
function byReading(ranked: readonly Ranked[], patterns: readonly PinyinPattern[]): Ranked[] {
  const window = ranked.slice(0, READING_WINDOW).map((r) => {
    const read = r.tier <= Tier.pinyinWhole && r.tier >= Tier.initials ? Tier.misread : Tier.personMisread;
    const isPinyin = r.pattern !== 255 && (read === Tier.misread || r.tier === Tier.personPinyin);
    return isPinyin && !r.matcher.readsWell(r, patterns) ? { ...r, tier: read } : r;
  });
  window.sort((a, b) => b.tier - a.tier || a.matcher.segment.compare(a.doc, b.matcher.segment, b.doc));
  return [...window, ...ranked.slice(READING_WINDOW)];
}

function describe(r: Ranked, query: QueryText, patterns: readonly PinyinPattern[]): EngineHit {
  const { segment } = r.matcher;
  const { data } = segment;
  const { doc } = r;
  const capital = data.capital[doc]!;
  const representative = data.representatives[doc]!;
  return {
    entity: data.entities[doc]!,
    name: data.names.original(data.currentNames[doc]!),
    uscc: segment.code(doc, 0),
    status: data.dictionary.status.texts[data.statuses[doc]!] || null,
    legalRepresentative: representative < 0 ? null : data.persons.original(representative),
    established: segment.established(doc),
    capital: Number.isNaN(capital) ? null : capital,
    address: data.addresses.original(doc) || null,
    division: data.dictionary.division.texts[data.divisions[doc]!] || null,
    industry: data.dictionary.industry.texts[data.industries[doc]!] || null,
    facts: data.facts[doc]!,
    route: routeOf(r.tier),
    highlights: highlights(r, query, patterns),
  };
}

type Highlights = SearchHit['highlights'];

function highlights(r: Ranked, query: QueryText, patterns: readonly PinyinPattern[]): Highlights {
  const { segment } = r.matcher;
  const { data } = segment;
  const route = routeOf(r.tier);
  if (route === 'number') return [];
  if (route === 'code') {
    const field = codeField(r.ref);
    const code = segment.code(r.doc, r.ref as 0 | 1 | 2) ?? '';
    return [{ field, text: code, ranges: [[0, Math.min(code.length, query.code?.length ?? 0)]] }];
  }
  const out: Highlights = [];
  const put = (field: Highlights[number]['field'], text: string, ranges: [number, number][]) => {
    if (ranges.length > 0) out.push({ field, text, ranges: originalRanges(text, merge(ranges)) });
  };
  const nameField = (id: number) => (['name', 'former-name', 'variant'] as const)[data.nameKinds[id] ?? 0]!;
  if (query.words.length > 0 && r.pattern === 255) {
    const places = (['name', 'address'] as const).map((field) => {
      const pool = field === 'name' ? data.names : data.addresses;
      const id = field === 'name' ? nameOf(r, route) : r.doc;
      const ranges = query.words.flatMap((w) => spans(pool.find(id, textPattern(w)), w.length));
      return { field: field === 'name' ? nameField(id) : field, text: pool.original(id), ranges };
    });
    for (const p of places) put(p.field, p.text, p.ranges);
    const persons = query.words.filter((w) => !places.some((p) => p.text.includes(w)));
    for (const word of persons) {
      data.persons.search(textPattern(word), (id, at) => {
        if (at === 0 && segment.related(id, r.doc) && out.length < 6) {
          put('person', data.persons.original(id), [[0, word.length]]);
        }
      });
    }
    if (out.length > 0) return out;
  }
  const reading = patterns[r.pattern];
  const pattern = reading ? reading.places : textPattern(query.folded);
  if (route === 'address') {
    put('address', data.addresses.original(r.doc), spans(data.addresses.find(r.doc, pattern), pattern.length));
  } else if (route === 'person') {
    put('person', data.persons.original(r.ref), spans(data.persons.find(r.ref, pattern), pattern.length));
  } else {
    const at = data.names.find(r.ref, pattern);
    const ranges = at >= 0 ? spans(at, pattern.length) : partial(r, query.folded);
    put(nameField(r.ref), data.names.original(r.ref), ranges);
  }
  return out;
}

/** The name entry that a match is about: its own where it matched a name, else the current name. */
function nameOf(r: Ranked, route: SearchRoute): number {
  return route === 'address' || route === 'person' ? r.matcher.segment.data.currentNames[r.doc]! : r.ref;
}

const spans = (at: number, length: number): [number, number][] => (at < 0 ? [] : [[at, at + length]]);

/** Ranges of an abbreviation or of the bigrams that a similar name shares with the query. */
function partial(r: Ranked, folded: string): [number, number][] {
  const { names, nameKinds } = r.matcher.segment.data;
  if (nameKinds[r.ref] === NameKind.variant) return [];
  const runs = coverRuns(names, r.ref, folded, []);
  if (runs.length > 0) return runs;
  const ranges: [number, number][] = [];
  for (let i = 0; i + 1 < folded.length; i++) {
    ranges.push(...spans(names.find(r.ref, textPattern(folded.slice(i, i + 2))), 2));
  }
  return ranges;
}

/** Sorts ranges and joins those that touch. */
function merge(ranges: [number, number][]): [number, number][] {
  const out: [number, number][] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([start, end]);
  }
  return out;
}
