/**
 * A declared model (风险模型): `risk/<model>.yaml`. Risk = 100 × hazard × ground × exposure × vulnerability, each from 0 to 1: hazards
 * from series nearby by a scale and a weight, ground (孕灾环境) from the terrain round the object, exposure n / (n + half), vulnerability
 * from attributes by scales. Nothing is reckoned from that is not written in the file.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../platform/audit/index.ts';
import { readYaml } from '../platform/declared/index.ts';
import { Problem } from '../platform/problem.ts';
import * as k from './problems.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const column = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/);
export const both = z.strictObject({ zh: z.string().min(1).max(500), en: z.string().min(1).max(800) });
const scale = z.tuple([z.number(), z.number()]);

/** Who must be told, when objects of some kinds reach a score; `path`: of whatever lies in the path of something. */
export const tellSchema = z
  .array(
    z.strictObject({
      organisation: z.string().regex(/^[a-z][a-z0-9-]{0,49}$/),
      kinds: z.array(z.string().max(40)).min(1).max(12),
      /** Score from which on. */
      from: z.number().min(0).max(100).default(20),
      why: both,
    }),
  )
  .max(20)
  .default([]);
export type Tell = z.output<typeof tellSchema>[number];

const modelSchema = z.strictObject({
  model: id,
  title: both,
  note: both,
  /** Event codes of warnings that belong to it. */
  events: z.array(z.string().max(20)).max(20).default([]),
  hazards: z
    .array(
      z.strictObject({
        id,
        title: both,
        series: z.strictObject({ type: z.string().max(60), property: z.string().max(60) }),
        unit: z.string().max(20),
        /** Metres within which a station counts, and how many of the nearest. */
        within: z.number().min(50).max(50_000),
        stations: z.number().int().min(1).max(8),
        /** `mean`: what the value lies over the mean of the last seven days. */
        over: z.enum(['mean']).optional(),
        /** Hours whose hourly means are added up, those ahead by forecast (rain of a day); absent: the value itself. */
        sum: z.number().int().min(2).max(168).optional(),
        scale,
        weight: z.number().positive().max(1),
      }),
    )
    .min(1)
    .max(8),
  objects: z
    .array(
      z.strictObject({
        kind: z.enum(['town', 'building', 'enterprise', 'school']),
        title: both,
        exposure: z.strictObject({
          title: both,
          /** So much is half of the worst; `median`: what is usual in this city, so that its objects compare with each other. */
          half: z.union([z.number().positive(), z.literal('median')]),
        }),
        /** What the land does: height (metres) or slope (degrees) of the terrain within some metres of the object. */
        ground: z
          .array(
            z.strictObject({
              id: column,
              title: both,
              of: z.enum(['slope', 'height']),
              take: z.enum(['most', 'least']),
              within: z.number().min(0).max(1000),
              scale,
              /** Factor at the good end of the scale. */ least: z.number().min(0).max(1),
            }),
          )
          .max(3)
          .default([]),
        vulnerability: z
          .array(
            z.strictObject({
              id: column,
              title: both,
              scale,
              /** Factor at the good end of the scale. */ least: z.number().min(0).max(1),
            }),
          )
          .max(6),
        /** Answers id, name, town, lon, lat, exposure and every attribute of `vulnerability`; over v.* views. */
        sql: z.string().min(1).max(10_000),
      }),
    )
    .min(1)
    .max(4),
  tell: tellSchema,
});
export type RiskModel = z.output<typeof modelSchema>;
export type RiskObjects = RiskModel['objects'][number];

/** The file of a folder of models that is none: what may lie in a path (exposed.ts). */
export const PATHS = 'paths.yaml';

export interface DeclaredModel {
  file: string;
  model: RiskModel | null;
  hash: string;
  problems: Problem[];
}

/** Every declared model below a folder; mistakes with their lines. */
export function readModels(folder: string): DeclaredModel[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== PATHS)
    .sort()
    .map((name) => {
      const shown = `risk/${name}`;
      const read = readYaml(join(folder, name), shown, modelSchema);
      if (!read.value) return { file: shown, model: null, hash: '', problems: read.problems };
      const m = read.value;
      const problems: Problem[] = [];
      const say = (kind: Problem['kind'], params: Record<string, unknown>, at: PropertyKey[]) =>
        problems.push(new Problem(kind, params, { file: shown, line: read.line(at) }));
      if (name !== `${m.model}.yaml`) say(k.modelName, { expected: m.model }, ['model']);
      m.hazards.forEach((h, n) => {
        if (m.hazards.findIndex((x) => x.id === h.id) !== n) say(k.modelTwice, { id: h.id }, ['hazards', n, 'id']);
        if (h.scale[0] === h.scale[1]) say(k.modelScale, {}, ['hazards', n, 'scale']);
      });
      m.objects.forEach((o, n) => {
        if (m.objects.findIndex((x) => x.kind === o.kind) !== n)
          say(k.modelTwice, { id: o.kind }, ['objects', n, 'kind']);
        for (const part of ['vulnerability', 'ground'] as const)
          o[part].forEach((v, i) => {
            if (v.scale[0] === v.scale[1]) say(k.modelScale, {}, ['objects', n, part, i, 'scale']);
          });
      });
      const hash = createHash('sha256').update(canonicalJson(m)).digest('hex');
      return { file: shown, model: problems.length ? null : m, hash, problems };
    });
}
