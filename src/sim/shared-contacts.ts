/**
 * The contacts of all simulated nodes, each held once: ten thousand tables name the same nodes, and a copy for each of
 * them would be most of what a simulation holds in memory.
 */

import { firstWord } from '../core/id/xor.ts';
import { CONTACT_BYTES, decodeContact, type Contact } from '../core/wire/contact.ts';
import { idOfKey } from './crypto.ts';

/** Where the signing key stands in a record; its first bits tell nearly all records apart. */
const KEY_AT = 6;

export class SharedContacts {
  readonly #byKey = new Map<number, Contact>();

  /** Shares the contact of a node's record from now on. Of two whose keys begin alike the first is shared. */
  add(record: Uint8Array): void {
    const contact = decodeContact(record, { idOfKey });
    const word = firstWord(record, KEY_AT);
    if (contact !== undefined && !this.#byKey.has(word)) this.#byKey.set(word, contact);
  }

  /** The shared contact with exactly this record; `undefined` for any other bytes. */
  get(record: Uint8Array): Contact | undefined {
    if (record.length !== CONTACT_BYTES) return undefined;
    const contact = this.#byKey.get(firstWord(record, KEY_AT));
    if (contact === undefined) return undefined;
    const known = contact.record;
    for (let i = 0; i < CONTACT_BYTES; i++) if (known[i] !== record[i]) return undefined;
    return contact;
  }
}
