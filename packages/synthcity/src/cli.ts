/** `jingwei city generate`: the package's own command, for any command line that wants to carry it. */
import { parseArgs } from 'node:util';
import { defaultEconomyRates } from './economy/model.ts';
import { generateCity } from './generate.ts';
import {
  type CityOptions,
  type CityReport,
  defaultDefects,
  noDefects,
  SynthcityError,
  type Target,
} from './options.ts';
import { noPopulationDefects } from './population/rates.ts';

const usage = `jingwei city generate --out <folder> [--seed 1] [--rows 20000] [--enterprises N] [--day 2] [--changes-only]
  [--formats declared|csv] [--to postgres://… | mysql://…] [--defect noCode=0.1]… [--clean] [--population] [--economy] [--class <id>]…
  [--today 2026-11-20] [--no-truth] [--memory-mib 3072] [--threads 2]`;

function whole(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const n = Number(value.replaceAll('_', ''));
  if (!Number.isSafeInteger(n) || n < 1)
    throw new SynthcityError(
      'synthcity.argument',
      `--${name} 应为正整数：${value}`,
      `--${name} must be a positive integer: ${value}`,
    );
  return n;
}

/** Reads the arguments after `city generate`. Throws {@link SynthcityError} (or the parser's own error) when they cannot be understood. */
export function readArguments(args: readonly string[]): CityOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: 'string' },
      seed: { type: 'string' },
      rows: { type: 'string' },
      enterprises: { type: 'string' },
      day: { type: 'string' },
      'changes-only': { type: 'boolean' },
      formats: { type: 'string' },
      to: { type: 'string' },
      defect: { type: 'string', multiple: true },
      clean: { type: 'boolean' },
      population: { type: 'boolean' },
      economy: { type: 'boolean' },
      class: { type: 'string', multiple: true },
      today: { type: 'string' },
      'no-truth': { type: 'boolean' },
      'memory-mib': { type: 'string' },
      threads: { type: 'string' },
    },
  });
  if (!values.out) throw new SynthcityError('synthcity.out', `缺少 --out\n${usage}`, `--out is missing\n${usage}`);
  const defects: Record<string, number> = values.clean ? { ...noDefects } : {};
  for (const part of values.defect ?? []) {
    const [name = '', rate] = part.split('=');
    if (!(name in defaultDefects) || rate === undefined || Number.isNaN(Number(rate)))
      throw new SynthcityError('synthcity.argument', `--defect 不认识：${part}`, `--defect is not understood: ${part}`);
    defects[name] = Number(rate);
  }
  let target: Target = { kind: 'files', formats: values.formats === 'csv' ? 'csv' : 'declared' };
  if (values.to) target = { kind: values.to.startsWith('postgres') ? 'postgres' : 'mysql', url: values.to };
  const rows = whole('rows', values.rows);
  const enterprises = whole('enterprises', values.enterprises);
  const memoryMiB = whole('memory-mib', values['memory-mib']);
  const threads = whole('threads', values.threads);
  return {
    out: values.out,
    target,
    defects,
    day: values.day === '2' ? 2 : 1,
    changesOnly: values['changes-only'] ?? false,
    truth: !values['no-truth'],
    population: values.population ?? false,
    economy: values.economy ?? false,
    ...(values.clean
      ? {
          populationDefects: noPopulationDefects,
          economyDefects: Object.fromEntries(Object.keys(defaultEconomyRates).map((k) => [k, 0])),
        }
      : {}),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    ...(rows === undefined ? {} : { rows }),
    ...(enterprises === undefined ? {} : { enterprises }),
    ...(values.today === undefined ? {} : { today: values.today }),
    ...(values.class === undefined ? {} : { classes: values.class }),
    ...(memoryMiB === undefined ? {} : { memoryMiB }),
    ...(threads === undefined ? {} : { threads }),
  };
}

/** Runs `city generate` with its arguments; answers the report. Progress goes to `onProgress`. */
export function cityCommand(args: readonly string[], onProgress?: CityOptions['onProgress']): Promise<CityReport> {
  return generateCity({ ...readArguments(args), ...(onProgress ? { onProgress } : {}) });
}
