/** The browser tests of the normal run: real tabs, real data channels, the real server. One at a time: they share two cores. */

import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './support/launch.ts';

export default defineConfig({
  testDir: '.',
  testIgnore: ['long/**', 'support/**', 'bench/**'],
  outputDir: '../test-results/e2e',
  globalSetup: './support/global-setup.ts',
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
  use: {
    browserName: 'chromium',
    launchOptions: chromiumOptions(),
    viewport: { width: 1280, height: 800 },
    trace: 'off',
    screenshot: 'off',
  },
});
