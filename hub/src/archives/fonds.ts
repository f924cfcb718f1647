/** The fonds of a city's organisations: `cities/<city>/fonds.yaml`. Without the file every fonds number is taken as given. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../catalogue/index.ts';
import type { Problem } from '../platform/problem.ts';
import { patterns } from './reference.ts';

const file = z.strictObject({ fonds: z.record(z.string(), z.string().regex(patterns.fonds)) });

/** The numbers by organisation, and what is wrong with the file. */
export function readFonds(cities: string, city: string): { fonds: Map<string, string>; problems: Problem[] } {
  const path = join(cities, city, 'fonds.yaml');
  if (!existsSync(path)) return { fonds: new Map(), problems: [] };
  const read = readYaml(path, `cities/${city}/fonds.yaml`, file);
  return { fonds: new Map(Object.entries(read.value?.fonds ?? {})), problems: read.problems };
}
