import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ConfigOption, describeConfig } from '@jingwei/hub/light';
import type { Command } from 'commander';
import { EXIT } from '../output.ts';
import { common, outputOf } from './shared.ts';

/** The hub's own beginning, wherever the command is run. */
const hubMain = fileURLToPath(new URL('../../../hub/src/main.ts', import.meta.url));

/** A configuration file in which every option stands with its meaning and default, all commented out. */
export function configTemplate(options: readonly ConfigOption[]): string {
  const lines = [
    '# Jingwei 经纬: configuration. Every option stands here with its default; take away the # to change one.',
    '# Each may be given by an environment variable instead (its name stands beside it).',
  ];
  let section: string | undefined;
  for (const o of options) {
    const path = o.setting.split('.');
    const parent = path.slice(0, -1).join('.');
    if (parent !== section) {
      lines.push('');
      path.slice(0, -1).forEach((part, depth) => {
        if (
          !section
            ?.split('.')
            .slice(0, depth + 1)
            .join('.')
            .endsWith(path.slice(0, depth + 1).join('.'))
        ) {
          lines.push(`# ${'  '.repeat(depth)}${part}:`);
        }
      });
      section = parent;
    }
    const indent = '  '.repeat(path.length - 1);
    lines.push(`# ${indent}# ${o.description} [${o.type}; ${o.env}]`);
    lines.push(`# ${indent}${path.at(-1)}: ${o.default === undefined ? '' : JSON.stringify(o.default)}`.trimEnd());
  }
  return `${lines.join('\n')}\n`;
}

/** `start`, `init`, `config`: a hub's beginning. */
export function startCommands(jingwei: Command): void {
  jingwei
    .command('start')
    .description('start the hub in the foreground')
    .option('--demo', 'with the synthetic city')
    .action(async (_options: { demo?: boolean }, command: Command) => {
      const options = command.optsWithGlobals<{ demo?: boolean; config?: string; data?: string }>();
      const args = ['--import', 'tsx', hubMain];
      if (options.config) args.push('--config', options.config);
      if (options.data) args.push('--data', options.data);
      if (options.demo) args.push('--demo');
      const { spawn } = await import('node:child_process');
      // Every statement of the lake waits on a thread of Node's pool: with its four, bulk work would leave none to look-ups.
      const env = { UV_THREADPOOL_SIZE: '16', ...process.env };
      const child = spawn(process.execPath, args, { stdio: 'inherit', env });
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
      process.exitCode = await new Promise<number>((done) =>
        child.on('exit', (code) => done(code ?? EXIT.interrupted)),
      );
    });

  jingwei
    .command('init')
    .description('write a configuration file with every option explained')
    .argument('[folder]', 'where', '.')
    .action((folder: string, _options: unknown, command: Command) => {
      const output = outputOf(command);
      const file = join(resolve(folder), 'jingwei.yaml');
      const existed = existsSync(file);
      if (!existed) {
        mkdirSync(resolve(folder), { recursive: true });
        writeFileSync(file, configTemplate(describeConfig()), { mode: 0o600 });
      }
      output.answer({ file, written: !existed }, () =>
        output.say(
          existed
            ? output.text({ zh: `${file} 已存在，未改动`, en: `${file} is there already and was left as it is` })
            : output.text({ zh: `已写入 ${file}`, en: `wrote ${file}` }),
        ),
      );
    });

  jingwei
    .command('config')
    .description('every option with its variable, type, default and meaning')
    .action((_options: unknown, command: Command) => {
      const output = outputOf(command);
      const options = describeConfig();
      output.answer(options, () =>
        output.table(
          options.map((o) => [
            o.setting,
            o.type,
            o.default === undefined ? '' : JSON.stringify(o.default),
            o.description,
          ]),
          ['setting', 'type', 'default', 'meaning'],
        ),
      );
      void common(command);
    });
}
