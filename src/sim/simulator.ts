/**
 * Runs many real nodes in virtual time: one event queue, one pending wake a node, crypto answered at once. Everything
 * follows from the seed and the calls made, so that a run can be repeated exactly.
 */

import { Admission } from '../core/admission/checker.ts';
import type { NodeEvent } from '../core/events.ts';
import { createChord } from '../core/geometry/chord/chord.ts';
import type { IdList } from '../core/id/id-list.ts';
import { asNodeId, type NodeId } from '../core/id/node-id.ts';
import type { Command, CryptoRequest, CryptoResult, Input, LinkId, Output } from '../core/io.ts';
import { OverlayNode } from '../core/overlay-node.ts';
import type { RingConfig } from '../core/ring/ring-io.ts';
import { Ring } from '../core/ring/ring.ts';
import type { Held } from '../core/store/record-table.ts';
import type { StoreConfig } from '../core/store/store-config.ts';
import { Store } from '../core/store/store.ts';
import type { Contact, GeometryName } from '../core/wire/contact.ts';
import { idOfKey, quickHash, SimCrypto } from './crypto.ts';
import { EventQueue, TICKS_PER_MS, toTickMs } from './event-queue.ts';
import { Network, NETWORK_DEFAULTS } from './network.ts';
import type { LinkEnd, LinkEventKind, NetworkHost, NetworkOptions } from './network.ts';
import { Oracle } from './oracle.ts';
import { NODE_STREAMS, SeededRandom } from './random.ts';
import { SharedContacts } from './shared-contacts.ts';
import { SharedLists } from './shared-lists.ts';
import { SERVER_DEFAULTS, ServerModel } from './server-model.ts';
import type { ServerHost, ServerOptions } from './server-model.ts';
import { createSimNode, isAlive, type SimConfig, type SimNode } from './sim-node.ts';
import { SkewedClock } from './skewed-clock.ts';
import { TrafficMeter } from './traffic-meter.ts';
import { WakeHeap } from './wake-heap.ts';

export interface SimulationOptions {
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** How far clocks differ from virtual time in speed; they are right when it is 0 or left out. */
  readonly clockSkew?: number;
  /** Who is near to whom; Kademlia when left out. */
  readonly geometry?: GeometryName;
  readonly network?: Partial<NetworkOptions>;
  /** The numbers of every node's store; nodes have none when left out. */
  readonly store?: StoreConfig;
  /** The numbers of every node's ring; nodes run none of a ring's own operations when left out. */
  readonly ring?: RingConfig;
  readonly server?: Partial<ServerOptions>;
}

export interface SimNodeOptions {
  /** Shared, not copied. */
  readonly config: SimConfig;
  /** 32 bytes; random from the seed when left out. */
  readonly id?: NodeId;
  /** Records the node knows from the start; asked for when it starts, since they are many. */
  readonly contacts?: () => readonly Uint8Array[];
}

/** How the others learn that a tab died without a goodbye. */
export type CrashSeen = 'slowly' | 'never';

/** A node's core threw: a bug. Says which node, and when in virtual time. */
export class CoreCrash extends Error {
  override readonly name = 'CoreCrash';
}

interface SimEvent {
  readonly kind: LinkEventKind | typeof TASK;
  readonly end: LinkEnd | undefined;
  readonly bytes: Uint8Array;
  readonly task: (() => void) | undefined;
}

export class Simulation implements NetworkHost, ServerHost {
  readonly seed: number;
  readonly nodes: SimNode[] = [];
  readonly geometry: GeometryName;
  readonly oracle: Oracle;
  readonly meter = new TrafficMeter();
  readonly crypto: SimCrypto;
  readonly network: Network;
  readonly server: ServerModel;
  /** Called for every event of every node, at the virtual time it happens. */
  onEvent: (node: SimNode, event: NodeEvent) => void = ignore;
  /** Sees every frame that reaches a node, before its core does. */
  onFrame: ((node: SimNode, link: LinkId, bytes: Uint8Array) => void) | undefined;
  /** Sees every frame that a core sends; true when it must not go out as it is (see adversaries/). */
  onTransmit: ((node: SimNode, link: LinkId, bytes: Uint8Array) => boolean) | undefined;
  /** May answer a node's crypto job in place of `crypto`; `cause` is the input that led to it. */
  onCrypto: ((node: SimNode, request: CryptoRequest, cause: Input) => CryptoResult | undefined) | undefined;
  /** Sees what a node keeps over a reload. */
  onPersist: ((node: SimNode, slot: string, held: Held | undefined) => void) | undefined;
  /** Called after every so many steps, for checkers. */
  onCheck: () => void = ignore;
  checkEverySteps = Infinity;

