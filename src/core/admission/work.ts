/**
 * Admission work: what a node may ask of a stranger before it does something for it. Rules AW1-AW15; README.md says why.
 *
 * demand = challenge (32), bits (1); puzzle = hash of domain, purpose (1), requester (32), checker (32), challenge, subject;
 * solution = 8 bytes which, put behind the puzzle, hash to as many leading zero bits.
 */

import type { NodeId } from '../id/node-id.ts';
import type { CryptoRequest, CryptoResult, WorkBound } from '../io.ts';
import type { Ports } from '../ports.ts';
import { concat } from '../util/pieces.ts';
import { DEMAND_BYTES, SOLUTION_BYTES } from './ask.ts';

/** What a solution is bound to, beside the challenge. */
export interface Bound extends Omit<WorkBound, 'start'> {
  /** Who wants something of the checker. */
  readonly requester: NodeId;
}

type Hash = Pick<Ports, 'hash'>;
type WorkRequest = Extract<CryptoRequest, { type: 'work' }>;

/** The bytes in front of a solution. Both sides put the ids in themselves, so that a puzzle cannot be passed on to somebody else. */
export function puzzleOf(
  { purpose, requester, checker, subject = NOTHING }: Bound,
  challenge: Uint8Array,
  ports: Hash,
): Uint8Array {
  return ports.hash(concat([DOMAIN, Uint8Array.of(purpose), requester, checker, challenge, subject]));
}

/** Does a `work` job in one go, for the node of that id. What is no demand, or is beyond the limit, is `too-hard`. */
export function findSolution(request: WorkRequest, requester: NodeId, ports: Hash): CryptoResult {
  const search = Search.of(request, requester, ports);
  if (search === undefined) return TOO_HARD;
  let solution = search.run(SLICE);
  while (solution === undefined) solution = search.run(SLICE);
  return { type: 'worked', solution };
}

/** A search for a solution that may stop for a while. It counts up the last four of the eight bytes. */
export class Search {
  readonly #tried: Uint8Array;
  readonly #number: DataView;
  readonly #bits: number;
  readonly #ports: Hash;
  /** Hashes so far. */
  hashes = 0;

  private constructor(puzzle: Uint8Array, start: Uint8Array, bits: number, ports: Hash) {
    this.#tried = concat([puzzle, start]);
    this.#number = new DataView(this.#tried.buffer, this.#tried.length - 4);
    this.#bits = bits;
    this.#ports = ports;
  }

  /** `undefined` for what is no demand, or beyond the limit. */
  static of(request: WorkRequest, requester: NodeId, ports: Hash): Search | undefined {
    const { demand, bitsMax, start = NO_START } = request;
    const bits = demand[DEMAND_BYTES - 1]!;
    if (demand.length !== DEMAND_BYTES || bits > bitsMax) return undefined;
    const puzzle = puzzleOf({ ...request, requester }, demand.subarray(0, -1), ports);
    return new Search(puzzle, start, bits, ports);
  }

  /** Tries so many numbers more; the solution if it is among them. */
  run(count: number): Uint8Array | undefined {
    for (let i = 0; i < count; i++) {
      this.hashes++;
      this.#number.setUint32(0, this.#number.getUint32(0) + 1);
      if (hasZeroBits(this.#ports.hash(this.#tried), this.#bits)) return this.#tried.slice(-SOLUTION_BYTES);
    }
    return undefined;
  }
}

/** True when a digest begins with so many zero bits, at most 32. */
export function hasZeroBits(digest: Uint8Array, bits: number): boolean {
  const word = ((digest[0]! << 24) | (digest[1]! << 16) | (digest[2]! << 8) | digest[3]!) >>> 0;
  return Math.clz32(word) >= bits;
}

const NOTHING = new Uint8Array(0);
const NO_START = new Uint8Array(SOLUTION_BYTES);
const DOMAIN = new TextEncoder().encode('hopline/work/1');
/** The answer to a job that is not taken on. */
export const TOO_HARD: CryptoResult = { type: 'worked', solution: 'too-hard' };
const SLICE = 1 << 16;
