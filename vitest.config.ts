import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Servers, workers and child processes: forks keep one test file's crash out of the others.
    pool: 'forks',
    maxWorkers: 2,
  },
});
