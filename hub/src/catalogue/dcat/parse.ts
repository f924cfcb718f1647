/**
 * Reads RDF that others wrote, Turtle and JSON-LD, within bounds: bytes, nesting, triples, length of a value. Nothing is fetched: a
 * document that leans on a context elsewhere is refused, unless the caller brings that context.
 */
import type * as RDF from '@rdfjs/types';
import { JsonLdParser } from 'jsonld-streaming-parser';
import { Parser, type Quad } from 'n3';
import { Problem } from '../../platform/problem.ts';
import { streamable, tellPlain } from './json-ld.ts';
import { notRdf, type ReadLimits, readLimits, remoteContext, tooDeep, tooLarge, tooLong, tooMany } from './limits.ts';
import { type Syntax, syntaxes } from './write.ts';

type Chunks = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** How a document is read. */
export interface ReadOptions {
  syntax: Syntax;
  /** Address of the document, against which relative names are resolved. */
  base: string;
  limits?: Partial<ReadLimits>;
  /** Contexts that the reader knows itself, by their address. */
  contexts?: Readonly<Record<string, unknown>>;
}

/** Hands every triple of a document to `take`, in its order. Problems: `catalogue.dcat.*`. */
export async function parseRdf(chunks: Chunks, options: ReadOptions, take: (quad: RDF.Quad) => void): Promise<void> {
  const limits = { ...readLimits, ...options.limits };
  let triples = 0;
  const checked = (quad: RDF.Quad) => {
    if (++triples > limits.triples) throw new Problem(tooMany, { limit: limits.triples });
    for (const term of [quad.subject, quad.predicate, quad.object])
      if (term.value.length > limits.term) throw new Problem(tooLong, { limit: limits.term });
    take(quad);
  };
  if (options.syntax === 'ttl') await turtle(chunks, options, limits, checked);
  else await jsonLd(chunks, options, limits, checked);
}

const said = (syntax: Syntax, error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(notRdf, {
        syntax: syntaxes[syntax].title,
        reason: String((error as Error)?.message ?? error).slice(0, 200),
      });

/** Text of chunks, within the bytes; characters that are cut between chunks are put together. */
async function* texts(chunks: Chunks, limits: ReadLimits): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const chunk of chunks) {
    const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += part.length;
    if (bytes > limits.bytes) throw new Problem(tooLarge, { limit: limits.bytes });
    yield decoder.decode(part, { stream: true });
  }
  yield decoder.decode();
}

async function turtle(
  chunks: Chunks,
  options: ReadOptions,
  limits: ReadLimits,
  take: (quad: RDF.Quad) => void,
): Promise<void> {
  const data = new Set<(chunk: string) => void>();
  const end = new Set<() => void>();
  const source = {
    on: (event: string, listener: never) => {
      if (event === 'data') data.add(listener);
      if (event === 'end') end.add(listener);
    },
    setEncoding: () => undefined,
  };
  let failure: unknown;
  const depth = new TurtleDepth(limits.depth);
  try {
    new Parser({ baseIRI: options.base, format: 'text/turtle' }).parse(source as never, (error: Error, quad: Quad) => {
      if (failure) return;
      if (error) failure = error;
      else if (quad)
        try {
          take(quad);
        } catch (fault) {
          failure = fault;
        }
    });
    for await (const text of texts(chunks, limits)) {
      depth.take(text);
      for (const listener of data) listener(text);
      if (failure) throw failure;
    }
    for (const listener of end) listener();
    if (failure) throw failure;
  } catch (error) {
    throw said('ttl', error);
  }
}

