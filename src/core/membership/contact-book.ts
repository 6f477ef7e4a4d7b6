/**
 * Turns records from outside into verified contacts of the table. Rules MB1-MB3: nothing enters the table unverified,
 * and a record that would get no place is not even decoded.
 */

import type { NodeContext } from '../context.ts';
import { mapKey, sameId, type MapKey, type NodeId } from '../id/node-id.ts';
import type { LinkId } from '../io.ts';
import { CONTACT_BYTES, contactProof, decodeContact, type Contact } from '../wire/contact.ts';

/**
 * Hearsay about a node found to be gone is not believed for this long: twice the time after which the last one looks after
 * it. Where it was believed sooner, those who noticed late told those who had noticed early, who told them again when
 * they had noticed as well, and the dead stayed in lists of neighbours for ever.
 */
const BURIED_MS = 120_000;
const BURIED_MAX = 1_024;
/** Records verified in one crypto job. */
const VERIFY_BATCH_MAX = 64;

/** A node that was found to be gone. */
interface Grave {
  readonly contact: Contact;
  readonly until: number;
  /** Somebody spoke of it since. */
  isNamed: boolean;
}

export interface ContactBookHooks {
  onAdded(contact: Contact, source: LinkId | undefined): void;
  /** Somebody passes on the record of a node that was found to be gone. */
  onBuriedNamed(id: NodeId): void;
}

export class ContactBook {
  /** Verifications under way: while there are any, the table may still grow. */
  verifying = 0;
  /** In the order in which they were buried. */
  readonly #buried = new Map<MapKey, Grave>();
  readonly #ctx: NodeContext;
  readonly #hooks: ContactBookHooks;

  constructor(ctx: NodeContext, hooks: ContactBookHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
  }

  /** Verifies those records that would get a place and offers them to the table, then calls `done`. */
  learn(records: readonly Uint8Array[], source: LinkId | undefined, done: () => void): void {
    this.#learnFrom(records, 0, source, done);
  }

  /** One batch after the other: what the first ones filled, the later ones need not even be decoded for. */
  #learnFrom(
    records: readonly Uint8Array[],
    start: number,
    source: LinkId | undefined,
    done: () => void,
  ): void {
    const batch: Contact[] = [];
    let at = start;
    for (; at < records.length && batch.length < VERIFY_BATCH_MAX; at++) {
      const contact = this.#useful(records[at]!);
      if (contact !== undefined) batch.push(contact);
    }
    if (batch.length === 0) {
      done();
      return;
    }
    this.#verify(batch, (valid) => {
      for (const contact of valid) this.#offer(contact, source, false);
      this.#learnFrom(records, at, source, done);
    });
  }

  /** Takes a contact whose record is verified already: the other end of a proven link. */
  meet(contact: Contact, link: LinkId): void {
    this.#foundAlive(contact);
    this.#offer(contact, link, true);
  }

  /** Rule MB4: the node is gone; until it shows up itself or with a newer record, others' word for it counts for nothing. */
  bury(contact: Contact): void {
    this.#buried.delete(contact.key);
    this.#buried.set(contact.key, { contact, until: this.#ctx.now + BURIED_MS, isNamed: false });
    for (const oldest of this.#buried.keys()) {
      if (this.#buried.size <= BURIED_MAX) return;
      this.#buried.delete(oldest);
    }
  }

  /** The node lives after all: it answered a question, with its record. */
  exhume(contact: Contact): void {
    this.#foundAlive(contact);
    this.learn([contact.record], undefined, () => undefined);
  }

  /** A linked peer says that it is linked to the node: it may live, if it was found to be gone. */
  named(id: NodeId): void {
    if (this.#buried.size > 0) this.#onNamed(this.#graveOf(mapKey(id)));
  }

  /** The node was found to be gone, a short while ago. */
  isBuried(key: MapKey): boolean {
    return this.#graveOf(key) !== undefined;
  }

  /** Verifies one record whatever the table thinks of it. */
  verifyOne(record: Uint8Array, done: (contact: Contact | undefined) => void): void {
    const contact = decodeContact(record, this.#ctx.ports);
    if (contact === undefined || contact.geometry !== this.#ctx.self.geometry) {
      done(undefined);
      return;
    }
    const known = this.#ctx.geometry.get(contact.key);
    if (known !== undefined && sameId(known.record, contact.record)) done(contact);
    else this.#verify([contact], (valid) => done(valid[0]));
  }

  /**
   * Who was found to be gone and was there all the time was out of reach, and so, as likely as not, were all others:
   * after two halves of a network were apart, each has buried the other. What was said of them meanwhile is believed now.
   */
  #foundAlive({ key, sequence }: Contact): void {
    const grave = this.#graveOf(key);
    this.#buried.delete(key);
    if (grave === undefined || sequence > grave.contact.sequence) return;
    const named = [...this.#buried.values()].filter(({ isNamed }) => isNamed);
    this.#buried.clear();
    this.#ctx.geometry.foundAgain?.(this.#ctx.now);
    this.learn(
      named.map(({ contact }) => contact.record),
      undefined,
      () => undefined,
    );
  }

  #graveOf(key: MapKey): Grave | undefined {
    const grave = this.#buried.get(key);
    return grave !== undefined && grave.until > this.#ctx.now ? grave : undefined;
  }

  #onNamed(grave: Grave | undefined): void {
    if (grave === undefined) return;
    grave.isNamed = true;
    this.#hooks.onBuriedNamed(grave.contact.id);
  }

  #useful(record: Uint8Array): Contact | undefined {
    if (record.length !== CONTACT_BYTES) return undefined;
    const { ports, self, geometry } = this.#ctx;
    const shared = ports.sharedContact?.(record);
    const id = shared?.id ?? ports.idOfKey(record.subarray(6, 38));
    if (sameId(id, self.id) || !geometry.wants(id)) return undefined;
    const contact = shared ?? decodeContact(record, ports);
    if (contact?.geometry !== this.#ctx.self.geometry) return undefined;
    const grave = this.#graveOf(contact.key);
    if (grave === undefined || contact.sequence > grave.contact.sequence) return contact;
    this.#onNamed(grave);
    return undefined;
  }

  #verify(contacts: readonly Contact[], done: (valid: Contact[]) => void): void {
    this.verifying++;
    this.#ctx.crypto({ type: 'verify', items: contacts.map(contactProof) }, (result) => {
      this.verifying--;
      done(result.type === 'verified' ? contacts.filter((_, i) => result.valid[i] === true) : []);
    });
  }

  #offer(contact: Contact, source: LinkId | undefined, alive: boolean): void {
    const outcome = this.#ctx.geometry.offer(contact, this.#ctx.now, alive);
    if (outcome === 'added') this.#hooks.onAdded(contact, source);
  }
}
