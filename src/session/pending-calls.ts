/** Calls that wait for their result. Every one of them ends: with the node's answer, its own time-out, or `left`. */

import type { NodeReceipt } from '../core/events.ts';
import { toHex, type NodeId } from '../core/id/node-id.ts';
import type { CommandId } from '../core/io.ts';
import { decodePayload } from '../core/wire/codec.ts';
import type { Id, LookupResult, Payload, ReasonCode, Receipt, Reply } from './api.ts';
import { toReceipt } from './views.ts';

/** What came back for a command. */
export interface CommandResult {
  readonly receipt: NodeReceipt;
  readonly reply?: Uint8Array | undefined;
  readonly found?: readonly NodeId[] | undefined;
}

/** The union of what calls resolve to. */
export type CallResult = Receipt & Partial<Pick<Reply, 'reply'> & Pick<LookupResult, 'found'>>;

interface Call {
  readonly resolve: (result: CallResult) => void;
  readonly timer: ReturnType<typeof setTimeout>;
  message: string | undefined;
}

/** The node keeps the time-out; this much later the call ends even if it did not. */
const GRACE_MS = 500;

/** The unfinished calls of a session. */
export class PendingCalls {
  readonly #calls = new Map<CommandId, Call>();
  #nextId: CommandId = 1;

  /** A new call and the promise of its result. */
  open(timeoutMs: number): { readonly id: CommandId; readonly result: Promise<CallResult> } {
    const id = this.#nextId++;
    const result = new Promise<CallResult>((resolve) => {
      const timer = setTimeout(() => this.#end(id, failure('timeout', timeoutMs)), timeoutMs + GRACE_MS);
      this.#calls.set(id, { resolve, timer, message: undefined });
    });
    return { id, result };
  }

  /** The call's message set out under this id. */
  onSent(id: CommandId, message: string): void {
    const call = this.#calls.get(id);
    if (call !== undefined) call.message = message;
  }

  /** The node finished the command. */
  onResult(id: CommandId, { receipt, reply, found }: CommandResult): void {
    const payload: Payload | undefined = reply === undefined ? undefined : decodePayload(reply);
    const base = toReceipt(receipt, this.#calls.get(id)?.message ?? receipt.message);
    const readable: Receipt =
      reply !== undefined && payload === undefined ? { ...base, ok: false, reason: 'rejected' } : base;
    this.#end(id, {
      ...readable,
      ...(payload === undefined ? {} : { reply: payload }),
      ...(found === undefined ? {} : { found: found.map((node): Id => toHex(node)) }),
    });
  }

  /** Ends all calls for the same reason. */
  endAll(reason: ReasonCode): void {
    for (const [id, call] of this.#calls) {
      this.#end(id, {
        ...failure(reason, 0),
        ...(call.message === undefined ? {} : { message: call.message }),
      });
    }
  }

  #end(id: CommandId, result: CallResult): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    clearTimeout(call.timer);
    call.resolve(result);
  }
}

/** A receipt that says only why there is none. */
export function failure(reason: ReasonCode, rttMs: number): Receipt {
  return {
    ok: false,
    reason,
    by: [],
    onTheWay: false,
    hops: 0,
    transmissions: 0,
    rttMs,
    path: [],
    certainty: 'unknown',
    tried: [],
    ruledOut: [],
  };
}
