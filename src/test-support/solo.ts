/**
 * One node under a microscope: a real `OverlayNode` whose peers, links, server and time are the test's. Crypto is
 * answered at once unless the test asks to hold it. Peers are scripts: they say what the test makes them say.
 */

import { Admission } from '../core/admission/checker.ts';
import { bucketsOf } from '../core/snapshot.ts';
import { createConfig, type OverlayConfig } from '../core/config.ts';
import type { NodeEvent } from '../core/events.ts';
import type { GeometryFactory } from '../core/geometry/geometry.ts';
import { packIds } from '../core/id/id-list.ts';
import type { NodeId } from '../core/id/node-id.ts';
import type { Command, Input, LinkId, Output } from '../core/io.ts';
import { OverlayNode } from '../core/overlay-node.ts';
import { Store } from '../core/store/store.ts';
import { readControl, writeControl, type Control } from '../core/wire/control.ts';
import { writeEnvelope } from '../core/wire/envelope.ts';
import type { Frame } from '../core/wire/frame.ts';
import { answerFrame, messageFrame, parseFrame, type AnswerFields, type MessageFields } from './frames.ts';
import { answerCrypto, createKeys, testPorts, type TestKeys } from './keys.ts';
import { SeededRandom } from './seeded-random.ts';

export interface SoloOptions {
  readonly config?: Partial<OverlayConfig>;
  readonly seed?: number;
  readonly keys?: TestKeys;
  /** Who is near to whom; Kademlia when left out. The record in `keys` names the same. */
  readonly geometry?: GeometryFactory;
  /** True makes a node that keeps no records. */
  readonly withoutStore?: boolean;
  /** True leaves crypto outputs to the test. */
  readonly holdCrypto?: boolean;
}

type CryptoOutput = Extract<Output, { type: 'crypto' }>;
type EventOf<Type extends NodeEvent['type']> = Extract<NodeEvent, { type: Type }>;
type OutputOf<Type extends Output['type']> = Extract<Output, { type: Type }>;

export class Solo {
  now = 0;
  readonly random: SeededRandom;
  readonly keys: TestKeys;
  readonly node: OverlayNode;
  /** The node's numbers; a test may end its learning. */
  readonly config: Omit<OverlayConfig, 'repair'> & { repair: boolean };
  /** Everything put out so far. */
  readonly outputs: Output[] = [];
  readonly peers: ScriptedPeer[] = [];
  /** Crypto outputs that wait for `answerHeld`. */
  readonly held: CryptoOutput[] = [];
  holdCrypto: boolean;
  private nextAttempt = 1;

  constructor(options: SoloOptions = {}) {
    this.random = new SeededRandom(options.seed ?? 1);
    this.keys = options.keys ?? createKeys(this.random);
    this.holdCrypto = options.holdCrypto ?? false;
    this.config = createConfig('browser', options.config);
    this.node = new OverlayNode({
      record: this.keys.record,
      config: this.config,
      ports: testPorts(new SeededRandom(this.random.uint32())),
      admission: this.config.admissionBits > 0 ? new Admission() : undefined,
      ...(options.geometry === undefined ? {} : { geometry: options.geometry }),
      ...(options.withoutStore === true ? {} : { store: (side) => new Store(side) }),
    });
  }

  /** Hands the node one input and performs what it asks for. */
  input(input: Input): void {
    this.node.handleInput(input, this.now);
    const jobs: CryptoOutput[] = [];
    for (let out = this.node.pollOutput(); out !== undefined; out = this.node.pollOutput()) {
      this.outputs.push(out);
      if (out.type === 'crypto') (this.holdCrypto ? this.held : jobs).push(out);
      if (out.type === 'transmit') this.peers.find((peer) => peer.link === out.link)?.onBytes(out.bytes);
    }
    for (const job of jobs) this.answer(job);
  }

  command(command: Command): void {
    this.input({ type: 'command', command });
  }

  /** Answers the crypto outputs that were held back. */
  answerHeld(): void {
    for (const job of this.held.splice(0)) this.answer(job);
  }

  /** Lets time pass, waking the node whenever it wants to be. */
  until(at: number): void {
    this.flush();
    for (let steps = 0; this.node.nextTimeout() <= at; steps++) {
      if (steps > 100_000) throw new Error('the node does not come to rest');
      this.now = Math.max(this.now, this.node.nextTimeout());
      this.input({ type: 'wake' });
      this.flush();
    }
    this.now = Math.max(this.now, at);
  }

  pass(ms: number): void {
    this.until(this.now + ms);
  }

  /** Links a scripted peer: it offers through the server, as a newcomer would. */
  link(keys: TestKeys = createKeys(this.random)): ScriptedPeer {
    const accepted = this.offer(keys);
    if (accepted === undefined) throw new Error('the node refused the offer');
    return this.up(accepted, keys);
  }

