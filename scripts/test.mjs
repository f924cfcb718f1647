/**
 * `npm test`: everything that can be tested. Unit, property, fault and integration tests first, then the console in a
 * real browser. Ends with one line that counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser } from './browser.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'jingwei-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };

function run(label, command, args, env = {}) {
  process.stdout.write(`\n== ${label}\n`);
  const result = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  return result.status === 0;
}

function vitest(label, config, env) {
  const report = join(scratch, `${config}.json`);
  const ok = run(
    label,
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    env,
  );
  if (!existsSync(report)) {
    totals.failed += 1;
    return false;
  }
  const r = JSON.parse(readFileSync(report, 'utf8'));
  totals.passed += r.numPassedTests;
  totals.failed += r.numFailedTests;
  totals.skipped += r.numPendingTests + r.numTodoTests;
  // A file that cannot even be loaded has no failed test of its own, yet it failed.
  if (!ok && r.numFailedTests === 0) totals.failed += Math.max(1, r.numFailedTestSuites);
  return ok;
}

let ok = vitest('unit, property, fault and integration tests', 'vitest.config.ts', {});
ok = run('the console builds', 'npm', ['run', '--silent', 'build']) && ok;
const browser = ensureBrowser();
if (browser) ok = vitest('the console in a real browser', 'vitest.e2e.config.ts', { JINGWEI_CHROMIUM: browser }) && ok;
else {
  ok = false;
  totals.failed += 1;
}
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
process.exit(ok && totals.failed === 0 && totals.passed > 0 ? 0 : 1);
