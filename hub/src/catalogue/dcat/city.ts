/** The city whose catalogue it is: name, division and position, for the catalogue's own description. */
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../platform/declared/index.ts';
import type { Bilingual } from '../../platform/i18n/index.ts';
import { bilingual } from '../declaration.ts';

const file = z.object({
  id: z.string(),
  name: bilingual,
  code: z.string().regex(/^\d{6}$/),
  centre: z.object({ longitude: z.number().min(-180).max(180), latitude: z.number().min(-90).max(90) }).optional(),
});

/** What `cities/<city>/city.yaml` says of the place. `code`: GB/T 2260. */
export interface City {
  id: string;
  name: Bilingual;
  code: string | null;
  centre: { longitude: number; latitude: number } | null;
}

/** Reads the city; one without a readable file is known by its identifier only. */
export function readCity(cities: string, city: string): City {
  const { value } = readYaml(join(cities, city, 'city.yaml'), `cities/${city}/city.yaml`, file);
  if (!value) return { id: city, name: { zh: city, en: city }, code: null, centre: null };
  return { id: value.id, name: value.name, code: value.code, centre: value.centre ?? null };
}
