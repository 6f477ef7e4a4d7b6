/**
 * The page's connection to the signaling server: logs in, asks for introductions, relays signals. It comes back by
 * itself after a lost connection or a restarted server, with back-off and with jitter of its own, until the server
 * refuses it for good. Nothing is queued while it is offline: a signal for an attempt of ten seconds ago is worthless.
 * Nothing that the server sends makes it throw. The protocol is described in signaling/README.md.
 */

import { createNanoEvents, type Unsubscribe } from 'nanoevents';
import ReconnectingWebSocket from 'partysocket/ws';
import {
  CLOSE_CODES,
  closeName,
  decodeServerMessage,
  encodeClientMessage,
  geometryNamedIn,
  loginProof,
  PROTOCOL_VERSION,
  SIGNAL_BYTES_MAX,
  type ClientMessage,
  type Geometry,
  type IceServer,
  type ServerMessage,
} from '../../../signaling/protocol.ts';

export interface SignalingClientOptions {
  /** `ws:` or `wss:` address of the server, path included. */
  readonly url: string;
  /** The network to enter, 1-64 characters. */
  readonly room: string;
  readonly geometry: Geometry;
  /** Ed25519, 32 bytes. The server derives the node's id from it. */
  readonly publicKey: Uint8Array;
  /** Signs with the key that belongs to `publicKey`; 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** The platform's own by default. */
  readonly webSocket?: typeof WebSocket;
  /** Numbers in [0, 1) for the jitter; `Math.random` by default. */
  readonly random?: () => number;
  /** Changes to the waiting times. */
  readonly times?: Partial<SignalingTimes>;
}

/** How long the client waits, ms. */
export interface SignalingTimes {
  /** First pause before trying again; it grows by half each time. The client's jitter adds up to the same again. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  /** From dialling to an open socket. */
  readonly connectMs: number;
  /** From an open socket to the welcome, and from a question to any sign of life. */
  readonly answerMs: number;
}

/** Short enough that a page is back within 5 s of its server, long enough for a crowd to spread out. */
const SIGNALING_TIMES: SignalingTimes = {
  retryMsMin: 300,
  retryMsMax: 2_000,
  connectMs: 8_000,
  answerMs: 10_000,
};

/** `offline`: no connection, trying again. `refused`: the server said no for good, or the address cannot be one. */
export type SignalingClientState = 'offline' | 'connecting' | 'online' | 'refused';

export interface SignalingClientEvents {
  /** The state changed; `problem` says as a sentence why it is not `online`. */
  state: (state: SignalingClientState, problem?: string) => void;
  /** Logged in. An empty list of introductions (32-byte ids, nearest first) means that nobody else is in the room. */
  welcome: (welcome: { iceServers: readonly IceServer[]; introductions: readonly Uint8Array[] }) => void;
  /** The answer to `introduce`. */
  introductions: (ids: readonly Uint8Array[]) => void;
  /** Another node of the room sent this. */
  signal: (from: Uint8Array, data: Uint8Array) => void;
  /** The server does not know that node. */
  undeliverable: (to: Uint8Array) => void;
}

export class SignalingClient {
  #state: SignalingClientState = 'offline';
  #problem: string | undefined;
  #networkGeometry: Geometry | undefined;
  #socket: ReconnectingWebSocket | undefined;
  /** Counts openings, so that a signature that was asked for on an earlier connection is not sent on a later one. */
  #opening = 0;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  readonly #jitter: number;
  readonly #times: SignalingTimes;
  readonly #options: SignalingClientOptions;
  readonly #events = createNanoEvents<SignalingClientEvents>();

  constructor(options: SignalingClientOptions) {
    this.#options = options;
    this.#jitter = 1 + (options.random ?? Math.random)();
    this.#times = { ...SIGNALING_TIMES, ...options.times };
  }

  get state(): SignalingClientState {
    return this.#state;
  }

  /** Why the state is not `online`, as a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** What the room runs on, once the server refused this client for coming with another geometry. */
  get networkGeometry(): Geometry | undefined {
    return this.#networkGeometry;
  }

  /** Registers a listener; returns the function that takes it away. */
  on<E extends keyof SignalingClientEvents>(event: E, listener: SignalingClientEvents[E]): Unsubscribe {
    return this.#events.on(event, listener);
  }

