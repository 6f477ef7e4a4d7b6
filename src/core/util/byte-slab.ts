/**
 * Room for frames that are passed on: views cut from larger blocks, since a kilobyte of its own costs more to get and to
 * collect than to copy. Blocks are never used twice, so a view is its holder's for good; it keeps its whole block alive.
 */

const BLOCK_BYTES = 64 * 1024;
/** Longer ones get memory of their own: they would leave too much of a block unused. */
const CUT_BYTES_MAX = 4 * 1024;

let block = new Uint8Array(0);
let used = 0;

/** New zeroed bytes. Do not read `buffer` of what comes back without its offset. */
export function takeBytes(count: number): Uint8Array {
  if (count > CUT_BYTES_MAX) return new Uint8Array(count);
  if (used + count > block.length) {
    block = new Uint8Array(BLOCK_BYTES);
    used = 0;
  }
  const view = block.subarray(used, used + count);
  used += count;
  return view;
}
