/** Sends messages between nodes drawn by chance and says of each how many hops it took and how many copies it cost. */

import type { NodeEvent } from '../../core/events.ts';
import { FRAME_KINDS, messageHex, messageKey } from '../../core/wire/frame.ts';
import type { SeededRandom } from '../random.ts';
import type { SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';

export interface Probe {
  readonly hops: number;
  readonly copies: number;
  /** Why it counts as lost; `undefined` when it arrived. */
  readonly problem: string | undefined;
}

interface Sent {
  readonly from: SimNode;
  readonly to: SimNode;
  message: string;
  hops: number;
  isOver: boolean;
  reason: string | undefined;
}

export class HopProbe {
  readonly #simulation: Simulation;
  readonly #random: SeededRandom;
  /** By number of the command, which goes on from one sending to the next. */
  readonly #sent = new Map<number, Sent>();
  readonly #copies = new Map<string, number>();
  #next = 0;

  constructor(simulation: Simulation, random: SeededRandom) {
    this.#simulation = simulation;
    this.#random = random;
    simulation.onEvent = (node, event) => this.#onEvent(node, event);
    simulation.onTransmit = (_node, _link, bytes) => {
      if (bytes[1] === FRAME_KINDS.direct) this.#countCopy(messageHex(messageKey(bytes, 12)));
      return false;
    };
  }

  /** Sends `count` direct messages at once and waits until all have their results. */
  send(count: number): Probe[] {
    const live = this.#simulation.liveNodes();
    if (live.length < 2) return [];
    this.#sent.clear();
    this.#copies.clear();
    for (let i = 0; i < count; i++) {
      const from = live[this.#random.below(live.length)]!;
      const to = live[this.#random.below(live.length)]!;
      if (from !== to) this.#sendOne(from, to);
    }
    const isOpen = (): boolean => [...this.#sent.values()].some(({ isOver }) => !isOver);
    this.#simulation.runWhile(isOpen, 10, this.#simulation.now + TIMEOUT_MS + 1_000);
    return [...this.#sent.values()].map((sent) => ({
      hops: sent.hops,
      copies: this.#copies.get(sent.message) ?? 0,
      problem: problemOf(sent),
    }));
  }

  #sendOne(from: SimNode, to: SimNode): void {
    const id = this.#next++;
    this.#sent.set(id, { from, to, message: '', hops: 0, isOver: false, reason: undefined });
    const body = new Uint8Array(4);
    new DataView(body.buffer).setUint32(0, id);
    this.#simulation.command(from, {
      type: 'send',
      id,
      kind: 'direct',
      target: to.id,
      body,
      request: false,
      receipt: true,
      timeoutMs: TIMEOUT_MS,
    });
  }

  #onEvent(node: SimNode, event: NodeEvent): void {
    if (event.type === 'sent' && event.command !== undefined) {
      const sent = this.#sent.get(event.command);
      if (sent?.from === node) sent.message = event.message;
    } else if (event.type === 'delivered' && event.service === 'app') {
      const { buffer, byteOffset } = event.body;
      const sent = this.#sent.get(new DataView(buffer, byteOffset).getUint32(0));
      if (sent?.to === node) sent.hops = event.hops;
    } else if (event.type === 'result') {
      const sent = this.#sent.get(event.command);
      if (sent?.from !== node) return;
      sent.isOver = true;
      sent.reason = event.receipt.reason;
    }
  }

  #countCopy(message: string): void {
    this.#copies.set(message, (this.#copies.get(message) ?? 0) + 1);
  }
}

function problemOf({ from, to, hops, isOver, reason }: Sent): string | undefined {
  const what = `the message from node ${from.index} to node ${to.index}`;
  if (!isOver) return `${what} has no result`;
  if (reason !== undefined) return `${what} failed: ${reason}`;
  return hops === 0 ? `${what} did not arrive` : undefined;
}

const TIMEOUT_MS = 10_000;
