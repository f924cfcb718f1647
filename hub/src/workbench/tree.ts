/**
 * A statement as the engine takes it apart, and back. Numbers of the tree are kept as they are written: the engine's are wider than
 * JavaScript's, and a statement that was judged must be the one that is run, to the last digit.
 */
import { randomBytes } from 'node:crypto';
import { isTree, type SqlTree } from '../platform/declared/index.ts';
import type { LakeSession } from '../platform/lake/index.ts';
import { Problem } from '../platform/problem.ts';
import * as k from './problems.ts';
import { placeOf } from './pure/text.ts';

/** A statement taken apart. */
export interface Parsed {
  node: SqlTree;
  /** The whole tree, of which `node` is part: changes of the node are in it. */
  tree: SqlTree;
  /** Stands before every number in the tree. */
  mark: string;
}

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Where a node stands in the text, or undefined. */
export function locationOf(node: SqlTree, mark: string): number | undefined {
  const at = node.query_location;
  const n = typeof at === 'string' && at.startsWith(mark) ? Number(at.slice(mark.length)) : Number.NaN;
  return Number.isSafeInteger(n) ? n : undefined;
}

/** Takes a text apart. @throws Problem with line and column where it is no single query. */
export async function parse(session: Pick<LakeSession, 'first'>, text: string): Promise<Parsed> {
  const row = await session.first<{ tree: string }>('SELECT json_serialize_sql($text::VARCHAR)::VARCHAR AS tree', {
    text,
  });
  // Nobody can write a text that begins with it: it is drawn anew for each statement.
  const mark = `${randomBytes(12).toString('hex')}:`;
  const tree = JSON.parse(row!.tree.replace(JSON_TOKEN, (m) => (m[0] === '"' ? m : `"${mark}${m}"`))) as SqlTree;
  if (tree.error) {
    if (tree.error_type !== 'parser') throw new Problem(k.notSelect, {}, { line: 1, column: 1 });
    const position = String(tree.position ?? '');
    const at = Number(position.startsWith(mark) ? position.slice(mark.length) : position || 0);
    // The engine counts bytes.
    const characters = Buffer.from(text, 'utf8').subarray(0, at).toString('utf8').length;
    const message = String(tree.error_message);
    const near = /^syntax error at (?:or near "(.*)"|end of input)$/s.exec(message);
    // At the end of the text nothing stands any more: the last word is what people see.
    if (near)
      throw new Problem(
        k.syntax,
        { near: near[1] ?? text.trim().slice(-20) },
        placeOf(text, Math.min(characters, text.trimEnd().length)),
      );
    throw new Problem(k.compile, { message }, placeOf(text, characters));
  }
  const statements = tree.statements as SqlTree[];
  if (!statements.length) throw new Problem(k.empty, {}, { line: 1, column: 1 });
  if (statements.length > 1) throw new Problem(k.several, {}, placeOf(text, text.indexOf(';') + 1));
  const node = statements[0]!.node;
  if (!isTree(node)) throw new Problem(k.notSelect, {}, { line: 1, column: 1 });
  return { node, tree, mark };
}

/** The statement as the engine writes it. */
export async function written(session: Pick<LakeSession, 'first'>, { tree, mark }: Parsed): Promise<string> {
  const text = JSON.stringify(tree).replace(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
  const row = await session.first<{ sql: string }>('SELECT json_deserialize_sql($tree::JSON) AS sql', { tree: text });
  return row!.sql;
}
