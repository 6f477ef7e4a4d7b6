/** The part of admission work that every node has: how it has done what others demand. The rest is loaded when it is needed. */

import type { NodeContext } from '../context.ts';
import type { JobId, WorkBound } from '../io.ts';

/** What work is done for; a solution for one is none for another. Numbers go into puzzles: never given out twice. */
export const PURPOSES = { link: 1, store: 2 } as const;
/** Challenge (32) and bits (1). */
export const DEMAND_BYTES = 33;
export const SOLUTION_BYTES = 8;

/**
 * Has done what was demanded of this node, whatever bytes the demand is. `done` gets the solution, `too-hard` for what is
 * beyond the node's limit, or `failed`. `ctx.cancel` ends the job.
 */
export function doWork(
  ctx: NodeContext,
  demand: Uint8Array,
  bound: WorkBound,
  done: (result: Uint8Array | 'too-hard' | 'failed') => void,
): JobId {
  const bitsMax = ctx.config.admissionBitsMax;
  return ctx.crypto({ ...bound, type: 'work', demand, bitsMax }, (result) =>
    done(result.type === 'worked' ? result.solution : result.type === 'too-hard' ? result.type : 'failed'),
  );
}
