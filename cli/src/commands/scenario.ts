import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem, problemKind } from '@jingwei/hub/light';
import type { Command } from 'commander';
import { HubClient } from '../client.ts';
import { configOf, runningHub } from '../hub.ts';
import { EXIT } from '../output.ts';
import { common, outputOf } from './shared.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const scenarios = join(repository, 'scenarios');

const badName = problemKind(
  'cli.scenario-name',
  422,
  '场景编号应为小写字母、数字和连字符：{name}',
  'A scenario is named by small letters, digits and hyphens: {name}',
);
const exists = problemKind('cli.scenario-exists', 409, '已有场景“{name}”', 'There is a scenario "{name}" already');

interface Figure {
  key: string;
  state: string;
  value: number | null;
  rows: unknown[];
  asOf: string | null;
  problem: { zh: string; en: string } | null;
}
interface Cockpit {
  title: { zh: string; en: string };
  question: { zh: string; en: string };
  measures: {
    key: string;
    id: string;
    kind: string;
    title: { zh: string; en: string };
    unit: { zh: string; en: string } | null;
  }[];
  figures: Figure[];
}

/** `scenario check | preview | new`: scenarios of cockpits, which are folders. */
export function scenarioCommands(jingwei: Command): void {
  const scenario = jingwei.command('scenario').description('the declared scenarios (cockpits)');
  scenario
    .command('check')
    .description('check all scenario folders: every mistake with file and line')
    .argument('[folder]', 'the folder of scenarios', scenarios)
    .option('--sources <folder>', 'the folder of sources', join(repository, 'sources'))
    .action(async (folder: string, options: { sources: string }, command: Command) => {
      const output = outputOf(command);
      const { city } = configOf(common(command));
      const { checkScenarios } = await import('@jingwei/hub');
      const context = { sources: options.sources, cities: join(repository, 'cities'), city };
      const { scenarios: found, problems, unjudged } = await checkScenarios(folder, context);
      const indicators = found.reduce((n, s) => n + s.measures.size, 0);
      const answer = { folder, checked: found.length, indicators, unjudged, problems: problems.map((p) => p.toJSON()) };
      output.answer(answer, () => {
        for (const p of problems) output.problem(p.toJSON());
        output.say(
          output.text({
            zh: `检查了 ${found.length} 个场景、${indicators} 个指标，发现 ${problems.length} 处错误；${unjudged.length} 个视图要在运行的枢纽上才能核对`,
            en: `${found.length} scenarios with ${indicators} indicators checked, ${problems.length} mistakes; ${unjudged.length} views can be judged on a running hub only`,
          }),
        );
      });
      if (problems.length > 0) process.exitCode = EXIT.problem;
    });

  scenario
    .command('preview')
    .description("a scenario's figures as a running hub computes them now")
    .argument('<scenario>', 'its id')
    .action(async (id: string, _options: unknown, command: Command) => {
      const output = outputOf(command);
      const options = common(command);
      const { http } = configOf(options);
      const client = new HubClient(runningHub(options) ?? `http://${http.host}:${http.port}`);
      const cockpit = await client.get<Cockpit>(`/api/v1/cockpits/${encodeURIComponent(id)}`);
      output.answer(cockpit, () => {
        output.say(`${output.text(cockpit.title)} — ${output.text(cockpit.question)}`);
        const figures = new Map(cockpit.figures.map((f) => [f.key, f]));
        output.table(
          cockpit.measures.map((m) => {
            const f = figures.get(m.key);
            const said = f?.value ?? (f?.rows.length ? `${f.rows.length}` : '');
            const why = f?.problem ? output.text(f.problem) : '';
            return [
              m.id,
              m.kind,
              output.text(m.title),
              String(said),
              m.unit ? output.text(m.unit) : '',
              f?.state ?? '',
              f?.asOf ?? '',
              why,
            ];
          }),
          ['id', 'kind', 'title', 'value', 'unit', 'state', 'as of', 'why'],
        );
      });
    });

  scenario
    .command('new')
    .description('a new scenario: a copy of a delivered one, to be changed')
    .argument('<name>', 'the new id')
    .option('--from <scenario>', 'which one to copy', 'economy')
    .option('--folder <folder>', 'the folder of scenarios', scenarios)
    .action((name: string, options: { from: string; folder: string }, command: Command) => {
      const output = outputOf(command);
      if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) throw new Problem(badName, { name });
      const to = join(options.folder, name);
      if (existsSync(to)) throw new Problem(exists, { name });
      cpSync(join(scenarios, options.from), to, { recursive: true });
      const head = join(to, 'scenario.yaml');
      writeFileSync(
        head,
        readFileSync(head, 'utf8')
          .replace(/^id: .*$/m, `id: ${name}`)
          .replace(/^order: .*$/m, 'order: 900'),
      );
      output.answer({ folder: to, files: readdirSync(to) }, () =>
        output.say(
          output.text({
            zh: `已建立 ${to}，改好后运行 jingwei scenario check`,
            en: `${to} is made; change it, then run jingwei scenario check`,
          }),
        ),
      );
    });
}
