/** The console's types of the interface are those of the routes that the hub has: they cannot go stale silently. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const [line] = readFileSync(join(workspace, 'src', 'api', 'schema.d.ts'), 'utf8').split('\n');
    expect(line).toBe(
      `// Made from the description with SHA-256 ${createHash('sha256').update(described).digest('hex')}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
