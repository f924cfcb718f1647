import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { EXIT } from '../output.ts';
import { outputOf } from './shared.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** `library check`: every mistake of every declared library, with file and line. */
export function libraryCommands(jingwei: Command): void {
  const library = jingwei.command('library').description('the declared base libraries');
  library
    .command('check')
    .description('check all library folders against their schema and the sources: every mistake with file and line')
    .argument('[folder]', 'the folder of libraries', join(repository, 'libraries'))
    .option('--sources <folder>', 'the folder of sources', join(repository, 'sources'))
    .action(async (folder: string, options: { sources: string }, command: Command) => {
      const output = outputOf(command);
      const { checkLibraryFolders } = await import('@jingwei/hub');
      const { checked, problems } = await checkLibraryFolders(folder, options.sources);
      output.answer({ folder, checked, problems: problems.map((p) => p.toJSON()) }, () => {
        for (const p of problems) output.problem(p.toJSON());
        output.say(
          output.text({
            zh: `检查了 ${checked} 个基础库，发现 ${problems.length} 处错误`,
            en: `${checked} libraries checked, ${problems.length} mistakes`,
          }),
        );
      });
      if (problems.length > 0) process.exitCode = EXIT.problem;
    });
}
