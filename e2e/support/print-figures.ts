/** `npm run figures`: prints the table of what the browser tests and benchmarks measured in their last runs here. */

import { formatFigures, readFigures } from './figures.ts';

const rows = readFigures();
console.log(
  rows.length === 0
    ? 'Nothing has been measured here yet: run "npm run test:e2e" first.'
    : formatFigures(rows),
);
