/** For tests: a small table and its mirror. */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';
import type { MirrorDeclaration } from './declaration.ts';
import { mirrorMigrations } from './job.ts';

/** Rain gauges with their stations. */
export const rainSets: readonly MigrationSet[] = [
  mirrorMigrations,
  { room: 'rain', folder: fileURLToPath(new URL('./fixtures/rain', import.meta.url)) },
];

/** Gauges as the lake shows them, with a column of a joined table. */
export const rain: MirrorDeclaration = {
  name: 'rain_gauge',
  from: 'rain.shown',
  key: { column: 'id', type: 'bigint' },
  watch: [
    { table: 'rain.gauge', key: 'id' },
    { table: 'rain.note', key: 'gauge' },
  ],
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'label', type: 'text' },
    { name: 'mm', type: 'double' },
    { name: 'at', type: 'timestamp' },
    { name: 'day', type: 'date', sql: `(r.at AT TIME ZONE 'Asia/Shanghai')::date` },
    { name: 'notes', type: 'texts' },
    { name: 'open', type: 'boolean' },
  ],
};
