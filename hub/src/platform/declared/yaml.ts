/** YAML against a schema, every mistake with its line. */
import { readFileSync } from 'node:fs';
import { isMap, isNode, isPair, LineCounter, type Node, parseDocument } from 'yaml';
import type { ZodType, z } from 'zod';
import { Problem } from '../problem.ts';
import { fileUnreadable, yamlMissing, yamlSchema, yamlSyntax, yamlUnknownKey } from './problems.ts';

type Path = readonly PropertyKey[];

/** A file that was read: its value when it holds, a way from a path to a line, and what is wrong. */
export interface YamlFile<T> {
  value: T | undefined;
  problems: Problem[];
  /** Line (from 1) of the value at a path, or of the nearest one above it. */
  line(path: Path): number;
}

/** Reads a YAML file and checks it. Nothing is thrown: every mistake is a Problem with file and line. */
export function readYaml<S extends ZodType>(file: string, shown: string, type: S): YamlFile<z.output<S>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const problem = new Problem(fileUnreadable, { message: (error as Error).message }, { file: shown });
    return { value: undefined, problems: [problem], line: () => 1 };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => lines.linePos(offset).line || 1;
  const line = (path: Path): number => {
    for (let n = path.length; n >= 0; n--) {
      const node = n === 0 ? document.contents : (document.getIn(path.slice(0, n), true) as Node | undefined);
      if (isNode(node) && node.range) return at(node.range[0]);
    }
    return 1;
  };
  if (document.errors.length) {
    const problems = document.errors.map(
      (e) => new Problem(yamlSyntax, { message: e.message.split('\n')[0] }, { file: shown, line: at(e.pos[0]) }),
    );
    return { value: undefined, problems, line };
  }
  const parsed = type.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data, problems: [], line };
  const keyLine = (path: Path, key: string): number => {
    const map = path.length ? document.getIn(path, true) : document.contents;
    if (isMap(map))
      for (const pair of map.items)
        if (isPair(pair) && isNode(pair.key) && String(pair.key) === key && pair.key.range)
          return at(pair.key.range[0]);
    return line(path);
  };
  const problems = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(
        (key) =>
          new Problem(
            yamlUnknownKey,
            { key },
            { file: shown, line: keyLine(issue.path, key), pointer: pointer([...issue.path, key]) },
          ),
      );
    const place = { file: shown, line: line(issue.path), pointer: pointer(issue.path) };
    const last = issue.path.at(-1);
    if (issue.code === 'invalid_type' && last !== undefined && document.getIn(issue.path) === undefined)
      return [new Problem(yamlMissing, { key: String(last) }, place)];
    return [new Problem(yamlSchema, { pointer: pointer(issue.path), message: issue.message }, place)];
  });
  return { value: undefined, problems, line };
}

/** RFC 6901. */
export const pointer = (path: Path): string =>
  path.map((p) => `/${String(p).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
