/** The console's types of the interface are those of the routes that the hub has: they cannot go stale silently. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createApp } from '../hub/src/app.ts';
import { loadConfig } from '../hub/src/config.ts';
import { freshPgliteFolder } from '../hub/src/platform/db/testing.ts';
import { silentLogger } from '../hub/src/platform/log/index.ts';

const workspace = fileURLToPath(new URL('../web/console/', import.meta.url));

test('web/console/src/api/schema.d.ts is what the routes make (npm run api-types -w web/console makes it anew)', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jingwei-types-'));
  try {
    const pg = await freshPgliteFolder();
    cpSync(pg, join(folder, 'data', 'pg'), { recursive: true });
    rmSync(pg, { recursive: true });
    const overrides = { dataFolder: join(folder, 'data'), 'http.port': 0, 'lake.memoryMiB': 512 };
    const app = await createApp(loadConfig({ cwd: folder, env: {}, overrides }), { logger: silentLogger() });
    let described: string;
    try {
      described = await (await fetch(`${app.url}/api/openapi.json`)).text();
    } finally {
      await app.close();
    }
    writeFileSync(join(folder, 'openapi.json'), described);
    const made = join(folder, 'schema.d.ts');
    const require = createRequire(join(workspace, 'package.json'));
    const cli = join(dirname(require.resolve('openapi-typescript/package.json')), 'bin', 'cli.js');
    execFileSync(process.execPath, [cli, join(folder, 'openapi.json'), '-o', made], { stdio: 'pipe' });
    const kept = readFileSync(join(workspace, 'src', 'api', 'schema.d.ts'), 'utf8').split('\n');
    const now = readFileSync(made, 'utf8').split('\n');
    // The first difference says more than eleven thousand lines.
    const at = now.findIndex((line, i) => line !== kept[i]);
    expect({ line: at, kept: kept[at], now: now[at], lines: kept.length }).toEqual({
      ...{ line: -1, kept: undefined, now: undefined, lines: now.length },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
