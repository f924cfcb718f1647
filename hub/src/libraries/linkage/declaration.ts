/**
 * `linkage.yaml` beside a library's `library.yaml`: how rows that keys and rules leave open are compared with the library's registers, from which evidence on
 * they are linked, and how people review what lies between.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ColumnModel, KINDS, LinkageError, type Model, parseModel } from '@jingwei/linkage';
import { z } from 'zod';
import { readYaml } from '../../platform/declared/index.ts';
import { Problem, problemKind } from '../../platform/problem.ts';
import type { LibraryDeclaration } from '../base/index.ts';

const k = (code: string, zh: string, en: string) => problemKind(`libraries.linkage.model.${code}`, 422, zh, en);
const kinds = {
  column: k('column-unknown', '没有列“{name}”。', 'There is no column "{name}".'),
  evidence: k('evidence-unknown', '基础库没有证据“{name}”。', 'The library has no evidence "{name}".'),
  attribute: k('attribute-unknown', '基础库没有属性“{name}”。', 'The library has no attribute "{name}".'),
  part: k('part-unknown', '分块键“{part}”无法识别。', 'The blocking part "{part}" is unknown.'),
  order: k('threshold-order', '关联阈值须高于复核阈值。', 'The threshold of linking must be above that of reviewing.'),
  model: k('engine', '模型不成立：{message}', 'The model does not hold: {messageEn}'),
};

/** A column that is compared. */
export const linkageColumn = z.strictObject({
  /** Evidence of the library whose field is read. */
  evidence: z.string(),
  /** Attribute of the library that says how it is titled, masked and shown. */
  attribute: z.string(),
  kind: z.enum(KINDS as [string, ...string[]]),
  chinese: z.boolean().default(false),
  home: z.string().optional(),
});

/** The file. */
export const linkageDeclaration = z.strictObject({
  columns: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,30}$/), linkageColumn),
  /** Rows and register rows that agree in all parts of one of these are compared: `name`, `birth.year`, `name.start1`, `home.room` … */
  blocking: z.array(z.array(z.string()).min(1)).min(1),
  /** Register rows that may share a blocking key; a key of more is not used. */
  largestBlock: z.number().int().min(2).max(5_000).default(300),
  thresholds: z
    .strictObject({
      /** Bits of evidence from which a row is linked, when … */
      link: z.number().min(6).max(60).default(13),
      /** … the next candidate is so many bits behind. */
      lead: z.number().min(1).max(60).default(10),
      /** From here to `link` a pair waits for people; below it the row stays open. */
      review: z.number().min(-30).max(30).default(-4),
    })
    .prefault({}),
  review: z
    .strictObject({
      /** Share of pairs that a second person judges too, 0 … 1. */
      second: z.number().min(0).max(1).default(1),
    })
    .prefault({}),
  learn: z
    .strictObject({
      /** Register rows learned from at most. */
      sample: z.number().int().min(100).max(500_000).default(20_000),
      /** Days after which parameters are proposed anew by themselves. */
      every: z.number().int().min(1).max(3_650).default(30),
    })
    .prefault({}),
});
export type LinkageDeclaration = z.infer<typeof linkageDeclaration>;

/** A declared linkage of a library. */
export interface LoadedLinkage {
  library: LibraryDeclaration;
  declaration: LinkageDeclaration;
  /** SHA-256 of linkage.yaml. */
  sha256: string;
}

/** Parts of a column by which rows are blocked, beside the whole value. */
export const parts = /^(year|month-day|room|block|number|(?:start|end)[1-9])$/;

/** The engine's model of the comparison of two relations. */
export function modelOf(d: LinkageDeclaration, rows: string, known: string, more: object = {}): Model {
  const columns: Record<string, ColumnModel> = Object.fromEntries(
    Object.entries(d.columns).map(([name, c]) => [
      name,
      {
        kind: c.kind as ColumnModel['kind'],
        ...(c.chinese ? { chinese: true } : {}),
        ...(c.home ? { home: c.home } : {}),
      },
    ]),
  );
  return parseModel({
    id: 'id',
    topology: 'link',
    tables: [
      { name: 'rows', relation: rows },
      { name: 'known', relation: known },
    ],
    columns,
    ...more,
  });
}

/** Reads the linkage of every library that declares one: what holds, and every mistake with its place. */
export function loadLinkages(
  folder: string,
  libraries: readonly LibraryDeclaration[],
): { linkages: LoadedLinkage[]; problems: Problem[] } {
  const linkages: LoadedLinkage[] = [];
  const problems: Problem[] = [];
  for (const library of libraries) {
    const path = join(folder, library.library, 'linkage.yaml');
    if (!existsSync(path)) continue;
    const shown = `libraries/${library.library}/linkage.yaml`;
    const yaml = readYaml(path, shown, linkageDeclaration);
    problems.push(...yaml.problems);
    if (!yaml.value) continue;
    const own = judge(yaml.value, library, (p) => ({ file: shown, line: yaml.line(p) }));
    problems.push(...own);
    if (own.length > 0) continue;
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    linkages.push({ library, declaration: yaml.value, sha256 });
  }
  return { linkages, problems };
}

/** What is wrong with a declaration, against the evidence and the attributes that there are. */
export function judge(
  d: LinkageDeclaration,
  library: { evidence: readonly { name: string }[]; attributes: readonly { name: string }[] },
  at: (path: readonly PropertyKey[]) => { file: string; line: number },
): Problem[] {
  const out: Problem[] = [];
  const bad = (kind: (typeof kinds)[keyof typeof kinds], params: Record<string, unknown>, ...path: PropertyKey[]) =>
    out.push(new Problem(kind, params, at(path)));
  for (const [name, c] of Object.entries(d.columns)) {
    if (!library.evidence.some((e) => e.name === c.evidence))
      bad(kinds.evidence, { name: c.evidence }, 'columns', name, 'evidence');
    if (!library.attributes.some((a) => a.name === c.attribute))
      bad(kinds.attribute, { name: c.attribute }, 'columns', name, 'attribute');
  }
  for (const [i, rule] of d.blocking.entries())
    for (const [j, part] of rule.entries()) {
      const [column, of] = part.split('.');
      if (!d.columns[column!]) bad(kinds.column, { name: column }, 'blocking', i, j);
      else if (of !== undefined && !parts.test(of)) bad(kinds.part, { part }, 'blocking', i, j);
    }
  if (d.thresholds.review >= d.thresholds.link) bad(kinds.order, {}, 'thresholds', 'review');
  if (out.length === 0)
    try {
      modelOf(d, 'x', 'y');
    } catch (error) {
      if (!(error instanceof LinkageError)) throw error;
      for (const m of error.mistakes) bad(kinds.model, { message: m.zh, messageEn: m.en }, 'columns');
    }
  return out;
}
