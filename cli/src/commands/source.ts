import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { configOf } from '../hub.ts';
import { EXIT } from '../output.ts';
import { common, outputOf } from './shared.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** `source check`: every mistake of every source folder, with file and line. */
export function sourceCommands(jingwei: Command): void {
  const source = jingwei.command('source').description('the declared sources');
  source
    .command('check')
    .description('check all source folders (declaration, mapping, sample): every mistake with file and line')
    .argument('[folder]', 'the folder of sources', join(repository, 'sources'))
    .action(async (folder: string, _options: unknown, command: Command) => {
      const output = outputOf(command);
      const config = configOf(common(command));
      const { checkSourceFolders } = await import('@jingwei/hub');
      const { checked, problems } = await checkSourceFolders(folder, join(repository, 'cities'), config.city);
      output.answer({ folder, checked, problems: problems.map((p) => p.toJSON()) }, () => {
        for (const p of problems) output.problem(p.toJSON());
        output.say(
          output.text({
            zh: `检查了 ${checked} 个来源，发现 ${problems.length} 处错误`,
            en: `${checked} sources checked, ${problems.length} mistakes`,
          }),
        );
      });
      if (problems.length > 0) process.exitCode = EXIT.problem;
    });
}
