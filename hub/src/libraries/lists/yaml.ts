/** A YAML file of the lists against its schema, every mistake with its line. */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, type Node, parseDocument } from 'yaml';
import type { ZodType, z } from 'zod';
import { Problem } from '../../platform/problem.ts';
import { schema, syntax, unreadable } from './problems.ts';

/** What was read: the value when it holds, what is wrong, and a way from a path to a line (from 1). */
export interface ListYaml<T> {
  value: T | undefined;
  problems: Problem[];
  line(path: readonly PropertyKey[]): number;
}

/** Reads and checks; nothing is thrown. */
export function readListYaml<S extends ZodType>(file: string, shown: string, type: S): ListYaml<z.output<S>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const problem = new Problem(unreadable, { message: (error as Error).message }, { file: shown });
    return { value: undefined, problems: [problem], line: () => 1 };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => lines.linePos(offset).line || 1;
  const line = (path: readonly PropertyKey[]): number => {
    for (let n = path.length; n >= 0; n--) {
      const node = n === 0 ? document.contents : (document.getIn(path.slice(0, n), true) as Node | undefined);
      if (isNode(node) && node.range) return at(node.range[0]);
    }
    return 1;
  };
  if (document.errors.length) {
    const problems = document.errors.map(
      (e) => new Problem(syntax, { message: e.message.split('\n')[0] }, { file: shown, line: at(e.pos[0]) }),
    );
    return { value: undefined, problems, line };
  }
  const parsed = type.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data, problems: [], line };
  const problems = parsed.error.issues.map((issue) => {
    const pointer = issue.path.map((p) => `/${String(p)}`).join('');
    return new Problem(schema, { pointer, message: issue.message }, { file: shown, line: line(issue.path), pointer });
  });
  return { value: undefined, problems, line };
}
