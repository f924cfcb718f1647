/** A foreign catalogue: its datasets out of the triples of a document, and where its next page is. */
import type * as RDF from '@rdfjs/types';
import { itemTypes } from '../entry/content.ts';
import { parseRdf, type ReadOptions } from './parse.ts';
import * as v from './vocabulary.ts';

/** An item of a foreign dataset, where its catalogue tells of items. */
export interface ForeignItem {
  name: string;
  title: { zh: string; en: string };
  type: string;
  required: boolean;
  key: boolean;
  protection: 'public' | 'internal' | 'personal' | 'sensitive';
  unit: string | null;
  /** What it identifies, by the other hub's declaration. */
  role: string | null;
}

/** A dataset as somebody else's catalogue describes it. What it does not tell is null or empty. */
export interface ForeignDataset {
  /** Its name: an IRI. */
  uri: string;
  identifiers: string[];
  /** Id of the entry at another hub of this kind. */
  entry: string | null;
  title: { zh: string; en: string };
  description: { zh: string; en: string };
  publisher: { name: string; id: string | null; code: string | null } | null;
  themes: string[];
  keywords: string[];
  access: 'PUBLIC' | 'RESTRICTED' | 'NON_PUBLIC' | null;
  sharing: 'unconditional' | 'conditional' | 'refused' | null;
  condition: string | null;
  level: 'core' | 'important' | 'general' | null;
  subject: 'legal-person' | 'natural-person' | 'place' | 'none' | null;
  classification: string | null;
  cycle: string | null;
  version: string | null;
  issued: string | null;
  modified: string | null;
  landingPage: string | null;
  /** Whether the other hub has the data itself and can deliver it. */
  collected: boolean;
  items: ForeignItem[];
  distributions: { title: string; format: string | null; accessUrl: string | null; downloadUrl: string | null }[];
}

/** A page of a foreign catalogue. */
export interface ForeignPage {
  datasets: ForeignDataset[];
  /** Address of the next page; null at the end. */
  next: string | null;
  total: number | null;
}

const MAX = { items: 500, list: 50, text: 4000, title: 400 } as const;

/** Properties by subject. */
class Graph {
  readonly #of = new Map<string, Map<string, RDF.Quad['object'][]>>();

  add(quad: RDF.Quad): void {
    const subject = quad.subject.termType === 'BlankNode' ? `_:${quad.subject.value}` : quad.subject.value;
    let own = this.#of.get(subject);
    if (!own) {
      own = new Map();
      this.#of.set(subject, own);
    }
    const list = own.get(quad.predicate.value);
    if (list) list.push(quad.object);
    else own.set(quad.predicate.value, [quad.object]);
  }

