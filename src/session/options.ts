/** What callers may ask for, checked once. Every complaint is a `TypeError` with a sentence that names the option. */

import { BROWSER } from '../core/config.ts';
import type { SendKind } from '../core/io.ts';
import { isRoom } from '../../signaling/protocol.ts';
import type { BroadcastOptions, GeometryName, GroupOptions, OverlayOptions, SendOptions } from './api.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const KNOWN_OPTIONS: ReadonlySet<string> = new Set<keyof OverlayOptions>([
  'room',
  'signaling',
  'geometry',
  'bucketSize',
  'successors',
  'linksMax',
  'siblings',
  'iceServers',
  'storage',
  'timeoutMs',
  'admissionBits',
]);

const SEND_OPTIONS: ReadonlySet<string> = new Set<keyof SendOptions>([
  'timeoutMs',
  'receipt',
  'hopLimit',
  'routes',
]);
const BROADCAST_OPTIONS: ReadonlySet<string> = new Set<keyof BroadcastOptions>([
  'timeoutMs',
  'receipt',
  'hopLimit',
  'scope',
]);
const GROUP_OPTIONS: ReadonlySet<string> = new Set<keyof GroupOptions>(['timeoutMs', 'size']);
const LOOKUP_OPTIONS: ReadonlySet<string> = new Set(['timeoutMs']);

/** Options with nothing left out; `signaling` and `iceServers` have defaults that depend on the page. */
export interface CheckedOptions {
  readonly room: string;
  readonly signaling: string | undefined;
  readonly geometry: GeometryName;
  readonly bucketSize: number;
  readonly successors: number;
  readonly linksMax: number;
  readonly siblings: number;
  readonly iceServers: readonly RTCIceServer[] | undefined;
  readonly storage: 'persistent' | 'memory';
  readonly timeoutMs: number;
  readonly admissionBits: number;
}

/** The options of `openOverlay`, complete. Throws a `TypeError` for anything that cannot be meant. */
export function checkOptions(options: OverlayOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('openOverlay needs options with a room.');
  refuseUnknown('openOverlay', options, KNOWN_OPTIONS);
  const { room, signaling, iceServers, geometry = 'kademlia', storage = 'persistent' } = options;
  if (typeof room !== 'string' || !isRoom(room))
    throw new TypeError('The room is text of 1 to 64 characters.');
  if (signaling !== undefined && !isSignalingUrl(signaling)) {
    throw new TypeError('The signaling address begins with ws:// or wss://.');
  }
  if (geometry !== 'kademlia' && geometry !== 'chord') {
    throw new TypeError('geometry is "kademlia" or "chord".');
  }
  if (iceServers !== undefined) checkIceServers(iceServers);
  if (storage !== 'persistent' && storage !== 'memory') {
    throw new TypeError('storage is "persistent" or "memory".');
  }
  return {
    room,
    signaling,
    geometry,
    iceServers,
    storage,
    bucketSize: whole('bucketSize', options.bucketSize, 1, 64, BROWSER.bucketSize),
    successors: whole('successors', options.successors, 1, 64, BROWSER.successors),
    linksMax: whole('linksMax', options.linksMax, 1, 200, BROWSER.linksMax),
    siblings: whole('siblings', options.siblings, 0, 64, BROWSER.siblings),
    timeoutMs: checkTimeout(options.timeoutMs, DEFAULT_TIMEOUT_MS),
    admissionBits: whole('admissionBits', options.admissionBits, 0, BROWSER.admissionBitsMax, 0),
  };
}

interface CheckedSendOptions {
  readonly timeoutMs: number;
  readonly receipt: boolean;
  readonly hopLimit: number | undefined;
  readonly routes: number | undefined;
}

/** The options of one message, complete; `timeoutMs` from the overlay's own when left out. */
export function checkSendOptions(
  options: SendOptions | undefined,
  timeoutMs: number,
  kind: SendKind,
): CheckedSendOptions {
  const isBroadcast = kind === 'broadcast';
  refuseUnknown(
    isBroadcast ? 'A broadcast' : 'A message',
    options,
    isBroadcast ? BROADCAST_OPTIONS : SEND_OPTIONS,
  );
  const { receipt = true, hopLimit, routes } = options ?? {};
  if (typeof receipt !== 'boolean') throw new TypeError('receipt is true or false.');
  return {
    receipt,
    timeoutMs: checkTimeout(options?.timeoutMs, timeoutMs),
    hopLimit:
      hopLimit === undefined ? undefined : whole('hopLimit', hopLimit, 1, BROWSER.hopLimit, BROWSER.hopLimit),
    routes: routes === undefined ? undefined : whole('routes', routes, 1, BROWSER.routesMax, 1),
  };
}

/** The options of a group message, complete. */
export function checkGroupOptions(
  options: GroupOptions | undefined,
  timeoutMs: number,
): { readonly timeoutMs: number; readonly groupSize: number } {
  refuseUnknown('A group message', options, GROUP_OPTIONS);
  return {
    timeoutMs: checkTimeout(options?.timeoutMs, timeoutMs),
    groupSize: whole('size', options?.size, 1, GROUP_SIZE_MAX, GROUP_SIZE),
  };
}

/** Members of a group, most and by default. */
export const GROUP_SIZE_MAX = 32;
export const GROUP_SIZE = 8;

/** The time-out of a lookup in ms, its only option; the overlay's own when left out. */
export function checkLookupOptions(
  options: { readonly timeoutMs?: number } | undefined,
  timeoutMs: number,
): number {
  refuseUnknown('A lookup', options, LOOKUP_OPTIONS);
  return checkTimeout(options?.timeoutMs, timeoutMs);
}

export function checkTimeout(timeoutMs: number | undefined, fallback: number): number {
  return whole('timeoutMs', timeoutMs, 1, BROWSER.messageLifeMsMax, fallback);
}

export function whole(
  name: string,
  value: number | undefined,
  min: number,
  max: number,
  fallback: number,
): number {
  if (value === undefined) return fallback;
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`${name} is a whole number from ${min} to ${max}.`);
}

/** A misspelt option would be ignored silently: say so, and what there is. */
export function refuseUnknown(what: string, options: unknown, known: ReadonlySet<string>): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${what} takes options as an object.`);
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new TypeError(`${what} has no option "${unknown}". There are: ${[...known].join(', ')}.`);
}

/** The browser checks these only with the first link, far from the mistake. */
function checkIceServers(servers: unknown): void {
  const list = 'iceServers is a list of { urls, username?, credential? }';
  if (!Array.isArray(servers)) throw new TypeError(`${list}.`);
  for (const [index, server] of servers.entries()) {
    const { urls, username, credential } = (server ?? {}) as Record<string, unknown>;
    const all: readonly unknown[] = Array.isArray(urls) ? urls : [urls];
    if (all.length === 0 || !all.every((url) => typeof url === 'string' && ICE_URL.test(url))) {
      throw new TypeError(
        `${list}; the urls of entry ${index} must be an address, or a list of addresses, with stun:, stuns:, turn: or turns: in front.`,
      );
    }
    const isTurn = all.some((url) => /^turn/i.test(String(url)));
    if (isTurn && !(isText(username) && isText(credential))) {
      throw new TypeError(
        `${list}; entry ${index} is a TURN server and needs username and credential as text.`,
      );
    }
  }
}

const ICE_URL = /^(?:stuns?|turns?):[^\s/]\S*$/i;

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isSignalingUrl(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  return ['ws:', 'wss:'].includes(new URL(text).protocol);
}
