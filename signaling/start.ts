/** `npm start`: builds the page when it is missing or older than its sources, starts the server, prints where to look. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HELP, PAGE_DEFAULT, parseCommandLine } from './options.ts';
import { runServer } from './run.ts';

const SOURCES = [
  'index.html',
  'src',
  'public',
  'signaling/protocol.ts',
  'vite.config.ts',
  'package-lock.json',
];

const parsed = parseCommandLine(process.argv.slice(2), process.env, 'warn');
if (parsed.type === 'help') {
  console.log(HELP);
} else {
  const problem = parsed.type === 'problem' ? parsed.problem : await start(parsed.options);
  if (problem !== undefined) {
    console.error(problem);
    process.exitCode = 1;
  }
}

async function start(options: Parameters<typeof runServer>[0]): Promise<string | undefined> {
  // A folder that was named by hand is somebody else's build.
  if (options.page === PAGE_DEFAULT && (await isStale())) {
    const { build } = await import('vite');
    try {
      await build({ logLevel: 'warn' });
    } catch (error) {
      return `The page could not be built: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  const started = await runServer(options);
  if ('problem' in started) return started.problem;
  console.log(
    `Hopline is running. Open ${started.address} in a browser, then open the address it shows (with #room=…) in more tabs to let the network grow. Ctrl+C stops.`,
  );
  return undefined;
}

async function isStale(): Promise<boolean> {
  const builtAt = await changedAt(join(PAGE_DEFAULT, 'index.html'));
  const times = await Promise.all(SOURCES.map(changedAt));
  return times.some((time) => time > builtAt);
}

/** When a file, or the newest file of a folder, was last written, in ms; 0 when there is none. Tests do not count. */
async function changedAt(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return found?.mtimeMs ?? 0;
  const names = await readdir(path);
  const times = await Promise.all(
    names.filter((name) => !/\.test\.ts$|\.md$/u.test(name)).map((name) => changedAt(join(path, name))),
  );
  return Math.max(0, ...times);
}
