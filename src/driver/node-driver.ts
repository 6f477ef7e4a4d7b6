/**
 * Runs one node against real time and real links: takes what happens, hands it to the node one thing at a time,
 * performs what the node asks for, and wakes it when it wants to be woken. Knows nothing about messages. Rules DR1-DR8.
 */

import { createNanoEvents, type Unsubscribe } from 'nanoevents';
import type { NodeEvent } from '../core/events.ts';
import type { Command, Input, Output } from '../core/io.ts';
import type { NodeSnapshot } from '../core/snapshot.ts';
import type { Held } from '../core/store/record-table.ts';
import type { HeldView } from '../core/store/store-io.ts';
import type { CryptoJobs } from '../identity/crypto-jobs.ts';
import type { Transport } from '../transport/transport.ts';
import type { Clock } from './clock.ts';
import type { Timer, TimerFactory } from './timer.ts';

/** What the driver needs of a node: the contract of src/core/io.ts. `OverlayNode` is one. */
export interface DrivenNode {
  handleInput(input: Input, now: number): void;
  pollOutput(): Output | undefined;
  nextTimeout(): number;
  snapshot(): NodeSnapshot;
  held(): HeldView[];
}

/** The way to the signaling server, as far as the node uses it. */
export interface SignalingPort {
  signal(to: Uint8Array, data: Uint8Array): unknown;
  introduce(): void;
}

export interface DriverOptions {
  readonly node: DrivenNode;
  readonly transport: Transport;
  readonly signaling: SignalingPort;
  readonly crypto: CryptoJobs;
  readonly clock: Clock;
  readonly createTimer: TimerFactory;
  /** Keeps a record over a reload, or nothing in its slot any more. Left out, nothing is kept. */
  readonly keep?: (slot: string, held: Held | undefined) => void;
}

export interface DriverEvents {
  /** Something the node tells the application. */
  event: (event: NodeEvent) => void;
  /** The own alarm came this much too late: the machine slept, or the page was frozen. ms. */
  asleep: (forMs: number) => void;
  /** The node broke one of its own rules and was stopped. Comes once at most. */
  crashed: (error: Error) => void;
}

/** An alarm later than this is a sleep and not a busy page, ms. */
export const ASLEEP_MS = 3_000;

/** One running node. */
export class NodeDriver {
  readonly #options: DriverOptions;
  readonly #events = createNanoEvents<DriverEvents>();
  readonly #timer: Timer;
  /** Inputs that came while the node was at work: from a listener, or from a transport that answers at once. */
  readonly #waiting: Input[] = [];
  readonly #unsubscribe: readonly Unsubscribe[];
  #working = false;
  #stopped = false;
  /** When the alarm is set for; `Infinity` when it is not. */
  #alarmAt = Infinity;
  #error: Error | undefined;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#timer = options.createTimer(() => this.#onAlarm());
    const { transport } = options;
    this.#unsubscribe = [
      transport.on('signal', (link, data) => this.handle({ type: 'signal-out', link, data })),
      transport.on('up', (link, record) => this.handle({ type: 'link-up', link, record })),
      transport.on('down', (link, reason) => this.handle({ type: 'link-down', link, reason })),
      transport.on('frame', (link, bytes) => this.handle({ type: 'frame', link, bytes })),
      transport.on('pressure', (link, congested) => this.handle({ type: 'link-pressure', link, congested })),
    ];
  }

  /** Registers a listener; returns the function that takes it away. */
  on<Name extends keyof DriverEvents>(name: Name, listener: DriverEvents[Name]): Unsubscribe {
    return this.#events.on(name, listener);
  }

  /** What stopped the node, if a broken rule did. */
  get error(): Error | undefined {
    return this.#error;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Gives the node one input and does everything it asks for. Ignored once stopped. */
  handle(input: Input): void {
    if (this.#stopped) return;
    this.#waiting.push(input);
    if (this.#working) return;
    this.#working = true;
    try {
      for (
        let next = this.#waiting.shift();
        next !== undefined && !this.#stopped;
        next = this.#waiting.shift()
      ) {
        this.#options.node.handleInput(next, this.#options.clock.now());
        this.#drain();
      }
      this.#rearm();
    } catch (error) {
      this.#crash(error);
    } finally {
      this.#working = false;
    }
  }

  /** Shorthand for a command input. */
  command(command: Command): void {
    this.handle({ type: 'command', command });
  }

  /** Something woke the page up: the node looks at the time. */
  wake(): void {
    this.handle({ type: 'wake' });
  }

  /** A copy of what the node knows. */
  snapshot(): NodeSnapshot {
    return this.#options.node.snapshot();
  }

  /** The records that the node holds. */
  held(): HeldView[] {
    return this.#options.node.held();
  }

  /** Stops for good, without a goodbye: `leave` says that. The transport is not closed, frames may still be leaving. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#waiting.length = 0;
    this.#timer.stop();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #drain(): void {
    const { node } = this.#options;
    for (let output = node.pollOutput(); output !== undefined; output = node.pollOutput())
      this.#perform(output);
  }

  #perform(output: Output): void {
    const { transport, signaling } = this.#options;
    switch (output.type) {
      case 'transmit':
        return transport.transmit(output.link, output.bytes);
      case 'dial':
        return transport.dial(output.link, output.peer);
      case 'accept':
        return transport.accept(output.link, output.peer);
      case 'signal':
        return transport.signal(output.link, output.data);
      case 'hang-up':
        return transport.hangUp(output.link, output.reason);
      case 'server-signal':
        signaling.signal(output.to, output.data);
        return;
      case 'server-introduce':
        return signaling.introduce();
      case 'crypto':
        return this.#answerCrypto(output);
      case 'persist':
        this.#options.keep?.(output.slot, output.held);
        return;
      case 'event':
        return this.#tell(output.event);
    }
  }

  #answerCrypto({ job, request }: Output & { type: 'crypto' }): void {
    this.#options.crypto(request, job).then(
      (result) => this.handle({ type: 'crypto-done', job, result }),
      () => this.handle({ type: 'crypto-done', job, result: { type: 'failed' } }),
    );
  }

  /** A listener that throws is its own trouble: the node must not stop for it, and the console should show it. */
  #tell(event: NodeEvent): void {
    try {
      this.#events.emit('event', event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #onAlarm(): void {
    if (this.#stopped) return;
    const lateMs = this.#options.clock.now() - this.#alarmAt;
    this.#alarmAt = Infinity;
    this.wake();
    if (lateMs >= ASLEEP_MS) this.#events.emit('asleep', lateMs);
  }

  /** Moves the alarm only when it would come too late. One that comes early costs a wake, moving it costs a message. */
  #rearm(): void {
    if (this.#stopped) return;
    const { node, clock } = this.#options;
    const wantedAt = node.nextTimeout();
    if (wantedAt >= this.#alarmAt) return;
    this.#alarmAt = wantedAt;
    this.#timer.set(wantedAt - clock.now());
  }

  /** The one place where a bug of the core ends up. */
  #crash(error: unknown): void {
    this.stop();
    this.#error = error instanceof Error ? error : new Error(String(error));
    this.#options.transport.close();
    this.#events.emit('crashed', this.#error);
  }
}
