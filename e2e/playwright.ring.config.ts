/** The tests of joining, hops, trouble and the store once more, with every tab on a Chord ring. `npm run test:ring`. */

import { defineConfig } from '@playwright/test';
import { COMMON } from './support/config.ts';
import { GEOMETRY_VARIABLE } from './support/figures.ts';

process.env[GEOMETRY_VARIABLE] = 'chord';

export default defineConfig({
  ...COMMON,
  testMatch: ['join.spec.ts', 'hops.spec.ts', 'server.spec.ts', 'trouble.spec.ts', 'store.spec.ts'],
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e-ring.json' }]],
});
