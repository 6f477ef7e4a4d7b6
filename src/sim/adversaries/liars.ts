/** Adversaries that answer messages which are not theirs to answer, instead of forwarding them. */

import { asNodeId, sameId, type NodeId } from '../../core/id/node-id.ts';
import type { LinkId } from '../../core/io.ts';
import { writeAnswer } from '../../core/wire/answer.ts';
import { contactSignedBytes, encodeContact } from '../../core/wire/contact.ts';
import { CONTROL_KINDS } from '../../core/wire/control.ts';
import {
  AUTH_BYTES,
  createFrame,
  extendPath,
  FLAG_AUTH,
  FLAG_RECEIPT,
  FLAG_REQUEST,
  frameBody,
  messageKey,
  readFrame,
  signedBytes,
  type Frame,
} from '../../core/wire/frame.ts';
import { quickHash } from '../crypto.ts';
import { isForeign, messageOf, type Adversary, type Hostile } from './adversary.ts';

/** Who a lying answer says it is from, and how it is signed. */
interface Claim {
  readonly id: NodeId;
  readonly record: Uint8Array;
  readonly siblings: readonly Uint8Array[];
  readonly publicKey: Uint8Array;
  signature(bytes: Uint8Array): Uint8Array;
}

/** Answers with a receipt in the name of the target, or of somebody who does not exist, signed with the wrong key. */
export class Forger implements Adversary {
  readonly #lie: Lie;

  constructor(hostile: Hostile) {
    this.#lie = new Lie(hostile, ['closest', 'direct'], (frame) => claimAnother(hostile, frame));
  }

  received(link: LinkId, bytes: Uint8Array): void {
    this.#lie.received(link, bytes);
  }

  transmits(_link: LinkId, bytes: Uint8Array): boolean {
    return this.#lie.transmits(bytes);
  }
}

/** Answers `closest` messages as if nobody were nearer, under its own name and with its own good signature. */
export class Pretender implements Adversary {
  readonly #lie: Lie;

  constructor(hostile: Hostile) {
    this.#lie = new Lie(hostile, ['closest'], (frame) => claimNearest(hostile, frame));
  }

  received(link: LinkId, bytes: Uint8Array): void {
    this.#lie.received(link, bytes);
  }

  transmits(_link: LinkId, bytes: Uint8Array): boolean {
    return this.#lie.transmits(bytes);
  }
}

/** Answers each message once, to where it came from, and swallows whatever else the core would say about it. */
class Lie {
  readonly #hostile: Hostile;
  readonly #kinds: readonly string[];
  readonly #claim: (frame: Frame) => Claim;
  readonly #cameFrom = new Map<string, LinkId>();
  readonly #answered = new Set<string>();

  constructor(hostile: Hostile, kinds: readonly string[], claim: (frame: Frame) => Claim) {
    this.#hostile = hostile;
    this.#kinds = kinds;
    this.#claim = claim;
  }

  received(link: LinkId, bytes: Uint8Array): void {
    if (isForeign(bytes, this.#hostile.node.id)) this.#cameFrom.set(messageOf(bytes), link);
  }

  transmits(bytes: Uint8Array): boolean {
    const { node, simulation } = this.#hostile;
    if (bytes[1] === CONTROL_KINDS.noRoute) return this.#answered.has(messageKey(bytes, 2));
    if (!isForeign(bytes, node.id)) return false;
    const message = messageOf(bytes);
    const back = this.#cameFrom.get(message);
    const frame = readFrame(bytes, 255, 255);
    if (typeof frame === 'string' || back === undefined) return false;
    const wantsAnswer = (frame.flags & (FLAG_RECEIPT | FLAG_REQUEST)) !== 0 && frame.fragments === 1;
    if (!this.#kinds.includes(frame.kind) || !wantsAnswer) return false;
    if (this.#answered.has(message)) return true;
    this.#answered.add(message);
    simulation.transmit(node, back, writeLie(this.#hostile, frame, this.#claim(frame)));
    return true;
  }
}

/** The frame of a lying answer, one hop on its way. */
function writeLie({ node }: Hostile, frame: Frame, claim: Claim): Uint8Array {
  const isLookup = frame.service === 'lookup';
  const body = writeAnswer({
    code: 'ok',
    onTheWay: false,
    complete: true,
    hops: frame.hops,
    ruledOut: [],
    record: claim.record,
    bodyHash: quickHash(frameBody(frame)),
    siblings: isLookup ? [] : claim.siblings,
    payload: (frame.flags & FLAG_REQUEST) === 0 ? undefined : isLookup ? claim.record : new Uint8Array(8),
  });
  const auth = new Uint8Array(AUTH_BYTES);
  const fields = {
    kind: 'answer',
    flags: FLAG_AUTH,
    service: frame.service,
    hopLimit: node.config.hopLimit,
    budget: frame.budget,
    lifeMs: Math.max(frame.lifeMs, 1_000),
    fragment: 0,
    fragments: 1,
    message: frame.message,
    origin: claim.id,
    target: frame.origin,
    auth,
    body,
  } as const;
  auth.set(claim.publicKey);
  auth.set(claim.signature(signedBytes(createFrame(fields), quickHash(body))), 32);
  const whole = readFrame(createFrame(fields), 255, 255);
  if (typeof whole === 'string') throw new Error(`a lying answer is unreadable: ${whole}`);
  return extendPath(whole, node.id, fields.lifeMs);
}

function claimAnother(hostile: Hostile, frame: Frame): Claim {
  const { simulation, node, random } = hostile;
  const victim = simulation.network.find(frame.target);
  const id = victim?.id ?? (random.below(2) === 0 ? frame.target : asNodeId(random.bytes(32)));
  const ownKey = random.below(2) === 0;
  return {
    id,
    record: victim?.record ?? inventRecord(hostile, id),
    siblings: [],
    publicKey: ownKey ? node.id : id,
    // Its own signature, which is good for its own id only; now and then one made up.
    signature: (bytes) =>
      ownKey || random.below(2) === 0 ? simulation.crypto.sign(node.id, bytes) : random.bytes(64),
  };
}

/** The record of a node that does not exist: nobody can have signed it. */
function inventRecord({ simulation, random }: Hostile, id: NodeId): Uint8Array {
  const sealingKey = simulation.crypto.sealingKeyOf(id);
  const { geometry } = simulation;
  const bytes = contactSignedBytes({ geometry, sequence: 1, signingKey: id, sealingKey });
  return encodeContact(bytes, random.bytes(64));
}

/** Under its own name, with neighbours that are all farther from the target than itself. */
function claimNearest({ simulation, node }: Hostile, frame: Frame): Claim {
  const peers = [...node.links.values()].flatMap((end) =>
    end.state === 'up' && end.other !== undefined ? [end.other.node] : [],
  );
  const farther = peers
    .filter(
      (peer) =>
        !sameId(peer.id, frame.origin) && simulation.oracle.isNearer(frame.target, node.index, peer.index),
    )
    .sort((a, b) => (simulation.oracle.isNearer(frame.target, a.index, b.index) ? -1 : 1));
  return {
    id: node.id,
    record: node.record,
    siblings: farther.slice(0, 3).map((peer) => peer.record),
    publicKey: node.id,
    signature: (bytes) => simulation.crypto.sign(node.id, bytes),
  };
}
