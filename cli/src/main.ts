/** `jingwei`: the command line. Each command is declared in commands/*.ts; here they are put together and run. */
import { readFileSync } from 'node:fs';
import { Problem } from '@jingwei/hub/light';
import { Command, CommanderError } from 'commander';
import { HubAddress, HubProblem, HubUnreachable } from './client.ts';
import { accountCommands } from './commands/account.ts';
import { backupCommands } from './commands/backup.ts';
import { cityCommands } from './commands/city.ts';
import { codeCommands } from './commands/codes.ts';
import { collectCommands } from './commands/collect.ts';
import { demoCommands } from './commands/demo.ts';
import { keylessCommands } from './commands/keyless.ts';
import { keysCommands } from './commands/keys.ts';
import { libraryCommands } from './commands/library.ts';
import { linkCommands } from './commands/link.ts';
import { lookupCommands } from './commands/lookup.ts';
import { planCommands } from './commands/plan.ts';
import { scenarioCommands } from './commands/scenario.ts';
import { sourceCommands } from './commands/source.ts';
import { startCommands } from './commands/start.ts';
import type { Common } from './hub.ts';
import { EXIT, Output, type ProblemView } from './output.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Makes the whole command; `language` is that of help and sentences. */
export function program(): Command {
  const jingwei = new Command('jingwei')
    .description('经纬 Jingwei — an open City Brain / 开放的城市大脑')
    .version(version, '--version', 'the version of this program')
    .option('--json', 'print one JSON document instead of sentences')
    .option('--lang <zh|en>', 'language of sentences', process.env.JINGWEI_CLI_LANG ?? process.env.LANG ?? 'en')
    .option('--config <file>', 'configuration file (default: jingwei.yaml where the command is run)')
    .option('--data <folder>', 'data folder, when it differs from the configuration')
    .option('--hub <url>', 'speak to the hub at this address (default: the one that owns the data folder, if any runs)')
    .showHelpAfterError()
    .exitOverride();
  for (const add of [
    startCommands,
    sourceCommands,
    libraryCommands,
    scenarioCommands,
    planCommands,
    demoCommands,
    cityCommands,
    collectCommands,
    lookupCommands,
    linkCommands,
    codeCommands,
    keylessCommands,
    accountCommands,
    backupCommands,
    keysCommands,
  ]) {
    add(jingwei);
  }
  return jingwei;
}

function viewOf(error: unknown): { view: ProblemView; exit: number } | undefined {
  if (error instanceof Problem) return { view: error.toJSON(), exit: EXIT.problem };
  if (error instanceof HubProblem) return { view: error.problem, exit: EXIT.problem };
  if (error instanceof HubUnreachable) {
    const { url } = error;
    return {
      view: { code: 'cli.unreachable', title: { zh: `${url} 没有应答的枢纽`, en: `no hub answers at ${url}` } },
      exit: EXIT.unreachable,
    };
  }
  if (error instanceof HubAddress) {
    const { url } = error;
    return {
      view: {
        code: 'cli.hub-address',
        title: { zh: `不是枢纽的地址：${url}`, en: `not the address of a hub (http://…): ${url}` },
      },
      exit: EXIT.usage,
    };
  }
  // Packages know nothing of Problem: their errors carry a code and a Chinese sentence beside the message.
  const other = error as { code?: unknown; zh?: unknown; message?: string; place?: object };
  if (typeof other.code === 'string' && typeof other.zh === 'string') {
    const title = { zh: other.zh, en: other.message ?? '' };
    const place = other.place ? { place: other.place } : {};
    return { view: { code: other.code, title, ...place }, exit: EXIT.problem };
  }
  return undefined;
}

/** Runs the command line with its arguments (without node and script); answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const jingwei = program();
  try {
    await jingwei.parseAsync([...args], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const options = jingwei.opts<Common>();
    const output = new Output({ json: options.json ?? false, language: options.lang });
    const known = viewOf(error);
    if (!known) throw error;
    output.problem(known.view);
    return known.exit;
  }
}

if (process.argv[1] && /cli[\\/]src[\\/]main\.ts$/.test(process.argv[1])) {
  process.exit(await main(process.argv.slice(2)));
}
