/** The long run: more tabs, more links. `npm run test:long`. */

import { defineConfig } from '@playwright/test';
import normal from './playwright.config.ts';

export default defineConfig({
  ...normal,
  testDir: './long',
  testIgnore: [],
  timeout: 600_000,
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e-long.json' }]],
});
