/** Adversaries that do pass foreign frames on, but late, altered, too often, or to the wrong neighbour. */

import type { LinkId } from '../../core/io.ts';
import { isForeign, linksOf, otherLink, type Adversary, type Hostile } from './adversary.ts';

/** Does something to every foreign frame, and leaves its own alone. */
abstract class Meddler implements Adversary {
  protected readonly hostile: Hostile;

  constructor(hostile: Hostile) {
    this.hostile = hostile;
  }

  transmits(link: LinkId, bytes: Uint8Array): boolean {
    if (!isForeign(bytes, this.hostile.node.id)) return false;
    this.meddle(link, bytes);
    return true;
  }

  protected abstract meddle(link: LinkId, bytes: Uint8Array): void;
}

/** Holds every foreign frame for half a second to five. */
export class Delayer extends Meddler {
  protected meddle(link: LinkId, bytes: Uint8Array): void {
    const { simulation, node, random } = this.hostile;
    const holdMs = HOLD_MS_MIN + random.below(HOLD_MS_MAX - HOLD_MS_MIN);
    simulation.schedule(holdMs, () => simulation.transmit(node, link, bytes));
  }
}

/** Flips bits of every foreign frame: of its body, or of any field of its header or signature. */
export class Corrupter extends Meddler {
  protected meddle(link: LinkId, bytes: Uint8Array): void {
    const { simulation, node, random } = this.hostile;
    // The bytes may be shared with other links and with the trail of the core.
    const altered = bytes.slice();
    const inHeader = random.below(2) === 0 || altered.length <= FIELDS_END;
    // The version and the kind stay: a frame that is none at all is the flooder's business.
    const at = inHeader
      ? FIELDS_START + random.below(Math.min(FIELDS_END, altered.length) - FIELDS_START)
      : FIELDS_END + random.below(altered.length - FIELDS_END);
    altered[at]! ^= 1 + random.below(255);
    simulation.transmit(node, link, altered);
  }
}

/** Sends every foreign frame up to three times where it should go, and to up to three others. */
export class Duplicator extends Meddler {
  protected meddle(link: LinkId, bytes: Uint8Array): void {
    const { simulation, node, random } = this.hostile;
    for (let copies = 1 + random.below(COPIES_MAX); copies > 0; copies--)
      simulation.transmit(node, link, bytes);
    const links = linksOf(node);
    for (let others = random.below(COPIES_MAX + 1); others > 0; others--) {
      const other = links[random.below(links.length)];
      if (other !== undefined) simulation.transmit(node, other, bytes);
    }
  }
}

/** Sends every foreign frame to a neighbour chosen by chance instead of the one it should go to. */
export class Misrouter extends Meddler {
  protected meddle(link: LinkId, bytes: Uint8Array): void {
    const { simulation, node } = this.hostile;
    const other = otherLink(this.hostile, link);
    if (other !== undefined) simulation.transmit(node, other, bytes);
  }
}

const HOLD_MS_MIN = 500;
const HOLD_MS_MAX = 5_000;
const COPIES_MAX = 3;
/** From the flags to the end of the auth block: what a header says and a signature covers. */
const FIELDS_START = 2;
const FIELDS_END = 190;