  /** An offer of `keys` through the server; the link the node accepts it with, if it does. */
  offer(keys: TestKeys, joining = true): LinkId | undefined {
    const attempt = new Uint8Array(8);
    new DataView(attempt.buffer).setUint32(0, this.nextAttempt++);
    const from = this.outputs.length;
    const data = writeEnvelope({
      type: 'offer',
      joining,
      attempt,
      record: keys.record,
      data: Uint8Array.of(7),
    });
    this.input({ type: 'server-signal', from: keys.id, data });
    for (const out of this.outputs.slice(from)) if (out.type === 'accept') return out.link;
    return undefined;
  }

  /** The attempt becomes a link of a scripted peer. */
  up(link: LinkId, keys: TestKeys): ScriptedPeer {
    const peer = new ScriptedPeer(this, link, keys);
    this.peers.push(peer);
    this.input({ type: 'link-up', link, record: keys.record });
    return peer;
  }

  /** Answers the node's lookups with the records of all peers until its table is complete. */
  completeTable(): void {
    const payload = Buffer.concat(this.peers.map((peer) => peer.keys.record)).subarray();
    const answered = new Set<string>();
    for (let turn = 0; !bucketsOf(this.node.snapshot()).every(({ gap }) => gap === 'none'); turn++) {
      if (turn > 100) throw new Error('the table does not become complete');
      this.pass(100);
      for (const peer of this.peers) {
        for (const frame of peer.allFrames()) {
          if (frame.service !== 'lookup' || answered.has(frame.message)) continue;
          answered.add(frame.message);
          peer.answer(frame, { payload });
        }
      }
    }
    this.clear();
  }

  events<Type extends NodeEvent['type']>(type: Type): EventOf<Type>[] {
    return this.outputs.flatMap((out) =>
      out.type === 'event' && out.event.type === type ? [out.event as EventOf<Type>] : [],
    );
  }

  of<Type extends Output['type']>(type: Type): OutputOf<Type>[] {
    return this.outputs.filter((out): out is OutputOf<Type> => out.type === type);
  }

  /** Why the node hung up a link; `undefined` while it did not. */
  hungUp(link: LinkId): string | undefined {
    return this.of('hang-up').find((out) => out.link === link)?.reason;
  }

  /** Forgets outputs and what peers received. */
  clear(): void {
    this.outputs.length = 0;
    for (const peer of this.peers) peer.received.length = 0;
  }

  private flush(): void {
    for (const peer of this.peers) peer.flush();
  }

  private answer(job: CryptoOutput): void {
    this.input({ type: 'crypto-done', job: job.job, result: answerCrypto(job.request, this.keys) });
  }
}

/** The other end of one link of a `Solo`. Answers heartbeats unless `mute`. */
export class ScriptedPeer {
  readonly link: LinkId;
  readonly keys: TestKeys;
  readonly received: Uint8Array[] = [];
  mute = false;
  private readonly solo: Solo;
  private pongs: Uint8Array[] = [];

  constructor(solo: Solo, link: LinkId, keys: TestKeys) {
    this.solo = solo;
    this.link = link;
    this.keys = keys;
  }

  get id(): NodeId {
    return this.keys.id;
  }

  /** Bytes from this peer to the node. */
  send(bytes: Uint8Array): void {
    this.solo.input({ type: 'frame', link: this.link, bytes });
  }

  sendControl(control: Control): void {
    this.send(writeControl(control));
  }

  /** A message of this peer, or of somebody whose keys are given. */
  message(fields: MessageFields, from: TestKeys = this.keys): Frame {
    const bytes = messageFrame(from, fields);
    this.send(bytes);
    return parseFrame(bytes);
  }

  answer(asked: Frame, fields: AnswerFields = {}): void {
    this.send(answerFrame(this.keys, asked, fields));
  }

  /** Tells the node whom this peer is linked to, the node itself included. */
  tellLinks(...ids: NodeId[]): void {
    this.sendControl({ type: 'links', list: packIds([this.solo.keys.id, ...ids]) });
  }

  /** Routed frames received, lookups and pings of the node's own upkeep left out. */
  frames(): Frame[] {
    return this.allFrames().filter(({ service }) => service === 'app');
  }

  allFrames(): Frame[] {
    return this.received.filter((bytes) => bytes[1]! >= 0x10).map(parseFrame);
  }

  controls<Type extends Control['type']>(type: Type): (Control & { readonly type: Type })[] {
    return this.received.flatMap((bytes) => {
      if (bytes[1]! >= 0x10) return [];
      const control = readControl(bytes);
      return typeof control !== 'string' && control.type === type
        ? [control as Control & { readonly type: Type }]
        : [];
    });
  }

  onBytes(bytes: Uint8Array): void {
    this.received.push(bytes);
    if (this.mute || bytes[1] !== 1) return;
    const pong = Uint8Array.from(bytes);
    pong[1] = 2;
    // The node is at work: the pong waits for the next turn.
    this.pongs.push(pong);
  }

  /** Sends the pongs that are due. */
  flush(): void {
    for (const pong of this.pongs.splice(0)) this.send(pong);
  }
}
