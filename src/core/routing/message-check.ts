/** Checks who sent a message and that nobody altered it. The receiver always does; hops do for a sample. Rules FW10, FW11. */

import type { NodeContext } from '../context.ts';
import { sameId } from '../id/node-id.ts';
import type { Link } from '../membership/link.ts';
import {
  FLAG_AUTH,
  frameBody,
  framePublicKey,
  frameSignature,
  signedBytes,
  type Frame,
} from '../wire/frame.ts';

export class MessageCheck {
  readonly #ctx: NodeContext;
  readonly #onForged: (from: Link) => void;

  /** `onForged` hears of links that passed on a message whose signature is wrong. */
  constructor(ctx: NodeContext, onForged: (from: Link) => void) {
    this.#ctx = ctx;
    this.#onForged = onForged;
  }

  /** Verifies the origin's signature over a whole body. `first` is the message's first fragment. */
  verify(first: Frame, body: Uint8Array, done: (valid: boolean) => void): void {
    const { ports } = this.#ctx;
    const publicKey = framePublicKey(first);
    if ((first.flags & FLAG_AUTH) === 0 || !sameId(ports.idOfKey(publicKey), first.origin)) {
      done(false);
      return;
    }
    const bytes = signedBytes(first.bytes, ports.hash(body));
    const items = [{ publicKey, bytes, signature: frameSignature(first) }];
    this.#ctx.crypto({ type: 'verify', items }, (result) => {
      done(result.type === 'verified' && result.valid[0] === true);
    });
  }

  /** Verifies one in `sampleOneIn` of the messages that pass, without holding them up. */
  sample(frame: Frame, from: Link): void {
    if (frame.fragments !== 1 || this.#ctx.ports.random.below(this.#ctx.config.sampleOneIn) !== 0) return;
    this.verify(frame, frameBody(frame), (valid) => {
      if (!valid) this.#onForged(from);
    });
  }
}
