/** What `jingwei link` does: apart from its declaration, since only this loads the linkage engine. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import {
  DuckDBEngine,
  type Linkage,
  LinkageError,
  link,
  type Model,
  parseModel,
  resume,
  suggestModel,
  type TableModel,
  type Updated,
} from '@jingwei/linkage';
import { EXIT, type Output } from '../output.ts';
import { hasKept, KEPT, type LinkCommandOptions } from './link.ts';
import { evaluateFile, explanationsOf, problemOf, refOf, writeAnswer } from './link-output.ts';

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

/** What of a model must be the same as the kept one's: everything but where rows are read from and what people labelled. */
const essence = (m: Model): string =>
  JSON.stringify({ ...m, labels: [], tables: m.tables.map(({ name, id, unique }) => ({ name, id, unique })) });

/** Opens the database: in a state folder the one kept there. */
async function open(options: LinkCommandOptions): Promise<DuckDBEngine> {
  const memory = { memoryMiB: Number(options.memory) };
  if (!options.state) return DuckDBEngine.open(memory);
  mkdirSync(options.state, { recursive: true });
  try {
    const temp = join(options.state, 'spill');
    return await DuckDBEngine.open({ ...memory, path: join(options.state, KEPT), temp });
  } catch (error) {
    const why = String((error as Error).message).split('\n')[0]!;
    throw new LinkageError({
      code: 'linkage.state-open',
      zh: `无法打开保存的连接（可能另一进程正在使用）：${why}`,
      en: `the kept linkage cannot be opened (is another process using it?): ${why}`,
      place: { file: options.state },
    });
  }
}

/** Tables of the files given with an update: in the model's order, or `table=path`. */
function given(files: readonly string[], model: Model): TableModel[] {
  return files.map((file, i) => {
    const at = existsSync(file) ? -1 : file.indexOf('=');
    const name = at > 0 ? file.slice(0, at) : model.tables[i]?.name;
    const path = at > 0 ? file.slice(at + 1) : file;
    const { id, delimiter } = model.tables.find((t) => t.name === name) ?? {};
    return {
      name: name ?? basename(path, extname(path)),
      path,
      ...(id ? { id } : {}),
      ...(delimiter ? { delimiter } : {}),
    };
  });
}

