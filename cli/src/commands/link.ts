import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  DuckDBEngine,
  explain,
  LinkageError,
  link,
  parseModel,
  report,
  suggestModel,
  tableName,
} from '@jingwei/linkage';
import type { Command } from 'commander';
import { EXIT, type ProblemView } from '../output.ts';
import { outputOf } from './shared.ts';

/** A mistake of the model or the data as a problem: the first one's code, and every one with its place where there are several. */
function problemOf(error: LinkageError): ProblemView {
  const view = (m: LinkageError['mistakes'][number]): ProblemView => ({
    code: m.code,
    title: { zh: m.zh, en: m.en },
    ...(m.place ? { place: m.place } : {}),
  });
  const [first, ...more] = error.mistakes;
  return { ...view(first!), ...(more.length > 0 ? { details: error.mistakes.map(view) } : {}) };
}

/** The text of a model file. */
function modelText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'error';
    throw new LinkageError({
      code: 'linkage.model.file',
      zh: `无法读取模型文件（${why}）`,
      en: `the model file cannot be read (${why})`,
      place: { file },
    });
  }
}

/** `link`: records that are one entity, in one file or between several. */
export function linkCommands(jingwei: Command): void {
  jingwei
    .command('link')
    .description('link records of CSV or Parquet files; with `suggest` as the model it proposes one / 记录连接')
    .argument('<model>', 'model.yaml, or the word suggest')
    .argument('<files...>')
    .option('--out <folder>', 'folder for clusters.csv, pairs.csv, parameters.json, report.html', 'linkage')
    .action(async (modelFile: string, files: string[], options: { out: string }, command: Command) => {
      const output = outputOf(command);
      const engine = await DuckDBEngine.open();
      try {
        const tables = files.map((path) => ({ name: basename(path, extname(path)), path }));
        if (modelFile === 'suggest') {
          const { model, profile } = await suggestModel(engine, tables);
          const file = join(options.out, 'model.yaml');
          mkdirSync(options.out, { recursive: true });
          writeFileSync(
            file,
            JSON.stringify({ ...model, tables: model.tables.map(({ name }) => ({ name })) }, null, 2),
          );
          output.answer({ model, profile, file }, () => {
            output.table(
              profile.map((p) => [p.name, p.kind ?? '', p.distinct, p.missing, p.skipped ?? '']),
              ['column', 'kind', 'distinct', 'missing', 'left out'],
            );
            output.say(`→ ${file}`);
          });
          return;
        }
        // Files on the command line stand for the tables of the model in their order.
        const model = parseModel(modelText(modelFile), modelFile, tables);
        const linkage = await link(model, {
          engine,
          progress: ({ phase, step, done, total }) => output.progress(done, total, step || phase),
        });
        const s = linkage.schema;
        mkdirSync(options.out, { recursive: true });
        const at = (name: string) => `'${join(options.out, name).replaceAll("'", "''")}'`;
        await engine.run(
          `COPY (SELECT ${tableName(model, 'src')} AS "table", uid AS id, cluster FROM ${s}.clusters ORDER BY cluster, src, uid) TO ${at('clusters.csv')} (HEADER)`,
        );
        await engine.run(
          `COPY (SELECT ${tableName(model, 'a.src')} AS left_table, a.uid AS left_id, ${tableName(model, 'b.src')} AS right_table, b.uid AS right_id, round(x.w, 4) AS bits, 1 / (1 + power(2, -x.w)) AS probability FROM ${s}.scored AS x JOIN ${s}.rec AS a ON a.rid = x.l JOIN ${s}.rec AS b ON b.rid = x.r WHERE x.w >= -5 ORDER BY x.w DESC, a.uid, b.uid) TO ${at('pairs.csv')} (HEADER)`,
        );
        writeFileSync(join(options.out, 'parameters.json'), JSON.stringify(linkage.parameters));
        const near = await engine.rows<{ l: string; lt: number; r: string; rt: number }>(
          `SELECT a.uid AS l, a.src AS lt, b.uid AS r, b.src AS rt FROM ${s}.scored AS x JOIN ${s}.rec AS a ON a.rid = x.l JOIN ${s}.rec AS b ON b.rid = x.r ORDER BY abs(x.w), a.tie, b.tie LIMIT 6`,
        );
        const ref = (id: string, t: number) => ({ id, table: model.tables[t]!.name });
        const explanations = [];
        for (const n of near) explanations.push(await explain(linkage, ref(n.l, n.lt), ref(n.r, n.rt)));
        writeFileSync(join(options.out, 'report.html'), report(linkage, { explanations }));
        const { summary } = linkage;
        output.answer({ summary, out: options.out }, () => {
          output.say(
            output.text({
              zh: `${summary.records} 条记录，${summary.candidates} 对候选，${summary.clusters} 个实体，其中 ${summary.multiple} 个有多条记录（${summary.seconds.toFixed(1)} 秒）`,
              en: `${summary.records} records, ${summary.candidates} candidate pairs, ${summary.clusters} entities, ${summary.multiple} of several records (${summary.seconds.toFixed(1)} s)`,
            }),
          );
          output.say(`→ ${options.out}`);
        });
      } catch (error) {
        if (!(error instanceof LinkageError)) throw error;
        output.problem(problemOf(error));
        process.exitCode = EXIT.problem;
      } finally {
        await engine.close();
      }
    });
}
