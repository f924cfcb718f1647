/** XML (1.0) read far enough to know that it is well formed and what its elements say; no document types, no entities of one's own. */

/** An element: its name without prefix, its text and its children. */
export interface XmlElement {
  name: string;
  text: string;
  children: XmlElement[];
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const DEPTH = 100;
const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/** The root element; throws an Error that says what is wrong and where. */
export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: '', text: '', children: [] };
  const open: XmlElement[] = [root];
  const source = text.replace(/^\ufeff/, '');
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (!found) throw new Error(`character ${at}`);
    const [, cdata, closing, opening, , single, chars] = found;
    const top = open.at(-1)!;
    if (cdata !== undefined) top.text += cdata;
    else if (closing !== undefined) {
      if (open.length === 1 || top.name !== local(closing)) throw new Error(`</${closing}>, character ${at}`);
      open.pop();
    } else if (opening !== undefined) {
      if (open.length === 1 && root.children.length > 0) throw new Error(`a second root, character ${at}`);
      if (open.length > DEPTH) throw new Error(`deeper than ${DEPTH}, character ${at}`);
      const element = { name: local(opening), text: '', children: [] };
      top.children.push(element);
      if (!single) open.push(element);
    } else if (chars !== undefined) top.text += decode(chars, at);
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  if (!root.children[0]) throw new Error('no element');
  if (root.text.trim() !== '') throw new Error('text outside the root');
  return root.children[0];
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

const decode = (text: string, at: number): string =>
  text.replace(/&([^;&\s]*);?/g, (whole, name: string) => {
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const code = number ? Number.parseInt(number[1] ?? number[2]!, number[1] ? 16 : 10) : undefined;
    if (code !== undefined && code <= 0x10ffff && whole.endsWith(';')) return String.fromCodePoint(code);
    const known = whole.endsWith(';') ? entities[name] : undefined;
    if (known === undefined) throw new Error(`${whole}, character ${at}`);
    return known;
  });
