/**
 * JSON-LD that leans on nothing but prefixes, as this hub and most catalogues write it, read as the plain JSON that it is: the general
 * processor weighs every value against every type of the document and takes minutes where this takes a second. Whatever goes beyond
 * (terms, relative names, lists, contexts within) is left to the general processor, put into the order in which that one can stream.
 */
import type * as RDF from '@rdfjs/types';
import { DataFactory } from 'n3';
import { expand } from './vocabulary.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };
/** Hands on a triple. */
type Take = (quad: RDF.Quad) => void;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: Json | undefined): Json[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** An absolute IRI without characters that none may have. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`\p{Cc}]*$/iu;
const LANGUAGE = /^[a-z]{1,8}(-[a-z0-9]{1,8})*$/i;
const XSD = 'http://www.w3.org/2001/XMLSchema#';
const TYPE = DataFactory.namedNode(expand('rdf:type'));

/** Prefixes of a context that has nothing else; null otherwise. */
function prefixesOf(context: Json | undefined): Map<string, string> | null {
  if (context === undefined) return new Map();
  if (!isObject(context)) return null;
  const found = new Map<string, string>();
  for (const [name, space] of Object.entries(context)) {
    if (!/^[a-z][\w.-]*$/i.test(name) || typeof space !== 'string' || !ABSOLUTE.test(space)) return null;
    // JSON-LD 1.1, section 4.1.5: only what ends like this is a prefix by itself.
    if (!/[:/?#[\]@]$/.test(space)) return null;
    found.set(name, space);
  }
  // A namespace may be written with another prefix of the context: left to the general processor.
  for (const space of found.values()) {
    const at = space.indexOf(':');
    if (found.has(space.slice(0, at)) && !space.startsWith('//', at + 1)) return null;
  }
  return found;
}

/** A document of which every part is known to this reader. */
class Plain {
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #names = new Map<string, RDF.NamedNode | null>();

  constructor(prefixes: ReadonlyMap<string, string>) {
    this.#prefixes = prefixes;
  }

  /** A name as an IRI; null where it is none by itself. */
  #name(text: Json | undefined): RDF.NamedNode | null {
    if (typeof text !== 'string') return null;
    const held = this.#names.get(text);
    if (held !== undefined) return held;
    const at = text.indexOf(':');
    const space = at > 0 && !text.startsWith('//', at + 1) ? this.#prefixes.get(text.slice(0, at)) : undefined;
    const iri = space === undefined ? text : space + text.slice(at + 1);
    const made = at > 0 && ABSOLUTE.test(iri) ? DataFactory.namedNode(iri) : null;
    this.#names.set(text, made);
    return made;
  }

  #literal(value: JsonObject): RDF.Literal | null {
    const { '@value': text, '@language': language, '@type': type, ...rest } = value;
    if (typeof text !== 'string' || Object.keys(rest).length > 0) return null;
    if (language !== undefined)
      return type === undefined && typeof language === 'string' && LANGUAGE.test(language)
        ? DataFactory.literal(text, language)
        : null;
    if (type === undefined) return DataFactory.literal(text);
    const datatype = this.#name(type);
    return datatype && DataFactory.literal(text, datatype);
  }

  /** What stands for a value that is no node; null for one that this reader does not know. */
  #scalar(value: Json): RDF.Literal | null {
    if (typeof value === 'string') return DataFactory.literal(value);
    if (typeof value === 'boolean') return DataFactory.literal(String(value), DataFactory.namedNode(`${XSD}boolean`));
    // Other numbers have a form of their own in RDF.
    if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
      return DataFactory.literal(String(value), DataFactory.namedNode(`${XSD}integer`));
    return isObject(value) && '@value' in value ? this.#literal(value) : null;
  }

  /** Whether this reader knows everything of a node. */
  knows(node: Json): boolean {
    if (!isObject(node)) return false;
    return Object.entries(node).every(([key, value]) => {
      if (key === '@id') return this.#name(value) !== null;
      if (key === '@type') return listOf(value).every((t) => this.#name(t) !== null);
      if (key.startsWith('@') || !this.#name(key)) return false;
      return listOf(value).every((v) => (isObject(v) && !('@value' in v) ? this.knows(v) : this.#scalar(v) !== null));
    });
  }

  /** Tells the triples of a node that is known; answers what it is called. */
  tell(node: JsonObject, take: Take): RDF.NamedNode | RDF.BlankNode {
    const { '@id': id, '@type': types, ...properties } = node;
    const subject = this.#name(id) ?? DataFactory.blankNode();
    for (const type of listOf(types)) take(DataFactory.quad(subject, TYPE, this.#name(type)!) as RDF.Quad);
    for (const [key, values] of Object.entries(properties)) {
      const predicate = this.#name(key)!;
      for (const value of listOf(values)) {
        const object = isObject(value) && !('@value' in value) ? this.tell(value, take) : this.#scalar(value)!;
        take(DataFactory.quad(subject, predicate, object) as RDF.Quad);
      }
    }
    return subject;
  }
}

/** Nodes of a document of which one turn of the process tells. */
const TURN = 50;

/** Tells the triples of a document that has prefixes only and answers true; false, and nothing told, for every other. */
export async function tellPlain(document: unknown, take: Take): Promise<boolean> {
  const given = document as Json;
  if (!isObject(given)) return false;
  const { '@context': context, ...rest } = given;
  const prefixes = prefixesOf(context);
  if (!prefixes) return false;
  // A graph beside other properties would be a named one.
  const nodes = Array.isArray(rest['@graph']) && Object.keys(rest).length === 1 ? rest['@graph'] : [rest];
  const plain = new Plain(prefixes);
  if (!nodes.every((n) => plain.knows(n))) return false;
  for (const [n, node] of nodes.entries()) {
    plain.tell(node as JsonObject, take);
    // Others are to have their turn between.
    if (n % TURN === TURN - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}

/** Words that stand for `@type` in a context, or in those within it. */
function aliasesOf(value: unknown, found: Set<string>, within = false): Set<string> {
  if (Array.isArray(value)) for (const one of value) aliasesOf(one, found, within);
  else if (typeof value === 'object' && value !== null)
    for (const [key, own] of Object.entries(value)) {
      const id = typeof own === 'object' && own !== null ? (own as { '@id'?: unknown })['@id'] : own;
      if (within && id === '@type') found.add(key);
      aliasesOf(own, found, within || key === '@context');
    }
  return found;
}

/**
 * The same document with contexts before types before everything else (Streaming JSON-LD, section 3), so that the general processor
 * need not keep and compare all of it.
 */
export function streamable(document: unknown, contexts: unknown): unknown {
  const types = aliasesOf(contexts, aliasesOf(document, new Set(['@type'])), true);
  const rank = (key: string) => (key === '@context' ? 0 : types.has(key) ? 1 : key === '@id' ? 2 : 3);
  const ordered = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(ordered);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => rank(a) - rank(b))
        .map(([key, own]) => [key, key === '@context' ? own : ordered(own)]),
    );
  };
  return ordered(document);
}
