/** Rules as files: `rules/<name>.yaml`, every mistake with its place. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../platform/audit/index.ts';
import { readYaml } from '../../platform/declared/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import * as k from '../problems.ts';
import { type Rule, ruleSchema } from '../pure/index.ts';

/** The folder of declared rules, beside the sources. */
export const rulesFolder = (deps: Pick<Deps, 'folders'>): string => join(dirname(deps.folders.sources), 'rules');

/** The hash by which a rule's content is known again. */
export const ruleHash = (rule: Rule): string => createHash('sha256').update(canonicalJson(rule)).digest('hex');

/** A declared file with its mistakes; `rule` is null when it cannot be used. */
export interface DeclaredRule {
  file: string;
  rule: Rule | null;
  problems: Problem[];
}

/** Reads every declared rule below a folder; none where there is no folder. */
export function readRules(folder: string): DeclaredRule[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => {
      const shown = `rules/${name}`;
      const read = readYaml(join(folder, name), shown, ruleSchema);
      const problems = [...read.problems];
      const expected = name.slice(0, -'.yaml'.length);
      if (read.value && read.value.rule !== expected)
        problems.push(
          new Problem(k.ruleName, { expected }, { file: shown, line: read.line(['rule']), pointer: '/rule' }),
        );
      return { file: shown, rule: problems.length ? null : read.value!, problems };
    });
}
