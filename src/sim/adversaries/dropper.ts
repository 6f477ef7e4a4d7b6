/**
 * Forwards nothing and says nothing about it. Everything else is honest: it answers what ends at it, acknowledges what
 * arrives, keeps its heartbeats and its lists of links.
 */

import type { LinkId } from '../../core/io.ts';
import { CONTROL_KINDS } from '../../core/wire/control.ts';
import { messageKey } from '../../core/wire/frame.ts';
import { isForeign, messageOf, type Adversary, type Hostile } from './adversary.ts';

export class Dropper implements Adversary {
  readonly #hostile: Hostile;
  readonly #swallowed = new Set<string>();

  constructor(hostile: Hostile) {
    this.#hostile = hostile;
  }

  transmits(_link: LinkId, bytes: Uint8Array): boolean {
    if (isForeign(bytes, this.#hostile.node.id)) {
      this.#swallowed.add(messageOf(bytes));
      return true;
    }
    // Its core waits in vain for news of what it never sent, and would own up in the end.
    return bytes[1] === CONTROL_KINDS.noRoute && this.#swallowed.has(messageKey(bytes, 2));
  }
}
