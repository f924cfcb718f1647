/** Starts the hub from the command line: `node --import tsx hub/src/main.ts [--config file] [--demo]`. */
import { parseArgs } from 'node:util';
import type { App } from './app.ts';
import { loadConfig } from './config.ts';
import { both } from './platform/i18n/index.ts';
import { Problem } from './platform/problem.ts';

const begun = performance.now();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A problem and its details for people, each with its place. */
function tell(problem: Problem): void {
  const { title, code, place } = problem.toJSON();
  const where = place?.file ? ` [${place.file}${place.line ? `:${place.line}` : ''}]` : '';
  process.stderr.write(`${code}: ${both(title)}${where}\n`);
  for (const detail of problem.details) tell(detail);
}

function sayAccounts(app: App): void {
  if (app.firstAccounts.length === 0) return;
  say('');
  say('首次登录的一次性密码（登录后须修改） / One-time passwords, to be changed at the first sign-in:');
  for (const a of app.firstAccounts) {
    say(`  ${a.login.padEnd(12)} ${a.oneTimePassword}   ${a.name}${a.organisation ? ` (${a.organisation})` : ''}`);
  }
}

/** The exit code of a hub that must be started again (sysexits' EX_SOFTWARE); `scripts/start.mjs` does it. */
const START_AGAIN = 70;

/** An engine has given up: closing would wait for it for ever. Everything that was acknowledged is on disk. */
function giveUp(part: 'store' | 'lake', error: Error): void {
  const name = { store: '业务库 / the operational store', lake: '数据湖 / the lake' }[part];
  process.stderr.write(`${name}: ${error.message}\n请检查磁盘，然后重新启动 / look at the disk, then start again\n`);
  // A moment for the log, and for whoever waits for an answer to be told.
  setTimeout(() => process.exit(START_AGAIN), 500);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, demo: { type: 'boolean' }, data: { type: 'string' } },
  });
  const config = loadConfig({
    ...(values.config ? { file: values.config } : {}),
    overrides: {
      ...(values.demo ? { 'demo.enabled': true } : {}),
      ...(values.data ? { dataFolder: values.data } : {}),
    },
  });
  // The whole hub is loaded for a configuration that holds only: a wrong one is told at once.
  const { createApp } = await import('./app.ts');
  const app = await createApp(config, { broken: giveUp });
  say(`经纬已启动 / Jingwei is running: ${app.deps.http.url()}`);
  say(`  接口 / API: ${app.deps.http.url()}/api/docs`);
  say(`  数据 / data: ${config.dataFolder}${app.synthetic ? '（演示 / demo）' : ''}`);
  say(`  用时 / took: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  sayAccounts(app);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Asked twice: whoever asks does not want to wait.
      if (stopping) process.exit(130);
      stopping = true;
      say('正在停止 / stopping …');
      app.close().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${(error as Error).stack}\n`);
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error: unknown) => {
  if (error instanceof Problem) tell(error);
  else process.stderr.write(`${(error as Error).stack}\n`);
  process.exit(1);
});
