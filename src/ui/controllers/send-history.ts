/** What the send panel sent, newest first, with what became of each. Talks to the overlay it is given. */

import type { Id, LookupResult, Overlay, Payload, Receipt, SendOptions } from '../../session/api.ts';
import { isFullId } from '../format/ids.ts';
import { canRequest, type BroadcastScope, type SendAction, type SendForm } from '../send/send-form.ts';

/** One thing sent from the panel. */
export interface SendEntry {
  readonly number: number;
  readonly at: number;
  readonly action: SendAction;
  /** As the form meant it: a key, an id, or empty for a broadcast. */
  readonly target: string;
  /** The target as an id, where it is one; the hash of a text key is the overlay's business. */
  readonly targetId: Id | undefined;
  readonly payload: string;
  readonly groupSize: number;
  readonly scope: BroadcastScope;
  readonly asRequest: boolean;
  /** What became of it; `undefined` while under way. */
  readonly receipt: Receipt | undefined;
  readonly reply: Payload | undefined;
  /** Nodes found by a lookup, nearest first. */
  readonly found: readonly Id[] | undefined;
  /** A sentence when the overlay refused the call itself. */
  readonly misuse: string | undefined;
}

const ENTRIES_MAX = 50;

/** The last 50 sends. */
export class SendHistory {
  #entries: readonly SendEntry[] = [];
  #nextNumber = 1;

  get entries(): readonly SendEntry[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries = [];
  }

  /** Sends what the form says and resolves, never rejects, with the finished entry. `onChange` follows each step. */
  async send(overlay: Overlay, form: SendForm, onChange: () => void): Promise<SendEntry> {
    const pending: SendEntry = {
      number: this.#nextNumber,
      at: Date.now(),
      action: form.action,
      target: form.target,
      targetId: isFullId(form.target) ? form.target : undefined,
      payload: form.payload,
      groupSize: form.groupSize,
      scope: form.scope,
      asRequest: form.asRequest && canRequest(form.action),
      receipt: undefined,
      reply: undefined,
      found: undefined,
      misuse: undefined,
    };
    this.#nextNumber += 1;
    this.#entries = [pending, ...this.#entries].slice(0, ENTRIES_MAX);
    onChange();
    const finished = await finish(overlay, pending, form.timeoutMs);
    this.#entries = this.#entries.map((entry) => (entry.number === finished.number ? finished : entry));
    onChange();
    return finished;
  }
}

async function finish(overlay: Overlay, entry: SendEntry, timeoutMs: number | undefined): Promise<SendEntry> {
  try {
    const { receipt, reply, found } = await call(
      overlay,
      entry,
      timeoutMs === undefined ? {} : { timeoutMs },
    );
    // A lookup's result names no key id, but its own path does not need one either.
    return { ...entry, receipt, reply, found };
  } catch (error) {
    // Calls reject on misuse only: the message says what was wrong with the arguments.
    return { ...entry, misuse: error instanceof Error ? error.message : String(error) };
  }
}

interface Outcome {
  readonly receipt: Receipt;
  readonly reply?: Payload | undefined;
  readonly found?: readonly Id[];
}

async function call(
  overlay: Overlay,
  entry: SendEntry,
  options: Pick<SendOptions, 'timeoutMs'>,
): Promise<Outcome> {
  const { action, target, payload } = entry;
  if (action === 'lookup') {
    const result: LookupResult = await overlay.lookup(target, options);
    return { receipt: result, found: result.found };
  }
  if (action === 'broadcast')
    return { receipt: await overlay.broadcast(payload, { ...options, scope: entry.scope }) };
  if (action === 'group')
    return { receipt: await overlay.group(target, payload, { ...options, size: entry.groupSize }) };
  if (entry.asRequest) {
    const where =
      action === 'closest'
        ? { closest: target }
        : action === 'direct'
          ? { direct: target }
          : { neighbour: target };
    const reply = await overlay.request(where, payload, options);
    return { receipt: reply, reply: reply.reply };
  }
  return { receipt: await overlay[action](target, payload, options) };
}
