/**
 * Sends messages to groups of nodes, or to everybody, and keeps the account of each: who handled it, how often, what it
 * cost, how deep its tree was. The oracle says who belongs to a group.
 */

import type { NodeEvent } from '../../core/events.ts';
import { asNodeId, type NodeId } from '../../core/id/node-id.ts';
import {
  AUTH_BYTES,
  FRAME_KINDS,
  frameBody,
  HEADER_BYTES,
  readFrame,
  SERVICES,
  type Frame,
} from '../../core/wire/frame.ts';
import type { Finding } from '../checkers/finding.ts';
import { maxOf, meanOf, percentDown, percentile, rounded } from '../figures.ts';
import { wholeNumber } from '../options.ts';
import { SeededRandom } from '../random.ts';
import { isAlive, type SimNode } from '../sim-node.ts';
import type { Simulation } from '../simulator.ts';
import { MESSAGE_MARK, readBody, writeBody } from './account.ts';
import type { Hardship } from './hardship.ts';
import type { ResultValue, ScenarioOutcome } from './scenario.ts';
import { MESSAGE_TIMEOUT_MS, OVERDUE_MS } from './traffic.ts';

export interface MulticastOptions {
  readonly kind: 'group' | 'broadcast';
  readonly groupSize: number;
  readonly timeoutMs: number;
  /** Who may send, and be a member of a group that is sent to. */
  readonly isEndpoint: (node: SimNode) => boolean;
}

/** The account of one message. */
export interface Spreading {
  readonly sender: SimNode;
  /** Who should handle it. */
  readonly expected: ReadonlySet<SimNode>;
  readonly sentAt: number;
  readonly deliveries: Map<SimNode, number>;
  /** By position of the node: how many nodes passed a broadcast on before it got there. */
  readonly depths: Map<number, number>;
  copies: number;
  settledAt: number;
  isOk: boolean;
  reason: string | undefined;
  /** Nodes that the sender learned have it. */
  acknowledged: number;
  /** Hops to the first member. */
  hops: number;
}

/** How one message fared. */
export interface Fate {
  readonly isComplete: boolean;
  /** Copies beyond the hops to the first member. */
  readonly copiesBeyondPath: number;
  /** What is wrong when it is not complete, to end a sentence. */
  readonly problem: string;
}

export const GROUP_SIZE_OPTION = wholeNumber('members of each group', { min: 1, max: 32, fallback: 8 });

/** Lines of help for numbers that groups and broadcasts share. */
export const MULTICAST_HELP = [
  'reached           share of the nodes that should handle a message that did',
  'acknowledged      share of them that the sender learned of',
  'handledTwice, handledWrong   nodes that handled one more than once, or were not meant',
  'transmissions     copies of a message over links, retries included',
  'latency           from sending to the result, virtual ms',
];

/** Sends messages of one kind and says how they fared. */
export function sendMulticast(
  simulation: Simulation,
  values: Pick<MulticastOptions, 'kind' | 'groupSize'> & {
    readonly messages: number;
    readonly nodes: number;
  },
  hardship: Hardship,
  progress: (line: string) => void,
): ScenarioOutcome {
  simulation.meter.reset();
  const { kind, groupSize, messages, nodes } = values;
  const sending = new Multicast(simulation, {
    kind,
    groupSize,
    timeoutMs: MESSAGE_TIMEOUT_MS,
    isEndpoint: (node) => hardship.isEndpoint(node),
  });
  hardship.begin();
  sending.run(messages, kind === 'group' ? nodes : BROADCASTS_PER_SECOND, progress);
  return { numbers: sending.numbers(), findings: sending.findings() };
}

export class Multicast {
  readonly accounts: Spreading[] = [];
  readonly #simulation: Simulation;
  readonly #options: MulticastOptions;
  readonly #random: SeededRandom;
  /** Messages in accounts of others, before this one began to count its own. */
  readonly #firstNumber: number;

  constructor(simulation: Simulation, options: MulticastOptions, firstNumber = 0) {
    this.#simulation = simulation;
    this.#options = options;
    this.#firstNumber = firstNumber;
    this.#random = new SeededRandom(simulation.seed, MULTICAST_STREAM);
    const { onEvent, onTransmit } = simulation;
    simulation.onEvent = (node, event) => {
      onEvent(node, event);
      this.#onEvent(node, event);
    };
    simulation.onTransmit = (node, link, bytes) => {
      if (onTransmit?.(node, link, bytes) === true) return true;
      this.#onTransmit(bytes);
      return false;
    };
  }

