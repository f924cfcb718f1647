/** What the tests of scoring, warnings and analysis share: a lake whose classes are those of the repository's sources. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type Lake, type LakeParam, openDuckDbLake } from '../../platform/lake/index.ts';
import { defineViews, factOf, insert } from '../fixture.ts';
import { scoreTables } from './tables.ts';

/** The repository. */
export const repository = fileURLToPath(new URL('../../../../', import.meta.url));
/** The declared models, rules and measures. */
export const scoring = join(repository, 'scoring');

/** A declared class: its number and the place of every field. */
export interface SourceClass {
  number: number;
  source: string;
  fields: string[];
}

/** A lake with every declared class and no records; `classes` by source. */
export async function sourcesLake(): Promise<{ lake: Lake; classes: Map<string, SourceClass> }> {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  await defineViews(lake);
  await lake.define([...scoreTables]);
  const classes = new Map<string, SourceClass>();
  await lake.session(async (s) => {
    const rows: LakeParam[][] = [];
    const fields: LakeParam[][] = [];
    const runs: LakeParam[][] = [];
    for (const owner of readdirSync(join(repository, 'sources'))) {
      for (const resource of readdirSync(join(repository, 'sources', owner))) {
        const file = join(repository, 'sources', owner, resource, 'source.yaml');
        if (!existsSync(file)) continue;
        const d = parse(readFileSync(file, 'utf8'));
        classes.set(d.id, { number: d.number, source: d.id, fields: d.fields.map((f: { name: string }) => f.name) });
        rows.push([d.number, d.id, d.owner, d.category, d.title.zh, d.title.en, d.level, d.subject, 50]);
        runs.push([d.number, d.id, d.number, 1, null, null, null, null, null, null]);
        d.fields.forEach((f: { name: string; type: string; title: { zh: string; en: string } }, n: number) => {
          fields.push([d.number, 1, n + 1, f.name, f.title.zh, f.title.en, f.type, null, null, 'public', null, null]);
        });
      }
    }
    await s.append('fx.class_v1', rows);
    await s.append('fx.class_field_v1', fields);
    await s.append('fx.refined_run_v1', runs);
  });
  return { lake, classes };
}

let row = 0;
/** Puts a record of a class into the lake; fields that are not named are blank. Answers its fact. */
export async function record(
  { lake, classes }: { lake: Lake; classes: Map<string, SourceClass> },
  entity: number,
  source: string,
  day: string | null,
  values: Record<string, string | number>,
): Promise<bigint> {
  const cls = classes.get(source)!;
  for (const name of Object.keys(values)) if (!cls.fields.includes(name)) throw new Error(`${source} has no ${name}`);
  row += 1;
  const fact = factOf(cls.number, row);
  const payload = cls.fields.map((f) => String(values[f] ?? '')).join('\u001f');
  await insert(lake, 'legal_person_fact_all_v1', [
    { entity, class: cls.number, day, fact, record: row, payload, run: cls.number, row },
  ]);
  return fact;
}

/** Puts enterprises into the lake. */
export async function enterprises(lake: Lake, list: readonly Record<string, LakeParam>[]): Promise<void> {
  await insert(
    lake,
    'legal_person_v1',
    list.map((e) => ({
      name: `企业${e.entity}`,
      status: '存续',
      established: '2015-01-01',
      capital: 100,
      currency: '人民币',
      facts: 1,
      division: '330282101',
      industry: '3854',
      ...e,
    })),
  );
}

/** A folder for a model, gone when the test ends. */
export function emptyModelFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-model-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes a small model into a folder of its own; answers the folder. */
export function modelFolder(yaml: string, files: Record<string, string>): string {
  const folder = emptyModelFolder();
  mkdirSync(join(folder, 'indicators'));
  writeFileSync(join(folder, 'model.yaml'), yaml);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
