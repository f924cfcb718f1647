/**
 * `npm run api-types -w web/console`: the console's types of the interface, made of what a running hub says of its routes. The first line keeps
 * the fingerprint of that description, by which a test sees that the types are those of the routes. JINGWEI_HUB: the hub's address.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = fileURLToPath(new URL('../web/console/', import.meta.url));
const hub = process.env.JINGWEI_HUB ?? 'http://127.0.0.1:8420';
const answer = await fetch(`${hub}/api/openapi.json`);
if (!answer.ok) throw new Error(`${hub} answers ${answer.status}`);
const described = await answer.text();
const folder = mkdtempSync(join(tmpdir(), 'jingwei-types-'));
try {
  writeFileSync(join(folder, 'openapi.json'), described);
  const made = join(folder, 'schema.d.ts');
  const require = createRequire(join(workspace, 'package.json'));
  const cli = join(dirname(require.resolve('openapi-typescript/package.json')), 'bin', 'cli.js');
  execFileSync(process.execPath, [cli, join(folder, 'openapi.json'), '-o', made], { stdio: 'inherit' });
  const fingerprint = createHash('sha256').update(described).digest('hex');
  const text = `// Made from the description with SHA-256 ${fingerprint}\n${readFileSync(made, 'utf8')}`;
  writeFileSync(join(workspace, 'src', 'api', 'schema.d.ts'), text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
