/**
 * A hub for benches of the catalogue: a data folder of its own that is removed at the end, the real web server, and entries put into
 * the store as if the authority had published them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '../../hub/src/app.ts';
import { type EntryContent, entriesOf } from '../../hub/src/catalogue/index.ts';
import { configSchema } from '../../hub/src/platform/config/index.ts';
import { silentLogger } from '../../hub/src/platform/log/index.ts';

/** An entry to be put in. */
export interface BenchEntry {
  id: string;
  provider: string;
  sequence: number;
  content: EntryContent;
}

/** Starts a hub without accounts' data; `end` stops it and removes its folder. */
export async function benchHub(port: number, entries: readonly BenchEntry[]): Promise<App & { end(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-bench-'));
  const config = configSchema.parse({
    dataFolder: folder,
    http: { port, limits: { requestsPerMinute: 1_000_000 } },
    lake: { memoryMiB: 512 },
  });
  const app = await createApp(config, { logger: silentLogger(), checkResponses: false });
  for (let at = 0; at < entries.length; at += 500) {
    const rows = JSON.stringify(entries.slice(at, at + 500));
    await app.db.query(
      `INSERT INTO catalogue.entry (id, provider, sequence, published, created_at)
       SELECT id, provider, sequence, 1, now() FROM jsonb_to_recordset($1::jsonb) AS r(id text, provider text, sequence int)`,
      [rows],
    );
    await app.db.query(
      `INSERT INTO catalogue.entry_version (entry, version, state, content, origin, made_by, made_at, changed_by, changed_at, decided_at)
       SELECT id, 1, 'published', content, 'file', 'b', now(), 'b', now(), now() - (sequence % 1000) * interval '1 minute'
       FROM jsonb_to_recordset($1::jsonb) AS r(id text, content jsonb, sequence int)`,
      [rows],
    );
  }
  await entriesOf(app.db).load();
  return Object.assign(app, {
    async end() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
