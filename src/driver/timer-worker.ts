/** The worker half of `createWorkerTimer`: a number of milliseconds comes in, an empty message goes out after it. */

interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent<number>) => void): void;
  postMessage(message: null): void;
}

const scope = globalThis as unknown as WorkerScope;
let handle: ReturnType<typeof setTimeout> | undefined;

scope.addEventListener('message', ({ data: delayMs }) => {
  clearTimeout(handle);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
  handle = setTimeout(() => scope.postMessage(null), delayMs);
});

// oxlint-disable-next-line unicorn/require-module-specifiers -- makes this file a module of its own
export {};
