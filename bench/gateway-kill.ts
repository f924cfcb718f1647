/**
 * Kills a gateway with SIGKILL at random moments while it is called, opens its folder again and looks for every call that had been answered
 * among the records of use: none may be missing.
 *
 *   node --import tsx bench/gateway-kill.ts [--rounds 10] [--folder <scratch>]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hashOf } from '../hub/src/gateway/clients/secrets.ts';
import { gatewayFixture } from '../hub/src/gateway/fixture.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    folder: { type: 'string', default: tmpdir() },
    serve: { type: 'string' },
  },
});
const SECRET = 'jws_of-a-bench-and-nothing-else';
const RECORDS = 2000;

if (options.serve) {
  const bench = await gatewayFixture(options.serve, RECORDS);
  await bench.client('jwc_bench', hashOf(SECRET));
  console.log(`${bench.url} ${bench.grant}`);
} else await kill();

async function kill(): Promise<void> {
  mkdirSync(options.folder!, { recursive: true });
  const folder = mkdtempSync(join(options.folder!, 'jingwei-kill-gateway-'));
  const answered: string[] = [];
  try {
    for (let round = 0; round < Number(options.rounds); round++) {
      const { child, url, grant } = await served(folder);
      const form = { grant_type: 'client_credentials', client_id: 'jwc_bench', client_secret: SECRET };
      const given = await fetch(`${url}/services/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
      const { access_token: token } = (await given.json()) as { access_token: string };
      const before = answered.length;
      let dead = false;
      const gone = new Promise<void>((resolve) => child.on('close', () => resolve()));
      const callers = Array.from({ length: 16 }, async (_, n) => {
        for (let i = n; !dead; i += 16) {
          try {
            const answer = await fetch(`${url}/services/${grant}/lookup?permit_no=K${i % RECORDS}`, {
              headers: { authorization: `Bearer ${token}` },
            });
            await answer.arrayBuffer();
            if (answer.status === 200) answered.push(answer.headers.get('x-request-id')!);
          } catch {
            // Cut off: it was not answered.
            return;
          }
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 4000));
      child.kill('SIGKILL');
      dead = true;
      await gone;
      await Promise.all(callers);
      console.log(`round ${round + 1}: ${answered.length - before} calls answered, then killed`);
    }
    const bench = await gatewayFixture(folder, RECORDS);
    const rows = await bench.gateway.deps.lake.query<{ id: string; n: number }>(
      'SELECT id, count(*) AS n FROM gw.usage GROUP BY id',
    );
    const kept = new Map(rows.map((r) => [r.id, Number(r.n)]));
    const missing = answered.filter((id) => !kept.has(id)).length;
    const twice = rows.filter((r) => Number(r.n) > 1).length;
    await bench.end();
    console.log(
      `${answered.length} calls answered, ${kept.size} records kept, ${missing} missing, ${twice} kept twice`,
    );
    process.exitCode = missing || twice ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function served(folder: string): Promise<{ child: ChildProcess; url: string; grant: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), '--serve', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout! })) {
    const [url = '', grant = ''] = line.split(' ');
    return { child, url, grant };
  }
  throw new Error('the gateway did not start');
}
