/** The part of admission work that every node has: how it has done what others demand. The rest is loaded when it is needed. */

import type { NodeContext } from '../context.ts';
import type { JobId, WorkBound } from '../io.ts';

/** What work is done for; a solution for one is none for another. Numbers go into puzzles: never given out twice. */
export const FOR_LINK = 1;
export const FOR_STORE = 2;
export const FOR_SPLIT = 3;
export const FOR_INSERT = 4;
/** Challenge (32) and bits (1). */
export const DEMAND_BYTES = 33;
export const SOLUTION_BYTES = 8;

/**
 * Has done what was demanded of this node, whatever bytes the demand is. `done` gets the solution, `too-hard` for what is
 * beyond the node's limit, or `failed`. `cancelWork` ends the job before its time.
 */
export function doWork(
  ctx: NodeContext,
  task: WorkBound & { readonly demand: Uint8Array },
  done: (result: Uint8Array | 'too-hard' | 'failed') => void,
): JobId {
  return ctx.crypto({ ...task, type: 'work', bitsMax: ctx.config.admissionBitsMax }, (result) =>
    done(result.type === 'worked' ? result.solution : 'failed'),
  );
}

/** The solution is not wanted any more. What is over stays so, and no job is none. */
export function cancelWork(ctx: NodeContext, job: JobId | undefined): void {
  if (job !== undefined) ctx.crypto({ type: 'cancel', job }, () => undefined);
}
