/**
 * The protocol of the signaling server as a pure machine: inputs are what sockets, the clock and the backend did,
 * outputs are what to do about it. No clock, no randomness, no promises, no sockets. After every `handleInput` the
 * caller drains `pollOutput`. Implements rules SG7-SG18 of README.md.
 */

import {
  decodeClientMessage,
  loginProof,
  PROTOCOL_VERSION,
  type ClientMessage,
  type CloseName,
  type ErrorCode,
  type Geometry,
  type IceServer,
  type ServerMessage,
  wrongGeometrySentence,
} from './protocol.ts';
import type { JoinResult, Membership, Relay, SessionId } from './backend/backend.ts';
import { INTRODUCTIONS, INTRODUCTIONS_NEAREST, type Limits } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';

export type HubInput =
  /** A socket opened. `nonce` is 32 fresh random bytes. */
  | { readonly type: 'opened'; readonly session: SessionId; readonly nonce: Uint8Array }
  | { readonly type: 'message'; readonly session: SessionId; readonly data: string | Uint8Array }
  | { readonly type: 'pong'; readonly session: SessionId }
  /** A socket is gone. Not needed for one that the hub closed. */
  | { readonly type: 'closed'; readonly session: SessionId }
  /** Time passed; deadlines are looked at. */
  | { readonly type: 'tick' }
  /** The answer to `verify`: the id that the key stands for, or nothing when the signature is wrong. */
  | { readonly type: 'verified'; readonly session: SessionId; readonly id: Uint8Array | undefined }
  /** The answer to `join`. */
  | { readonly type: 'joined'; readonly session: SessionId; readonly result: JoinResult }
  /** The answer to `introduce`: members of the room, the asker possibly among them. */
  | {
      readonly type: 'members';
      readonly session: SessionId;
      readonly nearest: readonly Uint8Array[];
      readonly sample: readonly Uint8Array[];
    }
  /** The answer to a `publish` that found nobody. */
  | { readonly type: 'undeliverable'; readonly session: SessionId; readonly to: Uint8Array }
  /** The backend has a signal for one of our sessions. */
  | {
      readonly type: 'deliver';
      readonly session: SessionId;
      readonly from: Uint8Array;
      readonly data: Uint8Array;
    }
  /** The same id logged in again. */
  | { readonly type: 'replaced'; readonly session: SessionId };

export type HubOutput =
  | { readonly type: 'send'; readonly session: SessionId; readonly message: ServerMessage }
  /** Close the socket; the hub has forgotten it. */
  | {
      readonly type: 'close';
      readonly session: SessionId;
      readonly name: CloseName;
      readonly problem: string | undefined;
    }
  | { readonly type: 'ping'; readonly session: SessionId }
  | {
      readonly type: 'verify';
      readonly session: SessionId;
      readonly publicKey: Uint8Array;
      readonly signature: Uint8Array;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'join'; readonly member: Membership }
  | { readonly type: 'leave'; readonly session: SessionId }
  /** Look up `nearest` members to `id` and a random `sample` of its room. */
  | {
      readonly type: 'introduce';
      readonly session: SessionId;
      readonly room: string;
      readonly id: Uint8Array;
      readonly nearest: number;
      readonly sample: number;
    }
  | { readonly type: 'publish'; readonly session: SessionId; readonly relay: Relay };

export interface HubOptions {
  readonly limits: Limits;
  readonly iceServers: readonly IceServer[];
  /** Names under which this server is reached; empty accepts any. See SG9. */
  readonly publicHosts: readonly string[];
}

/** Where a session stands, with only what it knows there. */
type Phase =
  /** The nonce went out; a login may come. */
  | { readonly name: 'hello'; readonly nonce: Uint8Array }
  /** The signature is being checked. */
  | { readonly name: 'verifying'; readonly room: string; readonly geometry: Geometry }
  /** The backend decides. */
  | { readonly name: 'joining'; readonly room: string; readonly id: Uint8Array }
  /** In the room, but the welcome with its introductions is still being gathered. */
  | { readonly name: 'entering'; readonly room: string; readonly id: Uint8Array; readonly geometry: Geometry }
  | { readonly name: 'member'; readonly room: string; readonly id: Uint8Array };

