/**
 * Whom to pass a message to: the peer whose own id or one of whose links comes nearest to the target, by full XOR.
 * This runs at every hop of every message, so it searches the packed, sorted lists in place, looks at 32 bits before
 * it looks at all, leaves out what cannot beat the peers chosen so far, and allocates little but the answer.
 * Rules KB13-KB17.
 */

import { idAt, wordsOf, type IdList } from '../../id/id-list.ts';
import { ID_BYTES, type NodeId } from '../../id/node-id.ts';
import { compareXor, compareXorAt, firstWord } from '../../id/xor.ts';
import type { NextHopOptions, PeerView } from '../geometry.ts';
import { ignoredIds, isIgnored, type Ignored } from '../ignored.ts';

/** Flipping the sign bit makes signed integers compare like the unsigned ones they stand for. */
const SIGN = 0x80000000 | 0;
/** No distance is larger, sign flipped. */
const ANY_DISTANCE = 0x7fffffff;

/** What to look for and what does not count. */
interface Search {
  readonly target: NodeId;
  /** First word of the target, sign flipped. */
  readonly word: number;
  readonly ignored: Ignored;
}

/** Where the best id of each chosen peer lies, and the first 32 bits of its distance. Used within one call only. */
const chosenBytes: Uint8Array[] = [];
const chosenAt: number[] = [];
const chosenDistance: number[] = [];
const NOTHING = new Uint8Array(0);

/** Indexes into `peers`, best first, at most `options.count`. */
export function chooseHops(
  self: NodeId,
  target: NodeId,
  peers: readonly PeerView[],
  options: NextHopOptions,
): number[] {
  const { count, skip, ignore } = options;
  const chosen: number[] = [];
  if (count <= 0) return chosen;
  const search: Search = { target, word: firstWord(target) ^ SIGN, ignored: ignoredIds(self, ignore) };
  for (let i = 0; i < peers.length; i++) {
    const peer = peers[i]!;
    if (skip(peer)) continue;
    const limit = chosen.length < count ? ANY_DISTANCE : chosenDistance[count - 1]!;
    const listed = nearestListed(search, peer.linked, limit);
    const own = isOwnBest(search, peer, listed, limit);
    if (listed < 0 && !own) continue;
    const bytes = own ? peer.id : peer.linked.bytes;
    const at = own ? 0 : listed;
    const distance = firstWord(bytes, at) ^ search.word;
    let place = chosen.length;
    while (place > 0) {
      const rivalDistance = chosenDistance[place - 1]!;
      if (distance > rivalDistance) break;
      if (
        distance === rivalDistance &&
        !winsTie(search, bytes, at, peer, place - 1, peers[chosen[place - 1]!]!)
      )
        break;
      place--;
    }
    if (place < count) insert(chosen, place, count, i, bytes, at, distance);
  }
  for (let i = 0; i < chosen.length; i++) chosenBytes[i] = NOTHING; // keeps nobody's list alive
  return chosen;
}

/** The best id that a peer is or is linked to; `undefined` when all of them are ignored. */
export function bestIdVia(
  self: NodeId,
  target: NodeId,
  peer: PeerView,
  ignore: readonly Uint8Array[],
): NodeId | undefined {
  const search: Search = { target, word: firstWord(target) ^ SIGN, ignored: ignoredIds(self, ignore) };
  const listed = nearestListed(search, peer.linked, ANY_DISTANCE);
  if (isOwnBest(search, peer, listed, ANY_DISTANCE)) return peer.id;
  return listed < 0 ? undefined : idAt(peer.linked, listed / ID_BYTES);
}

function insert(
  chosen: number[],
  place: number,
  count: number,
  index: number,
  bytes: Uint8Array,
  at: number,
  distance: number,
): void {
  for (let j = Math.min(chosen.length, count - 1); j > place; j--) {
    chosen[j] = chosen[j - 1]!;
    chosenBytes[j] = chosenBytes[j - 1]!;
    chosenAt[j] = chosenAt[j - 1]!;
    chosenDistance[j] = chosenDistance[j - 1]!;
  }
  chosen[place] = index;
  chosenBytes[place] = bytes;
  chosenAt[place] = at;
  chosenDistance[place] = distance;
}

