/**
 * What browsers and the signaling server say to each other, shared by both: no Node and no DOM in here.
 * Control messages are JSON text; signals between two nodes are binary frames whose data the server never looks into.
 * Ids, keys, nonces and signatures are hexadecimal inside JSON and bytes everywhere else. Decoders never throw.
 * Implements rules SG1-SG6 of README.md.
 */

import * as v from 'valibot';

/** Named in the server's first message; a client that does not know the number says so instead of guessing. */
export const PROTOCOL_VERSION = 1;
/** Path of the WebSocket on the server. */
export const SIGNALING_PATH = '/signaling';
/** Bytes of one WebSocket message in either direction. */
export const MESSAGE_BYTES_MAX = 16 * 1024;
/** Characters (Unicode code points) in a room's name; at least one. */
export const ROOM_LENGTH_MAX = 64;
/** Bytes of an id, of a public key and of the server's nonce. */
export const ID_BYTES = 32;
export const SIGNATURE_BYTES = 64;
/** Bytes before the data in a binary frame: one for the kind, then the id of the other node. */
export const SIGNAL_HEADER_BYTES = 1 + ID_BYTES;
/** Data in one signal. */
export const SIGNAL_BYTES_MAX = MESSAGE_BYTES_MAX - SIGNAL_HEADER_BYTES;

/** How a network routes. All members of a room share one; the first member decides. */
export type Geometry = 'kademlia' | 'chord';

