import { defineConfig } from 'vitest/config';

/** The console in a real browser against a real hub: one hub for all files (tests/e2e/setup.ts), two files at a time. */
export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: 'tests/e2e/setup.ts',
  },
});
