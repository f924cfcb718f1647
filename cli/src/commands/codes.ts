import * as codes from '@jingwei/codes';
import type { Command } from 'commander';
import { EXIT } from '../output.ts';
import { outputOf } from './shared.ts';

const KINDS = {
  uscc: codes.uscc,
  orgcode: codes.orgcode,
  regno: codes.regno,
  'citizen-id': codes.citizenId,
} as const;

/** `codes check`: is a national code right, and if not, which part is wrong. */
export function codeCommands(jingwei: Command): void {
  const group = jingwei.command('codes').description('national codes');
  group
    .command('check')
    .description(`check a code and explain what is wrong with it (${Object.keys(KINDS).join(', ')})`)
    .argument('<kind>')
    .argument('<value>')
    .action((kind: string, value: string, _options: unknown, command: Command) => {
      const output = outputOf(command);
      const found = KINDS[kind as keyof typeof KINDS];
      if (!found) command.error(`error: unknown kind '${kind}': ${Object.keys(KINDS).join(', ')}`);
      const valid = found.check(value);
      const normalised = found.normalise(value);
      const reasons = found.explain(value);
      output.answer({ kind, value, valid, normalised, reasons }, () => {
        output.say(valid ? output.text({ zh: '有效', en: 'valid' }) : output.text({ zh: '无效', en: 'not valid' }));
        for (const reason of reasons) output.say(`  ${reason.code}: ${output.text(reason)}`);
        if (normalised.value !== value) output.say(`  → ${normalised.value}`);
      });
      if (!valid) process.exitCode = EXIT.problem;
    });
}
