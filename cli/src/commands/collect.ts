import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App, SourceDeclaration } from '@jingwei/hub';
import { Problem, problemKind } from '@jingwei/hub/light';
import type { Command } from 'commander';
import { type HubClient, HubProblem } from '../client.ts';
import { withHub } from '../hub.ts';
import { EXIT, type Output, type ProblemView } from '../output.ts';
import { common, outputOf } from './shared.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

const noFile = problemKind('cli.collect.no-file', 404, '没有文件 {file}', 'there is no file {file}');
const noSource = problemKind(
  'cli.collect.no-source',
  422,
  '没有来源的字段与该文件的表头一致，请用 --source 指明',
  "no source declares the columns of this file's header: name one by --source",
);
const severalSources = problemKind(
  'cli.collect.several-sources',
  422,
  '有多个来源与表头一致：{sources}，请用 --source 指明',
  'several sources declare these columns: {sources}; name one by --source',
);
const jobFailed = problemKind('cli.job-failed', 500, '任务失败：{zh}', 'the job failed: {en}');

interface JobView {
  state: string;
  progress: { done: number; total?: number; note?: { zh: string; en: string } } | null;
  result: unknown;
  error: { code: string; title: { zh: string; en: string } } | null;
}

/** The sources that declare exactly the columns of a text file's first line, in any order. */
export function sourcesOfHeader(header: string, sources: readonly SourceDeclaration[]): string[] {
  const wanted = (d: SourceDeclaration) => [
    ...d.fields.map((f) => f.column ?? f.name),
    ...(d.mode === 'changes' ? ['dsc_biz_operation', 'dsc_biz_timestamp'] : []),
  ];
  return sources
    .filter((d) => {
      if (d.transport.kind !== 'file' || d.transport.format !== 'csv') return false;
      const cells = header
        .replace(/^\ufeff/, '')
        .trim()
        .split(d.transport.delimiter)
        .map((c) => c.replace(/^"|"$/g, '').trim());
      const have = new Set(cells);
      const columns = wanted(d);
      return columns.length === cells.length && columns.every((c) => have.has(c));
    })
    .map((d) => d.id);
}

function firstLine(file: string): Buffer {
  const buffer = Buffer.alloc(64 * 1024);
  const handle = openSync(file, 'r');
  try {
    const n = readSync(handle, buffer, 0, buffer.length, 0);
    const end = buffer.indexOf(10);
    return buffer.subarray(0, end >= 0 && end < n ? end : n);
  } finally {
    closeSync(handle);
  }
}

async function findSource(file: string): Promise<string> {
  const { declarationsOf } = await import('@jingwei/hub');
  const sources = await declarationsOf(join(repository, 'sources'));
  const line = firstLine(file);
  const found = new Set<string>();
  for (const encoding of ['utf-8', 'gb18030', 'utf-16le'] as const) {
    for (const id of sourcesOfHeader(new TextDecoder(encoding).decode(line), sources)) found.add(id);
  }
  if (found.size === 0) throw new Problem(noSource, {}, { file: basename(file) });
  if (found.size > 1) throw new Problem(severalSources, { sources: [...found].join(', ') }, { file: basename(file) });
  return [...found][0]!;
}

async function follow(output: Output, look: () => Promise<JobView>): Promise<unknown> {
  for (;;) {
    const job = await look();
    if (job.progress) {
      const { done, total, note } = job.progress;
      output.progress(done, total, note ? output.text(note) : '');
    }
    if (job.state === 'done') return job.result;
    if (job.state === 'failed' || job.state === 'cancelled') {
      const title = job.error?.title ?? { zh: job.state, en: job.state };
      throw new Problem(jobFailed, { ...title });
    }
    await new Promise((done) => setTimeout(done, 300));
  }
}

/** A delivery as a running hub shows it to whoever may deliver; looking at jobs is not for a department's officer. */
interface DeliveryView {
  state: string;
  progress: { done: number; total: number | null } | null;
  run: number | null;
  already: boolean;
  counters: Record<string, number> | null;
  problem: ProblemView | null;
}

async function followDelivery(output: Output, client: HubClient, job: string): Promise<unknown> {
  const note = output.text({ zh: '采集', en: 'collecting' });
  for (;;) {
    const d = await client.get<DeliveryView>(`/api/v1/exchange/deliveries/${encodeURIComponent(job)}`);
    if (d.progress) output.progress(d.progress.done, d.progress.total ?? undefined, note);
    if (d.state === 'done') {
      output.progress(1, 1, note);
      return { run: d.run, already: d.already, ...d.counters };
    }
    if (d.problem) throw new HubProblem(d.problem, 422);
    if (d.state === 'failed' || d.state === 'cancelled') throw new Problem(jobFailed, { zh: d.state, en: d.state });
    await new Promise((done) => setTimeout(done, 300));
  }
}

/** Follows a job of a running hub to its end; answers its result. */
export const byClient = (output: Output, client: HubClient, id: string) =>
  follow(output, () => client.get<JobView>(`/api/v1/jobs/${encodeURIComponent(id)}`));

