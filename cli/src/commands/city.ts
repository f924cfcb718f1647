import type { Command } from 'commander';
import { outputOf } from './shared.ts';

/** `city generate`: the synthetic city as files or in a database. */
export function cityCommands(jingwei: Command): void {
  const city = jingwei.command('city').description('the synthetic city');
  city
    .command('generate')
    .description('make a city and what its departments know of it, with the truth beside it')
    .argument(
      '[arguments...]',
      '--out <folder> [--seed 1] [--rows 20000] [--enterprises N] [--day 2] … (see packages/synthcity)',
    )
    .allowUnknownOption()
    .helpOption(false)
    .action(async (args: string[], _options: unknown, command: Command) => {
      const output = outputOf(command);
      const { cityCommand } = await import('@jingwei/synthcity');
      const report = await cityCommand(args, (p) => output.progress(p.rows, p.total, p.step));
      output.answer(report, () =>
        output.say(
          output.text({
            zh: `${report.classes.length} 类 ${report.rows} 行，企业 ${report.enterprises} 家，人口 ${report.people} 人，用时 ${report.seconds.toFixed(1)} 秒`,
            en: `${report.rows} rows of ${report.classes.length} classes, ${report.enterprises} enterprises, ${report.people} people, ${report.seconds.toFixed(1)} s`,
          }),
        ),
      );
    });
}
