/** `scenario new` and `scenario check` without a hub. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../output.ts';
import { jingwei } from '../testing.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jingwei-scenario-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => jingwei(['--json', 'scenario', ...args], { JINGWEI_CLI_LANG: 'en' });

test('a new scenario is a copy that holds; a mistake in it is told with its file and line', async () => {
  expect((await run('new', 'Wrong', '--folder', folder)).code).toBe(EXIT.problem);
  const made = await run('new', 'trial', '--folder', folder);
  expect([made.code, made.err]).toEqual([EXIT.ok, '']);
  const head = join(folder, 'trial', 'scenario.yaml');
  expect(readFileSync(head, 'utf8')).toMatch(/^id: trial$/m);
  const twice = await run('new', 'trial', '--folder', folder);
  expect([twice.code, JSON.parse(twice.out).problem.code]).toEqual([EXIT.problem, 'cli.scenario-exists']);
  const good = await run('check', folder);
  expect([good.code, JSON.parse(good.out)]).toMatchObject([EXIT.ok, { checked: 1, problems: [] }]);
  expect(JSON.parse(good.out).indicators).toBeGreaterThanOrEqual(8);

  const text = readFileSync(head, 'utf8');
  writeFileSync(head, text.replace(/^owner: .*$/m, 'owner: nobody'));
  const bad = await run('check', folder);
  expect(bad.code).toBe(EXIT.problem);
  const line = text.split('\n').findIndex((l) => l.startsWith('owner:')) + 1;
  expect(JSON.parse(bad.out).problems).toMatchObject([
    { code: 'cockpits.scenario.owner', place: { file: 'scenarios/trial/scenario.yaml', line } },
  ]);
}, 60_000);
