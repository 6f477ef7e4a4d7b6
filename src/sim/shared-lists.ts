/**
 * Lists of links, each held once: thirty peers of a node are told the same, and a copy for each of them would be almost a
 * third of what a simulation holds in memory.
 */

import { ID_BYTES, sameId } from '../core/id/node-id.ts';
import { firstWord } from '../core/id/xor.ts';
import type { IdList } from '../core/id/id-list.ts';

/** Places for lists that were told lately. Who is told of a change is told within moments. */
const PLACES = 1 << 12;

export class SharedLists {
  readonly #places = new Array<IdList | undefined>(PLACES).fill(undefined);

  /** The list that was seen before with the same ids, or else this one from now on. */
  share(list: IdList): IdList {
    let hash = list.count;
    for (let at = 0; at < list.bytes.length; at += ID_BYTES)
      hash = Math.imul(hash ^ firstWord(list.bytes, at), 0x9e3779b1);
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    const known = this.#places[place];
    if (known !== undefined && sameId(known.bytes, list.bytes)) return known;
    this.#places[place] = list;
    return list;
  }
}
