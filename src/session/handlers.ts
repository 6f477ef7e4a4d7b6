/**
 * The application's handlers. All of them see each message; the first one, in the order they were registered, that
 * returns (or resolves to) something answers. A handler that throws is passed over and reported, never more.
 */

import { encodePayload } from '../core/wire/codec.ts';
import type { EventHandler, Message, MessageHandler, OverlayEvent } from './api.ts';

/** Reports a sentence about a handler that misbehaved. */
export type ReportFault = (problem: string) => void;

/** The handlers of one session. */
export class Handlers {
  readonly #messages = new Set<{ readonly handle: MessageHandler }>();
  readonly #events = new Set<{ readonly handle: EventHandler; readonly answers: boolean }>();
  readonly #fault: ReportFault;

  constructor(fault: ReportFault) {
    this.#fault = fault;
  }

  /** True while somebody wants to answer messages that pass by. */
  get answering(): boolean {
    return [...this.#events].some(({ answers }) => answers);
  }

  addMessageHandler(handle: MessageHandler): () => void {
    if (typeof handle !== 'function') throw new TypeError('A message handler is a function.');
    const entry = { handle };
    this.#messages.add(entry);
    return () => this.#messages.delete(entry);
  }

  addEventHandler(handle: EventHandler, answers: boolean): () => void {
    if (typeof handle !== 'function') throw new TypeError('An event handler is a function.');
    const entry = { handle, answers };
    this.#events.add(entry);
    return () => this.#events.delete(entry);
  }

  /** The encoded reply to a message, or `undefined` when no handler has one. */
  async reply(message: Message): Promise<Uint8Array | undefined> {
    return this.#firstAnswer(
      [...this.#messages].map(
        ({ handle }) =>
          () =>
            handle(message),
      ),
    );
  }

  /** Tells everybody; a handler's trouble with a `fault` is not reported as another one. */
  tell(event: OverlayEvent): void {
    for (const { handle } of this.#events) void this.#run(() => handle(event), event.type !== 'fault');
  }

  /** Tells everybody about a held message, and resolves to the encoded answer of the first that has one. */
  async tellAndAsk(event: OverlayEvent): Promise<Uint8Array | undefined> {
    const asked = [...this.#events].filter(({ answers }) => answers);
    for (const { handle, answers } of this.#events) if (!answers) void this.#run(() => handle(event), true);
    return this.#firstAnswer(
      asked.map(
        ({ handle }) =>
          () =>
            handle(event),
      ),
    );
  }

  async #firstAnswer(asks: readonly (() => unknown)[]): Promise<Uint8Array | undefined> {
    // All of them see the message at once; only whose answer counts is decided in order.
    const values = asks.map((ask) => this.#run(ask, true));
    for (const pending of values) {
      const value = await pending;
      if (value === undefined) continue;
      const answer = encodePayload(value);
      if (answer !== undefined) return answer;
      this.#fault('A handler replied with something that is not plain data.');
    }
    return undefined;
  }

  async #run(act: () => unknown, report: boolean): Promise<unknown> {
    try {
      return await act();
    } catch (error) {
      if (report) this.#fault(`A handler failed: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}
