import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { HubClient } from '../client.ts';
import { configOf, runningHub } from '../hub.ts';
import { EXIT } from '../output.ts';
import { common, outputOf } from './shared.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

interface Plans {
  items: { id: string; unmanned: { id: string; name: { zh: string; en: string } }[] }[];
}

/** `plan check`: emergency plans, which are folders; with a running hub also who of them has nobody on duty now. */
export function planCommands(jingwei: Command): void {
  const plan = jingwei.command('plan').description('the declared emergency plans');
  plan
    .command('check')
    .description('check plan folders: every mistake with file and line')
    .argument('[folder]', "the folder of plans, or one plan's own", join(repository, 'plans'))
    .option('--duty', 'ask the running hub who of them has nobody on duty now')
    .action(async (folder: string, options: { duty?: boolean }, command: Command) => {
      const output = outputOf(command);
      const { city, http } = configOf(common(command));
      const { checkPlans } = await import('@jingwei/hub');
      const { plans, problems } = checkPlans(folder, join(repository, 'cities'), city);
      const url = runningHub(common(command)) ?? `http://${http.host}:${http.port}`;
      const asked = options.duty ? await new HubClient(url).get<Plans>('/api/v1/command/plans') : undefined;
      const unmanned = Object.fromEntries(
        (asked?.items ?? []).flatMap((p) =>
          plans.some((x) => x.id === p.id) && p.unmanned.length ? [[p.id, p.unmanned]] : [],
        ),
      );
      const answer = { folder, plans, ...(asked ? { unmanned } : {}), problems: problems.map((p) => p.toJSON()) };
      output.answer(answer, () => {
        for (const p of problems) output.problem(p.toJSON());
        for (const [id, list] of Object.entries(unmanned))
          output.say(
            output.text({
              zh: `${id}：现在无人值班：${list.map((o) => o.name.zh).join('、')}`,
              en: `${id}: nobody on duty now: ${list.map((o) => o.name.en).join(', ')}`,
            }),
          );
        output.say(
          output.text({
            zh: `检查了 ${plans.length} 个预案，发现 ${problems.length} 处错误`,
            en: `${plans.length} plans hold, ${problems.length} mistakes`,
          }),
        );
      });
      if (problems.length > 0) process.exitCode = EXIT.problem;
    });
}
