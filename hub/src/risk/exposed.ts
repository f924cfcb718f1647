/** What may lie in a path (可能受影响的对象): declared in `risk/paths.yaml`, copied into the engine after every integration. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '../platform/audit/index.ts';
import { readSelect, readYaml } from '../platform/declared/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import type { Logger } from '../platform/log/index.ts';
import type { Problem } from '../platform/problem.ts';
import { both, PATHS, tellSchema } from './declaration.ts';

const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const pathsSchema = z.strictObject({
  exposed: z
    .array(
      z.strictObject({
        kind: id,
        title: both,
        /** What `n` counts. */
        counts: both,
        /** Answers id, name, lon, lat, n; over v.* views. */
        sql: z.string().min(1).max(10_000),
      }),
    )
    .min(1)
    .max(20),
  gases: z
    .array(
      z.strictObject({
        id,
        title: both,
        /** Concentrations in mg/m³ that bound the zones, the worst first. */
        zones: z
          .array(z.strictObject({ above: z.number().positive(), title: both }))
          .min(1)
          .max(5),
      }),
    )
    .max(40)
    .default([]),
  tell: tellSchema,
});
export type Paths = z.output<typeof pathsSchema>;

/** The file as it was read; `paths` is null where there is none, or it has mistakes. */
export interface DeclaredPaths {
  paths: Paths | null;
  hash: string;
  problems: Problem[];
}

/** Reads `risk/paths.yaml`. */
export function readPaths(folder: string): DeclaredPaths {
  const file = join(folder, PATHS);
  if (!existsSync(file)) return { paths: null, hash: '', problems: [] };
  const read = readYaml(file, `risk/${PATHS}`, pathsSchema);
  if (!read.value) return { paths: null, hash: '', problems: read.problems };
  const hash = createHash('sha256').update(canonicalJson(read.value)).digest('hex');
  return { paths: read.value, hash, problems: [] };
}

/** Most of one kind. */
const MOST = 300_000;

/** Copies what is declared; a kind whose views are not there yet is left out and told in the log. */
export async function takeExposed(
  lake: Lake,
  { paths, hash }: DeclaredPaths,
  at: Date,
  anew: boolean,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  if (!paths) return;
  const known = await lake.first<{ hash: string }>('SELECT hash FROM risk.exposed_of');
  if (!anew && known?.hash === hash) return;
  let whole = true;
  for (const e of paths.exposed)
    await lake
      .write('risk', async (s) => {
        const select = await readSelect(s, e.sql, `risk/${PATHS}`);
        await s.run(`CREATE OR REPLACE TEMP TABLE taken AS SELECT id, name, lon, lat, n FROM (${select.sql})
          WHERE id IS NOT NULL AND isfinite(lon) AND isfinite(lat) LIMIT ${MOST}`);
        await s.run('DELETE FROM risk.exposed WHERE kind = $kind', { kind: e.kind });
        await s.run('INSERT INTO risk.exposed SELECT $kind, id, name, lon, lat, n FROM taken', { kind: e.kind });
      })
      .catch((error: unknown) => {
        whole = false;
        log.warn({ err: error, kind: e.kind }, 'what may lie in a path could not be taken');
      });
  if (!whole) return;
  await lake.write('risk', async (s) => {
    await s.run('DELETE FROM risk.exposed_of');
    await s.run('INSERT INTO risk.exposed_of VALUES ($hash, $at)', { hash, at });
  });
}
