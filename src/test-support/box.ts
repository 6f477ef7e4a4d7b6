/**
 * A few real nodes in one box of fake time: links in memory with a delay, a filter on every frame, a server that
 * introduces and relays. Signals are answered at once, crypto too. For tests of how nodes act together; the simulator
 * is for many nodes.
 */

import { Admission } from '../core/admission/checker.ts';
import { createConfig, type OverlayConfig } from '../core/config.ts';
import type { NodeEvent, NodeReceipt, NodeState } from '../core/events.ts';
import { createChord } from '../core/geometry/chord/chord.ts';
import { sameId, type NodeId } from '../core/id/node-id.ts';
import type { Command, CryptoRequest, Input, LinkEndReason, LinkId, Output, SendKind } from '../core/io.ts';
import { OverlayNode } from '../core/overlay-node.ts';
import { Ring } from '../core/ring/ring.ts';
import type { RingAsk, RingResult } from '../core/ring/ring-io.ts';
import type { Held } from '../core/store/record-table.ts';
import { STORE, type StoreConfig } from '../core/store/store-config.ts';
import type { StoreCommand, StoreResult } from '../core/store/store-io.ts';
import { Store } from '../core/store/store.ts';
import { answerCrypto, createKeys, testPorts, type TestKeys } from './keys.ts';
import { SeededRandom } from './seeded-random.ts';

export interface BoxOptions {
  readonly seed?: number;
  readonly config?: Partial<OverlayConfig>;
  /** One way, ms. */
  readonly delayMs?: number;
  /** Numbers of the nodes' stores that differ from what ships. */
  readonly store?: Partial<StoreConfig>;
  /** Makes what demands work of strangers, where it is not the usual. */
  readonly admission?: () => Admission;
  /** True makes a ring, whose nodes run its own operations. */
  readonly ring?: boolean;
  /** How long what a node has done outside takes, ms; nothing when left out. */
  readonly cryptoMs?: (request: CryptoRequest) => number;
  /** May these two link? All may when left out. */
  readonly mayLink?: (a: number, b: number) => boolean;
}

type PutCommand = Extract<StoreCommand, { type: 'put' }>;

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** One end of a link or attempt. */
interface End {
  readonly box: BoxNode;
  readonly link: LinkId;
  other: End | undefined;
  up: boolean;
  gone: boolean;
}

/** One node of a box. */
export interface BoxNode {
  readonly index: number;
  readonly keys: TestKeys;
  readonly id: NodeId;
  readonly node: OverlayNode;
  readonly events: NodeEvent[];
  /** What it keeps over a reload, by slot. */
  readonly kept: Map<string, Held>;
  readonly ends: Map<LinkId, End>;
  /** False: dead, hears and says nothing. */
  alive: boolean;
  /** True: takes no input; everything waits. */
  frozen: boolean;
  readonly waiting: Input[];
  /** Answers a delivered request; `undefined` never does. */
  onRequest: ((body: Uint8Array) => Uint8Array | undefined) | undefined;
}

type Result = Extract<NodeEvent, { type: 'result' }>;

export class Box {
  now = 0;
  readonly nodes: BoxNode[] = [];
  /** Every frame on its way; what it returns is delivered, `undefined` loses it. */
  filter: (from: BoxNode, to: BoxNode, bytes: Uint8Array) => Uint8Array | undefined = (_from, _to, bytes) =>
    bytes;
  /** Called after each thing that happened. */
  afterStep: () => void = () => undefined;
  serverUp = true;
  readonly random: SeededRandom;
  private readonly options: BoxOptions;
  private readonly due: Due[] = [];
  private order = 0;
  private nextCommand = 1;

  constructor(options: BoxOptions = {}) {
    this.options = options;
    this.random = new SeededRandom(options.seed ?? 1);
  }

  /** Opens a tab: the node starts and connects to the server. */
  open(keys: TestKeys = this.newKeys(), config: Partial<OverlayConfig> = {}): BoxNode {
    const options = createConfig('browser', { ...this.options.config, ...config });
    const node = new OverlayNode({
      record: keys.record,
      config: options,
      ports: testPorts(new SeededRandom(this.random.uint32())),
      store: (parts) => {
        const store = { ...STORE, ...this.options.store };
        return this.options.ring === true ? new Ring(parts, { store }) : new Store(parts, store);
      },
      ...(this.options.ring === true ? { geometry: createChord } : {}),
      admission: options.admissionBits > 0 ? (this.options.admission?.() ?? new Admission()) : undefined,
    });
    const opened: BoxNode = {
      index: this.nodes.length,
      keys,
      id: keys.id,
      node,
      events: [],
      kept: new Map(),
      ends: new Map(),
      alive: true,
      frozen: false,
      waiting: [],
      onRequest: undefined,
    };
    this.nodes.push(opened);
    this.input(opened, { type: 'command', command: { type: 'start' } });
    if (this.serverUp) {
      this.input(opened, { type: 'server-state', connected: true });
      this.introduce(opened);
    }
    return opened;
  }

