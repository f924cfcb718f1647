/** A small tree of RDF nodes: what is said once and written as JSON-LD and as Turtle alike. Names are prefixed (`dct:title`). */

/** A literal: with a language, or with a datatype by its prefixed name; plain texts have neither. */
export interface Literal {
  text: string;
  lang?: 'zh' | 'en';
  type?: string;
}
/** A reference to what is described elsewhere, or by nobody here. */
export interface Ref {
  iri: string;
}
/** A node with its types and properties; without an id it is blank. */
export interface Node {
  id?: string;
  types: readonly string[];
  props: [name: string, value: Value][];
  /** Of the same content wherever it comes: described once in an answer, named afterwards. */
  shared?: boolean;
}
export type Value = Literal | Ref | Node;

export const isNode = (v: Value): v is Node => 'props' in v;
export const isRef = (v: Value): v is Ref => 'iri' in v;

export const ref = (iri: string): Ref => ({ iri });
export const str = (text: string): Literal => ({ text });
export const typed = (text: string, type: string): Literal => ({ text, type });
export const instant = (at: Date): Literal => typed(at.toISOString().replace(/\.000Z$/, 'Z'), 'xsd:dateTime');
export const whole = (n: number): Literal => typed(String(n), 'xsd:integer');
export const yes = (b: boolean): Literal => typed(String(b), 'xsd:boolean');

/** A text in its languages; English only where it differs, since it falls back to Chinese. */
export const both = (name: string, text: { zh: string; en: string }): [string, Value][] => [
  [name, { text: text.zh, lang: 'zh' }],
  ...(text.en && text.en !== text.zh ? [[name, { text: text.en, lang: 'en' }] as [string, Value]] : []),
];

/** A node. Properties may come in lists, and absent ones (`null`) are left out. */
export function node(
  id: string | undefined,
  types: string | readonly string[],
  ...props: (readonly [string, Value | null] | readonly (readonly [string, Value | null])[])[]
): Node {
  const flat = props.flatMap((p) => (typeof p[0] === 'string' ? [p] : p)) as [string, Value | null][];
  return {
    ...(id === undefined ? {} : { id }),
    types: typeof types === 'string' ? [types] : types,
    props: flat.filter((p): p is [string, Value] => p[1] !== null),
  };
}

/** A node that many things refer to: a publisher, a theme, a frequency. */
export const shared = (own: Node): Node => ({ ...own, shared: true });
