/**
 * The facade of the core: one node of the network as a state machine. Inputs go in with the time, outputs are drained,
 * and the node says when it wants to be woken. Rules C1-C8. The parts behind it: routing/ (messages), membership/
 * (links and tables), geometry/ (who is near).
 */

import type { Admission } from './admission/checker.ts';
import type { OverlayConfig } from './config.ts';
import { createCounters, type NodeContext } from './context.ts';
import type { NodeEvent } from './events.ts';
import type { GeometryFactory } from './geometry/geometry.ts';
import { createKademlia } from './geometry/kademlia/kademlia.ts';
import { fromHex, mapKey, type NodeId } from './id/node-id.ts';
import type { Command, CryptoResult, Input, JobId, LinkEndReason, LinkId, Output } from './io.ts';
import { Membership } from './membership/membership.ts';
import type { Ports } from './ports.ts';
import { Messages } from './routing/messages.ts';
import { takeSnapshot } from './snapshot-of-node.ts';
import type { NodeParts, StorePart } from './store/host.ts';
import { NO_RESULT, type HeldView, type StoreReason } from './store/store-io.ts';
import type { NodeSnapshot } from './snapshot.ts';
import { assert } from './util/assert.ts';
import { isControl, readControl } from './wire/control.ts';
import { decodeContact } from './wire/contact.ts';
import { messageKey, readFrame, WIRE_VERSION } from './wire/frame.ts';
import type { Link } from './membership/link.ts';

export interface NodeOptions {
  /** The node's own contact record, signed. Its id follows from it. */
  readonly record: Uint8Array;
  readonly config: OverlayConfig;
  readonly ports: Ports;
  /** Who is near to whom; Kademlia when left out. The record names the same. */
  readonly geometry?: GeometryFactory;
  /**
   * Makes the node's store, on a ring with the ring's own operations; without it the node keeps no records and refuses
   * requests for them.
   */
  readonly store?: (parts: NodeParts) => StorePart;
  /** Asks strangers for work; given exactly when `admissionBits` is above 0. */
  readonly admission?: Admission | undefined;
}

/** What is over is forgotten this often. */
const SWEEP_MS = 1_000;
/** Slots for outputs that are kept between inputs. */
const OUTPUT_SLOTS = 64;

export class OverlayNode {
  readonly #ctx: NodeContext;
  readonly #messages: Messages;
  readonly #membership: Membership;
  /** The part that keeps records, if the node has one. */
  readonly store: StorePart | undefined;
  /** Slots are used again: a new list for every input would cost more than many an input. */
  readonly #outputs: (Output | undefined)[] = [];
  #outputCount = 0;
  #nextOutput = 0;
  readonly #jobs = new Map<JobId, (result: CryptoResult) => void>();
  #nextJob = 1;
  #sweepAt = Infinity;

