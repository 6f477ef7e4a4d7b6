/** Sends junk, and messages that nobody asked for, at a high rate to all of its neighbours; honest in everything else. */

import { asNodeId } from '../../core/id/node-id.ts';
import {
  AUTH_BYTES,
  createFrame,
  FLAG_AUTH,
  FLAG_RECEIPT,
  messageKey,
  signedBytes,
  WIRE_VERSION,
} from '../../core/wire/frame.ts';
import { quickHash } from '../crypto.ts';
import { isAlive } from '../sim-node.ts';
import { linksOf, type Adversary, type Hostile } from './adversary.ts';

export class Flooder implements Adversary {
  readonly #hostile: Hostile;
  #sent = 0;

  constructor(hostile: Hostile) {
    this.#hostile = hostile;
  }

  begin(): void {
    this.#next();
  }

  transmits(): boolean {
    return false;
  }

  #next(): void {
    const { simulation, node, random } = this.#hostile;
    simulation.schedule(EVERY_MS, () => {
      if (!isAlive(node)) return;
      const links = linksOf(node);
      const link = links[random.below(Math.max(1, links.length))];
      this.#sent++;
      if (link !== undefined) {
        const bytes = this.#sent % JUNK_ONE_IN === 0 ? this.#junk() : this.#unsolicited();
        // Not counted: the figures are about the messages of the others.
        simulation.network.transmit(node, link, bytes);
      }
      this.#next();
    });
  }

  /** Bytes of any length, half of them with the beginning of a frame. */
  #junk(): Uint8Array {
    const { random } = this.#hostile;
    const bytes = random.bytes(2 + random.below(1_000));
    if (random.below(2) === 0) {
      bytes[0] = WIRE_VERSION;
      bytes[1] = random.below(0x18);
    }
    return bytes;
  }

  /** A message that is well made and signed, to a key or a node by chance, with as large a body as one frame takes. */
  #unsolicited(): Uint8Array {
    const { simulation, node, random } = this.#hostile;
    const isDirect = random.below(2) === 0;
    const body = random.bytes(64 + random.below(4_000));
    const receiver = simulation.nodes[random.below(simulation.nodes.length)];
    const auth = new Uint8Array(AUTH_BYTES);
    const fields = {
      kind: isDirect ? 'direct' : 'closest',
      flags: FLAG_AUTH | FLAG_RECEIPT,
      service: 'app',
      hopLimit: node.config.hopLimit,
      budget: node.config.transmissionsMax,
      lifeMs: 10_000,
      fragment: 0,
      fragments: 1,
      message: messageKey(random.bytes(16), 0),
      origin: node.id,
      target: isDirect && receiver !== undefined ? receiver.id : asNodeId(random.bytes(32)),
      auth,
      body,
    } as const;
    auth.set(node.id);
    auth.set(simulation.crypto.sign(node.id, signedBytes(createFrame(fields), quickHash(body))), 32);
    return createFrame(fields);
  }
}

/** A hundred frames a second from each. */
const EVERY_MS = 10;
const JUNK_ONE_IN = 10;
