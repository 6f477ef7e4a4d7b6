/** A signaling server in memory: introduces the nodes of one process to each other and can be switched off and on. */

import { createNanoEvents, type Unsubscribe } from 'nanoevents';
import { mapKey, type MapKey } from '../../core/id/node-id.ts';
import type { Signaling } from '../signaling.ts';
import type { SignalingClientEvents, SignalingClientState } from '../webrtc/signaling-client.ts';

/** The server. It introduces everybody to everybody, newest first, four at most. */
export class MemorySignalingHub {
  readonly members = new Map<MapKey, MemorySignaling>();
  #running = true;

  get running(): boolean {
    return this.#running;
  }

  /** Stops or starts the server; its clients notice. */
  setRunning(running: boolean): void {
    this.#running = running;
    for (const member of this.members.values()) member.onServer(running);
  }

  /** Up to four other nodes. */
  introductionsFor(id: Uint8Array): Uint8Array[] {
    const others = [...this.members.values()].filter(
      (member) => member.id !== id && member.state === 'online',
    );
    return others.slice(-4).map((member) => member.id);
  }
}

/** One node's connection to the hub. */
export class MemorySignaling implements Signaling {
  readonly id: Uint8Array;
  readonly #hub: MemorySignalingHub;
  readonly #events = createNanoEvents<SignalingClientEvents>();
  #state: SignalingClientState = 'offline';

  constructor(hub: MemorySignalingHub, id: Uint8Array) {
    this.#hub = hub;
    this.id = id;
  }

  get state(): SignalingClientState {
    return this.#state;
  }

  get problem(): string | undefined {
    return this.#state === 'offline' ? 'The signaling server is switched off.' : undefined;
  }

  /** Everybody in one process runs on the same. */
  readonly networkGeometry = undefined;

  on<E extends keyof SignalingClientEvents>(event: E, listener: SignalingClientEvents[E]): Unsubscribe {
    return this.#events.on(event, listener);
  }

  start(): void {
    this.#hub.members.set(mapKey(this.id), this);
    if (this.#hub.running) setTimeout(() => this.onServer(true), 0);
  }

  close(): void {
    this.#hub.members.delete(mapKey(this.id));
    this.#state = 'offline';
  }

  reconnectNow(): void {
    if (this.#state === 'offline' && this.#hub.running) this.onServer(true);
  }

  signal(to: Uint8Array, data: Uint8Array): boolean {
    if (this.#state !== 'online') return false;
    const receiver = this.#hub.members.get(mapKey(to));
    setTimeout(() => {
      if (receiver?.state === 'online') receiver.#events.emit('signal', this.id, data);
      else this.#events.emit('undeliverable', to);
    }, 0);
    return true;
  }

  introduce(): void {
    setTimeout(() => {
      if (this.#state === 'online') this.#events.emit('introductions', this.#hub.introductionsFor(this.id));
    }, 0);
  }

  /** The server came or went. */
  onServer(running: boolean): void {
    if (!this.#hub.members.has(mapKey(this.id)) || running === (this.#state === 'online')) return;
    this.#state = running ? 'online' : 'offline';
    this.#events.emit('state', this.#state, this.problem);
    if (running) {
      this.#events.emit('welcome', { iceServers: [], introductions: this.#hub.introductionsFor(this.id) });
    }
  }
}
