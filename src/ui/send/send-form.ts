/** What the send panel's fields mean: which target a text names, and whether the form can be sent. Pure. */

import type { BroadcastOptions, GeometryName, Id, Kind } from '../../session/api.ts';
import { GROUP_SIZE_MAX } from '../../session/options.ts';
import { isFullId, shortId } from '../format/ids.ts';

/** What the panel can do: every kind of message, and a lookup. */
export type SendAction = Kind | 'lookup';

/** How far a broadcast goes. */
export type BroadcastScope = NonNullable<BroadcastOptions['scope']>;

export interface SendForm {
  readonly action: SendAction;
  /** Key, id or id prefix, as typed or chosen. */
  readonly target: string;
  readonly payload: string;
  /** Members that a group message is for. */
  readonly groupSize: number;
  /** Whom a broadcast is for. */
  readonly scope: BroadcastScope;
  /** True asks for a reply. Groups, broadcasts and lookups have none. */
  readonly asRequest: boolean;
  /** When to give up, ms; `undefined` leaves it to the overlay. */
  readonly timeoutMs: number | undefined;
}

/** The fields are usable, or a sentence says what is missing. */
export type TargetResult =
  | { readonly ok: true; readonly target: string; readonly hint: string }
  | { readonly ok: false; readonly hint: string };

/** A group size that can be sent, or a sentence that says what is wrong with it. */
export type SizeResult =
  | { readonly ok: true; readonly size: number; readonly hint: string }
  | { readonly ok: false; readonly hint: string };

const ACTION_TEXT: Readonly<Record<Exclude<SendAction, 'broadcast'>, string>> = {
  closest: 'To the node nearest to a key. That may be this tab itself.',
  direct: 'To exactly one node, hop by hop, linked or not.',
  group: 'To the nodes nearest to a key.',
  neighbour: 'To a linked peer, one hop.',
  lookup: 'Finds the nodes nearest to a key. Sends nothing to them.',
};

const BROADCAST_TEXT: Readonly<Record<BroadcastScope, string>> = {
  neighbours: 'To every linked peer, one hop each.',
  network: 'To every node of the network.',
};

/** Nearest to a key are on a ring the first nodes at or after it. */
const RING_TEXT: Partial<typeof ACTION_TEXT> = {
  closest: 'To the node of a key: the first at or after it on the ring. That may be this tab itself.',
  group: 'To the first nodes at or after a key on the ring.',
  lookup: 'Finds the first nodes at or after a key on the ring. Sends nothing to them.',
};

/** What an action does, in a sentence. */
export function actionText(
  action: SendAction,
  scope: BroadcastScope,
  geometry: GeometryName | undefined,
): string {
  if (action === 'broadcast') return BROADCAST_TEXT[scope];
  return (geometry === 'chord' ? RING_TEXT[action] : undefined) ?? ACTION_TEXT[action];
}

/** True where a reply can be asked for. */
export function canRequest(action: SendAction): boolean {
  return action === 'closest' || action === 'direct' || action === 'neighbour';
}

/** Reads the target field. Beginnings of known ids count as the id when only one fits. */
export function readTarget(action: SendAction, text: string, known: readonly Id[]): TargetResult {
  const typed = text.trim();
  if (action === 'broadcast') return { ok: true, target: '', hint: '' };
  if (action === 'neighbour') {
    if (typed === '') return { ok: false, hint: 'Choose a linked peer.' };
    return { ok: true, target: typed, hint: '' };
  }
  if (action === 'direct') return readNodeId(typed, known);
  if (typed === '') return { ok: false, hint: 'A key is any text, or an id of 64 hexadecimal digits.' };
  if (isFullId(typed)) return { ok: true, target: typed.toLowerCase(), hint: 'Taken as an id.' };
  return { ok: true, target: text, hint: 'Text: its hash is the key.' };
}

/** Reads the size of a group. `bucketSize` is up to where a node knows for certain who the members are. */
export function readGroupSize(text: string, bucketSize: number): SizeResult {
  const typed = text.trim();
  const size = /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN;
  if (!(size >= 1 && size <= GROUP_SIZE_MAX))
    return { ok: false, hint: `A group has 1 to ${GROUP_SIZE_MAX} members, as a whole number.` };
  if (size > bucketSize) return { ok: true, size, hint: `Only up to ${bucketSize} are known exactly.` };
  return { ok: true, size, hint: '' };
}

function readNodeId(typed: string, known: readonly Id[]): TargetResult {
  if (typed === '') return { ok: false, hint: 'Choose a node, or paste an id.' };
  if (isFullId(typed)) return { ok: true, target: typed.toLowerCase(), hint: '' };
  if (!/^[0-9a-f]{1,64}$/i.test(typed)) return { ok: false, hint: 'An id has 64 hexadecimal digits.' };
  const fitting = known.filter((id) => id.startsWith(typed.toLowerCase()));
  const only = fitting[0];
  if (only !== undefined && fitting.length === 1)
    return { ok: true, target: only, hint: `That is ${shortId(only)}.` };
  if (fitting.length > 1) return { ok: false, hint: `${fitting.length} known nodes begin so; type more.` };
  return { ok: false, hint: 'No known node begins so. An id has 64 hexadecimal digits.' };
}
