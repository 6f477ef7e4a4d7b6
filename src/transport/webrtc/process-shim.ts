/**
 * simple-peer's streams expect Node's `process.nextTick`. This must be evaluated before them, so it is the first import
 * of simple-peer.ts. `nextTick` passes its arguments on, and runs as a microtask: a timer would slow streams threefold.
 */

interface ProcessLike {
  nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void;
  readonly env: Record<string, string | undefined>;
}

const scope = globalThis as { process?: ProcessLike };

scope.process ??= {
  nextTick: (callback, ...args) => queueMicrotask(() => callback(...args)),
  env: {},
};

// oxlint-disable-next-line unicorn/require-module-specifiers -- makes this file a module of its own
export {};