  constructor(options: NodeOptions) {
    const { config, ports } = options;
    const self = decodeContact(options.record, ports);
    assert(self !== undefined, 'the own contact record is readable');
    const geometry = (options.geometry ?? createKademlia)(self.id, config);
    assert(geometry.name === self.geometry, 'the own record names the geometry that the node runs');
    this.#ctx = {
      self,
      config,
      ports,
      geometry,
      admission: options.admission,
      counters: createCounters(),
      now: 0,
      output: (output) => this.#put(output),
      event: (event: NodeEvent) => this.#put({ type: 'event', event }),
      crypto: (request, done) => {
        const job = this.#nextJob++;
        this.#jobs.set(job, done);
        this.#put({ type: 'crypto', job, request });
        return job;
      },
    };
    this.#membership = new Membership(this.#ctx, {
      sendSealed: (to, sealed, failed) => this.#messages.sendSignal(to, sealed, failed),
      lookup: (target, done) => this.#messages.lookup(target, config.lookupTimeoutMs, done),
      ping: (target, done, copies) => this.#messages.ping(target, config.lookupTimeoutMs, done, copies),
      introduce: (done) => this.store?.introduce?.(done),
      onLinkLost: (link, reason, gone) => this.#messages.onLinkLost(link, reason, gone),
    });
    this.#messages = new Messages(this.#ctx, this.#membership.links, {
      isComplete: () => this.#membership.join.complete,
      onRecord: (record) => this.#membership.learn([record]),
      answerPassing: (body) => this.store?.answerPassing(body),
      onRequest: (body, from, answer) => {
        if (this.store === undefined) answer(undefined);
        else this.store.onRequest(body, from, answer);
      },
      onSignal: (origin, sealed) => this.#membership.dialer.onSealed(origin, sealed),
      onForged: (from) => this.#onMalformed(from, 'passed on a message with a wrong signature'),
    });
    this.store = options.store?.({
      ctx: this.#ctx,
      messages: this.#messages,
      membership: this.#membership,
    });
  }

  get id(): NodeId {
    return this.#ctx.self.id;
  }

  /** Takes one thing that happened. `now` is in ms and never decreases. Drain `pollOutput` before the next input. */
  handleInput(input: Input, now: number): void {
    assert(now >= this.#ctx.now, 'time never decreases');
    assert(this.#nextOutput >= this.#outputCount, 'outputs are drained before the next input');
    this.#ctx.now = now;
    if (this.#hasLeft) {
      this.#refuse(input);
      return;
    }
    this.#handle(input);
    if (this.#sweepAt === Infinity) this.#sweepAt = now + SWEEP_MS;
    this.#membership.announceState();
  }

  /** The next thing to do, or `undefined` when there is nothing left. */
  pollOutput(): Output | undefined {
    if (this.#nextOutput < this.#outputCount) {
      const output = this.#outputs[this.#nextOutput];
      this.#outputs[this.#nextOutput++] = undefined;
      return output;
    }
    if (this.#nextOutput > 0) {
      if (this.#outputs.length > OUTPUT_SLOTS) this.#outputs.length = OUTPUT_SLOTS;
      this.#outputCount = 0;
      this.#nextOutput = 0;
    }
    return undefined;
  }

  /** When the node wants a `wake` input, in the time of `now`; `Infinity` when it waits for nothing. */
  nextTimeout(): number {
    if (this.#hasLeft) return Infinity;
    const storeAt = this.store?.nextAt() ?? Infinity;
    return Math.min(this.#membership.nextAt(), this.#messages.nextAt(), storeAt, this.#sweepAt);
  }

  snapshot(): NodeSnapshot {
    return takeSnapshot(this.#ctx, this.#membership);
  }

  /** The records that this node holds. */
  held(): HeldView[] {
    return this.store?.held() ?? [];
  }

  #handle(input: Input): void {
    switch (input.type) {
      case 'wake':
        this.#onWake();
        return;
      case 'frame':
        this.#onFrame(input.link, input.bytes);
        return;
      case 'link-up':
        this.#membership.onLinkUp(input.link, input.record);
        return;
      case 'link-down':
        this.#membership.onLinkDown(input.link, input.reason);
        return;
      case 'link-pressure':
        this.#membership.links.get(input.link)?.setCongested(input.congested);
        return;
      case 'signal-out':
        this.#membership.dialer.onSignalOut(input.link, input.data);
        return;
      case 'server-state':
        this.#membership.join.onServer(input.connected);
        return;
      case 'server-introductions':
        this.#membership.join.onIntroductions(input.ids);
        return;
      case 'server-signal':
        this.#membership.dialer.onEnvelope(input.from, input.data, 'server');
        return;
      case 'server-undeliverable':
        this.#membership.dialer.onUndeliverable(input.to);
        return;
      case 'contacts':
        this.#membership.learn(input.records);
        return;
      case 'restore':
        this.store?.restore(input.kept);
        return;
      case 'crypto-done':
        this.#onCrypto(input.job, input.result);
        return;
      case 'command':
        this.#onCommand(input.command);
    }
  }

  get #hasLeft(): boolean {
    return this.#membership.join.state === 'left';
  }

  /** Rule C7: a node that left does nothing any more; commands end at once. */
  #refuse(input: Input): void {
    if (input.type !== 'command') return;
    const { command } = input;
    if (command.type === 'send' || command.type === 'lookup') this.#messages.refuse(command.id, 'left');
    else this.#refuseStore(command, 'left');
  }

  #refuseStore(command: Command, reason: StoreReason): void {
    if (!('id' in command)) return;
    this.#ctx.event({ type: 'store-result', command: command.id, result: { ...NO_RESULT, reason } });
  }

  #put(output: Output): void {
    this.#outputs[this.#outputCount++] = output;
  }

  #onWake(): void {
    const { now } = this.#ctx;
    this.#membership.onTime();
    this.#messages.onTime();
    this.store?.onTime();
    if (now < this.#sweepAt) return;
    this.#messages.sweep();
    this.#sweepAt = this.#messages.idle ? Infinity : now + SWEEP_MS;
  }

  #onCrypto(job: JobId, result: CryptoResult): void {
    const done = this.#jobs.get(job);
    this.#jobs.delete(job);
    done?.(result);
  }

  #onCommand(command: Command): void {
    const membership = this.#membership;
    const messages = this.#messages;
    switch (command.type) {
      case 'start':
        membership.join.start();
        return;
      case 'send':
        messages.send(command);
        return;
      case 'reply':
        messages.reply(command.message, command.body);
        return;
      case 'intercept':
        messages.setIntercept(command.on);
        return;
      case 'release':
        messages.release(keyOfHex(command.message), command.body);
        return;
      case 'lookup':
        messages.lookupForUser(command.id, command.key, command.timeoutMs);
        return;
      case 'ping':
        membership.pingPeer(mapKey(command.peer));
        return;
      case 'leave':
        if (command.handOver === true && this.store !== undefined) this.store.leave(() => this.#leave());
        else this.#leave();
        return;
      default:
        if (this.store === undefined) this.#refuseStore(command, 'rejected');
        else this.store.onCommand(command);
    }
  }

  #leave(): void {
    this.store?.stop();
    this.#messages.stop();
    this.#membership.leave();
  }

  #onFrame(id: LinkId, bytes: Uint8Array): void {
    const link = this.#membership.links.get(id);
    if (link === undefined) return;
    const { counters, config, now } = this.#ctx;
    counters.framesIn++;
    counters.bytesIn += bytes.length;
    link.framesIn++;
    link.bytesIn += bytes.length;
    if (bytes.length < 2 || bytes.length > config.frameBytesMax || bytes[0] !== WIRE_VERSION) {
      this.#onMalformed(link, 'no frame of this version');
      return;
    }
    this.#membership.liveness.heard(link);
    if (isControl(bytes)) {
      const control = readControl(bytes);
      if (typeof control === 'string') this.#onMalformed(link, control);
      else if (control.type === 'no-route' || control.type === 'progress')
        this.#messages.onControl(control, link);
      else this.#membership.onControl(control, link);
      return;
    }
    if (!link.receive(bytes.length, now)) {
      this.#punish(link, 'abuse', 'more than its credit');
      return;
    }
    this.#membership.liveness.received(link);
    const frame = readFrame(bytes, config.fragmentsMax, config.hopLimit);
    if (typeof frame === 'string') this.#onMalformed(link, frame);
    else if (!this.#messages.onFrame(frame, link))
      this.#onMalformed(link, 'neighbour message for somebody else');
  }

  /** Rule WR9: malformed frames are counted, a repeat offender is hung up on. */
  #onMalformed(link: Link, problem: string): void {
    const { counters, config, now } = this.#ctx;
    counters.malformed++;
    if (now - link.malformedSince > 60_000) {
      link.malformed = 0;
      link.malformedSince = now;
    }
    link.malformed++;
    if (link.malformed > config.malformedPerMinuteMax) this.#punish(link, 'abuse', problem);
    else this.#ctx.event({ type: 'malformed', peer: link.id, problem });
  }

  #punish(link: Link, reason: LinkEndReason, problem: string): void {
    this.#ctx.event({ type: 'malformed', peer: link.id, problem });
    this.#membership.hangUp(link, reason);
  }
}

function keyOfHex(message: string): string {
  const bytes = fromHex(message);
  return bytes?.length === 16 ? messageKey(bytes, 0) : '';
}
