/**
 * A segment holds everything that search knows of a set of enterprises, in typed arrays: names (current, former, as
 * variants), addresses, persons, codes and the columns that hits, facets and ranking need. Immutable once built; an
 * enterprise that changes is marked dead here and lives on in the overlay segment.
 */
import { type Codes, CodesBuilder } from './codes.ts';
import { Numbers, type Pool, PoolBuilder } from './pool.ts';

/** Kinds of name entries. */
export const NameKind = { current: 0, former: 1, variant: 2 } as const;

/** One enterprise as the feed delivers it; empty strings where there is nothing. */
export interface FeedEnterprise {
  entity: number;
  name: string;
  uscc: string;
  orgcode: string;
  regno: string;
  status: string;
  legalRepresentative: string;
  /** 万元; NaN when unknown. */
  capital: number;
  /** Days since 1970-01-01; NaN when unknown. */
  established: number;
  address: string;
  division: string;
  industry: string;
  facts: number;
}

/** Statuses under which an enterprise is alive (存续、在业、开业 …). */
const ALIVE = /存续|在业|开业|在营|在册|正常|迁入/;
const NONE = 0x7fffffff;

/** Sections of GB/T 4754-2017 by the last two-digit division that belongs to each. */
const SECTIONS: readonly (readonly [number, string])[] = [
  [5, 'A'],
  [12, 'B'],
  [43, 'C'],
  [46, 'D'],
  [50, 'E'],
  [52, 'F'],
  [60, 'G'],
  [62, 'H'],
  [65, 'I'],
  [69, 'J'],
  [70, 'K'],
  [72, 'L'],
  [75, 'M'],
  [79, 'N'],
  [82, 'O'],
  [83, 'P'],
  [85, 'Q'],
  [90, 'R'],
  [96, 'S'],
  [97, 'T'],
];

/** The section letter of an industry code (`C3854`, `3854`, `38`), or '' when it has none. */
export function industrySection(code: string): string {
  const letter = /^([A-T])(\d|$)/.exec(code);
  if (letter) return letter[1]!;
  if (!/^\d{2}/.test(code)) return '';
  const division = Number(code.slice(0, 2));
  return division < 1 ? '' : (SECTIONS.find(([last]) => division <= last)?.[1] ?? '');
}

/** The town (first nine digits) of a division code; shorter codes stay as they are. */
export const townOf = (division: string): string => (/^\d{10,12}$/.test(division) ? division.slice(0, 9) : division);

/** Distinct short texts as small numbers. */
class Dictionary {
  readonly texts: string[] = [''];
  readonly #ids = new Map<string, number>([['', 0]]);
  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.length;
      this.texts.push(text);
      this.#ids.set(text, id);
    }
    return id;
  }
  find(text: string): number {
    return this.#ids.get(text) ?? -1;
  }
}

