import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT } from '../output.ts';
import { outputOf } from './shared.ts';

/** What may stand behind `link`. */
export interface LinkCommandOptions {
  out: string;
  state?: string;
  whole?: boolean;
  vanished?: string;
  explain: string[];
  truth?: string;
  memory: string;
}

/** The database in a state folder. */
export const KEPT = 'state.duckdb';

/** Whether the state folder holds a database already. */
export const hasKept = (options: LinkCommandOptions): boolean =>
  options.state !== undefined && existsSync(join(options.state, KEPT));

/** `link`: records that are one entity, in one file or between several. */
export function linkCommands(jingwei: Command): void {
  jingwei
    .command('link')
    .description('link records of CSV or Parquet files; with `suggest` as the model it proposes one / 记录连接')
    .argument('<model>', 'model.yaml, or the word suggest')
    .argument('[files...]', 'files of the tables of the model in their order; with a kept state also table=path')
    .option(
      '--out <folder>',
      'folder for clusters.csv, pairs.csv, history.csv, parameters.json, report.html',
      'linkage',
    )
    .option(
      '--state <folder>',
      'keeps the linkage here; a later run takes in new and changed records / 保存连接，逐日更新',
    )
    .option('--whole', 'with a kept state: the files are whole tables, what is not in them has vanished / 文件为全量')
    .option('--vanished <file>', 'with a kept state: ids of records that vanished (columns id, table) / 已消失的记录')
    .option(
      '--explain <a,b>',
      'two records to explain in the report; may be repeated / 说明两条记录',
      (x, all: string[]) => [...all, x],
      [],
    )
    .option('--truth <file>', 'measure against a known truth (columns id, entity, table) / 已知真值')
    .option(
      '--memory <MiB>',
      'memory of the database, beyond which it spills to disk',
      String(Math.floor(totalmem() / 2 ** 21)),
    )
    .action(async (modelFile: string, files: string[], options: LinkCommandOptions, command: Command) => {
      const output = outputOf(command);
      if (files.length === 0 && !hasKept(options))
        command.error("error: missing required argument 'files'", { exitCode: EXIT.usage });
      const { runLink } = await import('./link-run.ts');
      await runLink(modelFile, files, options, output);
    });
}
