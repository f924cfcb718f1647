/**
 * Makes the fixture of a version for the test of upgrades, before that version is given out: start a demonstration of 2,000 rows without simulated
 * sensors (JINGWEI_DEMO_ROWS=2000, JINGWEI_DEMO_PACE=0), give the steward the password `Warp-and-Weft-2026`, wait until no job runs, stop it; then
 *
 *   node --import tsx tests/upgrade/make.ts <data folder> <name, such as 0.1.0>
 */
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askingIn, openDb, writeRows } from '../../hub/src/index.ts';
import { pack } from './pack.ts';

const [data, name] = process.argv.slice(2);
if (!data || !name) throw new Error('which data folder, and which name?');
const work = join(data, 'work', 'fixture');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const db = await openDb({ kind: 'pglite', folder: join(data, 'pg') });
await askingIn(db, (ask) => writeRows(ask, join(work, 'rows')));
await db.close();
for (const part of ['keys', 'seal', 'archives', 'lake', 'blobs']) symlinkSync(join(data, part), join(work, part));
const below = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: false }).flatMap((e) =>
    e.isDirectory() ? below(join(folder, e.name)) : [join(folder, e.name)],
  );
const files = ['rows', 'keys', 'seal', 'archives', 'lake'].flatMap((part) => below(join(work, part)));
// Received files are many and cannot be compressed: a few say whether they can still be read.
const received = below(join(work, 'blobs')).sort((a, b) => statSync(a).size - statSync(b).size);
const paths = [...files, ...received.slice(0, 8)]
  .filter((f) => !/(^|\/)lock$|\.wal$/.test(f))
  .map((f) => relative(work, f));
const to = fileURLToPath(new URL(`./${name}.pack`, import.meta.url));
await pack(work, paths, to);
rmSync(work, { recursive: true, force: true });
console.log(`${paths.length} files, ${statSync(to).size} bytes: ${to}`);
process.exit(0);
