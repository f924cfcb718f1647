import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that need no city come first, since it is still arriving; then what takes longest, so that both workers end together. */
const order = ['first-hour', 'offline-verifier', 'pages-first', 'pages-second', 'roles', 'libraries', 'assess'];

class WithoutCityFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = order.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? order.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/**
 * The console in a real browser against a real hub: one hub for all files (tests/e2e/setup.ts), three files at a time: a page is waited for
 * as long as it works, so that two leave a processor idle.
 */
export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    testTimeout: 480_000,
    hookTimeout: 480_000,
    pool: 'forks',
    maxWorkers: 3,
    globalSetup: 'tests/e2e/setup.ts',
    sequence: { sequencer: WithoutCityFirst },
  },
});
