/** A fresh embedded database for tests without making one; apart, since what prepares a whole test run has no test of its own. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDb } from './open.ts';

/**
 * The folder of a fresh embedded database: a copy of one that is made once per version and kept in node_modules/.cache,
 * since making one takes seconds and copying it a moment.
 */
export async function freshPgliteFolder(): Promise<string> {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@electric-sql/pglite');
  const { version } = require(join(dirname(entry), '..', 'package.json')) as { version: string };
  const cache = fileURLToPath(new URL('../../../../node_modules/.cache/jingwei', import.meta.url));
  const template = join(cache, `pglite-${version}`);
  if (!existsSync(template)) {
    mkdirSync(cache, { recursive: true });
    const making = mkdtempSync(join(cache, 'making-'));
    const db = await openDb({ kind: 'pglite', folder: making });
    await db.close();
    // Another process may have been faster: then its template stands and this one goes.
    try {
      renameSync(making, template);
    } catch {
      rmSync(making, { recursive: true });
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-pglite-'));
  cpSync(template, folder, { recursive: true });
  return folder;
}
