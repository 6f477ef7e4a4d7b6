/**
 * The adapter between the world and the hub: HTTP(S), WebSockets, clock, randomness, crypto, backend. It counts bytes
 * and enforces what must be decided before a message is read: size, addresses, origin, slow readers (SG19-SG24).
 */

import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { performance } from 'node:perf_hooks';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { WebSocketServer, type WebSocket } from 'ws';
import { addressKey, isLoopback } from './address.ts';
import type { SessionId } from './backend/backend.ts';
import { MemoryBackend } from './backend/memory-backend.ts';
import { handleRequest } from './http.ts';
import { Hub, type HubInput, type HubOutput } from './hub.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import type { PageFiles } from './page-files.ts';
import {
  CLOSE_CODES,
  encodeServerMessage,
  MESSAGE_BYTES_MAX,
  SIGNALING_PATH,
  type CloseName,
  type IceServer,
  type ServerMessage,
} from './protocol.ts';
import { verifyLogin } from './verify-login.ts';

export interface SignalingServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Address to listen on; all of them by default. */
  readonly host?: string | undefined;
  readonly log: Log;
  /** The built page; without it the server only introduces. */
  readonly page?: PageFiles | undefined;
  /** Handed to every client. */
  readonly iceServers?: readonly IceServer[];
  /** Origins whose pages may connect, as in `https://example.org`; empty allows any. */
  readonly origins?: readonly string[];
  /** Names (with port, where it is not the default one) under which clients reach this server; empty allows any. */
  readonly publicHosts?: readonly string[];
  /** Take the client's address from the last entry of X-Forwarded-For, which the proxy in front appends. */
  readonly trustProxy?: boolean;
  /** PEM text; makes the server speak HTTPS and WSS. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** Changes to the shipped limits. */
  readonly limits?: Partial<Limits>;
}

export interface SignalingServer {
  /** Starts to listen; resolves with the port. Rejects when it cannot (the port is in use, or not allowed). */
  listen(): Promise<number>;
  /** Says goodbye to all clients (1001) and stops. Resolves within `closeTimeoutMs` and a little. */
  close(): Promise<void>;
  readonly metrics: Metrics;
}

/** A server that does not listen yet. */
export function createSignalingServer(options: SignalingServerOptions): SignalingServer {
  return new Server(options);
}

interface Connection {
  readonly socket: WebSocket;
  /** As the limits count it; `undefined` for loopback, which they do not count. */
  readonly addressKey: string | undefined;
  /** Why we closed it, for the meters. */
  closing: CloseName | undefined;
}

class Server implements SignalingServer {
  readonly metrics: Metrics;
  readonly #options: SignalingServerOptions;
  readonly #limits: Limits;
  readonly #log: Log;
  readonly #hub: Hub;
  readonly #backend: MemoryBackend;
  readonly #handshakes: RateLimiterMemory;
  readonly #http;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  readonly #connections = new Map<SessionId, Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #inputs: HubInput[] = [];
  #isWorking = false;
  #isClosing = false;
  #lastSession = 0;
  #ticker: NodeJS.Timeout | undefined;
  readonly #startedAt = performance.now();

