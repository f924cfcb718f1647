/** `plan check` without a hub; `demo play` where none runs. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../output.ts';
import { jingwei } from '../testing.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-plan-'));
  const plans = fileURLToPath(new URL('../../../plans', import.meta.url));
  cpSync(join(plans, 'forest-fire'), join(folder, 'forest-fire'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('plans hold or tell their mistakes with file and line, as a folder of plans and as one plan', async () => {
  const run = (...args: string[]) => jingwei(['--json', 'plan', 'check', ...args], { JINGWEI_CLI_LANG: 'en' });
  const all = await run();
  expect([all.code, JSON.parse(all.out)]).toMatchObject([EXIT.ok, { problems: [] }]);
  expect(JSON.parse(all.out).plans.map((p: { id: string }) => p.id)).toContain('typhoon-flood');
  const file = join(folder, 'forest-fire', 'plan.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/^lead: .*$/m, 'lead: nobody'));
  const line = text.split('\n').findIndex((l) => l.startsWith('lead:')) + 1;
  for (const path of [folder, join(folder, 'forest-fire')]) {
    const bad = await run(path);
    expect(bad.code).toBe(EXIT.problem);
    expect(JSON.parse(bad.out).problems).toMatchObject([
      { code: 'command.plan.organisation', place: { file: 'plans/forest-fire/plan.yaml', line } },
    ]);
  }
});

test('a scene needs a hub that runs', async () => {
  const ran = await jingwei(['--json', '--hub', 'http://127.0.0.1:9', 'demo', 'play', 'typhoon']);
  expect([ran.code, JSON.parse(ran.out).problem.code]).toEqual([EXIT.unreachable, 'cli.unreachable']);
});
