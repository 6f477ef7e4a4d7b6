/** How much memory the simulation holds, garbage collected first where that is allowed (see `allowCollection`). */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Lets later measurements collect garbage first. For the command line; tests do not care for the figure. */
export function allowCollection(): void {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
}

/** JavaScript heap and array buffers in use, KiB. */
export function measureHeapKiB(): number {
  // Twice: buffers that the first round frees are counted until the second.
  collect?.();
  collect?.();
  const usage = process.memoryUsage();
  return (usage.heapUsed + usage.external) / 1024;
}