/** Ids of a file of vanished records: its column `id` (and `table`), one a line. */
async function vanishedIds(engine: DuckDBEngine, l: Linkage, path: string) {
  const relation = await engine.file({ path });
  const names = (await engine.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${relation}`)).map(
    (r) => r.column_name,
  );
  if (!names.includes('id')) {
    throw new LinkageError({
      code: 'linkage.vanished-file',
      zh: '消失记录的文件缺少列“id”',
      en: `the file of vanished records has no column 'id' (it has ${names.join(', ')})`,
      place: { file: path, column: 'id' },
    });
  }
  const rows = await engine.rows<{ id: string; t: string | null }>(
    `SELECT id, ${names.includes('table') ? '"table"' : 'NULL'} AS t FROM ${relation} WHERE id IS NOT NULL`,
  );
  return rows.map((r) => (r.t === null ? refOf(l, r.id) : { id: r.id, table: r.t }));
}

/** The linkage of a state folder, undefined where none was finished. */
async function takeUp(engine: DuckDBEngine, output: Output): Promise<Linkage | undefined> {
  try {
    return await resume(engine, {
      progress: ({ phase, step, done, total }) => output.progress(done, total, step || phase),
    });
  } catch (error) {
    if (error instanceof LinkageError && error.code === 'linkage.no-state') return undefined;
    throw error;
  }
}

/** A later run over a kept linkage: takes in what the files hold, and new labels of the model. */
async function goOn(
  engine: DuckDBEngine,
  linkage: Linkage,
  modelFile: string,
  files: readonly string[],
  options: LinkCommandOptions,
): Promise<Updated | undefined> {
  const tables = linkage.model.tables.map(({ name }) => ({ name }));
  const model = parseModel(modelText(modelFile), modelFile, tables);
  if (essence(model) !== essence(linkage.model)) {
    throw new LinkageError({
      code: 'linkage.state-model',
      zh: '模型与保存的连接所用的不同：请换一个 --state 文件夹重新连接',
      en: 'the model is not that of the kept linkage: link anew into another --state folder',
      place: { file: modelFile },
    });
  }
  const known = new Set(linkage.labels.map((l) => JSON.stringify(l)));
  const labels = model.labels.filter((l) => !known.has(JSON.stringify(l)));
  linkage.addLabels(labels);
  if (files.length === 0 && !options.vanished && labels.length === 0) return undefined;
  const vanished = options.vanished ? await vanishedIds(engine, linkage, options.vanished) : [];
  return linkage.update(given(files, linkage.model), { whole: options.whole ?? false, vanished });
}

function sayDone(output: Output, { summary }: Linkage, updated: Updated | undefined): void {
  for (const remark of updated ? [] : summary.remarks) output.say(output.text(remark));
  if (updated) {
    const { added, changed, vanished, unchanged, compared, events, seconds } = updated;
    const happened = Object.entries(events).map(([event, n]) => `${event} ${n}`);
    output.say(
      output.text({
        zh: `新增 ${added}，变化 ${changed}，消失 ${vanished}，未变 ${unchanged}；比对 ${compared} 对（${seconds.toFixed(1)} 秒）；${happened.join('，') || '实体没有变化'}`,
        en: `${added} new, ${changed} changed, ${vanished} vanished, ${unchanged} as before; ${compared} pairs compared (${seconds.toFixed(1)} s); ${happened.join(', ') || 'no entity changed'}`,
      }),
    );
  }
  output.say(
    output.text({
      zh: `${summary.records} 条记录，${summary.candidates} 对候选，${summary.clusters} 个实体，其中 ${summary.multiple} 个有多条记录${updated ? '' : `（${summary.seconds.toFixed(1)} 秒）`}`,
      en: `${summary.records} records, ${summary.candidates} candidate pairs, ${summary.clusters} entities, ${summary.multiple} of several records${updated ? '' : ` (${summary.seconds.toFixed(1)} s)`}`,
    }),
  );
}

async function suggest(engine: DuckDBEngine, tables: TableModel[], folder: string, output: Output): Promise<void> {
  const { model, profile } = await suggestModel(engine, tables);
  const file = join(folder, 'model.yaml');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify({ ...model, tables: model.tables.map(({ name }) => ({ name })) }, null, 2));
  output.answer({ model, profile, file }, () => {
    output.table(
      profile.map((p) => [p.name, p.kind ?? '', p.distinct, p.missing, p.skipped ?? '']),
      ['column', 'kind', 'distinct', 'missing', 'left out'],
    );
    output.say(`→ ${file}`);
  });
}

/** Links the files by the model, or goes on with a kept linkage; writes the answer's folder. */
export async function runLink(
  modelFile: string,
  files: readonly string[],
  options: LinkCommandOptions,
  output: Output,
): Promise<void> {
  const folder = hasKept(options);
  let engine: DuckDBEngine | undefined;
  try {
    engine = await open(options);
    const tables = files.map((path) => ({ name: basename(path, extname(path)), path }));
    if (modelFile === 'suggest') return await suggest(engine, tables, options.out, output);
    // A first run that failed leaves a database without a linkage.
    const kept = folder ? await takeUp(engine, output) : undefined;
    let linkage: Linkage;
    let updated: Updated | undefined;
    if (kept) {
      linkage = kept;
      updated = await goOn(engine, linkage, modelFile, files, options);
    } else {
      // Files on the command line stand for the tables of the model in their order.
      const model = parseModel(modelText(modelFile), modelFile, tables);
      linkage = await link(model, {
        engine,
        progress: ({ phase, step, done, total }) => output.progress(done, total, step || phase),
      });
    }
    const evaluation = options.truth ? await evaluateFile(linkage, engine, options.truth) : undefined;
    const explanations = await explanationsOf(linkage, options.explain);
    await writeAnswer(linkage, options.out, { explanations, ...(evaluation ? { evaluation } : {}) });
    const { summary } = linkage;
    const asked = options.explain.length > 0 ? { explanations } : {};
    const measured = evaluation ? { evaluation: { ...evaluation, curve: undefined } } : {};
    output.answer({ summary, ...(updated ? { updated } : {}), ...asked, ...measured, out: options.out }, () => {
      sayDone(output, linkage, updated);
      for (const e of options.explain.length > 0 ? explanations : [])
        output.say(`${e.left.id} — ${e.right.id}: ${output.text(e)}`);
      if (evaluation) {
        const { f1, precision, recall } = evaluation.clusters;
        output.say(
          `F1 ${f1.toFixed(4)}, ${output.text({ zh: '精确率', en: 'precision' })} ${precision.toFixed(4)}, ${output.text({ zh: '召回率', en: 'recall' })} ${recall.toFixed(4)}`,
        );
      }
      output.say(`→ ${options.out}`);
    });
  } catch (error) {
    if (!(error instanceof LinkageError)) throw error;
    output.problem(problemOf(error));
    process.exitCode = EXIT.problem;
  } finally {
    await engine?.close();
  }
}