/** Counts open brackets of Turtle outside of texts, names and comments. */
class TurtleDepth {
  readonly #limit: number;
  #depth = 0;
  #state: 'plain' | 'iri' | 'comment' | '"' | "'" | '"""' | "'''" = 'plain';
  #rest = '';

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(text: string): void {
    const all = this.#rest + text;
    // Three characters decide how a text opens and closes: the last two wait for the next chunk.
    const end = Math.max(0, all.length - 2);
    let i = 0;
    for (; i < end; i++) {
      const c = all[i]!;
      if (this.#state === 'comment') {
        if (c === '\n') this.#state = 'plain';
      } else if (this.#state === 'iri') {
        if (c === '>' || c === '\n') this.#state = 'plain';
      } else if (this.#state !== 'plain') {
        if (c === '\\') i++;
        else if (all.startsWith(this.#state, i)) {
          i += this.#state.length - 1;
          this.#state = 'plain';
        }
      } else if (c === '#') this.#state = 'comment';
      else if (c === '<') this.#state = 'iri';
      else if (c === '"' || c === "'") {
        const three = c.repeat(3) as '"""';
        if (all.startsWith(three, i)) {
          this.#state = three;
          i += 2;
        } else this.#state = c;
      } else if (c === '[' || c === '(') {
        if (++this.#depth > this.#limit) throw new Problem(tooDeep, { limit: this.#limit });
      } else if (c === ']' || c === ')') this.#depth--;
    }
    this.#rest = all.slice(i);
  }
}

async function jsonLd(
  chunks: Chunks,
  options: ReadOptions,
  limits: ReadLimits,
  take: (quad: RDF.Quad) => void,
): Promise<void> {
  try {
    const depth = new JsonDepth(limits.depth);
    let text = '';
    for await (const part of texts(chunks, limits)) {
      depth.take(part);
      text += part;
    }
    const document: unknown = JSON.parse(text);
    if (!(await tellPlain(document, take)))
      await general(JSON.stringify(streamable(document, options.contexts)), options, take);
  } catch (error) {
    throw said('jsonld', error);
  }
}

/** Bytes that the general processor is given at a time. */
const PART = 65_536;

/** The general processor of JSON-LD, over a document in the order of streams. */
async function general(text: string, options: ReadOptions, take: (quad: RDF.Quad) => void): Promise<void> {
  let refused: Problem | undefined;
  const parser = new JsonLdParser({
    baseIRI: options.base,
    streamingProfile: true,
    documentLoader: {
      load: async (url: string) => {
        const known = options.contexts?.[url];
        if (known) return known as never;
        // The parser wraps what is thrown here: the problem itself is what is told.
        refused = new Problem(remoteContext, { url: url.slice(0, 300) });
        throw refused;
      },
    },
  });
  let failure: unknown;
  const done = new Promise<void>((resolve) => {
    parser.on('data', (quad: RDF.Quad) => {
      if (failure) return;
      try {
        take(quad);
      } catch (fault) {
        failure = fault;
        resolve();
      }
    });
    parser.on('error', (error: unknown) => {
      failure ??= error;
      resolve();
    });
    parser.on('end', () => resolve());
  });
  try {
    // As bytes: a text could be cut within a character.
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length && !failure; at += PART) {
      if (!parser.write(bytes.subarray(at, at + PART)))
        await Promise.race([new Promise((resolve) => parser.once('drain', resolve)), done]);
    }
    if (!failure) parser.end();
    await done;
    if (failure) throw failure;
  } catch (error) {
    throw refused ?? error;
  } finally {
    parser.destroy();
  }
}

/** Counts open brackets of JSON outside of its texts. */
class JsonDepth {
  readonly #limit: number;
  #depth = 0;
  #text = false;
  #escaped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (this.#text) {
        if (this.#escaped) this.#escaped = false;
        else if (c === 0x5c) this.#escaped = true;
        else if (c === 0x22) this.#text = false;
      } else if (c === 0x22) this.#text = true;
      else if (c === 0x7b || c === 0x5b) {
        if (++this.#depth > this.#limit) throw new Problem(tooDeep, { limit: this.#limit });
      } else if (c === 0x7d || c === 0x5d) this.#depth--;
    }
  }
}
