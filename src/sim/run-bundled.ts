/**
 * `npm run sim`: bundles the simulator and runs it in a Node of its own, which is quicker than having each module
 * translated as it is loaded, and may use most of the machine's memory: ten thousand nodes do not fit Node's own limit.
 */

import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';

/** Below the repository, so that the bundle finds the packages it imports. */
const FOLDER = join(import.meta.dirname, '../../test-results/sim');
/** The rest is for everything else on the machine. */
const MEMORY_SHARE = 0.75;
/** Room for new objects, MiB: with more of it fewer frames in flight are moved about by the collector. */
const YOUNG_MIB = 64;

/** Writes the bundle under a name of this process: several runs may go on at once. */
async function bundle(name: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      target: 'node20',
      ssr: join(import.meta.dirname, 'cli.ts'),
      outDir: FOLDER,
      emptyOutDir: false,
      sourcemap: 'inline',
      rolldownOptions: { output: { format: 'es', entryFileNames: name } },
    },
  });
}

/** Runs the bundle with the arguments given; the exit code is that of the run. */
async function run(file: string): Promise<number> {
  const memoryMiB = Math.floor((totalmem() / 2 ** 20) * MEMORY_SHARE);
  const flags = [
    '--enable-source-maps',
    `--max-old-space-size=${memoryMiB}`,
    `--max-semi-space-size=${YOUNG_MIB}`,
  ];
  const child = spawn(process.execPath, [...flags, file, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? KILLED));
  });
}

/** The exit code of a run that a signal ended: as that of a crashed node. */
const KILLED = 2;

const name = `sim-${process.pid}.js`;
await bundle(name);
try {
  process.exitCode = await run(join(FOLDER, name));
} finally {
  await rm(join(FOLDER, name), { force: true });
}