/** True when the peer's own id counts, is within the limit, and beats the one at `listed` (-1 for none). */
function isOwnBest(search: Search, peer: PeerView, listed: number, limit: number): boolean {
  const distance = firstWord(peer.id) ^ search.word;
  if (distance > limit) return false;
  if (listed >= 0) {
    const rival = firstWord(peer.linked.bytes, listed) ^ search.word;
    if (distance > rival) return false;
    if (distance === rival && compareXorAt(search.target, peer.id, 0, peer.linked.bytes, listed) > 0)
      return false;
  }
  return !isIgnored(search.ignored, peer.id, 0);
}

/** Offset in the list of the nearest id that counts, or -1 when none is within the limit. */
function nearestListed(search: Search, list: IdList, limit: number): number {
  const words = wordsOf(list);
  if (words.length === 0) return -1;
  const at = descend(search, list.bytes, words);
  if ((words[at / ID_BYTES]! ^ search.word) > limit) return -1;
  return isIgnored(search.ignored, list.bytes, at) ? scan(search, list.bytes, words, limit) : at;
}

/** The plain way, for lists whose nearest id does not count. */
function scan(search: Search, bytes: Uint8Array, words: Int32Array, limit: number): number {
  const { word, target } = search;
  let best = -1;
  let bestDistance = limit;
  for (let i = 0; i < words.length; i++) {
    const distance = words[i]! ^ word;
    if (distance > bestDistance) continue;
    const at = i * ID_BYTES;
    if (distance === bestDistance && best >= 0 && compareXorAt(target, bytes, at, bytes, best) > 0) continue;
    if (isIgnored(search.ignored, bytes, at)) continue;
    best = at;
    bestDistance = distance;
  }
  return best;
}

/** Offset of the nearest id of a sorted list that is not empty, ignored or not. */
function descend(search: Search, bytes: Uint8Array, words: Int32Array): number {
  const wanted = search.word;
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle]! ^ SIGN) < wanted) low = middle + 1;
    else high = middle;
  }
  // The longest common prefix is at one of the two ids around the target; all who share it lie on that side, together.
  const below = low > 0 ? words[low - 1]! ^ SIGN ^ wanted : -1;
  const above = low < words.length ? words[low]! ^ SIGN ^ wanted : -1;
  const down = low === words.length || (low > 0 && Math.clz32(below) > Math.clz32(above));
  const step = down ? -1 : 1;
  const shared = Math.clz32(down ? below : above);
  let best = down ? low - 1 : low;
  let bestDistance = words[best]! ^ wanted;
  for (let i = best + step; i >= 0 && i < words.length; i += step) {
    const distance = words[i]! ^ wanted;
    if (Math.clz32(distance ^ SIGN) < shared) break;
    if (distance > bestDistance) continue;
    if (distance === bestDistance && isFarther(search.target, bytes, i, best)) continue;
    best = i;
    bestDistance = distance;
  }
  return best * ID_BYTES;
}

function isFarther(target: NodeId, bytes: Uint8Array, a: number, b: number): boolean {
  return compareXorAt(target, bytes, a * ID_BYTES, bytes, b * ID_BYTES) > 0;
}

/** Whether a peer with its best id at (`bytes`, `at`) goes before the one in `place`; their first 32 bits are equal. */
function winsTie(
  { target }: Search,
  bytes: Uint8Array,
  at: number,
  peer: PeerView,
  place: number,
  rival: PeerView,
): boolean {
  const rivalBytes = chosenBytes[place]!;
  const order = compareXorAt(target, bytes, at, rivalBytes, chosenAt[place]!);
  if (order !== 0) return order < 0;
  // Both lead to one node: straight there is better than through it, and nearer better than farther.
  if (bytes === peer.id) return true;
  if (rivalBytes === rival.id) return false;
  return compareXor(target, peer.id, rival.id) < 0;
}
