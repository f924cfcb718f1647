import type { Command } from 'commander';
import { HubClient } from '../client.ts';
import { configOf, runningHub } from '../hub.ts';
import { common, outputOf } from './shared.ts';

interface Scenes {
  scenes: {
    scene: string;
    title: { zh: string; en: string };
    playing: boolean;
    start: string | null;
    end: string | null;
    script: { kind: string; from: string; to: string; text: { zh: string; en: string } }[];
  }[];
}

/** `demo scenes | play`: scripted days of a running demonstration; everything of them is an exercise. */
export function demoCommands(jingwei: Command): void {
  const demo = jingwei.command('demo').description('scripted days of a running demonstration');
  const client = (command: Command): HubClient => {
    const options = common(command);
    const { http } = configOf(options);
    return new HubClient(runningHub(options) ?? `http://${http.host}:${http.port}`);
  };
  demo
    .command('scenes')
    .description('the scenes that there are, and which are being played')
    .action(async (_options: unknown, command: Command) => {
      const output = outputOf(command);
      const answer = await client(command).get<Scenes>('/api/v1/demo/scenes');
      output.answer(answer, () =>
        output.table(
          answer.scenes.map((s) => [s.scene, output.text(s.title), s.playing ? 'playing' : '', s.end ?? '']),
          ['scene', 'title', 'state', 'until'],
        ),
      );
    });
  demo
    .command('play')
    .description('play a scene: typhoon, congested-friday, chemical-leak')
    .argument('<scene>', 'its name')
    .option('--strength <number>', 'from 0.2 to 1.5', Number, 1)
    .option('--tempo <number>', 'how fast, from 1 to 20', Number)
    .action(async (scene: string, options: { strength: number; tempo?: number }, command: Command) => {
      const output = outputOf(command);
      const body = { strength: options.strength, ...(options.tempo === undefined ? {} : { tempo: options.tempo }) };
      const answer = await client(command).post<Scenes>(`/api/v1/demo/scenes/${encodeURIComponent(scene)}`, body);
      const own = answer.scenes.find((s) => s.scene === scene);
      output.answer(answer, () => {
        output.say(`${output.text(own?.title ?? { zh: scene, en: scene })}: ${own?.start ?? ''} → ${own?.end ?? ''}`);
        output.table(
          (own?.script ?? []).map((s) => [s.from, s.to, s.kind, output.text(s.text)]),
          ['from', 'to', 'kind', 'what'],
        );
      });
    });
}
