/**
 * Messages to every node of the network, over a spanning tree: a node handles the message and splits the part of the
 * network it was given among its contacts, one for each share; each answers when its share is done, with the number of
 * nodes reached. Where a contact fails, another one of the same share takes over. Rules BR1-BR5.
 */

import type { NodeContext } from '../context.ts';
import type { NodeId } from '../id/node-id.ts';
import { mapKey, toHex, type MapKey } from '../id/node-id.ts';
import type { BroadcastShare } from '../geometry/geometry.ts';
import type { LinkTable } from '../membership/link-table.ts';
import { concat } from '../util/pieces.ts';
import { trimMap } from '../util/trim-map.ts';
import type { Frame } from '../wire/frame.ts';
import type { MessageCheck } from './message-check.ts';
import { signWhole } from './outbox.ts';
import type { Draft, Outcome } from './sender.ts';
import { unwrap, wrap, type Wrapped } from './wrapping.ts';

/** What a spread asks of its surroundings. */
export interface SpreadHooks {
  send(draft: Draft): void;
  deliver(message: Wrapped): void;
  answer(frame: Frame, body: Uint8Array, payload: Uint8Array | undefined): void;
}

/** A broadcast that passed here. */
interface Passed {
  /** Parts that this node took, in hexadecimal. */
  readonly parts: Set<string>;
  readonly expiresAt: number;
}

/** How many nodes a broadcast of this node reached, and how many copies it sent itself. */
export interface Spreading {
  readonly reached: number;
  readonly copies: number;
}

/** A child gets this share of the time that is left, so that its parent can still turn to another one. */
const TIME_SHARE = 0.7;
const TIME_LEFT_MS_MIN = 50;
/** Contacts tried for one share. */
const CANDIDATES_MAX = 3;
const PASSED_MAX = 1_024;
/** Broadcasts that a node passes on for one origin: at once, and in a second. */
const ORIGIN_BURST = 10;
const ORIGIN_PER_SECOND = 2;
const ORIGINS_MAX = 1_024;

export class Spread {
  readonly #passed = new Map<string, Passed>();
  readonly #allowances = new Map<string, { tokens: number; at: number }>();
  readonly #ctx: NodeContext;
  readonly #links: LinkTable;
  readonly #check: MessageCheck;
  readonly #hooks: SpreadHooks;

  constructor(ctx: NodeContext, links: LinkTable, check: MessageCheck, hooks: SpreadHooks) {
    this.#ctx = ctx;
    this.#links = links;
    this.#check = check;
    this.#hooks = hooks;
  }

