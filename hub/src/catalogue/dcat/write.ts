/**
 * Writers of RDF nodes, chunk by chunk: JSON-LD 1.1 with a context of prefixes only (nothing is fetched to read it), and Turtle. A node
 * that was described once in an answer is only named afterwards, so that publishers and themes are not repeated for every dataset.
 */
import { DataFactory, Writer } from 'n3';
import { isNode, isRef, type Node, type Value } from './node.ts';
import { expand, prefixes } from './vocabulary.ts';

/** The serialisations with their media types. */
export const syntaxes = {
  ttl: { type: 'text/turtle', title: 'Turtle' },
  jsonld: { type: 'application/ld+json', title: 'JSON-LD' },
} as const;
export type Syntax = keyof typeof syntaxes;

/** Nodes that are made while they are written. */
export type Nodes = AsyncIterable<Node> | Iterable<Node>;

/** Characters gathered before they are handed on. */
const CHUNK = 32_768;

/** The text of nodes in a syntax. */
export const write = (syntax: Syntax, nodes: Nodes): AsyncGenerator<string> =>
  syntax === 'ttl' ? writeTurtle(nodes) : writeJsonLd(nodes);

/** Which nodes are described by now. */
class Said {
  readonly #ids = new Set<string>();
  /** Whether a shared node is described already; from now on it is. */
  was({ id, shared }: Node): boolean {
    if (!shared || id === undefined) return false;
    if (this.#ids.has(id)) return true;
    this.#ids.add(id);
    return false;
  }
}

/** JSON-LD. */
export async function* writeJsonLd(nodes: Nodes): AsyncGenerator<string> {
  const said = new Said();
  let out = `{"@context":${JSON.stringify(prefixes)},\n"@graph":[`;
  let first = true;
  for await (const node of nodes) {
    out += `${first ? '\n' : ',\n'}${JSON.stringify(jsonOf(node, said))}`;
    first = false;
    if (out.length < CHUNK) continue;
    yield out;
    out = '';
  }
  yield `${out}\n]}\n`;
}

function jsonOf(value: Value, said: Said): unknown {
  if (isRef(value)) return { '@id': value.iri };
  if (!isNode(value)) {
    const { text, lang, type } = value;
    return lang ? { '@value': text, '@language': lang } : type ? { '@value': text, '@type': type } : { '@value': text };
  }
  const { id, types, props } = value;
  if (said.was(value)) return { '@id': id };
  const out: Record<string, unknown> = {
    ...(id === undefined ? {} : { '@id': id }),
    ...(types.length ? { '@type': types } : {}),
  };
  for (const [name, own] of props) {
    const list = out[name] as unknown[] | undefined;
    if (list) list.push(jsonOf(own, said));
    else out[name] = [jsonOf(own, said)];
  }
  return out;
}

/** Turtle. */
export async function* writeTurtle(nodes: Nodes): AsyncGenerator<string> {
  const said = new Said();
  let out = '';
  let blanks = 0;
  const sink = {
    write(chunk: string, _encoding: string, done?: () => void) {
      out += chunk;
      done?.();
    },
    end: () => undefined,
  };
  const writer = new Writer(sink as never, { prefixes, end: false });
  const { namedNode, blankNode, literal } = DataFactory;
  const term = (value: Value) => {
    if (isRef(value)) return namedNode(value.iri);
    if (!isNode(value)) {
      const { text, lang, type } = value;
      return literal(text, lang ?? (type ? namedNode(expand(type)) : undefined));
    }
    return value.id === undefined ? blankNode(`b${++blanks}`) : namedNode(value.id);
  };
  const describe = (node: Node, subject: ReturnType<typeof namedNode> | ReturnType<typeof blankNode>): void => {
    if (said.was(node)) return;
    const nested: [Node, typeof subject][] = [];
    for (const type of node.types) writer.addQuad(subject, namedNode(expand('rdf:type')), namedNode(expand(type)));
    for (const [name, value] of node.props) {
      const object = term(value);
      writer.addQuad(subject, namedNode(expand(name)), object);
      if (isNode(value)) nested.push([value, object as typeof subject]);
    }
    for (const [own, at] of nested) describe(own, at);
  };
  for await (const node of nodes) {
    describe(node, term(node) as ReturnType<typeof namedNode>);
    if (out.length < CHUNK) continue;
    yield out;
    out = '';
  }
  writer.end();
  if (out) yield out;
}
