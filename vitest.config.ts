import { defineConfig } from 'vitest/config';

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
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
