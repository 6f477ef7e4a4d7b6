/** What the send panel's fields mean: which target a text names, and whether the form can be sent. Pure. */

import type { Id, Kind } from '../../session/api.ts';
import { isFullId, shortId } from '../format/ids.ts';

/** What the panel can do: the four kinds of message, and a lookup. */
export type SendAction = Exclude<Kind, 'group'> | 'lookup';

export interface SendForm {
  readonly action: SendAction;
  /** Key, id or id prefix, as typed or chosen. */
  readonly target: string;
  readonly payload: string;
  /** True asks for a reply. Broadcasts and lookups have none. */
  readonly asRequest: boolean;
  /** When to give up, ms; `undefined` leaves it to the overlay. */
  readonly timeoutMs: number | undefined;
}

/** The fields are usable, or a sentence says what is missing. */
export type TargetResult =
  | { readonly ok: true; readonly target: string; readonly hint: string }
  | { readonly ok: false; readonly hint: string };

/** What each action does, in a sentence. */
export const ACTION_TEXT: Readonly<Record<SendAction, string>> = {
  closest: 'To the node nearest to a key. That may be this tab itself.',
  direct: 'To exactly one node, hop by hop, linked or not.',
  neighbour: 'To a linked peer, one hop.',
  broadcast: 'To every linked peer, one hop each.',
  lookup: 'Finds the nodes nearest to a key. Sends nothing to them.',
};

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
