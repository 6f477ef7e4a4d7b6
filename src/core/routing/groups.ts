/**
 * Messages to the nodes nearest to a key. The first member that a message reaches coordinates: it sends the message to
 * the others and collects what they sign, so that the sender learns from each that it has it. A message costs the way
 * to the first member and a copy or two for each of the others, since nobody else passes copies on. Rules GR1-GR5.
 */

import type { NodeContext } from '../context.ts';
import { sameId, type NodeId } from '../id/node-id.ts';
import { concat } from '../util/pieces.ts';
import { RecentSet } from '../util/recent-set.ts';
import { CONTACT_BYTES, decodeContact } from '../wire/contact.ts';
import { messageIdBytes, type Frame } from '../wire/frame.ts';
import { GROUP_SIZE_MAX } from '../wire/vote.ts';
import type { MessageCheck } from './message-check.ts';
import type { Draft, Outcome } from './sender.ts';
import { unwrap, wrap, type Wrapped } from './wrapping.ts';

/** What groups ask of their surroundings. */
export interface GroupHooks {
  send(draft: Draft): void;
  /** Hands a message to the application of this member. */
  deliver(message: Wrapped): void;
  /** Answers a message that reached this node; without a payload it is refused. */
  answer(frame: Frame, body: Uint8Array, payload: Uint8Array | undefined): void;
}

/** How long a coordinator waits for the other members: less than a sender's patience with it. */
const COLLECT_MS = 1_500;
const SIGNATURE_BYTES = 64;
const ACK_BYTES = CONTACT_BYTES + SIGNATURE_BYTES;
const DOMAIN = new TextEncoder().encode('hopline/group/1');
/** Group messages remembered, so that a second coordinator changes nothing. */
const TAKEN_MAX = 4_096;

export class Groups {
  readonly #taken: RecentSet;
  readonly #ctx: NodeContext;
  readonly #check: MessageCheck;
  readonly #hooks: GroupHooks;

  constructor(ctx: NodeContext, check: MessageCheck, hooks: GroupHooks) {
    this.#ctx = ctx;
    this.#check = check;
    this.#hooks = hooks;
    this.#taken = new RecentSet(TAKEN_MAX, ctx.config.messageLifeMsMax);
  }

  /** A verified group message reached this node as the first member: it coordinates. */
  coordinate(first: Frame, body: Uint8Array): void {
    const message = { first, body };
    const { geometry, self } = this.#ctx;
    const acks: Uint8Array[] = [];
    const asked = geometry.closest(first.target, first.groupSize, true);
    let open = asked.length;
    const settle = (ack: Uint8Array | undefined): void => {
      if (ack !== undefined) acks.push(ack);
      open--;
      if (open === 0) this.#hooks.answer(first, body, concat(acks));
    };
    const bytes = wrap(message);
    for (const member of asked) {
      if (sameId(member, self.id)) this.#take(message, (signature) => settle(ackOf(self.record, signature)));
      else this.#hooks.send(this.#draftFor(member, bytes, (outcome) => settle(ackFrom(outcome))));
    }
  }

  /** A copy from a coordinator, in a message of its own. */
  onCopy(frame: Frame, body: Uint8Array): void {
    const message = unwrap(body, this.#ctx.config);
    if (message === undefined || message.first.kind !== 'group') {
      this.#hooks.answer(frame, body, undefined);
      return;
    }
    this.#check.verify(message.first, message.body, (valid) => {
      if (!valid) {
        this.#hooks.answer(frame, body, undefined);
        return;
      }
      this.#take(message, (signature) => this.#hooks.answer(frame, body, signature));
    });
  }

  sweep(): void {
    this.#taken.sweep(this.#ctx.now);
  }

  /** Delivers a message here, once, and signs that this node has it. */
  #take(message: Wrapped, done: (signature: Uint8Array | undefined) => void): void {
    const { now, ports } = this.#ctx;
    if (!this.#taken.has(message.first.message)) {
      this.#taken.add(message.first.message, now);
      this.#hooks.deliver(message);
    }
    const bytes = ackedBytes(message.first.message, ports.hash(message.body));
    this.#ctx.crypto({ type: 'sign', bytes }, (result) => {
      done(result.type === 'signed' ? result.signature : undefined);
    });
  }

  #draftFor(target: NodeId, body: Uint8Array, done: (outcome: Outcome) => void): Draft {
    return {
      kind: 'direct',
      service: 'group',
      target,
      body,
      request: true,
      receipt: true,
      timeoutMs: COLLECT_MS,
      done,
    };
  }
}

/** Who acknowledged a group message, by their signatures in its answer; a forged one counts for nobody. */
export function readAcks(
  ctx: NodeContext,
  message: string,
  bodyHash: Uint8Array,
  payload: Uint8Array,
  done: (members: readonly NodeId[]) => void,
): void {
  const acks: { readonly id: NodeId; readonly publicKey: Uint8Array; readonly signature: Uint8Array }[] = [];
  for (let at = 0; at + ACK_BYTES <= payload.length && acks.length < GROUP_SIZE_MAX; at += ACK_BYTES) {
    const contact = decodeContact(payload.slice(at, at + CONTACT_BYTES), ctx.ports);
    if (contact === undefined || acks.some(({ id }) => sameId(id, contact.id))) continue;
    const signature = payload.slice(at + CONTACT_BYTES, at + ACK_BYTES);
    acks.push({ id: contact.id, publicKey: contact.signingKey, signature });
  }
  const bytes = ackedBytes(message, bodyHash);
  const items = acks.map(({ publicKey, signature }) => ({ publicKey, bytes, signature }));
  ctx.crypto({ type: 'verify', items }, (result) => {
    done(result.type === 'verified' ? acks.filter((_, i) => result.valid[i]).map(({ id }) => id) : []);
  });
}

function ackedBytes(message: string, bodyHash: Uint8Array): Uint8Array {
  return concat([DOMAIN, messageIdBytes(message), bodyHash]);
}

function ackFrom({ receipt, answerer, payload }: Outcome): Uint8Array | undefined {
  return receipt.ok && answerer !== undefined ? ackOf(answerer.record, payload) : undefined;
}

function ackOf(record: Uint8Array, signature: Uint8Array | undefined): Uint8Array | undefined {
  return signature?.length === SIGNATURE_BYTES ? concat([record, signature]) : undefined;
}
