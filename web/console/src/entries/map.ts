/** Pages of map. */
import type { PageEntry } from '../entry.ts';

export const mapPages = [
  { path: '/map', title: 'map', permissions: ['map.read'], area: 'map', nav: true },
] as const satisfies readonly PageEntry[];
