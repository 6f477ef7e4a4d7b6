/**
 * Does the work that other nodes ask for, one job at a time, in a worker that lives only while there is something to do;
 * without workers, in short slices. Loaded with the first job. Rule AW9.
 */

import { Search, TOO_HARD } from '../core/admission/work.ts';
import type { NodeId } from '../core/id/node-id.ts';
import type { CryptoRequest, CryptoResult, JobId } from '../core/io.ts';
import { hash } from './hash.ts';

/** What goes to the worker. */
export interface WorkJob {
  readonly request: Extract<CryptoRequest, { type: 'work' }>;
  readonly requester: NodeId;
}

interface Waiting extends WorkJob {
  readonly job: JobId;
  readonly done: (result: CryptoResult) => void;
}

/** Hashes in one go without a worker: about 3 ms. */
const SLICE = 2_000;
const FAILED: CryptoResult = { type: 'failed' };

const waiting: Waiting[] = [];
let current: Waiting | undefined;
let worker: Worker | undefined;
let hasNoWorkers = false;

/**
 * Does a job of a node. Resolves to the solution, to `too-hard` for what is beyond the limit, or to `failed` when the job is
 * cancelled; cancelling one that is over does nothing.
 */
export function work(
  request: Extract<CryptoRequest, { type: 'work' | 'cancel' }>,
  job: JobId,
  requester: NodeId,
): Promise<CryptoResult> {
  if (request.type === 'cancel') {
    cancel(request.job, requester);
    return Promise.resolve(FAILED);
  }
  return new Promise((done) => {
    waiting.push({ job, request, requester, done });
    if (current === undefined) next();
  });
}

function cancel(job: JobId, requester: NodeId): void {
  const isIt = (one: Waiting | undefined): boolean => one?.job === job && one.requester === requester;
  const at = waiting.findIndex(isIt);
  if (at >= 0) waiting.splice(at, 1)[0]!.done(FAILED);
  if (!isIt(current)) return;
  stopWorker();
  finish(FAILED);
}

function next(): void {
  current = waiting.shift();
  if (current === undefined) stopWorker();
  else if (hasNoWorkers || !startWorker(current)) void workHere(current);
}

function finish(result: CryptoResult): void {
  current?.done(result);
  next();
}

function stopWorker(): void {
  worker?.terminate();
  worker = undefined;
}

/** False where there are no workers. */
function startWorker({ request, requester }: WorkJob): boolean {
  try {
    worker ??= createWorker();
  } catch {
    hasNoWorkers = true;
    return false;
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
  worker.postMessage({ request, requester });
  return true;
}

function createWorker(): Worker {
  const made = new Worker(new URL('./work-worker.ts', import.meta.url), {
    type: 'module',
    name: 'hopline-work',
  });
  made.addEventListener('message', ({ data }: MessageEvent<CryptoResult>) => {
    if (made === worker) finish(data);
  });
  made.addEventListener('error', () => {
    if (made !== worker) return;
    hasNoWorkers = true;
    stopWorker();
    if (current !== undefined) void workHere(current);
  });
  return made;
}

async function workHere(job: Waiting): Promise<void> {
  const search = Search.of(job.request, job.requester, { hash });
  if (search === undefined) {
    finish(TOO_HARD);
    return;
  }
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve));
    if (current !== job) return;
    const solution = search.run(SLICE);
    if (solution === undefined) continue;
    finish({ type: 'worked', solution });
    return;
  }
}
