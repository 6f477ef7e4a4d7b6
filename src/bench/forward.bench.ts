/**
 * How many 1 KiB messages a hop passes on in a second, and how that compares with a bare copy of the frame. Prints one
 * JSON object. The load is bundled first, as it is in the page: run as it is, the loader's helpers would be measured too.
 * Run: `npx tsx src/bench/forward.bench.ts`.
 */

import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'vite';
import type { ForwardFigures } from './forward-load.ts';

const FOLDER = 'test-results/bundles';

await build({
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: FOLDER,
    emptyOutDir: false,
    minify: false,
    rolldownOptions: {
      input: { 'forward-load': 'src/bench/forward-load.ts' },
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: '[name].js' },
    },
  },
});

interface Load {
  measureForwarding(collect: () => void): ForwardFigures;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const load = (await import(pathToFileURL(`${FOLDER}/forward-load.js`).href)) as Load;
const { perSecond, copiesPerSecond } = load.measureForwarding(collect);
const ratioToCopy = Number((copiesPerSecond / perSecond).toFixed(1));
console.log(
  JSON.stringify({
    bench: 'forward',
    peers: 24,
    linksEach: 24,
    bodyBytes: 1_024,
    perSecond,
    copiesPerSecond,
    ratioToCopy,
  }),
);