  constructor(options: SignalingServerOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#log = options.log;
    this.#hub = new Hub({
      limits: this.#limits,
      iceServers: options.iceServers ?? [],
      publicHosts: options.publicHosts ?? [],
    });
    const listener = {
      deliver: (session: SessionId, from: Uint8Array, data: Uint8Array) =>
        this.#feed({ type: 'deliver', session, from, data }),
      replaced: (session: SessionId) => this.#feed({ type: 'replaced', session }),
    };
    this.#backend = new MemoryBackend(listener, Math.random);
    this.#handshakes = new RateLimiterMemory({
      points: this.#limits.handshakesPerAddressMax,
      duration: this.#limits.handshakeWindowSeconds,
    });
    this.metrics = new Metrics({
      sockets: () => this.#connections.size,
      roomSizes: () => this.#backend.roomSizes(),
    });
    this.#http = options.tls === undefined ? createHttpServer() : createHttpsServer(options.tls);
    this.#http.on('request', (request, response) => {
      handleRequest({ page: options.page, ...this.#content }, request, response).catch((error: unknown) => {
        this.#log.error({ error }, 'request failed');
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    });
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // Without a listener a reset during the handshake would stop the process.
      socket.on('error', () => socket.destroy());
      void this.#onUpgrade(request, socket, head);
    });
  }

  listen(): Promise<number> {
    const { port, host } = this.#options;
    return new Promise((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen({ port, host }, () => {
        this.#http.off('error', reject);
        this.#http.on('error', (error) => this.#log.error({ error }, 'server error'));
        this.#ticker = setInterval(() => this.#feed({ type: 'tick' }), this.#limits.tickMs);
        resolve((this.#http.address() as AddressInfo).port);
      });
    });
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#ticker);
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    for (const [session, connection] of this.#connections)
      this.#closeSocket(session, connection, 'going-away');
    this.#http.closeIdleConnections();
    const cut = setTimeout(() => this.#http.closeAllConnections(), this.#limits.closeTimeoutMs);
    await closed;
    clearTimeout(cut);
    await this.#backend.close();
  }

  get #content() {
    return {
      health: async () => ({
        status: this.#isClosing ? 'closing' : 'ok',
        uptimeSeconds: Math.round((performance.now() - this.#startedAt) / 1000),
        sockets: this.#connections.size,
        rooms: (await this.#backend.roomSizes()).length,
      }),
      metrics: async () => ({
        contentType: this.metrics.registry.contentType as string,
        text: await this.metrics.registry.metrics(),
      }),
    };
  }

  async #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const refuse = (status: string, reason: string): void => {
      this.metrics.refusals.inc({ reason });
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if (request.url?.split('?', 1)[0] !== SIGNALING_PATH) return refuse('404 Not Found', 'path');
    const address = this.#addressOf(request);
    const key = isLoopback(address) ? undefined : addressKey(address);
    if (key !== undefined && !(await this.#handshakes.consume(key).then(isAllowed, isRefused))) {
      this.#log.warn({ address }, 'too many handshakes');
      return refuse('429 Too Many Requests', 'rate');
    }
    if (this.#isClosing) return refuse('503 Service Unavailable', 'closing');
    this.#webSockets.handleUpgrade(request, socket, head, (opened) => {
      this.#onOpened(opened, key, request.headers.origin);
    });
  }

  #onOpened(socket: WebSocket, key: string | undefined, origin: string | undefined): void {
    const session = ++this.#lastSession;
    const connection: Connection = { socket, addressKey: key, closing: undefined };
    this.#connections.set(session, connection);
    this.metrics.opens.inc();
    socket.on('close', (code) => this.#onClosed(session, connection, code));
    // Bad frames, too large messages and resets end in `close`; without a listener they would end the process.
    socket.on('error', (error) => this.#log.debug({ error: error.message }, 'socket error'));

    const { origins = [] } = this.#options;
    const sockets = key === undefined ? 0 : (this.#perAddress.get(key) ?? 0) + 1;
    if (key !== undefined) this.#perAddress.set(key, sockets);
    // Refused after the handshake, because only then can the reason reach the page.
    if (sockets > this.#limits.socketsPerAddressMax) {
      return this.#closeSocket(session, connection, 'too-many-sockets');
    }
    if (origins.length > 0 && (origin === undefined || !origins.includes(origin))) {
      return this.#closeSocket(session, connection, 'wrong-origin');
    }

    socket.on('message', (data, isBinary) => this.#onMessage(session, data as Buffer, isBinary));
    socket.on('pong', () => this.#feed({ type: 'pong', session }));
    this.#feed({ type: 'opened', session, nonce: new Uint8Array(randomBytes(32)) });
  }

  #onMessage(session: SessionId, bytes: Buffer, isBinary: boolean): void {
    this.metrics.bytes.inc({ direction: 'in' }, bytes.length);
    this.metrics.messages.inc({ direction: 'in', type: isBinary ? 'binary' : 'text' });
    this.#feed({ type: 'message', session, data: isBinary ? bytes : bytes.toString('utf8') });
  }

  #onClosed(session: SessionId, connection: Connection, code: number): void {
    const reason = connection.closing ?? (code === CLOSE_CODES['too-large'].code ? 'too-large' : 'client');
    this.metrics.closes.inc({ reason });
    this.#log.debug({ session, reason, code }, 'closed');
    this.#connections.delete(session);
    const key = connection.addressKey;
    if (key !== undefined) {
      const left = (this.#perAddress.get(key) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(key, left);
      else this.#perAddress.delete(key);
    }
    this.#feed({ type: 'closed', session });
  }

  /** Hands an input to the hub and does what it asks for. What comes up meanwhile waits its turn. */
  #feed(input: HubInput): void {
    this.#inputs.push(input);
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        this.#hub.handleInput(next, performance.now());
        for (let out = this.#hub.pollOutput(); out !== undefined; out = this.#hub.pollOutput())
          this.#perform(out);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  #perform(output: HubOutput): void {
    switch (output.type) {
      case 'send':
        return this.#send(output.session, output.message);
      case 'close': {
        const connection = this.#connections.get(output.session);
        if (connection !== undefined)
          this.#closeSocket(output.session, connection, output.name, output.problem);
        return;
      }
      case 'ping':
        return this.#connections.get(output.session)?.socket.ping();
      default:
        // What takes time. A failing backend is no reason to stop: the client's own deadline ends the wait.
        this.#ask(output).catch((error: unknown) => this.#log.error({ error }, 'backend failed'));
    }
  }

  async #ask(output: Exclude<HubOutput, { type: 'send' | 'close' | 'ping' }>): Promise<void> {
    switch (output.type) {
      case 'verify': {
        const { session, publicKey, signature, bytes } = output;
        return this.#feed({ type: 'verified', session, id: await verifyLogin(publicKey, signature, bytes) });
      }
      case 'join': {
        const result = await this.#backend.join(output.member);
        return this.#feed({ type: 'joined', session: output.member.session, result });
      }
      case 'leave':
        return this.#backend.leave(output.session);
      case 'introduce': {
        const { session, room, id } = output;
        const nearest = await this.#backend.nearest(room, id, output.nearest);
        const sample = await this.#backend.sample(room, output.sample);
        return this.#feed({ type: 'members', session, nearest, sample });
      }
      case 'publish': {
        const { session, relay } = output;
        if (!(await this.#backend.publish(relay)))
          this.#feed({ type: 'undeliverable', session, to: relay.to });
      }
    }
  }

  #send(session: SessionId, message: ServerMessage): void {
    const connection = this.#connections.get(session);
    if (connection === undefined || connection.closing !== undefined) return;
    const data = encodeServerMessage(message);
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
    if (connection.socket.bufferedAmount + bytes > this.#limits.sendBufferBytesMax) {
      connection.closing = 'too-slow';
      this.#log.warn({ session }, 'cut a connection that does not read');
      return connection.socket.terminate();
    }
    this.metrics.bytes.inc({ direction: 'out' }, bytes);
    this.metrics.messages.inc({ direction: 'out', type: message.type });
    if (message.type === 'error') this.metrics.errors.inc({ code: message.code });
    connection.socket.send(data);
  }

  #closeSocket(session: SessionId, connection: Connection, name: CloseName, problem?: string): void {
    if (connection.closing !== undefined) return;
    connection.closing = name;
    const { code, sentence } = CLOSE_CODES[name];
    this.#log.info({ session, reason: name, address: connection.addressKey }, 'closing');
    connection.socket.close(code, problem ?? sentence);
    // A peer that is gone or hostile never answers the close.
    const cut = setTimeout(() => connection.socket.terminate(), this.#limits.closeTimeoutMs);
    connection.socket.once('close', () => clearTimeout(cut));
  }

  #addressOf(request: IncomingMessage): string {
    const forwarded = this.#options.trustProxy === true ? request.headers['x-forwarded-for'] : undefined;
    const last = String(forwarded ?? '')
      .split(',')
      .at(-1)!
      .trim();
    return last === '' ? (request.socket.remoteAddress ?? '') : last;
  }
}

function isAllowed(): boolean {
  return true;
}

function isRefused(): boolean {
  return false;
}