/** Collects enterprises, then their other names and persons; `done` builds the segment. */
export class SegmentBuilder {
  readonly #names = new PoolBuilder();
  readonly #nameDocs = new Numbers(Uint32Array);
  readonly #nameKinds = new Numbers(Uint8Array);
  readonly #addresses = new PoolBuilder();
  readonly #persons = new PoolBuilder();
  readonly #personIds = new Map<string, number>();
  readonly #links: [Numbers<Uint32Array>, Numbers<Uint32Array>] = [new Numbers(Uint32Array), new Numbers(Uint32Array)];
  readonly #codes = new CodesBuilder();
  readonly #docs = new Map<number, number>();
  readonly #entities = new Numbers(Int32Array);
  readonly #currentNames = new Numbers(Uint32Array);
  readonly #representatives = new Numbers(Int32Array);
  readonly #established = new Numbers(Int32Array);
  readonly #capital = new Numbers(Float64Array);
  readonly #facts = new Numbers(Int32Array);
  readonly #statuses = new Numbers(Uint16Array);
  readonly #towns = new Numbers(Uint16Array);
  readonly #divisions = new Numbers(Uint16Array);
  readonly #industries = new Numbers(Uint16Array);
  readonly #dictionary = {
    status: new Dictionary(),
    town: new Dictionary(),
    division: new Dictionary(),
    industry: new Dictionary(),
  };

  /** Adds an enterprise; one that is known already is ignored. */
  enterprise(e: FeedEnterprise): void {
    if (this.#docs.has(e.entity)) return;
    const doc = this.#entities.length;
    this.#docs.set(e.entity, doc);
    this.#entities.push(e.entity);
    this.#currentNames.push(this.#name(doc, NameKind.current, e.name));
    this.#addresses.add(e.address);
    this.#codes.add(doc, 'uscc', e.uscc);
    this.#codes.add(doc, 'orgcode', e.orgcode || (e.uscc.length === 18 ? e.uscc.slice(8, 17) : ''));
    this.#codes.add(doc, 'regno', e.regno);
    this.#representatives.push(e.legalRepresentative ? this.#person(doc, e.legalRepresentative) : -1);
    this.#established.push(Number.isNaN(e.established) ? NONE : e.established);
    this.#capital.push(e.capital);
    this.#facts.push(e.facts);
    this.#statuses.push(this.#dictionary.status.id(e.status));
    this.#towns.push(this.#dictionary.town.id(townOf(e.division)));
    this.#divisions.push(this.#dictionary.division.id(e.division));
    this.#industries.push(this.#dictionary.industry.id(e.industry));
  }

  /** Adds a former name or a variant of an enterprise added before. */
  alias(entity: number, kind: 'former' | 'variant', name: string): void {
    const doc = this.#docs.get(entity);
    if (doc !== undefined && name) this.#name(doc, NameKind[kind], name);
  }

  /** Adds a person related to an enterprise added before. */
  person(entity: number, name: string): void {
    const doc = this.#docs.get(entity);
    if (doc !== undefined && name) this.#person(doc, name);
  }

  #name(doc: number, kind: number, name: string): number {
    this.#nameDocs.push(doc);
    this.#nameKinds.push(kind);
    return this.#names.add(name);
  }

  #person(doc: number, name: string): number {
    let id = this.#personIds.get(name);
    if (id === undefined) {
      id = this.#persons.add(name);
      this.#personIds.set(name, id);
    }
    this.#links[0].push(id);
    this.#links[1].push(doc);
    return id;
  }

  /** @param shorts short names of divisions (慈溪) known from another segment; found here when absent */
  done(shorts?: Set<string>): Segment {
    const names = this.#names.done();
    this.#personIds.clear();
    return new Segment({
      names,
      nameDocs: this.#nameDocs.done(),
      nameKinds: this.#nameKinds.done(),
      addresses: this.#addresses.done(),
      persons: this.#persons.done(),
      links: group(this.#links[0].done(), this.#links[1].done()),
      codes: this.#codes.done(),
      docs: this.#docs,
      entities: this.#entities.done(),
      currentNames: this.#currentNames.done(),
      representatives: this.#representatives.done(),
      established: this.#established.done(),
      capital: this.#capital.done(),
      facts: this.#facts.done(),
      statuses: this.#statuses.done(),
      towns: this.#towns.done(),
      divisions: this.#divisions.done(),
      industries: this.#industries.done(),
      dictionary: this.#dictionary,
      shorts: shorts ?? divisionShorts(names),
    });
  }
}

/** Rows (key, value) grouped by key, each pair once: values of key k stand in [offsets[k], offsets[k + 1]). */
function group(keys: Uint32Array, values: Uint32Array): { offsets: Uint32Array; values: Uint32Array } {
  let top = 0;
  for (const k of keys) if (k >= top) top = k + 1;
  const starts = new Uint32Array(top + 1);
  for (const k of keys) starts[k + 1]! += 1;
  for (let k = 0; k < top; k++) starts[k + 1]! += starts[k]!;
  const next = starts.slice();
  const sorted = new Uint32Array(values.length);
  for (let i = 0; i < keys.length; i++) {
    sorted[next[keys[i]!]!] = values[i]!;
    next[keys[i]!]! += 1;
  }
  const offsets = new Uint32Array(top + 1);
  let out = 0;
  for (let k = 0; k < top; k++) {
    const part = sorted.subarray(starts[k]!, starts[k + 1]!).sort();
    let last = -1;
    for (const v of part) {
      if (v === last) continue;
      last = v;
      sorted[out++] = v;
    }
    offsets[k + 1] = out;
  }
  return { offsets, values: sorted.slice(0, out) };
}

const DIVISION = /^[\u4e00-\u9fff]{2,3}?[省市县区]/;

/** Short names of divisions (慈溪 of 慈溪市), learned from how names begin. */
function divisionShorts(names: Pool): Set<string> {
  const counts = new Map<string, number>();
  for (let id = 0; id < names.count; id++) {
    let rest = names.folded(id).slice(0, 9);
    for (let found = DIVISION.exec(rest); found; found = DIVISION.exec(rest)) {
      counts.set(found[0].slice(0, -1), (counts.get(found[0].slice(0, -1)) ?? 0) + 1);
      rest = rest.slice(found[0].length);
    }
  }
  return new Set([...counts].filter(([, n]) => n >= 5).map(([short]) => short));
}