  readonly #queue = new EventQueue<SimEvent>();
  readonly #wakes = new WakeHeap();
  readonly #random: SeededRandom;
  readonly #clockSkew: number;
  readonly #store: StoreConfig | undefined;
  readonly #ring: RingConfig | undefined;
  readonly #contacts = new SharedContacts();
  readonly #sharedContact = (record: Uint8Array): Contact | undefined => this.#contacts.get(record);
  readonly #lists = new SharedLists();
  readonly #sharedList = (list: IdList): IdList => this.#lists.share(list);
  readonly #pendingNodes: SimNode[] = [];
  readonly #pendingInputs: Input[] = [];
  #isHandling = false;
  #now = 0;
  #steps = 0;
  #spinner: SimNode | undefined;
  #spins = 0;

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.geometry = options.geometry ?? 'kademlia';
    this.oracle = new Oracle(this.geometry);
    this.#clockSkew = options.clockSkew ?? 0;
    this.#store = options.store;
    this.#ring = options.ring;
    this.crypto = new SimCrypto(options.seed);
    this.#random = new SeededRandom(options.seed, 0);
    const network = { ...NETWORK_DEFAULTS, ...options.network };
    this.network = new Network(this, network);
    const server = { ...SERVER_DEFAULTS, delayMs: network.delayMsMean, ...options.server };
    this.server = new ServerModel(this, server, new SeededRandom(options.seed, 1));
  }

  /** Virtual time, ms. */
  get now(): number {
    return this.#now;
  }

  /** Events and wakes handled so far. */
  get steps(): number {
    return this.#steps;
  }

  // Driving ------------------------------------------------------------------------------------------------------

  /** Makes a node that does nothing yet. Its record can be given to others before it starts. */
  addNode(options: SimNodeOptions): SimNode {
    const id = options.id ?? asNodeId(this.#random.bytes(32));
    const index = this.nodes.length;
    const node = createSimNode(
      { index, id, config: options.config, contacts: options.contacts },
      this.crypto,
      this.geometry,
    );
    this.nodes.push(node);
    this.#contacts.add(node.record);
    return node;
  }

  /** Opens the tab: the node gets its contacts, begins to join, and connects to the server. */
  start(node: SimNode): void {
    const random = new SeededRandom(this.seed, NODE_STREAMS + node.index);
    const ports = {
      random,
      hash: quickHash,
      idOfKey,
      sharedContact: this.#sharedContact,
      sharedList: this.#sharedList,
    };
    if (this.#clockSkew > 0) node.clock = SkewedClock.of(this.seed, node.index, this.#clockSkew);
    const store = this.#store;
    const ring = this.#ring;
    node.core = new OverlayNode({
      record: node.record,
      config: node.config,
      ports,
      ...(this.geometry === 'chord' ? { geometry: createChord } : {}),
      admission: node.config.admissionBits > 0 ? new Admission() : undefined,
      ...(store === undefined
        ? {}
        : {
            store: (parts) =>
              ring === undefined ? new Store(parts, store) : new Ring(parts, { store, ring }),
          }),
    });
    node.life = 'running';
    node.startedAt = this.#now;
    this.network.register(node);
    this.oracle.add(node.index, node.id);
    if (node.contacts !== undefined) this.input(node, { type: 'contacts', records: node.contacts() });
    node.contacts = undefined;
    this.input(node, { type: 'command', command: { type: 'start' } });
    this.server.connect(node);
  }

  command(node: SimNode, command: Command): void {
    this.input(node, { type: 'command', command });
  }

  /** The tab is killed: nothing more goes out. Its links look alive to the others for a while, or until heartbeats fail. */
  crash(node: SimNode, seen: CrashSeen): void {
    const { crashSeenMsMin, crashSeenMsMax } = this.network.options;
    const seenAfterMs = (): number =>
      seen === 'never'
        ? Infinity
        : crashSeenMsMin + this.#random.fraction() * (crashSeenMsMax - crashSeenMsMin);
    this.#remove(node, 'dead', seenAfterMs);
  }

  /** The tab is closed without a goodbye of its own: the browser closes its channels. */
  close(node: SimNode): void {
    this.#remove(node, 'dead', () => this.network.options.closeMs);
  }

  /** The node says goodbye and is gone; with `handOver` it does both when others have its records. */
  leave(node: SimNode, handOver = false): void {
    node.isLeaving = true;
    this.command(node, { type: 'leave', handOver });
    if (!handOver) this.#removeLeft(node);
  }

  /** The tab stops for a while: what comes in waits, and is handled all at once when it thaws. */
  freeze(node: SimNode, durationMs: number): void {
    if (node.life !== 'running') return;
    node.life = 'frozen';
    this.#wakes.set(node.index, Infinity);
    this.schedule(durationMs, () => this.#thaw(node));
  }

  /** Runs until nothing is left to do before a time, and sets the clock to it. */
  runUntil(timeMs: number): void {
    while (this.#nextAt() <= timeMs) this.#step();
    this.#now = Math.max(this.#now, toTickMs(timeMs));
  }

  /** Runs while the condition holds, looking at it every `everyMs`; at most until `limitMs`. True when it ended. */
  runWhile(condition: () => boolean, everyMs: number, limitMs: number): boolean {
    while (condition()) {
      if (this.#now >= limitMs) return false;
      this.runUntil(this.#now + everyMs);
    }
    return true;
  }

  /** Nodes that take part now. */
  liveNodes(): SimNode[] {
    return this.nodes.filter(isAlive);
  }

  // What models ask for ------------------------------------------------------------------------------------------

  schedule(delayMs: number, task: () => void): void {
    this.#queue.push(this.#now + delayMs, { kind: TASK, end: undefined, bytes: NO_BYTES, task });
  }

  scheduleLink(delayMs: number, kind: LinkEventKind, end: LinkEnd, bytes: Uint8Array): void {
    this.#queue.push(this.#now + delayMs, { kind, end, bytes, task: undefined });
  }

  /** Hands an input to a node. Inputs that come up while one is handled wait for their turn at the same time. */
  input(node: SimNode, input: Input): void {
    this.#pendingNodes.push(node);
    this.#pendingInputs.push(input);
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (let i = 0; i < this.#pendingInputs.length; i++) {
        this.#handle(this.#pendingNodes[i]!, this.#pendingInputs[i]!);
      }
    } finally {
      this.#pendingNodes.length = 0;
      this.#pendingInputs.length = 0;
      this.#isHandling = false;
    }
  }

  // The loop -----------------------------------------------------------------------------------------------------

  #nextAt(): number {
    return Math.min(this.#queue.peekTime(), this.#wakes.peekTime());
  }

  #step(): void {
    const eventAt = this.#queue.peekTime();
    const wakeAt = this.#wakes.peekTime();
    this.#steps++;
    if (eventAt <= wakeAt) {
      const event = this.#queue.pop();
      if (event === undefined) return;
      this.#now = eventAt;
      if (event.end !== undefined) this.network.handle(event.kind as LinkEventKind, event.end, event.bytes);
      else event.task?.();
    } else {
      this.#wake(wakeAt);
    }
    if (this.#steps % this.checkEverySteps === 0) this.onCheck();
  }

  #wake(at: number): void {
    const node = this.nodes[this.#wakes.peekIndex()]!;
    this.#now = at;
    this.#wakes.set(node.index, Infinity);
    this.input(node, WAKE);
    // A node that wants to be woken at once, again and again, would stop virtual time.
    if (node.core === undefined || node.life !== 'running' || deadlineOf(node, node.core) > at) return;
    this.#spins = node === this.#spinner ? this.#spins + 1 : 0;
    this.#spinner = node;
    if (this.#spins > SPINS_MAX)
      throw new CoreCrash(`node ${node.index} asks to be woken at ${at} ms over and over`);
    this.#wakes.set(node.index, at + 1 / TICKS_PER_MS);
  }

  #handle(node: SimNode, input: Input): void {
    const { core } = node;
    if (core === undefined || node.life === 'dead' || node.life === 'left') return;
    if (node.life === 'frozen') {
      if (input !== WAKE) node.held.push(input);
      return;
    }
    if (input.type === 'frame') this.onFrame?.(node, input.link, input.bytes);
    try {
      core.handleInput(input, node.clock?.read(this.#now) ?? this.#now);
    } catch (error) {
      throw new CoreCrash(`node ${node.index} at ${this.#now} ms, input ${input.type}: ${String(error)}`, {
        cause: error,
      });
    }
    for (let output = core.pollOutput(); output !== undefined; output = core.pollOutput())
      this.#output(node, output, input);
    // A deadline that is past already is due now.
    this.#wakes.set(node.index, Math.max(this.#now, toTickMs(deadlineOf(node, core))));
  }

  /** Sends bytes over a link of a node, counted, without asking its core. */
  transmit(node: SimNode, link: LinkId, bytes: Uint8Array): void {
    this.meter.count(bytes);
    this.network.transmit(node, link, bytes);
  }

  #output(node: SimNode, output: Output, cause: Input): void {
    switch (output.type) {
      case 'transmit':
        if (this.onTransmit?.(node, output.link, output.bytes) === true) return;
        return this.transmit(node, output.link, output.bytes);
      case 'dial':
        return this.network.dial(node, output.link, output.peer);
      case 'accept':
        return this.network.accept(node, output.link, output.peer);
      case 'signal':
        return this.network.signal(node, output.link, output.data);
      case 'hang-up':
        return this.network.hangUp(node, output.link);
      case 'server-signal':
        node.upkeepSent++;
        return this.server.relay(node, output.to, output.data);
      case 'server-introduce':
        return this.server.introduce(node);
      case 'crypto':
        return this.#answerCrypto(node, output, cause);
      case 'persist':
        return this.onPersist?.(node, output.slot, output.held);
      case 'event':
        this.#note(node, output.event);
        return this.onEvent(node, output.event);
    }
  }

  /** At once, but for work: that takes the time of its hashes, and a node does one after another. */
  #answerCrypto(node: SimNode, { job, request }: Output & { type: 'crypto' }, cause: Input): void {
    const hashesBefore = this.crypto.workHashes;
    const result = this.onCrypto?.(node, request, cause) ?? this.crypto.answer(request, node);
    const input: Input = { type: 'crypto-done', job, result };
    if (result.type !== 'worked' || result.solution === 'too-hard') {
      this.input(node, input);
      return;
    }
    const hashes = this.crypto.workHashes - hashesBefore;
    node.works++;
    node.workFreeAt = Math.max(this.#now, node.workFreeAt) + hashes / HASHES_PER_MS;
    this.schedule(node.workFreeAt - this.#now, () => this.input(node, input));
  }

  #note(node: SimNode, event: NodeEvent): void {
    if (event.type === 'sent') {
      if (event.service !== 'app') node.upkeepSent++;
    } else if (event.type === 'state') {
      node.claimsComplete = event.complete;
      if (event.state === 'left' && node.isLeaving) this.#removeLeft(node);
      if (event.state !== 'ready') node.readySince = -1;
      else if (node.readySince < 0) node.readySince = this.#now;
      if (node.readyAt < 0 && event.state === 'ready') node.readyAt = this.#now;
      if (node.completeAt < 0 && event.complete && event.state === 'ready') node.completeAt = this.#now;
    }
  }

  #thaw(node: SimNode): void {
    if (node.life !== 'frozen') return;
    node.life = 'running';
    const { held } = node;
    node.held = [];
    this.input(node, WAKE);
    for (const input of held) this.input(node, input);
  }

  /** A task of its own, so that the goodbye goes out first even when this is called while inputs are handled. */
  #removeLeft(node: SimNode): void {
    this.schedule(0, () => this.#remove(node, 'left', () => this.network.options.closeMs));
  }

  #remove(node: SimNode, life: 'left' | 'dead', seenAfterMs: () => number): void {
    if (!isAlive(node)) return;
    node.life = life;
    node.core = undefined;
    node.held = [];
    node.readySince = -1;
    this.#wakes.set(node.index, Infinity);
    this.oracle.remove(node.index);
    this.server.disconnect(node);
    this.network.cut(node, seenAfterMs);
  }
}

function ignore(): void {}

/** When a node wants to be woken, in virtual time. */
function deadlineOf(node: SimNode, core: OverlayNode): number {
  return node.clock?.toVirtual(core.nextTimeout()) ?? core.nextTimeout();
}

/** SHA-256 of 40 bytes in Node, measured (admission/README.md); a busy tab is slower. */
const HASHES_PER_MS = 700;
const WAKE: Input = { type: 'wake' };
/** Kind of an event that runs a task; the others are the network's. */
const TASK = -1;
/** Wakes of one node in a row that left it with a deadline in the past. */
const SPINS_MAX = 1_000;
const NO_BYTES = new Uint8Array(0);