  /** Sends messages at even distances and runs until each has its result and the last copies have arrived. */
  run(messages: number, perSecond: number, progress: (line: string) => void): void {
    const simulation = this.#simulation;
    for (let i = 0; i < messages; i++) simulation.schedule((1_000 * i) / perSecond, () => this.#send());
    const limitMs = simulation.now + (1_000 * messages) / perSecond + this.#options.timeoutMs + OVERDUE_MS;
    simulation.runWhile(
      () => {
        progress(`${this.accounts.length} of ${messages} messages sent`);
        return this.accounts.length < messages || this.accounts.some(({ settledAt }) => settledAt < 0);
      },
      10,
      limitMs,
    );
    // A copy may still be on its way to somebody who has the message already: it must change nothing.
    simulation.runUntil(simulation.now + LAST_COPIES_MS);
  }

  /** Sends some messages at once, waits for their results, and says how they fared. */
  sendSome(count: number): Fate[] {
    const first = this.accounts.length;
    const limitMs = this.#simulation.now + this.#options.timeoutMs + OVERDUE_MS;
    for (let i = 0; i < count; i++) this.#simulation.schedule(0, () => this.#send());
    const isOpen = (): boolean =>
      this.accounts.length < first + count || this.accounts.some(({ settledAt }) => settledAt < 0);
    this.#simulation.runWhile(isOpen, 10, limitMs);
    this.#simulation.runUntil(this.#simulation.now + LAST_COPIES_MS);
    return this.accounts.slice(first).map(fateOf);
  }

  numbers(): Record<string, ResultValue> {
    const { accounts } = this;
    const delivered = accounts.filter(isComplete);
    const expected = accounts.reduce((sum, { expected }) => sum + expected.size, 0);
    const reached = accounts.reduce((sum, account) => sum + countReached(account), 0);
    const copies = accounts.map((account) => account.copies);
    const depths = accounts.flatMap((account) => [...account.depths.values()]);
    return {
      sent: accounts.length,
      delivered: delivered.length,
      deliveredPercent: percentDown(delivered.length, accounts.length),
      reachedPercent: percentDown(reached, expected),
      handledTwice: accounts.reduce((sum, account) => sum + countTwice(account), 0),
      handledWrong: accounts.reduce((sum, account) => sum + countWrong(account), 0),
      acknowledgedPercent: percentDown(
        accounts.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
        expected,
      ),
      failures: failuresOf(accounts),
      transmissionsMean: meanOf(copies),
      transmissionsMax: maxOf(copies),
      ...(this.#options.kind === 'group'
        ? { hopsMean: meanOf(accounts.map(({ hops }) => hops)), ...this.#beyondPath() }
        : { depthMean: meanOf(depths), depthMax: maxOf(depths) }),
      latencyMsP50: percentile(latenciesOf(accounts), 0.5),
      latencyMsP99: percentile(latenciesOf(accounts), 0.99),
      bytesMean: rounded(this.#simulation.meter.appBytes / Math.max(1, accounts.length)),
    };
  }

  /** A finding for messages without any result. */
  findings(): Finding[] {
    const open = this.accounts.filter(({ settledAt }) => settledAt < 0).length;
    if (open === 0) return [];
    const sentence = `${open} messages have no result after their time-out`;
    return [{ family: 'liveness', at: this.#simulation.now, sentence }];
  }

  /** Copies of a group message beyond the way to its first member: promised are two a member at most. */
  #beyondPath(): Record<string, ResultValue> {
    return { copiesBeyondPathMax: maxOf(this.accounts.map(({ copies, hops }) => copies - hops)) };
  }

  #send(): void {
    const { kind, groupSize, timeoutMs } = this.#options;
    const sender = this.#drawSender();
    const drawn = kind === 'group' ? this.#drawGroup() : { target: NOBODY_ID, members: this.#all(sender) };
    if (sender === undefined || drawn === undefined) return;
    const number = this.#firstNumber + this.accounts.length;
    this.accounts.push({
      sender,
      expected: new Set(drawn.members),
      sentAt: this.#simulation.now,
      deliveries: new Map(),
      depths: new Map([[sender.index, 0]]),
      copies: 0,
      settledAt: -1,
      isOk: false,
      reason: undefined,
      acknowledged: 0,
      hops: 0,
    });
    this.#simulation.command(sender, {
      type: 'send',
      id: number,
      kind,
      target: drawn.target,
      body: writeBody(number, MESSAGE_MARK),
      request: false,
      receipt: true,
      timeoutMs,
      ...(kind === 'group' ? { groupSize } : { scope: 'network' }),
    });
  }

  #drawSender(): SimNode | undefined {
    const able = this.#simulation.liveNodes().filter(this.#options.isEndpoint);
    return able[this.#random.below(Math.max(1, able.length))];
  }

  /** A key whose close group may be sent to. */
  #drawGroup(): { target: NodeId; members: SimNode[] } | undefined {
    for (let tries = 0; tries < DRAWS_MAX; tries++) {
      const target = asNodeId(this.#random.bytes(32));
      const members = this.#simulation.oracle
        .nearestOf(target, this.#options.groupSize)
        .map((index) => this.#simulation.nodes[index]!);
      if (members.every(this.#options.isEndpoint)) return { target, members };
    }
    return undefined;
  }

  #all(sender: SimNode | undefined): SimNode[] {
    return this.#simulation.liveNodes().filter((node) => node !== sender);
  }

  #onEvent(node: SimNode, event: NodeEvent): void {
    if (event.type === 'delivered' && isAlive(node)) {
      const account = this.accounts[readBody(event.body, MESSAGE_MARK) - this.#firstNumber];
      if (account !== undefined) account.deliveries.set(node, (account.deliveries.get(node) ?? 0) + 1);
    } else if (event.type === 'result') {
      const account = this.accounts[event.command - this.#firstNumber];
      if (account === undefined || account.sender !== node || account.settledAt >= 0) return;
      const { receipt } = event;
      account.settledAt = this.#simulation.now;
      account.isOk = receipt.ok;
      account.reason = receipt.reason;
      account.acknowledged = receipt.reached ?? receipt.by.length;
      account.hops = receipt.hops;
    }
  }

  #onTransmit(bytes: Uint8Array): void {
    if (bytes[1]! < FRAME_KINDS.neighbour || bytes[1] === FRAME_KINDS.answer) return;
    const isGroup = bytes[1] === FRAME_KINDS.group;
    const service = SERVICES[bytes[3]!];
    if (!isGroup && service !== 'group' && service !== 'spread') return;
    const frame = readFrame(bytes, 255, 255);
    if (typeof frame === 'string') return;
    const body = isGroup ? frameBody(frame) : bodyInside(frame);
    const account = this.accounts[readBody(body, MESSAGE_MARK) - this.#firstNumber];
    if (account === undefined) return;
    account.copies++;
    if (service === 'spread') this.#noteDepth(account, frame);
  }

  /** Whoever is given a share is one deeper than the node that gives it. The first one to give counts. */
  #noteDepth({ depths }: Spreading, { origin, target }: Frame): void {
    const parent = this.#simulation.network.find(origin)?.index ?? -1;
    const child = this.#simulation.network.find(target)?.index ?? -1;
    const depth = depths.get(parent);
    if (depth !== undefined && !depths.has(child)) depths.set(child, depth + 1);
  }
}

/** The body of the message that a copy carries: in a share of a broadcast its part and the length of that come first. */
function bodyInside({ bytes, bodyAt, service }: Frame): Uint8Array {
  const at = service === 'spread' ? bodyAt + 1 + (bytes[bodyAt] ?? 0) : bodyAt;
  return bytes.subarray(at + HEADER_BYTES + AUTH_BYTES);
}

/** Everybody it was for handled it, once, nobody else did, and the sender was told that all is well. */
function isComplete(account: Spreading): boolean {
  const { isOk, expected } = account;
  return (
    isOk && countReached(account) === expected.size && countTwice(account) === 0 && countWrong(account) === 0
  );
}

function fateOf(account: Spreading): Fate {
  const { expected, reason } = account;
  const problem =
    `reached ${countReached(account)} of ${expected.size}, ${countTwice(account)} of them twice, ` +
    `${countWrong(account)} others, and ended with ${reason ?? 'a receipt'}`;
  return { isComplete: isComplete(account), copiesBeyondPath: account.copies - account.hops, problem };
}

function countReached({ expected, deliveries }: Spreading): number {
  return [...expected].filter((node) => deliveries.has(node)).length;
}

function countTwice({ deliveries }: Spreading): number {
  return [...deliveries.values()].filter((count) => count > 1).length;
}

function countWrong({ expected, deliveries }: Spreading): number {
  return [...deliveries.keys()].filter((node) => !expected.has(node)).length;
}

function failuresOf(accounts: readonly Spreading[]): string {
  const counts = new Map<string, number>();
  for (const { isOk, reason } of accounts) {
    if (!isOk) counts.set(reason ?? 'none', (counts.get(reason ?? 'none') ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
}

function latenciesOf(accounts: readonly Spreading[]): number[] {
  return accounts.filter(({ isOk }) => isOk).map(({ settledAt, sentAt }) => settledAt - sentAt);
}

const MULTICAST_STREAM = 21;
/** A node passes on two a second of one origin, and whole networks are at work on each. */
const BROADCASTS_PER_SECOND = 10;
const DRAWS_MAX = 10_000;
const LAST_COPIES_MS = 500;
const NOBODY_ID = asNodeId(new Uint8Array(32));