/** Follows a job of a hub that this process is. */
export const byOwner = (output: Output, app: App, id: string) =>
  follow(output, async () => (await app.jobs.get(id)) as unknown as JobView);

/** `collect`, `refine`, `fsck`: work on the data, by a running hub or on the free data folder. */
export function collectCommands(jingwei: Command): void {
  jingwei
    .command('collect')
    .description('collect a file of a declared source, then match and integrate it')
    .requiredOption('--input <file>', 'the file')
    .option('--source <id>', 'the source (default: the one that declares the columns of the header)')
    .option('--no-refine', 'collect only')
    .action(async (local: { input: string; source?: string; refine: boolean }, command: Command) => {
      const output = outputOf(command);
      const file = resolve(local.input);
      if (!existsSync(file)) throw new Problem(noFile, { file: local.input });
      const source = local.source ?? (await findSource(file));
      output.say(output.text({ zh: `来源 ${source}`, en: `source ${source}` }));
      const receipt = await withHub(
        common(command),
        async (client) => {
          const path = `/api/v1/exchange/sources/${encodeURIComponent(source)}/files?name=${encodeURIComponent(basename(file))}`;
          const { job } = await client.upload<{ job: string }>(path, file);
          // A running hub integrates by itself what it has collected.
          return followDelivery(output, client, job);
        },
        async (app) => {
          const collected = await byOwner(
            output,
            app,
            await app.jobs.submit('exchange.collect', { source, path: file }),
          );
          if (local.refine) await byOwner(output, app, await app.jobs.submit('refinery.integrate', { rebuild: false }));
          return collected;
        },
      );
      output.answer({ source, ...(receipt as object) }, () => {
        const r = receipt as Record<string, unknown>;
        if (r.already) {
          output.say(output.text({ zh: `此文件已在批次 ${r.run} 采集`, en: `collected before, in run ${r.run}` }));
          return;
        }
        output.say(
          output.text({
            zh: `批次 ${r.run}：接收 ${r.received} = 接纳 ${r.accepted} + 隔离 ${r.quarantined} + 重复 ${r.duplicate}`,
            en: `run ${r.run}: received ${r.received} = accepted ${r.accepted} + quarantined ${r.quarantined} + duplicate ${r.duplicate}`,
          }),
        );
      });
    });

  jingwei
    .command('refine')
    .description('clean, match and integrate what has been collected')
    .option('--rebuild', 'forget what was derived and make it again from the received rows')
    .action(async (local: { rebuild?: boolean }, command: Command) => {
      const output = outputOf(command);
      const rebuild = local.rebuild ?? false;
      const result = await withHub(
        common(command),
        async (client) => {
          const { job } = await client.post<{ job: string }>('/api/v1/refinery/integrate', { rebuild });
          return byClient(output, client, job);
        },
        async (app) => byOwner(output, app, await app.jobs.submit('refinery.integrate', { rebuild })),
      );
      output.answer(result, () => output.say(JSON.stringify(result)));
    });

  jingwei
    .command('fsck')
    .description(
      'check that everything received is still there (counts, trees, facts) and every signature holds (the hub must not be running)',
    )
    .option('--trees', 'compute the tree of every run again from its leaves')
    .option('--mend', 'cut ends of the calendar of signatures that were never finished')
    .action(async (local: { trees?: boolean; mend?: boolean }, command: Command) => {
      const output = outputOf(command);
      const faults = await withHub(
        common(command),
        async (client) => {
          throw new Problem(hubRuns, { url: client.url });
        },
        async (app) => {
          const { checkLake, checkParts, checkSealed } = await import('@jingwei/hub');
          const onProgress = (d: number, t: number, n: string) => output.progress(d, t, n);
          const lake = await checkLake(app, { trees: local.trees ?? false, onProgress });
          const sealed = await checkSealed(app, { mend: local.mend ?? false, onProgress });
          const { seals, pending, mended } = sealed;
          const parts = await checkParts(app);
          const problems = [...lake.problems, ...sealed.problems, ...parts.problems];
          return { ...lake, seals, pending, mended, files: parts.files, problems };
        },
      );
      output.answer(faults, () => {
        for (const f of faults.problems) output.problem(f.toJSON());
        for (const m of faults.mended) output.say(output.text({ zh: `已修复：${m.zh}`, en: `mended: ${m.en}` }));
        output.say(
          output.text({
            zh: `检查了 ${faults.runs} 个批次、${faults.rows} 行，${faults.seals} 个签封（另有 ${faults.pending} 个待签）、业务库指向的 ${faults.files} 个文件，${faults.problems.length} 处不符`,
            en: `${faults.runs} runs with ${faults.rows} rows, ${faults.seals} seals (${faults.pending} more wait), ${faults.files} files that the store names checked, ${faults.problems.length} faults`,
          }),
        );
      });
      if (faults.problems.length > 0) process.exitCode = EXIT.problem;
    });
}

const hubRuns = problemKind(
  'cli.fsck.hub-runs',
  409,
  '枢纽正在运行（{url}），请先停止',
  'a hub is running ({url}): stop it first',
);