/** A STUN or TURN server, in the shape that `RTCPeerConnection` takes. */
export interface IceServer {
  readonly urls: string | string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What a client sends. */
export type ClientMessage =
  /** The answer to `hello`: who I am, with proof over `loginProof`, and the room I want to be in. */
  | {
      readonly type: 'login';
      readonly publicKey: Uint8Array;
      readonly signature: Uint8Array;
      readonly room: string;
      readonly geometry: Geometry;
      /** Host (and port) of the server as the client dialled it; part of what is signed. */
      readonly host: string;
    }
  /** Name me a few nodes of my room. */
  | { readonly type: 'introduce' }
  /** Relay this to a node of my room. */
  | { readonly type: 'signal'; readonly to: Uint8Array; readonly data: Uint8Array };

/** What the server sends. */
export type ServerMessage =
  | { readonly type: 'hello'; readonly version: number; readonly nonce: Uint8Array }
  /** The login is accepted. An empty list means that nobody else is in the room. */
  | {
      readonly type: 'welcome';
      readonly geometry: Geometry;
      readonly iceServers: readonly IceServer[];
      readonly introductions: readonly Uint8Array[];
    }
  | { readonly type: 'introductions'; readonly ids: readonly Uint8Array[] }
  | { readonly type: 'signal'; readonly from: Uint8Array; readonly data: Uint8Array }
  /** A signal could not be relayed: that node is not in the room. */
  | { readonly type: 'undeliverable'; readonly to: Uint8Array }
  | { readonly type: 'error'; readonly code: ErrorCode; readonly problem: string };

/** Why the server did not do what a message asked. The connection stays open; `CLOSE_CODES` says when it does not. */
export type ErrorCode =
  /** Not a message of this protocol: bad JSON, missing or wrong fields, a frame too short. */
  | 'malformed'
  /** JSON with a `type` that no client message has. */
  | 'unknown-type'
  | 'not-logged-in'
  /** One connection logs in once. */
  | 'already-logged-in'
  /** More messages than the rate allows; this one was dropped. */
  | 'too-fast'
  /** More introductions asked for than the rate allows; this request was dropped. */
  | 'introduced-recently';

/**
 * Why the server ends a connection. `fatal` tells the client not to come back by itself; `sentence` is for people.
 * 1001, 1009 and 1013 are standard (RFC 6455 §7.4), the others are ours.
 */
export const CLOSE_CODES = {
  'going-away': { code: 1001, fatal: false, sentence: 'The signaling server is shutting down.' },
  'too-large': { code: 1009, fatal: false, sentence: 'A message was larger than 16 KiB.' },
  full: { code: 1013, fatal: false, sentence: 'The signaling server is full. Trying again later.' },
  'bad-input': { code: 4000, fatal: false, sentence: 'Too many messages that the server could not use.' },
  'too-fast': { code: 4001, fatal: false, sentence: 'Too many messages in a short time.' },
  'too-slow': {
    code: 4002,
    fatal: false,
    sentence: 'The connection could not keep up with what was sent to it.',
  },
  'no-pong': { code: 4003, fatal: false, sentence: 'The connection stopped answering.' },
  'login-timeout': { code: 4004, fatal: false, sentence: 'Nobody logged in on this connection in time.' },
  'too-many-sockets': { code: 4005, fatal: false, sentence: 'Too many connections come from this address.' },
  'login-refused': { code: 4010, fatal: true, sentence: 'The proof of identity was not valid.' },
  'wrong-geometry': { code: 4011, fatal: true, sentence: 'This network runs on another geometry.' },
  replaced: { code: 4012, fatal: true, sentence: 'Another tab logged in with the same identity.' },
  'wrong-origin': { code: 4013, fatal: true, sentence: 'The server does not accept pages from this origin.' },
} as const;

/** The reason of a `wrong-geometry` close: a sentence that clients also learn the network's geometry from. */
export function wrongGeometrySentence(geometry: Geometry): string {
  return `This network runs on ${geometry}.`;
}

/** The geometry that such a sentence names; `undefined` for any other text. */
export function geometryNamedIn(sentence: string): Geometry | undefined {
  return GEOMETRIES.find((geometry) => sentence === wrongGeometrySentence(geometry));
}

export type CloseName = keyof typeof CLOSE_CODES;

/** The name of a close code of the table, or `undefined` for any other. */
export function closeName(code: number): CloseName | undefined {
  return CLOSE_NAMES.get(code);
}

/** A decoded message, or why there is none: a code and a sentence that quotes nothing of the input. */
export type Decoded<M> =
  | { readonly ok: true; readonly message: M }
  | { readonly ok: false; readonly code: 'malformed' | 'unknown-type'; readonly problem: string };

/** Reads what a client sent: text or a binary frame. The bytes in the result are views into `data`. */
export function decodeClientMessage(data: string | Uint8Array): Decoded<ClientMessage> {
  if (typeof data === 'string') return decodeText(data, CLIENT_SCHEMAS);
  if (data.length <= SIGNAL_HEADER_BYTES || data[0] !== KIND_SIGNAL) return malformed('not a signal frame');
  const to = data.subarray(1, SIGNAL_HEADER_BYTES);
  return { ok: true, message: { type: 'signal', to, data: data.subarray(SIGNAL_HEADER_BYTES) } };
}

/** Reads what the server sent: text or a binary frame. The bytes in the result are views into `data`. */
export function decodeServerMessage(data: string | Uint8Array): Decoded<ServerMessage> {
  if (typeof data === 'string') return decodeText(data, SERVER_SCHEMAS);
  const id = data.subarray(1, SIGNAL_HEADER_BYTES);
  if (data[0] === KIND_SIGNAL && data.length > SIGNAL_HEADER_BYTES) {
    return { ok: true, message: { type: 'signal', from: id, data: data.subarray(SIGNAL_HEADER_BYTES) } };
  }
  if (data[0] === KIND_UNDELIVERABLE && data.length === SIGNAL_HEADER_BYTES) {
    return { ok: true, message: { type: 'undeliverable', to: id } };
  }
  return malformed('not a frame of the server');
}

/** The WebSocket message for this: text for control messages, bytes for signals. */
export function encodeClientMessage(message: ClientMessage): string | Uint8Array<ArrayBuffer> {
  if (message.type === 'signal') return frame(KIND_SIGNAL, message.to, message.data);
  if (message.type === 'introduce') return JSON.stringify(message);
  const { type, room, geometry, host } = message;
  const publicKey = toHex(message.publicKey);
  return JSON.stringify({ type, publicKey, signature: toHex(message.signature), room, geometry, host });
}

/** The WebSocket message for this: text for control messages, bytes for signals. */
export function encodeServerMessage(message: ServerMessage): string | Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'signal':
      return frame(KIND_SIGNAL, message.from, message.data);
    case 'undeliverable':
      return frame(KIND_UNDELIVERABLE, message.to, new Uint8Array(0));
    case 'hello':
      return JSON.stringify({ ...message, nonce: toHex(message.nonce) });
    case 'welcome':
      return JSON.stringify({ ...message, introductions: message.introductions.map(toHex) });
    case 'introductions':
      return JSON.stringify({ ...message, ids: message.ids.map(toHex) });
    default:
      return JSON.stringify(message);
  }
}

/** What a login is about; all of it is signed. */
export interface LoginClaim {
  readonly nonce: Uint8Array;
  readonly room: string;
  readonly geometry: Geometry;
  readonly host: string;
}

/**
 * The bytes that a client signs to log in: domain ‖ nonce ‖ room ‖ geometry ‖ host, texts with their length in front.
 * The domain comes first so that no server can choose a nonce that turns the signature into one for something else.
 * The nonce keeps an old login from being played back; the host keeps a server from passing its own client's login on
 * to another server that knows its own name.
 */
export function loginProof(claim: LoginClaim): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const head = [encoder.encode(LOGIN_DOMAIN), claim.nonce];
  const texts = [claim.room, claim.geometry, claim.host].map((text) => encoder.encode(text));
  const parts = [
    ...head,
    ...texts.flatMap((text) => [Uint8Array.of(text.length >> 8, text.length & 255), text]),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** True for text that can name a room: 1-64 characters (Unicode code points), no unpaired surrogates. */
export function isRoom(text: string): boolean {
  // A code point is one or two units: what is far too long is not taken apart to be counted.
  if (text.length < 1 || text.length > 2 * ROOM_LENGTH_MAX || /\p{Surrogate}/u.test(text)) return false;
  return countCharacters(text) <= ROOM_LENGTH_MAX;
}

/** Characters as `isRoom` counts them: Unicode code points. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of an even number of hexadecimal digits; anything else is a bug of the caller's. */
function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function decodeText<M>(text: string, schemas: ReadonlyMap<string, v.GenericSchema<unknown, M>>): Decoded<M> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed('not JSON');
  }
  const type = v.safeParse(TYPED, value);
  if (!type.success) return malformed('not an object with a type');
  const schema = schemas.get(type.output.type);
  if (schema === undefined) return { ok: false, code: 'unknown-type', problem: 'Unknown type of message.' };
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return { ok: true, message: parsed.output };
  const field = parsed.issues[0].path?.[0]?.key;
  // Only names that we gave out ourselves are quoted back: an unknown field could be anything.
  return malformed(FIELDS.has(String(field)) ? `${String(field)} is missing or wrong` : 'wrong fields');
}

