/**
 * The browser tests of the normal run: real tabs, real data channels, the real server. Those that look at the screens of
 * a few tabs go first, two at a time; then those that measure, each alone.
 */

import { defineConfig } from '@playwright/test';
import { COMMON } from './support/config.ts';

const SCREENS = ['accessibility', 'readme', 'screen', 'store-panel'].map((name) => `${name}.spec.ts`);
const OTHER_RUNS = ['long/**', 'support/**', 'bench/**'];

export default defineConfig({
  ...COMMON,
  workers: 2,
  projects: [
    { name: 'screens', testMatch: SCREENS, fullyParallel: true },
    { name: 'network', testIgnore: [...OTHER_RUNS, ...SCREENS], workers: 1, dependencies: ['screens'] },
  ],
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
});
