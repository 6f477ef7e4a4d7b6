/** A client of the signaling server for its tests and its load check: Node's crypto, a plain `ws` socket, no reconnecting. */

import { createHash, sign, type KeyObject } from 'node:crypto';
import { WebSocket, type ClientOptions } from 'ws';
import { createNodeKeys } from './test-keys.ts';
import {
  decodeServerMessage,
  encodeClientMessage,
  loginProof,
  type ClientMessage,
  type Geometry,
  type ServerMessage,
} from './protocol.ts';

/** A key pair with the id that belongs to it. */
export interface TestIdentity {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
  readonly id: Uint8Array;
}

/** A fresh identity. */
export function createIdentity(): TestIdentity {
  const { publicKey, privateKey } = createNodeKeys();
  const id = new Uint8Array(createHash('sha256').update('hopline/id/1').update(publicKey).digest());
  return { publicKey, privateKey, id };
}

/** What a login says; changes to the honest claim make it a dishonest one. */
export interface TestLogin {
  readonly room: string;
  readonly geometry?: Geometry;
  readonly host?: string;
  readonly identity?: TestIdentity;
}

/** An open socket. Messages wait until they are asked for. */
export class TestClient {
  readonly socket: WebSocket;
  readonly identity: TestIdentity;
  /** Resolves when the socket is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  bytesIn = 0;
  bytesOut = 0;
  readonly #received: ServerMessage[] = [];
  #wake: () => void = () => {};

  /** Starts to connect. */
  constructor(url: string, options: ClientOptions = {}, identity: TestIdentity = createIdentity()) {
    this.identity = identity;
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.socket.on('message', (raw, isBinary) => {
      const bytes = raw as Buffer;
      this.bytesIn += bytes.length;
      const decoded = decodeServerMessage(isBinary ? new Uint8Array(bytes) : bytes.toString('utf8'));
      if (!decoded.ok) throw new Error(`The server sent what is no message: ${decoded.problem}`);
      this.#received.push(decoded.message);
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString('utf8') });
        this.#wake();
      });
    });
  }

  /** The next message of this type; others before it are thrown away. Rejects when the socket closes first. */
  async next<T extends ServerMessage['type']>(type: T): Promise<ServerMessage & { type: T }> {
    for (;;) {
      for (let message = this.#received.shift(); message !== undefined; message = this.#received.shift()) {
        if (message.type === type) return message as ServerMessage & { type: T };
      }
      if (this.socket.readyState === WebSocket.CLOSED) {
        const { code, reason } = await this.closed;
        throw new Error(`The socket closed (${code} ${reason}) while "${type}" was awaited.`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Answers the server's hello. */
  async sendLogin({ room, geometry = 'kademlia', host, identity = this.identity }: TestLogin): Promise<void> {
    const { nonce } = await this.next('hello');
    const claim = { nonce, room, geometry, host: host ?? new URL(this.socket.url).host };
    const signature = new Uint8Array(sign(null, loginProof(claim), identity.privateKey));
    const { publicKey } = this.identity;
    this.send({ type: 'login', publicKey, signature, room, geometry, host: claim.host });
  }

  /** Logs in and waits for the welcome. */
  async login(login: TestLogin): Promise<ServerMessage & { type: 'welcome' }> {
    await this.sendLogin(login);
    return this.next('welcome');
  }

  send(message: ClientMessage): void {
    this.sendRaw(encodeClientMessage(message));
  }

  sendRaw(data: string | Uint8Array): void {
    this.bytesOut += Buffer.byteLength(data);
    this.socket.send(data);
  }

  signal(to: Uint8Array, data: Uint8Array): void {
    this.send({ type: 'signal', to, data });
  }

  /** Closes and waits until it is closed. */
  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
