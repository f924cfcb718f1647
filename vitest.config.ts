import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes longest comes first, so that both workers end together. Vitest knows how long a file took from the run before;
 * where nothing is known (a fresh clone) this list says it.
 */
const long = [
  'hub/src/access.test.ts',
  'hub/src/erasure-kill.test.ts',
  'tests/command-line.test.ts',
  'hub/src/erasure.test.ts',
  'hub/src/platform/backup/backup.test.ts',
  'hub/src/platform/upgrade/upgrade.test.ts',
  'hub/src/apart.test.ts',
  'tests/upgrade/upgrade.test.ts',
  'hub/src/libraries/base/same.test.ts',
  'hub/src/exchange/transport/database.test.ts',
  'hub/src/libraries/same.test.ts',
  'hub/src/libraries/linkage/linkage.test.ts',
  'hub/src/platform/auth/auth.test.ts',
  'packages/synthcity/src/generate.test.ts',
  'hub/src/three-hubs.test.ts',
  'packages/synthcity/src/population/population.test.ts',
  'hub/src/platform/jobs/kill.test.ts',
  'hub/src/platform/db/kill.test.ts',
  'hub/src/libraries/integrate.test.ts',
  'hub/src/platform/auth/users.test.ts',
  'hub/src/platform/mirror/mirror.test.ts',
  'hub/src/credit/score/score.test.ts',
  'hub/src/app.test.ts',
  'hub/src/refinery/refine.test.ts',
  'hub/src/refinery/days.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** One configuration for every workspace: tests stand beside the code that they test. */
export default defineConfig({
  test: {
    include: [
      'packages/**/*.test.ts',
      'hub/**/*.test.ts',
      'cli/**/*.test.ts',
      'tests/**/*.test.ts',
      'web/console/src/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', 'tests/e2e/**'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
    // Files share their worker's modules and its PostgreSQL server: loading them anew for each took a tenth of the time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
  },
});