function malformed(problem: string): Decoded<never> {
  return { ok: false, code: 'malformed', problem: `Malformed message: ${problem}.` };
}

function frame(kind: number, id: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIGNAL_HEADER_BYTES + data.length);
  bytes[0] = kind;
  bytes.set(id, 1);
  bytes.set(data, SIGNAL_HEADER_BYTES);
  return bytes;
}

function hexBytes(count: number) {
  return v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * count}}$`, 'u')), v.transform(fromHex));
}

const LOGIN_DOMAIN = 'hopline/signaling/1';
const KIND_SIGNAL = 1;
const KIND_UNDELIVERABLE = 2;
/** A host name is at most 253 characters; a port adds six. */
const HOST_LENGTH_MAX = 260;
/** A server that hands out longer lists than these is not one of ours. */
const INTRODUCTIONS_MAX = 64;
const ICE_SERVERS_MAX = 32;
const TEXT_MAX = 1024;

const TYPED = v.object({ type: v.string() });
const GEOMETRIES = ['kademlia', 'chord'] as const satisfies readonly Geometry[];
const GEOMETRY = v.picklist(GEOMETRIES);
const IDS = v.pipe(v.array(hexBytes(ID_BYTES)), v.maxLength(INTRODUCTIONS_MAX));
const URL_TEXT = v.pipe(v.string(), v.maxLength(TEXT_MAX), v.regex(/^(?:stuns?|turns?):\S+$/u));

/** One ICE server as configuration or a `welcome` may name it: `stun:`, `stuns:`, `turn:` and `turns:` addresses. */
export const ICE_SERVER = v.object({
  urls: v.union([URL_TEXT, v.pipe(v.array(URL_TEXT), v.minLength(1), v.maxLength(ICE_SERVERS_MAX))]),
  username: v.exactOptional(v.pipe(v.string(), v.maxLength(TEXT_MAX))),
  credential: v.exactOptional(v.pipe(v.string(), v.maxLength(TEXT_MAX))),
});

const CLOSE_NAMES = new Map<number, CloseName>(
  (Object.keys(CLOSE_CODES) as CloseName[]).map((name) => [CLOSE_CODES[name].code, name]),
);

const ERROR_CODES = [
  'malformed',
  'unknown-type',
  'not-logged-in',
  'already-logged-in',
  'too-fast',
  'introduced-recently',
] as const satisfies readonly ErrorCode[];

/** Strict: a field that the server does not know is a mistake of the client's, and it should hear about it. */
const CLIENT_SCHEMAS = new Map<string, v.GenericSchema<unknown, ClientMessage>>([
  [
    'login',
    v.strictObject({
      type: v.literal('login'),
      publicKey: hexBytes(ID_BYTES),
      signature: hexBytes(SIGNATURE_BYTES),
      room: v.pipe(v.string(), v.check(isRoom)),
      geometry: GEOMETRY,
      host: v.pipe(v.string(), v.minLength(1), v.maxLength(HOST_LENGTH_MAX)),
    }),
  ],
  ['introduce', v.strictObject({ type: v.literal('introduce') })],
]);

/** Lenient about unknown fields: a newer server may say more. */
const SERVER_SCHEMAS = new Map<string, v.GenericSchema<unknown, ServerMessage>>([
  [
    'hello',
    v.object({
      type: v.literal('hello'),
      version: v.pipe(v.number(), v.integer()),
      nonce: hexBytes(ID_BYTES),
    }),
  ],
  [
    'welcome',
    v.object({
      type: v.literal('welcome'),
      geometry: GEOMETRY,
      iceServers: v.pipe(v.array(ICE_SERVER), v.maxLength(ICE_SERVERS_MAX)),
      introductions: IDS,
    }),
  ],
  ['introductions', v.object({ type: v.literal('introductions'), ids: IDS })],
  [
    'error',
    v.object({
      type: v.literal('error'),
      code: v.picklist(ERROR_CODES),
      problem: v.pipe(v.string(), v.maxLength(TEXT_MAX)),
    }),
  ],
]);

const FIELDS = new Set([
  'publicKey',
  'signature',
  'room',
  'geometry',
  'host',
  'nonce',
  'version',
  'iceServers',
  'introductions',
  'ids',
  'code',
  'problem',
]);