interface Session {
  readonly session: SessionId;
  readonly openedAt: number;
  phase: Phase;
  pingAt: number;
  awaitsPong: boolean;
  readonly messages: TokenBucket;
  readonly introduces: TokenBucket;
  readonly faults: TokenBucket;
}

export class Hub {
  readonly #sessions = new Map<SessionId, Session>();
  readonly #outputs: HubOutput[] = [];
  readonly #options: HubOptions;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Takes one thing that happened. `now` is in ms and never decreases. */
  handleInput(input: HubInput, now: number): void {
    if (input.type === 'opened') return this.#onOpened(input.session, input.nonce, now);
    if (input.type === 'tick') return this.#onTick(now);
    const session = this.#sessions.get(input.session);
    // Answers and events may come late for a session that is gone; it has left its room already.
    if (session === undefined) return;
    switch (input.type) {
      case 'message':
        return this.#onMessage(session, input.data, now);
      case 'pong':
        session.awaitsPong = false;
        return;
      case 'closed':
        return this.#forget(session);
      case 'verified':
        return this.#onVerified(session, input.id);
      case 'joined':
        return this.#onJoined(session, input.result);
      case 'members':
        return this.#onMembers(session, input.nearest, input.sample);
      case 'undeliverable':
        return this.#send(session, { type: 'undeliverable', to: input.to });
      case 'deliver':
        return this.#send(session, { type: 'signal', from: input.from, data: input.data });
      case 'replaced':
        return this.#close(session, 'replaced');
    }
  }

  /** The next thing to do, or `undefined` when there is nothing left. */
  pollOutput(): HubOutput | undefined {
    return this.#outputs.shift();
  }