  /** Sends a message of this node to all others; `undefined` when it may not, or could not be signed. */
  begin(
    message: string,
    body: Uint8Array,
    timeoutMs: number,
    done: (result: Spreading | undefined) => void,
  ): void {
    if (!this.#isAllowed(this.#ctx.self.id)) {
      done(undefined);
      return;
    }
    signWhole(this.#ctx, message, body, (whole) => {
      if (whole === undefined) {
        done(undefined);
        return;
      }
      const expiresAt = this.#ctx.now + timeoutMs;
      this.#passed.set(message, { parts: new Set(), expiresAt });
      const shares = this.#ctx.geometry.broadcastShares(undefined, this.#isLinked) ?? [];
      this.#passOn(whole, shares, expiresAt, (reached) => done({ reached, copies: shares.length }));
    });
  }

  /** A copy from a node that has a share for this one. */
  onCopy(frame: Frame, body: Uint8Array): void {
    const partLength = body[0] ?? 0;
    const part = body.slice(1, 1 + partLength);
    const message = unwrap(body.subarray(1 + partLength), this.#ctx.config);
    const isRefused = message === undefined || message.first.kind !== 'broadcast';
    const shares = isRefused ? undefined : this.#ctx.geometry.broadcastShares(part, this.#isLinked);
    if (message === undefined || shares === undefined) {
      this.#hooks.answer(frame, body, undefined);
      return;
    }
    this.#check.verify(message.first, message.body, (valid) => {
      if (valid) this.#take(frame, body, message, toHex(part), shares);
      else this.#hooks.answer(frame, body, undefined);
    });
  }

  get idle(): boolean {
    return this.#passed.size === 0;
  }

  sweep(): void {
    for (const [message, { expiresAt }] of this.#passed) {
      if (expiresAt <= this.#ctx.now) this.#passed.delete(message);
    }
  }

  readonly #isLinked = (key: MapKey): boolean => this.#links.ofPeer(key) !== undefined;

  #take(
    frame: Frame,
    body: Uint8Array,
    message: Wrapped,
    part: string,
    shares: readonly BroadcastShare[],
  ): void {
    const { first } = message;
    const known = this.#passed.get(first.message);
    const isNew = known === undefined;
    if (known?.parts.has(part) === true || (isNew && !this.#isAllowed(first.origin))) {
      this.#hooks.answer(frame, body, countBytes(0));
      return;
    }
    const expiresAt = this.#ctx.now + frame.lifeMs;
    const passed = known ?? {
      parts: new Set<string>(),
      expiresAt: this.#ctx.now + this.#ctx.config.messageLifeMsMax,
    };
    passed.parts.add(part);
    this.#passed.set(first.message, passed);
    trimMap(this.#passed, PASSED_MAX);
    if (isNew) this.#hooks.deliver(message);
    this.#passOn(message, shares, expiresAt, (reached) => {
      this.#hooks.answer(frame, body, countBytes(reached + (isNew ? 1 : 0)));
    });
  }

  /** Gives each share to one of its candidates; `done` with the nodes reached when all are through. */
  #passOn(
    message: Wrapped,
    shares: readonly BroadcastShare[],
    expiresAt: number,
    done: (reached: number) => void,
  ): void {
    const wrapped = wrap(message);
    let open = shares.length;
    let reached = 0;
    if (open === 0) done(0);
    for (const share of shares) {
      this.#give(share, 0, wrapped, expiresAt, (count) => {
        reached += count;
        open--;
        if (open === 0) done(reached);
      });
    }
  }

  /** Gives a share to its candidate number `index`, and to the next one where that fails. */
  #give(
    share: BroadcastShare,
    index: number,
    wrapped: Uint8Array,
    expiresAt: number,
    done: (reached: number) => void,
  ): void {
    const candidate = share.candidates[index];
    const leftMs = expiresAt - this.#ctx.now;
    if (candidate === undefined || index >= CANDIDATES_MAX || leftMs < TIME_LEFT_MS_MIN) {
      done(0);
      return;
    }
    const onDone = ({ receipt, payload }: Outcome): void => {
      if (receipt.ok && payload?.length === 4) done(readCount(payload));
      else this.#give(share, index + 1, wrapped, expiresAt, done);
    };
    this.#hooks.send(this.#draftFor(candidate, copyOf(share.part, wrapped), leftMs * TIME_SHARE, onDone));
  }

  #draftFor(target: NodeId, body: Uint8Array, timeoutMs: number, done: (outcome: Outcome) => void): Draft {
    const link = this.#links.ofPeer(mapKey(target));
    const draft = { service: 'spread', target, body, request: true, receipt: true, timeoutMs, done } as const;
    return link === undefined || link.suspect
      ? { ...draft, kind: 'direct' }
      : { ...draft, kind: 'neighbour', link, hopLimit: 1 };
  }

  #isAllowed(origin: NodeId): boolean {
    const { now } = this.#ctx;
    const key = mapKey(origin);
    const known = this.#allowances.get(key) ?? { tokens: ORIGIN_BURST, at: now };
    const tokens = Math.min(ORIGIN_BURST, known.tokens + ((now - known.at) / 1_000) * ORIGIN_PER_SECOND);
    this.#allowances.delete(key);
    this.#allowances.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    trimMap(this.#allowances, ORIGINS_MAX);
    return tokens >= 1;
  }
}

function copyOf(part: Uint8Array, wrapped: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(part.length), part, wrapped]);
}

function countBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}

function readCount(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
