/**
 * Builds the library's parts by themselves, as an application's bundler would, so that their size can be weighed:
 * `router` is the protocol machine with its driver, `library` everything `import { openOverlay }` brings but simple-peer.
 * `npm run size` runs this and holds the results against the limits in package.json.
 */

import { build } from 'vite';

/** Where the bundles go; not shipped. */
const FOLDER = 'test-results/bundles';
const ENTRIES: Readonly<Record<string, string>> = {
  router: 'src/bench/router-entry.ts',
  library: 'src/index.ts',
};

for (const [name, entry] of Object.entries(ENTRIES)) {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { global: 'globalThis' },
    build: {
      target: 'es2022',
      outDir: FOLDER,
      emptyOutDir: false,
      rolldownOptions: {
        input: { [name]: entry },
        external: ['simple-peer', 'events'],
        preserveEntrySignatures: 'strict',
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  });
}
