import { defineConfig } from 'vitest/config';

/** The console in a real browser against a real hub: one file at a time, since each starts a hub of its own. */
export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