  /** Sockets that the hub knows, logged in or not. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  #onOpened(session: SessionId, nonce: Uint8Array, now: number): void {
    const { limits } = this.#options;
    const opened: Session = {
      session,
      openedAt: now,
      phase: { name: 'hello', nonce },
      pingAt: now + limits.pingMs,
      awaitsPong: false,
      messages: new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now),
      introduces: new TokenBucket(limits.introducesPerSecond, limits.introduceBurst, now),
      faults: new TokenBucket(limits.faultsPerMinute / 60, limits.faultsPerMinute, now),
    };
    this.#sessions.set(session, opened);
    if (this.#sessions.size > limits.socketsMax) return this.#close(opened, 'full');
    this.#send(opened, { type: 'hello', version: PROTOCOL_VERSION, nonce });
  }

  #onTick(now: number): void {
    const { limits } = this.#options;
    for (const session of this.#sessions.values()) {
      const isMember = session.phase.name === 'member';
      if (!isMember && now - session.openedAt >= limits.loginTimeoutMs) {
        this.#close(session, 'login-timeout');
      } else if (now >= session.pingAt) {
        if (session.awaitsPong) {
          this.#close(session, 'no-pong');
          continue;
        }
        session.awaitsPong = true;
        session.pingAt = now + limits.pingMs;
        this.#outputs.push({ type: 'ping', session: session.session });
      }
    }
  }

  #onMessage(session: Session, data: string | Uint8Array, now: number): void {
    session.awaitsPong = false;
    if (!session.messages.take(now)) {
      return this.#fault(session, 'too-fast', 'Too many messages; this one was dropped.', now);
    }
    const decoded = decodeClientMessage(data);
    if (!decoded.ok) return this.#fault(session, decoded.code, decoded.problem, now);
    const { message } = decoded;
    const { phase } = session;
    if (message.type === 'login') {
      if (phase.name === 'hello') return this.#onLogin(session, phase.nonce, message);
      return this.#fault(session, 'already-logged-in', 'This connection has sent its login already.', now);
    }
    if (phase.name !== 'member') {
      return this.#fault(session, 'not-logged-in', 'Log in first and wait for the welcome.', now);
    }
    if (message.type === 'signal') {
      const relay = { room: phase.room, from: phase.id, to: message.to, data: message.data };
      this.#outputs.push({ type: 'publish', session: session.session, relay });
    } else if (session.introduces.take(now)) {
      this.#introduce(session, phase);
    } else {
      const problem = 'Introductions were asked for too often; ask again later.';
      this.#send(session, { type: 'error', code: 'introduced-recently', problem });
    }
  }

  #onLogin(session: Session, nonce: Uint8Array, login: ClientMessage & { type: 'login' }): void {
    const { publicKey, signature, room, geometry, host } = login;
    const { publicHosts } = this.#options;
    if (publicHosts.length > 0 && !publicHosts.includes(host)) {
      return this.#close(session, 'login-refused', 'The login was made for another server.');
    }
    session.phase = { name: 'verifying', room, geometry };
    const bytes = loginProof({ nonce, room, geometry, host });
    this.#outputs.push({ type: 'verify', session: session.session, publicKey, signature, bytes });
  }

  #onVerified(session: Session, id: Uint8Array | undefined): void {
    const { phase } = session;
    if (phase.name !== 'verifying') return;
    if (id === undefined) return this.#close(session, 'login-refused');
    const { room, geometry } = phase;
    session.phase = { name: 'joining', room, id };
    this.#outputs.push({ type: 'join', member: { session: session.session, room, id, geometry } });
  }

  #onJoined(session: Session, result: JoinResult): void {
    const { phase } = session;
    if (phase.name !== 'joining') return;
    if (!result.ok) {
      return this.#close(session, 'wrong-geometry', wrongGeometrySentence(result.geometry));
    }
    session.phase = { name: 'entering', room: phase.room, id: phase.id, geometry: result.geometry };
    this.#introduce(session, phase);
  }

  #onMembers(session: Session, nearest: readonly Uint8Array[], sample: readonly Uint8Array[]): void {
    const { phase } = session;
    if (phase.name !== 'entering' && phase.name !== 'member') return;
    const ids = chooseIntroductions(phase.id, nearest, sample);
    if (phase.name === 'member') return this.#send(session, { type: 'introductions', ids });
    const { iceServers } = this.#options;
    session.phase = { name: 'member', room: phase.room, id: phase.id };
    this.#send(session, { type: 'welcome', geometry: phase.geometry, iceServers, introductions: ids });
  }

  #introduce(session: Session, { room, id }: { readonly room: string; readonly id: Uint8Array }): void {
    // More than will be sent: the asker itself and doubles fall out.
    const [nearest, sample] = [INTRODUCTIONS_NEAREST + 1, INTRODUCTIONS + 1];
    this.#outputs.push({ type: 'introduce', session: session.session, room, id, nearest, sample });
  }

  #fault(session: Session, code: ErrorCode, problem: string, now: number): void {
    if (session.faults.take(now)) return this.#send(session, { type: 'error', code, problem });
    this.#close(session, code === 'too-fast' ? 'too-fast' : 'bad-input', problem);
  }

  #send({ session }: Session, message: ServerMessage): void {
    this.#outputs.push({ type: 'send', session, message });
  }

  #close(session: Session, name: CloseName, problem?: string): void {
    this.#forget(session);
    this.#outputs.push({ type: 'close', session: session.session, name, problem });
  }

  #forget({ session, phase }: Session): void {
    this.#sessions.delete(session);
    // A join that is still under way is undone too: the backend keeps the order of its calls.
    if (phase.name === 'joining' || phase.name === 'entering' || phase.name === 'member') {
      this.#outputs.push({ type: 'leave', session });
    }
  }
}

/**
 * At most `INTRODUCTIONS` ids without the asker and without doubles, nearest first: a newcomer wants links to its
 * nearest nodes anyway, the random ones keep two halves of a network from never hearing of each other.
 */
export function chooseIntroductions(
  self: Uint8Array,
  nearest: readonly Uint8Array[],
  sample: readonly Uint8Array[],
): Uint8Array[] {
  const chosen: Uint8Array[] = [];
  const add = (id: Uint8Array): void => {
    if (!sameBytes(id, self) && !chosen.some((other) => sameBytes(other, id))) chosen.push(id);
  };
  nearest.forEach(add);
  chosen.length = Math.min(chosen.length, INTRODUCTIONS_NEAREST);
  sample.forEach(add);
  return chosen.slice(0, INTRODUCTIONS);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
