/**
 * XML of strangers read into a small tree with places. No document type, no entities but the five of XML itself, nothing is ever fetched; size,
 * depth and number of elements are limited.
 */
import { SaxesParser } from 'saxes';
import { type Place, Problem } from '../../platform/problem.ts';
import * as k from '../problems.ts';

/** Largest message in bytes. */
export const MOST_BYTES = 512 * 1024;
const MOST_NODES = 20_000;
const MOST_DEPTH = 12;

/** An element: its local name and namespace, its own text, its children, where it begins. */
export interface Node {
  name: string;
  uri: string;
  text: string;
  children: Node[];
  line: number;
  column: number;
}

/** The text of a message by its byte order mark or declared encoding; UTF-8 otherwise. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > MOST_BYTES) throw new Problem(k.capTooLarge, { most: MOST_BYTES });
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : '';
  const encoding =
    mark || (/^(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head)?.[1] ?? 'utf-8');
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(k.capEncoding, { encoding }, { line: 1 });
  }
}

/** Reads a document. Problems: `alerts.cap.doctype`, `.xml`, `.depth`. */
export function treeOf(text: string): Node {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const stack: Node[] = [];
  let root: Node | undefined;
  let nodes = 0;
  let failed: Problem | undefined;
  const here = (): Place => ({ line: parser.line, column: parser.columnIndex + 1 });
  const fail = (problem: Problem) => {
    failed ??= problem;
    // Nothing more of it is read.
    throw failed;
  };
  parser.on('doctype', () => fail(new Problem(k.capDoctype, {}, here())));
  parser.on('error', (error) =>
    fail(new Problem(k.capXml, { message: error.message.replace(/^\d+:\d+: /, '').slice(0, 160) }, here())),
  );
  parser.on('opentag', (tag) => {
    if (++nodes > MOST_NODES || stack.length >= MOST_DEPTH) fail(new Problem(k.capDepth, {}, here()));
    const node: Node = {
      name: tag.local,
      uri: tag.uri,
      text: '',
      children: [],
      line: parser.line,
      column: parser.columnIndex + 1,
    };
    stack.at(-1)?.children.push(node);
    root ??= node;
    stack.push(node);
  });
  const add = (part: string) => {
    const node = stack.at(-1);
    if (node) node.text += part;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => void stack.pop());
  try {
    parser.write(text).close();
  } catch (error) {
    throw failed ?? (error instanceof Problem ? error : new Problem(k.capXml, { message: 'unreadable' }, here()));
  }
  if (!root) throw new Problem(k.capXml, { message: 'empty' }, { line: 1 });
  return root;
}
