/**
 * Every limit of the signaling server, with its unit and its reason. A server takes other values through its options;
 * each has a test at the limit and above it.
 */

export interface Limits {
  /** Sockets in all; the next one is closed with `full`. 10,000 idle clients take about 112 MB. */
  readonly socketsMax: number;
  /** Sockets of one address (an IPv6 /64 counts as one). Loopback is exempt: tests and proxies live there. */
  readonly socketsPerAddressMax: number;
  /** Handshakes of one address in `handshakeWindowSeconds`; more are answered with HTTP 429. Loopback is exempt. */
  readonly handshakesPerAddressMax: number;
  readonly handshakeWindowSeconds: number;

  /** Messages of one socket: sustained rate and burst. More are dropped, each is a fault. */
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  /** Requests for introductions of one socket: sustained rate and burst. More are dropped, which is no fault. */
  readonly introducesPerSecond: number;
  readonly introduceBurst: number;
  /** Faults (messages that cannot be used) forgiven per minute; one more closes the socket. */
  readonly faultsPerMinute: number;

  /** From the opening of a socket to its accepted login. */
  readonly loginTimeoutMs: number;
  /** Time between pings; a socket that has not answered one when the next is due is dead. */
  readonly pingMs: number;
  /** How often deadlines are looked at. */
  readonly tickMs: number;
  /** Unsent bytes of one socket; above it the socket is cut, because its reader does not keep up. */
  readonly sendBufferBytesMax: number;
  /** How long the other side may take to answer a close before the connection is cut. */
  readonly closeTimeoutMs: number;
}

/** The shipped limits. The largest message is `MESSAGE_BYTES_MAX` in protocol.ts. */
export const LIMITS: Limits = {
  socketsMax: 10_000,
  socketsPerAddressMax: 64,
  handshakesPerAddressMax: 256,
  handshakeWindowSeconds: 60,

  messagesPerSecond: 20,
  messageBurst: 60,
  introducesPerSecond: 0.5,
  introduceBurst: 10,
  faultsPerMinute: 10,

  loginTimeoutMs: 10_000,
  pingMs: 15_000,
  tickMs: 1_000,
  sendBufferBytesMax: 1024 * 1024,
  closeTimeoutMs: 1_000,
};

/** Introductions in one answer: this many nearest to the asker, the rest chosen at random. */
export const INTRODUCTIONS = 4;
export const INTRODUCTIONS_NEAREST = 2;
