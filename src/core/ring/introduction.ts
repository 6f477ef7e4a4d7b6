/** How a node that is about to join learns its place: the node that lets it in resolves that for it. Rule RG18. */

import type { NodeId } from '../id/node-id.ts';
import { fingerTo, plusPower } from '../id/ring.ts';
import type { RingSide } from './host.ts';
import { KEYS_MAX, readNodes, writeRing } from './rpc.ts';

export class Introduction {
  /** Whether this node was told of its place. */
  #state: 'due' | 'asked' | 'over' = 'due';
  readonly #side: RingSide;
  readonly #timeoutMs: number;

  constructor(side: RingSide, timeoutMs: number) {
    this.#side = side;
    this.#timeoutMs = timeoutMs;
  }

  /** This node is in: should it have to join anew, it asks again. */
  again(): void {
    this.#state = 'due';
  }

  /**
   * A node that is about to join lets its introducer find its successor, and where its fingers point to, once. False: that
   * was done; else `done` is called when it knows its successor, or when the introducer had nothing to say.
   */
  introduce(done: () => void): boolean {
    const via = this.#side.peer();
    if (this.#state === 'over' || via === undefined) return false;
    if (this.#state === 'asked') return true;
    this.#state = 'asked';
    this.#learnFrom(via, () => {
      this.#state = 'over';
      done();
    });
    return true;
  }

  /** `done` when the successor is known; where the fingers point to comes in meanwhile. */
  #learnFrom(via: NodeId, done: () => void): void {
    const { ctx } = this.#side;
    const { id } = ctx.self;
    this.#resolveVia(via, [plusPower(id, 0)], ([successor]) => {
      if (successor === undefined) {
        done();
        return;
      }
      this.#side.learn([successor], done);
      const first = fingerTo(id, ctx.ports.idOfKey(successor.subarray(6, 38))) + 1;
      const all = Array.from({ length: 8 * id.length - first }, (_, i) => first + i);
      const exponents = all.slice(-KEYS_MAX);
      if (exponents.length === 0) return;
      const keys = exponents.map((exponent) => plusPower(id, exponent));
      this.#resolveVia(via, keys, (records) =>
        this.#side.learn(
          records.flatMap((record) => record ?? []),
          () => {
            exponents.forEach((exponent, i) => {
              if (records[i] !== undefined) ctx.geometry.lookupDone(exponent, ctx.now, true);
            });
          },
        ),
      );
    });
  }

  #resolveVia(
    via: NodeId,
    keys: readonly NodeId[],
    done: (records: readonly (Uint8Array | undefined)[]) => void,
  ): void {
    const body = writeRing({ op: 'get-node', keys });
    this.#side.ask(via, body, this.#timeoutMs, (bytes) => {
      const records = bytes && readNodes(bytes);
      done(records?.length === keys.length ? records : []);
    });
  }
}