  newKeys(): TestKeys {
    return createKeys(this.random, 1, this.options.ring === true ? 'chord' : 'kademlia');
  }

  /** Opens several tabs, `everyMs` apart, and lets them settle until all say they are complete. */
  openAll(count: number, everyMs = 100): BoxNode[] {
    const opened = Array.from({ length: count }, () => {
      const node = this.open();
      this.pass(everyMs);
      return node;
    });
    this.settle();
    return opened;
  }

  /** Passes time until every living node is ready and complete. */
  settle(limitMs = 60_000): void {
    const end = this.now + limitMs;
    while (!this.nodes.every((node) => this.isSettled(node))) {
      if (this.now >= end) throw new Error(`not settled after ${limitMs} ms`);
      this.pass(250);
    }
    this.pass(1_000);
  }

  private isSettled({ alive, node }: BoxNode): boolean {
    const { state, complete } = node.snapshot();
    return !alive || state === 'left' || complete;
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const at = Math.min(this.nextDueAt(), this.nextWakeAt());
      if (at > end) break;
      this.now = Math.max(this.now, at);
      this.step();
      this.afterStep();
    }
    this.now = end;
  }

  /** Sends a message and passes time until its result is there. */
  send(from: BoxNode, kind: SendKind, target: NodeId, more: SendMore = {}): Result {
    const id = this.begin(from, kind, target, more);
    for (let waited = 0; this.resultOf(from, id) === undefined; waited += 10) {
      if (waited > 70_000) throw new Error('no result');
      this.pass(10);
    }
    return this.resultOf(from, id)!;
  }

  /** Puts a record and passes time until its result is there; a shared one unless the request says otherwise. */
  put(from: BoxNode, request: Partial<PutCommand> & Pick<PutCommand, 'key' | 'value'>): StoreResult {
    const fixed = {
      kind: 'shared',
      salt: NO_SALT,
      lifeMs: 7_200_000,
      forget: false,
      timeoutMs: 10_000,
    } as const;
    return this.callStore(from, (id) => ({ ...fixed, ...request, type: 'put', id }));
  }

  get(from: BoxNode, key: NodeId, recursive = false, timeoutMs = 10_000): StoreResult {
    return this.callStore(from, (id) => ({ type: 'get', id, key, recursive, timeoutMs }));
  }

  /** Asks the ring and passes time until the result is there. */
  ring(from: BoxNode, ask: RingAsk, timeoutMs = 10_000): RingResult {
    const id = this.beginRing(from, ask, timeoutMs);
    for (let waited = 0; ; waited += 10) {
      const result = this.ringResultOf(from, id);
      if (result !== undefined) return result;
      if (waited > 70_000) throw new Error('no result');
      this.pass(10);
    }
  }

  /** Asks the ring without waiting; the command's number. */
  beginRing(from: BoxNode, ask: RingAsk, timeoutMs = 10_000): number {
    const id = this.nextCommand++;
    this.command(from, { type: 'ring', id, ask, timeoutMs });
    return id;
  }

  ringResultOf(node: BoxNode, command: number): RingResult | undefined {
    const event = node.events.find((one) => one.type === 'ring-result' && one.command === command);
    return event?.type === 'ring-result' ? event.result : undefined;
  }

  private callStore(from: BoxNode, command: (id: number) => StoreCommand): StoreResult {
    const id = this.nextCommand++;
    this.command(from, command(id));
    for (let waited = 0; ; waited += 10) {
      const result = from.events.find((event) => event.type === 'store-result' && event.command === id);
      if (result?.type === 'store-result') return result.result;
      if (waited > 70_000) throw new Error('no result');
      this.pass(10);
    }
  }

  /** Sends a message without waiting; the command's number. */
  begin(
    from: BoxNode,
    kind: SendKind,
    target: NodeId,
    { body = Uint8Array.of(1), request = false, receipt = true, timeoutMs = 10_000, ...rest }: SendMore = {},
  ): number {
    const id = this.nextCommand++;
    this.command(from, { type: 'send', id, kind, target, body, request, receipt, timeoutMs, ...rest });
    return id;
  }

  resultOf(node: BoxNode, command: number): Result | undefined {
    return node.events.find((event): event is Result => event.type === 'result' && event.command === command);
  }

  command(node: BoxNode, command: Command): void {
    this.input(node, { type: 'command', command });
  }

  /** The tab dies without a word; the others' links stay open (a hung tab) or close after 10 ms. */
  kill(node: BoxNode, seen: 'never' | 'soon'): void {
    node.alive = false;
    if (seen === 'soon') for (const end of node.ends.values()) this.closeOther(end, 'closed', 10);
  }

  freeze(node: BoxNode): void {
    node.frozen = true;
  }

  thaw(node: BoxNode): void {
    node.frozen = false;
    for (const input of node.waiting.splice(0)) this.input(node, input);
  }

  /** Breaks the links between two nodes, on both sides. */
  cut(a: BoxNode, b: BoxNode): void {
    for (const end of [...a.ends.values()]) {
      if (end.other?.box !== b) continue;
      this.closeOther(end, 'closed', 0);
      this.closeOther(end.other, 'closed', 0);
    }
  }

  linked(a: BoxNode, b: BoxNode): boolean {
    return a.node.snapshot().links.some((link) => link.upAt !== undefined && sameId(link.peer, b.id));
  }

  stateOf(node: BoxNode): NodeState {
    return node.node.snapshot().state;
  }

  /** The indexes of a receipt's path. */
  pathOf(receipt: NodeReceipt): number[] {
    return receipt.path.map((id) => this.nodes.findIndex((node) => sameId(node.id, id)));
  }

  input(to: BoxNode, input: Input): void {
    if (!to.alive) return;
    if (to.frozen) {
      if (input.type !== 'wake') to.waiting.push(input);
      return;
    }
    this.act(to, () => to.node.handleInput(input, this.now));
  }

  /** Does something at a node, and what it puts out then. */
  act(at: BoxNode, run: () => void): void {
    run();
    const outputs: Output[] = [];
    for (let out = at.node.pollOutput(); out !== undefined; out = at.node.pollOutput()) outputs.push(out);
    for (const out of outputs) this.perform(at, out);
  }

  /** Does something of the test's as soon as the node at work is done. */
  soon(run: () => void): void {
    this.later(0, run);
  }

  private perform(from: BoxNode, out: Output): void {
    switch (out.type) {
      case 'transmit':
        this.transmit(from, out.link, out.bytes);
        return;
      case 'dial':
        this.openEnd(from, out.link);
        this.later(0, () =>
          this.input(from, { type: 'signal-out', link: out.link, data: nameOf(from, out.link) }),
        );
        return;
      case 'accept':
        this.openEnd(from, out.link);
        return;
      case 'signal':
        this.onSignal(from, out.link, out.data);
        return;
      case 'hang-up':
        this.hangUp(from, out.link);
        return;
      case 'server-signal':
        this.relay(from, out.to, out.data);
        return;
      case 'server-introduce':
        this.introduce(from);
        return;
      case 'crypto': {
        const result = answerCrypto(out.request, from.keys);
        const ms = this.options.cryptoMs?.(out.request) ?? 0;
        this.later(ms, () => this.input(from, { type: 'crypto-done', job: out.job, result }));
        return;
      }
      case 'persist':
        if (out.held === undefined) from.kept.delete(out.slot);
        else from.kept.set(out.slot, out.held);
        return;
      case 'event':
        this.onEvent(from, out.event);
    }
  }

  private onEvent(node: BoxNode, event: NodeEvent): void {
    node.events.push(event);
    if (
      event.type !== 'delivered' ||
      event.service !== 'app' ||
      !event.wantsReply ||
      node.onRequest === undefined
    )
      return;
    const body = node.onRequest(event.body);
    this.later(0, () => this.command(node, { type: 'reply', message: event.message, body }));
  }

  private transmit(from: BoxNode, link: LinkId, bytes: Uint8Array): void {
    const end = from.ends.get(link);
    const other = end?.other;
    if (end === undefined || other === undefined || !end.up) return;
    const arriving = this.filter(from, other.box, bytes);
    if (arriving === undefined) return;
    this.later(this.delayMs, () => {
      if (!other.gone) this.input(other.box, { type: 'frame', link: other.link, bytes: arriving });
    });
  }

  /** The answering side gets the offer and answers; with the answer at the offering side both are up. */
  private onSignal(at: BoxNode, link: LinkId, data: Uint8Array): void {
    const own = at.ends.get(link);
    const theirs = this.nodes[data[0]!]?.ends.get((data[1]! << 8) | data[2]!);
    if (own === undefined || theirs === undefined || theirs.gone) return;
    if (own.other === undefined && theirs.other === undefined) {
      own.other = theirs;
      theirs.other = own;
      this.later(0, () => this.input(at, { type: 'signal-out', link, data: nameOf(at, link) }));
      return;
    }
    if (own.other !== theirs) return;
    const allowed = this.options.mayLink?.(at.index, theirs.box.index) ?? true;
    for (const [end, other] of [
      [own, theirs],
      [theirs, own],
    ] as const) {
      this.later(this.delayMs, () => {
        if (end.gone) return;
        if (!allowed) {
          this.closeOther(other, 'failed', 0);
          return;
        }
        end.up = true;
        this.input(end.box, { type: 'link-up', link: end.link, record: other.box.keys.record });
      });
    }
  }

  private hangUp(from: BoxNode, link: LinkId): void {
    const end = from.ends.get(link);
    if (end === undefined) return;
    end.gone = true;
    from.ends.delete(link);
    this.closeOther(end, end.up ? 'closed' : 'failed', this.delayMs);
  }

  private closeOther(end: End, reason: LinkEndReason, delayMs: number): void {
    const { other } = end;
    if (other === undefined) return;
    this.later(delayMs, () => {
      if (other.gone) return;
      other.gone = true;
      other.box.ends.delete(other.link);
      this.input(other.box, { type: 'link-down', link: other.link, reason });
    });
  }

  private relay(from: BoxNode, to: NodeId, data: Uint8Array): void {
    if (!this.serverUp) return;
    const target = this.nodes.find((node) => node.alive && sameId(node.id, to));
    this.later(this.delayMs, () => {
      if (target === undefined) this.input(from, { type: 'server-undeliverable', to });
      else this.input(target, { type: 'server-signal', from: from.id, data });
    });
  }

  /** The server names up to four others: the first of those that are there. */
  private introduce(to: BoxNode): void {
    if (!this.serverUp) return;
    const others = this.nodes.filter((node) => node !== to && node.alive && this.stateOf(node) !== 'left');
    const ids = Array.from(
      { length: Math.min(4, others.length) },
      () => others.splice(this.random.below(others.length), 1)[0]!.id,
    );
    this.later(this.delayMs, () => this.input(to, { type: 'server-introductions', ids }));
  }

  private openEnd(box: BoxNode, link: LinkId): void {
    box.ends.set(link, { box, link, other: undefined, up: false, gone: false });
  }

  private get delayMs(): number {
    return this.options.delayMs ?? 5;
  }

  private later(delayMs: number, run: () => void): void {
    this.due.push({ at: this.now + delayMs, order: this.order++, run });
  }

  private nextDueAt(): number {
    return this.due.reduce((least, { at }) => Math.min(least, at), Infinity);
  }

  private nextWakeAt(): number {
    const times = this.nodes.map(({ node, alive, frozen }) =>
      alive && !frozen ? node.nextTimeout() : Infinity,
    );
    return Math.min(...times);
  }

  /** Does what is due: everything that arrives now, in order, then wake-ups. */
  private step(): void {
    const ripe = this.due.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at || a.order - b.order);
    if (ripe.length > 0) {
      const first = ripe[0]!;
      this.due.splice(this.due.indexOf(first), 1);
      first.run();
      return;
    }
    for (const node of this.nodes) {
      if (node.alive && !node.frozen && node.node.nextTimeout() <= this.now)
        this.input(node, { type: 'wake' });
    }
  }
}

/** What a message may ask besides its target. */
export interface SendMore {
  readonly body?: Uint8Array;
  readonly request?: boolean;
  readonly receipt?: boolean;
  readonly timeoutMs?: number;
  readonly groupSize?: number;
  readonly scope?: 'neighbours' | 'network';
}

/** An attempt's end as signals carry it. */
function nameOf(box: BoxNode, link: LinkId): Uint8Array {
  return Uint8Array.of(box.index, link >> 8, link & 0xff);
}

const NO_SALT = new Uint8Array(0);
