/** Runs commands of the simulator as processes of their own, some at a time, and collects what they print. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import type { RunResult } from './row.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface Job {
  readonly args: string;
  readonly alone: boolean;
}

/** Runs every job once, `atOnce` at a time; those that must be alone come last, one after another. `done` hears of each as it ends. */
export async function runJobs(
  jobs: readonly Job[],
  atOnce: number,
  done: (result: RunResult) => void,
): Promise<void> {
  const queue = jobs.filter(({ alone }) => !alone);
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) done(await runOne(job.args));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  for (const job of jobs.filter(({ alone }) => alone)) done(await runOne(job.args));
}

function runOne(args: string): Promise<RunResult> {
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  const child = spawn(
    process.execPath,
    [tsx, join(ROOT, 'src/sim/run-bundled.ts'), ...args.split(' '), '--json'],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let printed = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => (printed += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ args, code: code ?? -1, record: parse(printed) });
    });
  });
}

function parse(printed: string): RunResult['record'] {
  try {
    return JSON.parse(printed) as RunResult['record'];
  } catch {
    // A crash, or wrong usage: the exit code says so, and there are no numbers.
    return {};
  }
}
