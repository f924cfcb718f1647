import type { Command } from 'commander';
import { HubClient } from '../client.ts';
import { configOf, runningHub } from '../hub.ts';
import { common, outputOf } from './shared.ts';

interface JobLine {
  id: string;
  kind: string;
  title: { zh: string; en: string };
  state: string;
  progress: { done: number; total?: number } | null;
  submittedAt: string;
}

function clientOf(command: Command): HubClient {
  const options = common(command);
  const http = configOf(options).http;
  return new HubClient(runningHub(options) ?? `http://${http.host}:${http.port}`);
}

/** `status`, `jobs`, `search`: looking at a running hub. */
export function lookupCommands(jingwei: Command): void {
  jingwei
    .command('status')
    .description('whether a hub runs, and what it holds')
    .action(async (_options: unknown, command: Command) => {
      const output = outputOf(command);
      const client = clientOf(command);
      const ready = await client.get<Record<string, unknown>>('/health/ready');
      output.answer({ hub: client.url, ...ready }, () => {
        output.say(`${client.url}`);
        for (const [name, value] of Object.entries(ready)) output.say(`  ${name}: ${JSON.stringify(value)}`);
      });
    });

  jingwei
    .command('jobs')
    .description('the newest jobs of a running hub')
    .option('--limit <n>', 'how many', '20')
    .action(async (local: { limit: string }, command: Command) => {
      const output = outputOf(command);
      const answer = await clientOf(command).get<{ jobs: JobLine[] }>(
        `/api/v1/jobs?limit=${encodeURIComponent(local.limit)}`,
      );
      output.answer(answer, () =>
        output.table(
          answer.jobs.map((j) => [
            j.id,
            output.text(j.title),
            j.state,
            j.progress ? `${j.progress.done}${j.progress.total ? ` / ${j.progress.total}` : ''}` : '',
            j.submittedAt,
          ]),
          ['id', 'job', 'state', 'progress', 'submitted'],
        ),
      );
    });

  jingwei
    .command('search')
    .description('find enterprises by name, pinyin, code, person or address')
    .argument('<text>')
    .action(async (text: string, _options: unknown, command: Command) => {
      const output = outputOf(command);
      const answer = await clientOf(command).get<{
        total: number;
        hits: { entity: number; name: string; uscc: string | null; status: string | null; address: string | null }[];
      }>(`/api/v1/credit/search?q=${encodeURIComponent(text)}`);
      output.answer(answer, () => {
        output.table(
          answer.hits.map((i) => [i.entity, i.name, i.uscc, i.status, i.address]),
          ['entity', 'name', 'code', 'status', 'address'],
        );
        output.say(
          output.text({
            zh: `显示 ${answer.hits.length} 家，共 ${answer.total} 家`,
            en: `${answer.hits.length} of ${answer.total}`,
          }),
        );
      });
    });
}
