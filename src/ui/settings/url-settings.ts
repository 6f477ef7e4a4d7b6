/**
 * The settings in the page's address: `#room=demo&geometry=chord&links=3&siblings=1&signaling=ws://…&timeout=5000&work=10`.
 * Anything unusable is reported with what is used instead; nothing is ignored silently and nothing throws. Pure.
 */

import { countCharacters, isRoom, ROOM_LENGTH_MAX } from '../../../signaling/protocol.ts';
import type { GeometryName, OverlayOptions } from '../../session/api.ts';

/** What the address asked for. `room` is absent when it named none, or one that cannot be used. */
export type UrlSettings = Omit<Partial<OverlayOptions>, 'iceServers'>;

/** One setting that could not be used. */
export interface SettingProblem {
  /** The name as it stands in the address, cut to 40 characters. */
  readonly name: string;
  /** The value as it stands in the address, cut to 40 characters. */
  readonly value: string;
  /** A whole sentence: what is wrong and what is used instead. */
  readonly sentence: string;
}

export interface ParsedSettings {
  readonly settings: UrlSettings;
  readonly problems: readonly SettingProblem[];
}

/** Settings that are whole numbers: what they set, least, most, and what holds when there is none. */
const NUMBERS: Readonly<
  Record<
    string,
    readonly [
      'bucketSize' | 'successors' | 'linksMax' | 'siblings' | 'timeoutMs' | 'admissionBits',
      min: number,
      max: number,
      fallback: number,
    ]
  >
> = {
  k: ['bucketSize', 1, 64, 8],
  successors: ['successors', 1, 64, 16],
  links: ['linksMax', 1, 200, 48],
  siblings: ['siblings', 0, 64, 8],
  timeout: ['timeoutMs', 1, 60_000, 10_000],
  work: ['admissionBits', 0, 18, 0],
};

/** Every setting the address may carry; what each means stands in `dialogs/help-tables.ts`. */
export const SETTING_NAMES: readonly string[] = [
  'room',
  'geometry',
  'signaling',
  'storage',
  ...Object.keys(NUMBERS),
];

/** Problems listed; an address with more is nonsense anyway. */
const PROBLEMS_MAX = 12;

/** Reads the part of the address after `#` (with or without the sign). */
export function parseUrlSettings(hash: string): ParsedSettings {
  const settings: { -readonly [Name in keyof UrlSettings]: UrlSettings[Name] } = {};
  const problems: SettingProblem[] = [];
  const seen = new Set<string>();
  const report = (name: string, value: string, sentence: string): void => {
    if (problems.length < PROBLEMS_MAX) problems.push({ name: cut(name), value: cut(value), sentence });
  };

  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (seen.has(name)) {
      report(name, value, `“${cut(name)}” is there twice; the first one counts.`);
      continue;
    }
    seen.add(name);
    const problem = readSetting(settings, name, value);
    if (problem !== undefined) report(name, value, problem);
  }
  return { settings, problems };
}

/** The same address part with this room in it, every other setting kept; a stray word (`#demo`) is dropped. */
export function withRoom(hash: string, room: string): string {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  params.delete('room');
  for (const [name, value] of [...params]) if (isStrayWord(name, value)) params.delete(name, value);
  const rest = params.toString();
  return `#room=${encodeURIComponent(room)}${rest === '' ? '' : `&${rest}`}`;
}

/** The same address part with this geometry in it, every other setting kept. */
export function withGeometry(hash: string, geometry: GeometryName): string {
  const params = new URLSearchParams(hash.replace(/^#/, ''));
  params.set('geometry', geometry);
  return withRoom(params.toString(), params.get('room') ?? '');
}

/** Puts one setting in its place, or says in a sentence why not. */
function readSetting(
  settings: { -readonly [Name in keyof UrlSettings]: UrlSettings[Name] },
  name: string,
  value: string,
): string | undefined {
  switch (name) {
    case 'room':
      return readRoom(settings, value);
    case 'signaling':
      return readSignaling(settings, value);
    case 'geometry':
      if (value === 'kademlia' || value === 'chord') {
        settings.geometry = value;
        return undefined;
      }
      return `geometry is “kademlia” or “chord”, not “${cut(value)}”; using kademlia.`;
    case 'storage':
      if (value === 'persistent' || value === 'memory') {
        settings.storage = value;
        return undefined;
      }
      return `storage is “persistent” or “memory”, not “${cut(value)}”; using persistent.`;
    default:
      if (Object.hasOwn(NUMBERS, name)) return readNumber(settings, name, value);
      return `“${cut(name)}” is not a setting; it has no effect.${
        isStrayWord(name, value) && isRoom(name) ? ` Did you mean #room=${cut(name)}?` : ''
      }`;
  }
}

/** Something without a value that is no setting: most likely a room's name without `room=`. */
function isStrayWord(name: string, value: string): boolean {
  return value === '' && !SETTING_NAMES.includes(name);
}

function readRoom(settings: { room?: string }, value: string): string | undefined {
  const room = value.trim();
  if (room === '') return undefined;
  if (!isRoom(room)) {
    return `room has ${countCharacters(room)} characters, ${ROOM_LENGTH_MAX} are allowed; using a new room.`;
  }
  settings.room = room;
  return undefined;
}

function readNumber(
  settings: { -readonly [Name in keyof UrlSettings]: UrlSettings[Name] },
  name: string,
  value: string,
): string | undefined {
  const [field, min, max, fallback] = NUMBERS[name]!;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) {
    settings[field] = number;
    return undefined;
  }
  return `${name} is a whole number from ${min} to ${max}, not “${cut(value)}”; using ${fallback}.`;
}

function readSignaling(settings: { signaling?: string }, value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.hash !== '') {
    return `signaling is an address that begins with ws:// or wss://, not “${cut(value)}”; using this page’s server.`;
  }
  settings.signaling = value;
  return undefined;
}

function cut(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
