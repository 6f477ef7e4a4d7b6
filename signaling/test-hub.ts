/** A hub with a memory backend and without sockets, for the hub's tests: time is a number, and a signature is valid when it says so. */

import type { Backend, SessionId } from './backend/backend.ts';
import { MemoryBackend } from './backend/memory-backend.ts';
import { Hub, type HubInput, type HubOptions, type HubOutput } from './hub.ts';
import { LIMITS } from './limits.ts';
import {
  encodeClientMessage,
  type ClientMessage,
  type CloseName,
  type Geometry,
  type ServerMessage,
} from './protocol.ts';

/** An id of which the first byte is `n`; in these tests a public key is its own id. */
export function idOf(n: number): Uint8Array {
  return new Uint8Array(32).fill(n, 0, 1);
}

export class TestHub {
  now = 0;
  readonly hub: Hub;
  readonly closed = new Map<SessionId, CloseName>();
  /** The reasons given with it, where they are not the usual sentence. */
  readonly problems = new Map<SessionId, string | undefined>();
  readonly pinged: SessionId[] = [];
  /** What a `verify` was asked to check. */
  readonly verified: Uint8Array[] = [];
  readonly backend: Backend;
  readonly #sent = new Map<SessionId, ServerMessage[]>();
  readonly #inputs: HubInput[] = [];

  constructor(options: Partial<HubOptions> = {}, random: () => number = () => 0.5) {
    this.hub = new Hub({ limits: LIMITS, iceServers: [], publicHosts: [], ...options });
    const listener = {
      deliver: (session: SessionId, from: Uint8Array, data: Uint8Array) =>
        this.#inputs.push({ type: 'deliver', session, from, data }),
      replaced: (session: SessionId) => this.#inputs.push({ type: 'replaced', session }),
    };
    this.backend = new MemoryBackend(listener, random);
  }

  /** Hands in one input and does all that follows from it. */
  async feed(input: HubInput): Promise<void> {
    this.#inputs.push(input);
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      this.hub.handleInput(next, this.now);
      for (let out = this.hub.pollOutput(); out !== undefined; out = this.hub.pollOutput())
        await this.#perform(out);
    }
  }

  /** What was sent to a session since this was asked last. */
  sent(session: SessionId): ServerMessage[] {
    const messages = this.#sent.get(session) ?? [];
    this.#sent.delete(session);
    return messages;
  }

  open(session: SessionId): Promise<void> {
    return this.feed({ type: 'opened', session, nonce: idOf(session) });
  }

  send(session: SessionId, message: ClientMessage | string | Uint8Array): Promise<void> {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    return this.feed({ type: 'message', session, data: isRaw ? message : encodeClientMessage(message) });
  }

  /** Opens a session and logs in as `idOf(id)`. */
  async login(
    session: SessionId,
    id: number,
    room = 'room',
    login: { geometry?: Geometry; valid?: boolean; host?: string } = {},
  ): Promise<void> {
    await this.open(session);
    await this.send(session, {
      type: 'login',
      publicKey: idOf(id),
      signature: new Uint8Array(64).fill(login.valid === false ? 0 : 1),
      room,
      geometry: login.geometry ?? 'kademlia',
      host: login.host ?? 'localhost',
    });
  }

  async #perform(output: HubOutput): Promise<void> {
    switch (output.type) {
      case 'send':
        this.#sent.set(output.session, [...(this.#sent.get(output.session) ?? []), output.message]);
        return;
      case 'close':
        this.closed.set(output.session, output.name);
        this.problems.set(output.session, output.problem);
        return;
      case 'ping':
        this.pinged.push(output.session);
        return;
      case 'verify': {
        const { session, publicKey, signature, bytes } = output;
        this.verified.push(bytes);
        this.#inputs.push({ type: 'verified', session, id: signature[0] === 1 ? publicKey : undefined });
        return;
      }
      case 'join': {
        const result = await this.backend.join(output.member);
        this.#inputs.push({ type: 'joined', session: output.member.session, result });
        return;
      }
      case 'leave':
        return this.backend.leave(output.session);
      case 'introduce': {
        const { session, room, id } = output;
        const nearest = await this.backend.nearest(room, id, output.nearest);
        this.#inputs.push({
          type: 'members',
          session,
          nearest,
          sample: await this.backend.sample(room, output.sample),
        });
        return;
      }
      case 'publish': {
        const { session, relay } = output;
        const { to } = relay;
        if (!(await this.backend.publish(relay))) this.#inputs.push({ type: 'undeliverable', session, to });
      }
    }
  }
}