  subjects(type: string): string[] {
    const wanted = v.expand(type);
    const rdfType = v.expand('rdf:type');
    return [...this.#of]
      .filter(([, own]) => own.get(rdfType)?.some((o) => o.value === wanted))
      .map(([subject]) => subject);
  }

  all(subject: string | undefined, name: string): RDF.Quad['object'][] {
    return (subject === undefined ? undefined : this.#of.get(subject)?.get(v.expand(name))) ?? [];
  }

  /** Names of nodes that a property refers to. */
  nodes(subject: string | undefined, name: string): string[] {
    return this.all(subject, name)
      .filter((o) => o.termType !== 'Literal')
      .map((o) => (o.termType === 'BlankNode' ? `_:${o.value}` : o.value));
  }

  texts(subject: string | undefined, name: string, most: number = MAX.text): string[] {
    return this.all(subject, name)
      .filter((o) => o.termType === 'Literal')
      .map((o) => clean(o.value, most));
  }

  text(subject: string | undefined, name: string, most: number = MAX.text): string | null {
    return this.texts(subject, name, most)[0] || null;
  }

  /** A text in Chinese and English; one without a language, or in another, stands for both. */
  both(subject: string | undefined, names: readonly string[], most: number): { zh: string; en: string } {
    const found = names.flatMap((n) => this.all(subject, n)).filter((o): o is RDF.Literal => o.termType === 'Literal');
    const of = (lang: string) => found.find((o) => o.language.toLowerCase().split('-')[0] === lang)?.value;
    const any = found.find((o) => o.language === '')?.value ?? found[0]?.value ?? '';
    const zh = of('zh') ?? any;
    return { zh: clean(zh, most), en: clean(of('en') ?? zh, most) };
  }
}

/** A foreign text: whole characters, no control characters, not longer than `most`. */
function clean(text: string, most: number): string {
  const plain = Buffer.from(text)
    .toString()
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim();
  return plain.length <= most ? plain : `${[...plain].slice(0, most - 1).join('')}…`;
}

/** The last part of an IRI, decoded where it can be. */
function tail(iri: string): string {
  const last =
    iri
      .replace(/[/#]+$/, '')
      .split(/[/#]/)
      .pop() ?? iri;
  try {
    return clean(decodeURIComponent(last), 100);
  } catch {
    return clean(last, 100);
  }
}

const oneOf = <T extends string>(value: string | null, known: readonly T[]): T | null =>
  known.includes(value as T) ? (value as T) : null;

/** An address that a browser may be given; nothing else than http and https. */
const web = (iri: string | undefined): string | null =>
  iri !== undefined && iri.length <= 2000 && /^https?:\/\/[^\s"<>]+$/i.test(iri) ? iri : null;

const day = (text: string | null): string | null => (text !== null && /^\d{4}-\d\d-\d\d/.test(text) ? text : null);

/** The datasets of a document. A dataset that is only mentioned, without a title, is left out; blank ones have no name and are too. */
export async function readCatalogue(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options: ReadOptions,
): Promise<ForeignPage> {
  const g = new Graph();
  await parseRdf(chunks, options, (quad) => g.add(quad));
  const found = [...new Set(g.subjects('dcat:Dataset'))].filter(
    (s) => !s.startsWith('_:') && g.texts(s, 'dct:title').some((t) => t !== ''),
  );
  const views = [...g.subjects('hydra:PartialCollectionView'), ...g.subjects('hydra:PagedCollection')];
  const next = views.flatMap((s) => [...g.nodes(s, 'hydra:next'), ...g.nodes(s, 'hydra:nextPage')])[0];
  const total = views.map((s) => Number(g.text(s, 'hydra:totalItems') ?? Number.NaN)).find(Number.isSafeInteger);
  return { datasets: found.map((s) => datasetOf(g, s)), next: web(next), total: total ?? null };
}

function datasetOf(g: Graph, s: string): ForeignDataset {
  const publisher = g.nodes(s, 'dct:publisher')[0];
  const access = g.nodes(s, 'dct:accessRights').map(tail)[0] ?? null;
  const frequency = g.nodes(s, 'dct:accrualPeriodicity').map(tail)[0];
  const schema = g.nodes(s, 'dct:conformsTo').find((n) => g.all(n, 'csvw:column').length > 0);
  const name = g.both(publisher, ['foaf:name', 'dct:title'], 200).zh;
  return {
    uri: s.slice(0, 2000),
    identifiers: g.texts(s, 'dct:identifier', 200).slice(0, MAX.list),
    entry: g.text(s, 'jw:entry', 120),
    title: g.both(s, ['dct:title'], MAX.title),
    description: g.both(s, ['dct:description'], MAX.text),
    publisher:
      publisher === undefined
        ? null
        : {
            ...{ name: name || tail(publisher), id: g.text(publisher, 'jw:organisation', 60) },
            code: g.text(publisher, 'dct:identifier', 60),
          },
    themes: g
      .nodes(s, 'dcat:theme')
      .map((t) => g.both(t, ['skos:prefLabel'], 100).zh || tail(t))
      .slice(0, MAX.list),
    keywords: g.texts(s, 'dcat:keyword', 100).slice(0, MAX.list),
    access: oneOf(access, ['PUBLIC', 'RESTRICTED', 'NON_PUBLIC']),
    sharing: oneOf(g.text(s, 'jw:sharing'), ['unconditional', 'conditional', 'refused']),
    condition: g.text(s, 'jw:condition', 1000),
    level: oneOf(g.text(s, 'jw:level'), ['core', 'important', 'general']),
    subject: oneOf(g.text(s, 'jw:subject'), ['legal-person', 'natural-person', 'place', 'none']),
    classification: g.text(s, 'jw:classification', 20),
    cycle: (frequency === undefined ? undefined : v.cycleOf[frequency]) ?? null,
    version: g.text(s, 'dcat:version', 40),
    ...{ issued: day(g.text(s, 'dct:issued', 40)), modified: day(g.text(s, 'dct:modified', 40)) },
    landingPage: web(g.nodes(s, 'dcat:landingPage')[0]),
    collected: g.text(s, 'jw:collected') === 'true',
    items: schema === undefined ? [] : itemsOf(g, schema),
    distributions: g
      .nodes(s, 'dcat:distribution')
      .slice(0, MAX.list)
      .map((d) => ({
        title: g.both(d, ['dct:title'], MAX.title).zh,
        format: g.nodes(d, 'dct:format').map((f) => g.text(f, 'rdfs:label', 40) ?? tail(f))[0] ?? null,
        accessUrl: web(g.nodes(d, 'dcat:accessURL')[0]),
        downloadUrl: web(g.nodes(d, 'dcat:downloadURL')[0]),
      })),
  };
}

function itemsOf(g: Graph, schema: string): ForeignItem[] {
  return g
    .nodes(schema, 'csvw:column')
    .slice(0, MAX.items)
    .map((c) => ({ c, at: Number(g.text(c, 'jw:position') ?? 0) }))
    .sort((a, b) => a.at - b.at)
    .map(({ c }) => ({
      name: g.text(c, 'csvw:name', 64) ?? '',
      title: g.both(c, ['csvw:title', 'csvw:titles'], 200),
      type: oneOf(g.text(c, 'jw:type'), Object.keys(itemTypes)) ?? 'C',
      required: g.text(c, 'csvw:required') === 'true',
      key: g.text(c, 'jw:key') === 'true',
      // What is not said to be harmless is not.
      protection: oneOf(g.text(c, 'jw:protection'), ['public', 'internal', 'personal', 'sensitive']) ?? 'sensitive',
      unit: g.text(c, 'jw:unit', 20),
      role: g.text(c, 'jw:role', 30),
    }))
    .filter((i) => /^[a-z][a-z0-9_]{0,62}$/.test(i.name));
}
