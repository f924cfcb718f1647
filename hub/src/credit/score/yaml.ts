/** YAML against a schema, every mistake with its file and line. */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, type Node, parseDocument } from 'yaml';
import type { ZodType, z } from 'zod';
import { Problem } from '../../platform/problem.ts';
import { declarationSchema, declarationSyntax, declarationUnreadable } from './problems.ts';

/** What was read: the value when it fits, the mistakes, and a way from a path to a line (from 1). */
export interface Declared<T> {
  value: T | null;
  problems: Problem[];
  line(path: readonly PropertyKey[]): number;
}

/** Reads and checks a file; nothing is thrown. `shown` is the file as people name it. */
export function readDeclared<S extends ZodType>(file: string, shown: string, schema: S): Declared<z.output<S>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const problem = new Problem(declarationUnreadable, { message: (error as Error).message }, { file: shown });
    return { value: null, problems: [problem], line: () => 1 };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (path: readonly PropertyKey[]): number => {
    for (let n = path.length; n > 0; n--) {
      const node = document.getIn(path.slice(0, n), true) as Node | undefined;
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line || 1;
    }
    return 1;
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (e) =>
        new Problem(
          declarationSyntax,
          { message: e.message.split('\n')[0] },
          { file: shown, line: lines.linePos(e.pos[0]).line || 1 },
        ),
    );
    return { value: null, problems, line };
  }
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data, problems: [], line };
  const problems = parsed.error.issues.map((issue) => {
    const pointer = `/${issue.path.map(String).join('/')}`;
    return new Problem(
      declarationSchema,
      { pointer, message: issue.message },
      { file: shown, line: line(issue.path), pointer },
    );
  });
  return { value: null, problems, line };
}