/** Where the trade name begins: after the divisions at the beginning of a folded name. */
export function tradeStart(name: string, shorts: Set<string>): number {
  let at = 0;
  for (;;) {
    const rest = name.slice(at, at + 4);
    const found = DIVISION.exec(rest);
    if (found && shorts.has(found[0].slice(0, -1))) at += found[0].length;
    else if (shorts.has(rest.slice(0, 3))) at += 3;
    else if (shorts.has(rest.slice(0, 2))) at += 2;
    else return at;
  }
}

interface SegmentData {
  names: Pool;
  nameDocs: Uint32Array;
  nameKinds: Uint8Array;
  addresses: Pool;
  persons: Pool;
  links: { offsets: Uint32Array; values: Uint32Array };
  codes: Codes;
  docs: Map<number, number>;
  entities: Int32Array;
  currentNames: Uint32Array;
  representatives: Int32Array;
  established: Int32Array;
  capital: Float64Array;
  facts: Int32Array;
  statuses: Uint16Array;
  towns: Uint16Array;
  divisions: Uint16Array;
  industries: Uint16Array;
  dictionary: Record<'status' | 'town' | 'division' | 'industry', Dictionary>;
  shorts: Set<string>;
}

/** See the head of this file. A document is an enterprise's place in the columns. */
export class Segment {
  readonly data: Readonly<SegmentData>;
  readonly count: number;
  /** Where each name's trade name begins. */
  readonly trades: Uint8Array;
  /** Place of each document in the order of status, size and entity: 0 is shown first. */
  readonly ranks: Uint32Array;
  readonly alive: Uint8Array;
  readonly sections: string[];
  readonly #codePlaces: Int32Array;
  /** Documents that a later segment replaced. */
  readonly dead: Uint8Array;

  constructor(data: SegmentData) {
    this.data = data;
    this.count = data.entities.length;
    this.dead = new Uint8Array(this.count);
    this.#codePlaces = data.codes.places(this.count);
    this.trades = new Uint8Array(data.names.count);
    for (let id = 0; id < data.names.count; id++) {
      this.trades[id] = Math.min(255, tradeStart(data.names.folded(id).slice(0, 16), data.shorts));
    }
    const aliveStatus = data.dictionary.status.texts.map((t) => ALIVE.test(t));
    this.alive = Uint8Array.from(data.statuses, (s) => (aliveStatus[s] ? 1 : 0));
    this.sections = data.dictionary.industry.texts.map(industrySection);
    const order = Uint32Array.from({ length: this.count }, (_, i) => i).sort((a, b) => this.compare(a, this, b));
    this.ranks = new Uint32Array(this.count);
    order.forEach((doc, rank) => {
      this.ranks[doc] = rank;
    });
  }

  /** Order of two documents, of this segment and of another: alive first, then more facts, more capital, entity. */
  compare(a: number, other: Segment, b: number): number {
    const [x, y] = [this.data, other.data];
    return (
      other.alive[b]! - this.alive[a]! ||
      y.facts[b]! - x.facts[a]! ||
      (y.capital[b]! || 0) - (x.capital[a]! || 0) ||
      x.entities[a]! - y.entities[b]!
    );
  }

  /** Day of establishment. */
  established(doc: number): string | null {
    const days = this.data.established[doc]!;
    return days === NONE ? null : new Date(days * 86_400_000).toISOString().slice(0, 10);
  }

  /** A code of a document (0 unified code, 1 organisation code, 2 registration number), or null. */
  code(doc: number, field: 0 | 1 | 2): string | null {
    const place = this.#codePlaces[doc * 3 + field]!;
    return place < 0 ? null : this.data.codes.text(place);
  }

  /** Whether a person (number in the pool) is related to a document. */
  related(person: number, doc: number): boolean {
    const { offsets, values } = this.data.links;
    return values.subarray(offsets[person]!, offsets[person + 1]!).includes(doc);
  }

  /** Bytes of all arrays, and about 40 a document for the map of entities. */
  get bytes(): number {
    const d = this.data;
    const arrays = [
      d.nameDocs,
      d.nameKinds,
      d.links.offsets,
      d.links.values,
      d.entities,
      d.currentNames,
      d.representatives,
      d.established,
      d.capital,
      d.facts,
      d.statuses,
      d.towns,
      d.divisions,
      d.industries,
      this.trades,
      this.ranks,
      this.#codePlaces,
      this.alive,
      this.dead,
    ];
    const pools = d.names.bytes + d.addresses.bytes + d.persons.bytes + d.codes.bytes;
    return arrays.reduce((sum, a) => sum + a.byteLength, pools) + this.count * 40;
  }
}