  /** Begins, or begins again after `close` or a refusal. Nothing happens while it is at it. */
  start(): void {
    if (this.#socket !== undefined) return;
    this.#networkGeometry = undefined;
    if (hostOf(this.#options.url) === undefined) {
      return this.#become('refused', `"${this.#options.url}" is not a WebSocket address (ws:// or wss://).`);
    }
    this.#become('connecting');
    this.#dial();
  }

  /** Ends the connection and stays away until `start`. */
  close(): void {
    this.#drop();
    if (this.#state !== 'refused') this.#become('offline');
  }

  /**
   * Something suggests that the network is back or has changed (the tab woke up, `online` fired): dials at once instead
   * of waiting for the next try. A connection that seems to stand is asked for a sign of life.
   */
  reconnectNow(): void {
    if (this.#socket === undefined) return;
    if (this.#state === 'online') return this.introduce();
    // A socket that is opening or logging in has its own deadline.
    if (this.#state === 'connecting' && this.#socket.readyState <= ReconnectingWebSocket.OPEN) return;
    this.#drop();
    this.#become('connecting');
    this.#dial();
  }

  /** Asks for a few nodes of the room; the answer comes as `introductions`. Nothing happens while not online. */
  introduce(): void {
    if (this.#state !== 'online' || !this.#send({ type: 'introduce' })) return;
    // The only question that always gets an answer, so the one that shows whether the connection still stands.
    if (this.#deadline === undefined) this.#expectAnswer();
  }

  /**
   * Sends bytes (1 … `SIGNAL_BYTES_MAX`) to a node of the room. False when that cannot be: not online, too large, or
   * the connection does not drain. True promises nothing; `undeliverable` tells when the node is not there.
   */
  signal(to: Uint8Array, data: Uint8Array): boolean {
    if (this.#state !== 'online' || data.length === 0 || data.length > SIGNAL_BYTES_MAX) return false;
    return this.#send({ type: 'signal', to, data });
  }

  #dial(): void {
    const { url, webSocket } = this.#options;
    const { retryMsMin, retryMsMax, connectMs } = this.#times;
    // A new object for each start: the package's own reconnect() would sit out a pause that has begun.
    const socket = new ReconnectingWebSocket(url, undefined, {
      ...(webSocket === undefined ? {} : { WebSocket: webSocket }),
      // The package draws no jitter for the pauses that it is given.
      minReconnectionDelay: retryMsMin * this.#jitter,
      maxReconnectionDelay: retryMsMax * this.#jitter,
      reconnectionDelayGrowFactor: 1.5,
      connectionTimeout: connectMs,
      maxEnqueuedMessages: 0,
      shouldReconnectOnClose: ({ code }) => !isFatal(code),
    });
    socket.binaryType = 'arraybuffer';
    // A socket that was dropped may still speak; nobody listens to it.
    const whileCurrent = (act: () => void): void => {
      if (this.#socket === socket) act();
    };
    socket.addEventListener('open', () => whileCurrent(() => this.#onOpen()));
    socket.addEventListener('message', ({ data }) => whileCurrent(() => this.#onMessage(data)));
    socket.addEventListener('close', ({ code, reason }) => whileCurrent(() => this.#onClose(code, reason)));
    this.#socket = socket;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#opening++;
    this.#expectNothing();
    socket?.close();
  }

  #onOpen(): void {
    this.#opening++;
    this.#become('connecting');
    this.#expectAnswer();
  }

  #onClose(code: number, reason: string): void {
    this.#opening++;
    this.#expectNothing();
    const name = closeName(code);
    const sentence = name === undefined ? undefined : reason || CLOSE_CODES[name].sentence;
    if (name === 'wrong-geometry') this.#networkGeometry = geometryNamedIn(reason);
    if (isFatal(code)) return this.#refuse(sentence ?? reason);
    this.#become('offline', sentence ?? 'The signaling server cannot be reached. Trying again.');
  }

  #onMessage(data: unknown): void {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array)) return;
    const decoded = decodeServerMessage(bytes);
    // What a newer or a broken server says beyond the protocol is not for us; silence has a deadline.
    if (!decoded.ok) return;
    const { message } = decoded;
    if (this.#state === 'online') this.#expectNothing();
    switch (message.type) {
      case 'hello':
        void this.#login(message);
        return;
      case 'welcome': {
        if (this.#state !== 'connecting') return;
        this.#expectNothing();
        this.#become('online');
        const { iceServers, introductions } = message;
        return this.#events.emit('welcome', { iceServers, introductions });
      }
      case 'introductions':
        return this.#events.emit('introductions', message.ids);
      case 'signal':
        return this.#events.emit('signal', message.from, message.data);
      case 'undeliverable':
        return this.#events.emit('undeliverable', message.to);
      case 'error':
        // The server dropped one message; what depended on it has its own time-out.
        return;
    }
  }

  async #login({ version, nonce }: ServerMessage & { type: 'hello' }): Promise<void> {
    if (this.#state !== 'connecting') return;
    if (version !== PROTOCOL_VERSION) {
      return this.#refuse('The signaling server speaks another version of the protocol. Reload the page.');
    }
    const { room, geometry, publicKey, sign, url } = this.#options;
    const opening = this.#opening;
    const host = hostOf(url)!;
    const signature = await sign(loginProof({ nonce, room, geometry, host })).catch(() => undefined);
    if (opening !== this.#opening) return;
    if (signature === undefined) return this.#refuse('The identity of this tab could not sign the login.');
    this.#send({ type: 'login', publicKey, signature, room, geometry, host });
  }

  #refuse(problem: string): void {
    this.#drop();
    this.#become('refused', problem);
  }

  #send(message: ClientMessage): boolean {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== ReconnectingWebSocket.OPEN) return false;
    if (socket.bufferedAmount > BUFFERED_BYTES_MAX) return false;
    socket.send(encodeClientMessage(message));
    return true;
  }

  /** No sign of life in time means that the connection is dead, whatever the browser believes. */
  #expectAnswer(): void {
    this.#expectNothing();
    this.#deadline = setTimeout(() => {
      this.#drop();
      this.#become('offline', 'The signaling server does not answer. Trying again.');
      this.#dial();
    }, this.#times.answerMs);
  }

  #expectNothing(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #become(state: SignalingClientState, problem?: string): void {
    if (state === this.#state && problem === this.#problem) return;
    this.#state = state;
    this.#problem = problem;
    this.#events.emit('state', state, problem);
  }
}

/** Unsent bytes above which the connection counts as stuck: 16 of the largest signals. */
const BUFFERED_BYTES_MAX = 256 * 1024;

function isFatal(code: number): boolean {
  const name = closeName(code);
  return name !== undefined && CLOSE_CODES[name].fatal;
}

/** Host and port of a WebSocket address, or `undefined` when it is none. */
function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host } = new URL(url);
  return protocol === 'ws:' || protocol === 'wss:' ? host : undefined;
}
