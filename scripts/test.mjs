/**
 * `npm test`: everything that can be tested. Unit, property, fault and integration tests first, then the console in a
 * real browser. Ends with one line that counts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensureBrowser } from './browser.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'jingwei-test-'));
const totals = { passed: 0, failed: 0, skipped: 0 };
/** What failed, told once more at the end: by then its place in the output is far above. */
const faults = [];
const unsteady = [];

function run(label, command, args, env = {}) {
  process.stdout.write(`\n== ${label}\n`);
  const result = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  return result.status === 0;
}

function firstLines(messages) {
  return messages.join('\n').split('\n').slice(0, 12).join('\n    ');
}

/** One run of vitest: whether it held, and its report (null when it could not even write one). */
function once(label, config, env, files, report) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...files, '--config', config, ...reporters];
  const held = run(label, process.execPath, args, env);
  return { held, told: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null };
}

function failuresOf(told) {
  return told.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => ({
        file: relative(process.cwd(), file.name),
        name: `${relative(process.cwd(), file.name)} > ${test.fullName}`,
        why: firstLines(test.failureMessages),
      })),
  );
}

/**
 * Runs what a configuration names. Where a few tests fail, their files are run once more by themselves: a test that
 * fails twice has failed; one that then holds counts as passed and is named at the end as unsteady, with why it failed
 * first, since it is a fault of the test or a rare one of the code that somebody must find.
 */
function vitest(label, config, env) {
  const { held, told } = once(label, config, env, [], join(scratch, `${config}.json`));
  if (!told) {
    totals.failed += 1;
    return false;
  }
  totals.passed += told.numPassedTests;
  totals.skipped += told.numPendingTests + told.numTodoTests;
  if (held) return true;
  const failures = failuresOf(told);
  const files = [...new Set(failures.map(({ file }) => file))];
  const broken = told.testResults.some((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const again =
    !broken && failures.length > 0 && failures.length <= 5
      ? once(`${label}: what failed, once more`, config, env, files, join(scratch, `${config}.again.json`))
      : { held: false, told: null };
  if (again.held) {
    totals.passed += failures.length;
    unsteady.push(...failures);
    return true;
  }
  // A file that cannot even be loaded has no failed test of its own, yet it failed.
  totals.failed += Math.max(1, failures.length);
  faults.push(...failures);
  if (failures.length === 0)
    faults.push({ name: config, why: 'an error outside of any test, or a file that cannot be loaded: see above' });
  return false;
}

/** Builds the console beside the first tests; what it says is kept in a file, since nobody reads a pipe meanwhile. */
function building() {
  const log = join(scratch, 'build.log');
  const out = openSync(log, 'w');
  const child = spawn('npm', ['run', '--silent', 'build'], { stdio: ['ignore', out, out] });
  closeSync(out);
  return new Promise((resolve) => {
    const end = (built) => {
      process.stdout.write(`\n== the console builds\n${readFileSync(log, 'utf8')}`);
      resolve(built);
    };
    child.on('error', () => end(false));
    child.on('exit', (code) => end(code === 0));
  });
}

const built = building();
let ok = vitest('unit, property, fault and integration tests', 'vitest.config.ts', {});
ok = (await built) && ok;
const browser = ensureBrowser();
if (browser) ok = vitest('the console in a real browser', 'vitest.e2e.config.ts', { JINGWEI_CHROMIUM: browser }) && ok;
else {
  ok = false;
  totals.failed += 1;
}
rmSync(scratch, { recursive: true, force: true });
const list = (title, tests) => {
  if (tests.length > 0)
    process.stdout.write(`\n${title}:\n${tests.map(({ name, why }) => `  ${name}\n    ${why}`).join('\n')}\n`);
};
list('failed', faults);
list('unsteady (failed, then held by itself)', unsteady);
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
process.exit(ok && totals.failed === 0 && totals.passed > 0 ? 0 : 1);
