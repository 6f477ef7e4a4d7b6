/**
 * Messages from the nodes nearest to a key: each member of that group sends the same content to one node, as a vote, and
 * the node hands it to its application once more than half of the group sent it. Rules GR6-GR11.
 *
 * What that proves has limits. Where a fifth of all nodes is hostile, by chance, they are a majority in one of a
 * hundred groups of 8, and in one of eighteen they are half of it, so that the others cannot have one. Whoever can
 * choose ids near a key does better, and an id costs no more than the making of keys. The receiver learns who is near
 * the key from its table, from those who vote, and from the one node that answers its lookup. And key and size are the
 * voters' choice: any node is a group of one around its own id.
 */

import type { NodeContext } from '../context.ts';
import { asNodeId, mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import { contactProof, decodeContact } from '../wire/contact.ts';
import { messageHex, type Frame } from '../wire/frame.ts';
import { GROUP_SIZE_MAX, readVote, type Vote } from '../wire/vote.ts';
import type { Outcome } from './sender.ts';

/** What votes ask of their surroundings. */
export interface VotesHooks {
  /** Asks for the contact records nearest to a key. */
  lookup(key: NodeId, done: (outcome: Outcome, records: readonly Uint8Array[]) => void): void;
  answer(frame: Frame, body: Uint8Array, code: 'ok' | 'rejected'): void;
}

/** A content that waits for its majority, or had it. */
interface Content {
  readonly key: NodeId;
  readonly size: number;
  /** `undefined` once it was delivered. */
  payload: Uint8Array | undefined;
  expiresAt: number;
  /** Who sent it first: of too many contents one of whoever began most has to go. */
  readonly opener: MapKey;
  /** Who voted, nearest to the key first, with the message it came in. */
  readonly cast: { readonly voter: NodeId; readonly message: string; readonly hops: number }[];
  isLookedUp: boolean;
  /** The ids that the lookup brought. */
  around: readonly NodeId[] | undefined;
}

/** How long votes wait for others, and how long a delivered content and its voters are remembered. */
const KEEP_MS = 60_000;
/** Room for contents, and what each takes of it besides its bytes: at most 1,024 fit in. */
const ROOM_BYTES = 2 * 1024 * 1024;
const CONTENT_BYTES = 2 * 1024;
/** Lookups under way: whoever sends votes for many keys makes this node ask for each. */
const LOOKUPS_MAX = 8;

export class Votes {
  readonly #contents = new Map<MapKey, Content>();
  #lookups = 0;
  readonly #ctx: NodeContext;
  readonly #hooks: VotesHooks;

  constructor(ctx: NodeContext, hooks: VotesHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
  }

  get idle(): boolean {
    return this.#contents.size === 0;
  }

  /** A vote reached this node, and its origin is proven. */
  onVote(frame: Frame, body: Uint8Array): void {
    const ctx = this.#ctx;
    const hooks = this.#hooks;
    const vote = frame.kind === 'direct' ? readVote(body) : undefined;
    if (vote === undefined) {
      ctx.counters.malformed++;
      ctx.event({ type: 'malformed', peer: frame.origin, problem: 'a vote that is none' });
      hooks.answer(frame, body, 'rejected');
      return;
    }
    hooks.answer(frame, body, 'ok');
    // Ids are copied: a view would keep the whole frame.
    const voter = asNodeId(frame.origin.slice());
    const content = this.#contentOf(body, vote, mapKey(voter));
    const { cast, key, size } = content;
    if (cast.some((other) => sameId(other.voter, voter))) return;
    cast.push({ voter, message: messageHex(frame.message), hops: frame.hops });
    cast.sort((a, b) => ctx.geometry.compare(key, a.voter, b.voter));
    // Where so many are nearer as the group has members, a voter is none of them.
    cast.splice(size);
    this.#judge(content);
    this.#lookAround();
  }

  /** Forgets what is over, and asks again what was not answered. */
  sweep(): void {
    for (const [name, { expiresAt }] of this.#contents)
      if (expiresAt <= this.#ctx.now) this.#contents.delete(name);
    this.#lookAround();
  }

  #contentOf(body: Uint8Array, { key, size, payload }: Vote, opener: MapKey): Content {
    const name = mapKey(this.#ctx.ports.hash(body));
    const known = this.#contents.get(name);
    if (known !== undefined) return known;
    const content: Content = {
      key: asNodeId(key.slice()),
      size,
      payload,
      expiresAt: this.#ctx.now + KEEP_MS,
      opener,
      cast: [],
      isLookedUp: false,
      around: undefined,
    };
    this.#contents.set(name, content);
    this.#makeRoom();
    return content;
  }

  /** While there is too much, the oldest content goes of whoever began most: those who flood lose their own. */
  #makeRoom(): void {
    for (;;) {
      const shares = new Map<MapKey, number>();
      let left = ROOM_BYTES;
      for (const { opener, payload } of this.#contents.values()) {
        const bytes = CONTENT_BYTES + (payload?.length ?? 0);
        left -= bytes;
        shares.set(opener, (shares.get(opener) ?? 0) + bytes);
      }
      if (left >= 0) return;
      const most = Math.max(...shares.values());
      const [name, content] = [...this.#contents].find(([, { opener }]) => shares.get(opener) === most)!;
      // Its lookup may still be under way.
      content.payload = undefined;
      this.#contents.delete(name);
    }
  }

  /** Looks up the keys of contents for which that was not done, as many as may be under way. */
  #lookAround(): void {
    const ctx = this.#ctx;
    for (const content of this.#contents.values()) {
      if (this.#lookups >= LOOKUPS_MAX) return;
      if (content.isLookedUp) continue;
      content.isLookedUp = true;
      this.#lookups++;
      this.#hooks.lookup(content.key, ({ receipt }, records) => {
        const contacts = records
          .slice(0, GROUP_SIZE_MAX)
          .flatMap((record) => decodeContact(record, ctx.ports) ?? []);
        ctx.crypto({ type: 'verify', items: contacts.map(contactProof) }, (result) => {
          this.#lookups--;
          content.isLookedUp = receipt.ok;
          if (!receipt.ok) return;
          const valid = result.type === 'verified' ? result.valid : [];
          content.around = contacts.filter((_, i) => valid[i]).map(({ id }) => id);
          this.#judge(content);
          this.#lookAround();
        });
      });
    }
  }

  /** Delivers a content that more than half of the group voted for. */
  #judge(content: Content): void {
    const { key, size, payload, cast, around } = content;
    if (payload === undefined || around === undefined) return;
    const ctx = this.#ctx;
    // A voter is there, whatever it votes for: leaving it out of a lookup's answer helps nobody.
    const voters = [...this.#contents.values()].flatMap((other) =>
      sameId(other.key, key) ? other.cast.map(({ voter }) => voter) : [],
    );
    const ids = [...around, ...ctx.geometry.closest(key, size, true), ...voters];
    const group = [...new Map(ids.map((id) => [mapKey(id), id])).values()]
      .sort((a, b) => ctx.geometry.compare(key, a, b))
      .slice(0, size);
    const counted = cast.filter(({ voter }) => group.some((id) => sameId(id, voter)));
    if (2 * counted.length <= group.length) return;
    content.payload = undefined;
    content.expiresAt = ctx.now + KEEP_MS;
    ctx.counters.delivered++;
    const { voter, ...nearest } = counted[0]!;
    ctx.event({
      ...nearest,
      type: 'delivered',
      kind: 'direct',
      service: 'app',
      origin: voter,
      lastHop: undefined,
      target: ctx.self.id,
      exact: true,
      body: payload,
      wantsReply: false,
      fromGroup: { key, size, members: counted.map((vote) => vote.voter) },
    });
  }
}
