/** The long run: more tabs, more links. `npm run test:long`. */

import { defineConfig } from '@playwright/test';
import { COMMON } from './support/config.ts';

export default defineConfig({
  ...COMMON,
  testDir: './long',
  timeout: 600_000,
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e-long.json' }]],
});
