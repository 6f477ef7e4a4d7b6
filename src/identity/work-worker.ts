/** The worker half of `createWorkSearch`: a job comes in, its result goes out. One after another. */

import { findSolution } from '../core/admission/work.ts';
import { hash } from './hash.ts';
import type { WorkJob } from './work-search.ts';

interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent<WorkJob>) => void): void;
  postMessage(result: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.addEventListener('message', ({ data: { request, requester } }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
  scope.postMessage(findSolution(request, requester, { hash }));
});
