/**
 * A running overlay as the application sees it: the public calls over one driver, one transport and one signaling
 * connection. Converts, checks and keeps promises; what happens to a message is the node's business. Rules SE1-SE14.
 */

import type { NodeEvent } from '../core/events.ts';
import { asNodeId, toHex, type NodeId } from '../core/id/node-id.ts';
import type { Command, CryptoRequest, CryptoResult, JobId, SendKind } from '../core/io.ts';
import type { KeptRecord } from '../core/store/store-io.ts';
import type { NodeSnapshot } from '../core/snapshot.ts';
import { encodePayload, decodePayload } from '../core/wire/codec.ts';
import type { Clock } from '../driver/clock.ts';
import { NodeDriver, type DrivenNode } from '../driver/node-driver.ts';
import type { TimerFactory } from '../driver/timer.ts';
import type { RecordKeeper } from '../storage/record-keeper.ts';
import type { CryptoJobs } from '../identity/crypto-jobs.ts';
import type { Signaling } from '../transport/signaling.ts';
import { LINGER_MS, type Transport } from '../transport/transport.ts';
import type {
  BroadcastOptions,
  EventHandler,
  EventOptions,
  GroupOptions,
  Id,
  Key,
  LookupResult,
  MessageHandler,
  Overlay,
  OverlayEvent,
  OverlayState,
  Payload,
  Receipt,
  Reply,
  RequestTarget,
  SendOptions,
  Snapshot,
} from './api.ts';
import { Handlers } from './handlers.ts';
import type { RingCalls } from './ring-calls.ts';
import { heldViewOf, StoreCalls, type StoreNode } from './store-calls.ts';
import type {
  GetOptions,
  GetResult,
  HeldRecordView,
  PutOptions,
  PutResult,
  WatchHandler,
} from './store-api.ts';
import { toKey, toNodeId } from './keys.ts';
import { checkGroupOptions, checkLookupOptions, checkSendOptions } from './options.ts';
import { failure, PendingCalls, type CallResult } from './pending-calls.ts';
import { toEvent, toFromGroup, toSnapshot } from './views.ts';

/** Everything a session stands on. Tests bring links and signaling in memory. */
export interface SessionParts {
  readonly id: NodeId;
  readonly node: DrivenNode;
  readonly transport: Transport;
  readonly signaling: Signaling;
  readonly crypto: CryptoJobs;
  readonly clock: Clock;
  readonly createTimer: TimerFactory;
  readonly room: string;
  readonly signalingUrl: string;
  readonly linksMax: number;
  readonly timeoutMs: number;
  readonly identity: Snapshot['identity'];
  /** Keeps records over a reload; left out, they are gone with the page. */
  readonly keeper?: RecordKeeper;
  /** Makes the calls of a ring; left out where the network is none. */
  readonly createRing?: ((node: StoreNode) => RingCalls) | undefined;
  /** Called once when the session is over: gives the identity slot back, removes page listeners. */
  readonly onLeft: () => void;
}

/** The overlay of one tab. */
type SendCommand = Extract<Command, { type: 'send' }>;

export class OverlaySession implements Overlay {
  readonly id: Id;
  readonly room: string;
  readonly ready: Promise<void>;
  readonly ring: RingCalls | undefined;
  readonly #parts: SessionParts;
  readonly #driver: NodeDriver;
  readonly #calls = new PendingCalls();
  readonly #store: StoreCalls;
  readonly #handlers: Handlers;
  readonly #startedAt: number;
  #resolveReady: () => void = () => {};
  #state: OverlayState = 'idle';
  #leaving: Promise<void> | undefined;
  #onHandedOver: () => void = () => {};
  #problem: string | undefined;
  /** Puzzles of others under way, and what became of the last one. */
  #works = 0;
  #isTooHard = false;
  /** The last one taken; what is shown of a node that broke. */
  #lastKnown: NodeSnapshot;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.id = toHex(parts.id);
    this.room = parts.room;
    this.#startedAt = Date.now();
    this.ready = new Promise((resolve) => {
      this.#resolveReady = resolve;
    });
    this.#handlers = new Handlers((problem) => this.#tell({ at: Date.now(), type: 'fault', problem }));
    this.#lastKnown = parts.node.snapshot();
    const { keeper } = parts;
    this.#driver = new NodeDriver({
      ...parts,
      crypto: (request, job) => this.#answerCrypto(request, job),
      ...(keeper === undefined ? {} : { keep: (slot, held) => keeper.keep(slot, held) }),
    });
    const calls: StoreNode = {
      command: (command) => this.#driver.command(command),
      stopped: () => this.#driver.stopped,
      timeoutMs: parts.timeoutMs,
      onFault: (problem) => this.#tell({ at: Date.now(), type: 'fault', problem }),
    };
    this.#store = new StoreCalls(calls);
    this.ring = parts.createRing?.(calls);
    this.#driver.on('event', (event) => this.#onNodeEvent(event));
    this.#driver.on('asleep', (forMs) => {
      this.#tell({ at: Date.now(), type: 'asleep', forMs });
      parts.signaling.reconnectNow();
    });
    this.#driver.on('crashed', (error) => this.#onCrash(error));
    this.#listenToServer();
  }

  /** Starts the node and the signaling connection. Called once; `kept`: records from an earlier visit. */
  start(kept: readonly KeptRecord[] = []): void {
    this.#driver.handle({ type: 'restore', kept });
    this.#driver.command({ type: 'start' });
    this.#parts.signaling.start();
  }

  async closest(key: Key, payload: Payload, options?: SendOptions): Promise<Receipt> {
    return this.#send('closest', toKey(key), payload, options, false);
  }

  async direct(id: Id, payload: Payload, options?: SendOptions): Promise<Receipt> {
    return this.#send('direct', toNodeId(id), payload, options, false);
  }

  async neighbour(id: Id, payload: Payload, options?: SendOptions): Promise<Receipt> {
    return this.#send('neighbour', toNodeId(id), payload, options, false);
  }

  async group(key: Key, payload: Payload, options?: GroupOptions): Promise<Receipt> {
    const { timeoutMs, groupSize } = checkGroupOptions(options, this.#parts.timeoutMs);
    return this.#sendChecked('group', toKey(key), payload, { timeoutMs, groupSize });
  }

  async fromGroup(key: Key, to: Id, payload: Payload, options?: GroupOptions): Promise<Receipt> {
    const { timeoutMs, groupSize } = checkGroupOptions(options, this.#parts.timeoutMs);
    return this.#sendChecked('direct', toNodeId(to), payload, {
      timeoutMs,
      groupSize,
      fromGroup: toKey(key),
    });
  }

  async broadcast(payload: Payload, options?: BroadcastOptions): Promise<Receipt> {
    const scope: unknown = options?.scope ?? 'neighbours';
    if (scope !== 'neighbours' && scope !== 'network')
      throw new TypeError('The scope of a broadcast is "neighbours" or "network".');
    const { timeoutMs } = checkSendOptions(options, this.#parts.timeoutMs, 'broadcast');
    return this.#sendChecked('broadcast', this.#parts.id, payload, { timeoutMs, scope });
  }

  async request(target: RequestTarget, payload: Payload, options?: SendOptions): Promise<Reply> {
    const kinds = typeof target === 'object' && target !== null ? Object.keys(target) : [];
    if (kinds.length !== 1)
      throw new TypeError('A request names exactly one of closest, direct and neighbour.');
    if ('closest' in target) return this.#send('closest', toKey(target.closest), payload, options, true);
    if ('direct' in target) return this.#send('direct', toNodeId(target.direct), payload, options, true);
    if ('neighbour' in target)
      return this.#send('neighbour', toNodeId(target.neighbour), payload, options, true);
    throw new TypeError('A request names exactly one of closest, direct and neighbour.');
  }

  async lookup(key: Key, options?: { readonly timeoutMs?: number }): Promise<LookupResult> {
    const target = toKey(key);
    const timeoutMs = checkLookupOptions(options, this.#parts.timeoutMs);
    if (this.#driver.stopped) return { ...failure('left', 0), found: [] };
    const { id, result } = this.#calls.open(timeoutMs);
    this.#driver.command({ type: 'lookup', id, key: target, timeoutMs });
    return result.then(({ reply: _none, found = [], ...receipt }) => ({ ...receipt, found }));
  }

  async put(key: Key | null, value: Payload, options?: PutOptions): Promise<PutResult> {
    return this.#store.put(key, value, options);
  }

  async get(key: Key, options?: GetOptions): Promise<GetResult> {
    return this.#store.get(key, options);
  }

  async forget(key: Key, options?: PutOptions): Promise<PutResult> {
    return this.#store.forget(key, options);
  }

  watch(key: Key, handler: WatchHandler): () => void {
    return this.#store.watch(key, handler);
  }

  records(): HeldRecordView[] {
    const now = this.#parts.clock.now();
    return this.#driver.held().map((held) => heldViewOf(held, now));
  }

  onMessage(handler: MessageHandler): () => void {
    return this.#handlers.addMessageHandler(handler);
  }

  onEvent(handler: EventHandler, options: EventOptions = {}): () => void {
    const remove = this.#handlers.addEventHandler(handler, options.answers === true);
    this.#intercept();
    return () => {
      remove();
      this.#intercept();
    };
  }

  snapshot(): Snapshot {
    const { clock, room, signaling, signalingUrl, linksMax, identity, keeper } = this.#parts;
    const facts = {
      room,
      signalingUrl,
      linksMax,
      identity,
      takenAt: Date.now(),
      startedAt: this.#startedAt,
      signaling: signaling.state,
      ...(signaling.problem === undefined ? {} : { signalingProblem: signaling.problem }),
      ...(signaling.networkGeometry === undefined ? {} : { networkGeometry: signaling.networkGeometry }),
      ...(keeper?.problem === undefined ? {} : { recordsProblem: keeper.problem }),
      ...(this.#works > 0 ? UNDER_WAY : this.#isTooHard ? TOO_HARD : {}),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
    // A node that broke one of its own rules may not be able to describe itself any more.
    if (this.#problem === undefined) this.#lastKnown = this.#driver.snapshot();
    const snapshot = toSnapshot(this.#lastKnown, facts, (time) => clock.toEpoch(time));
    return this.#problem === undefined ? snapshot : { ...snapshot, state: 'left', links: [] };
  }

  ping(id: Id): void {
    this.#driver.command({ type: 'ping', peer: toNodeId(id) });
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leaveInOrder();
    return this.#leaving;
  }

  /** Others get this node's records first; then the goodbye gets the time to go out. */
  async #leaveInOrder(): Promise<void> {
    if (!this.#driver.stopped) {
      await new Promise<void>((resolve) => {
        this.#onHandedOver = resolve;
        this.#driver.command({ type: 'leave', handOver: true });
      });
      this.#finish();
    }
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
    this.#parts.transport.close();
  }

  /** Says goodbye in this very turn, for a page that is going away and cannot wait. */
  leaveNow(): void {
    if (this.#driver.stopped) return;
    this.#driver.command({ type: 'leave' });
    this.#finish();
  }

  /** The tab was shown, or the network or the machine came back: looks at the time and at the server. */
  wake(): void {
    if (this.#driver.stopped) return;
    this.#driver.wake();
    this.#parts.signaling.reconnectNow();
  }

  #listenToServer(): void {
    const { signaling } = this.#parts;
    signaling.on('state', (state, problem) => {
      this.#driver.handle({ type: 'server-state', connected: state === 'online' });
      this.#tell({ at: Date.now(), type: 'signaling', state, ...(problem === undefined ? {} : { problem }) });
    });
    const introduce = (ids: readonly Uint8Array[]): void =>
      this.#driver.handle({ type: 'server-introductions', ids: ids.map((id) => asNodeId(id)) });
    signaling.on('welcome', ({ introductions }) => introduce(introductions));
    signaling.on('introductions', introduce);
    signaling.on('signal', (from, data) =>
      this.#driver.handle({ type: 'server-signal', from: asNodeId(from), data }),
    );
    signaling.on('undeliverable', (to) =>
      this.#driver.handle({ type: 'server-undeliverable', to: asNodeId(to) }),
    );
  }

  async #send(
    kind: SendKind,
    target: NodeId,
    payload: Payload,
    options: SendOptions | undefined,
    request: boolean,
  ): Promise<CallResult> {
    const { timeoutMs, receipt, hopLimit, routes } = checkSendOptions(options, this.#parts.timeoutMs, kind);
    return this.#sendChecked(kind, target, payload, {
      timeoutMs,
      request,
      receipt: receipt || request,
      ...(hopLimit === undefined ? {} : { hopLimit }),
      ...(routes === undefined ? {} : { routes }),
    });
  }

  async #sendChecked(
    kind: SendKind,
    target: NodeId,
    payload: Payload,
    options: Partial<SendCommand> & Pick<SendCommand, 'timeoutMs'>,
  ): Promise<CallResult> {
    const body = encodePayload(payload);
    if (body === undefined) {
      throw new TypeError(
        'A payload is bytes, text or plain data: numbers, arrays, records, true, false and null.',
      );
    }
    if (this.#driver.stopped) return failure('left', 0);
    const { id, result } = this.#calls.open(options.timeoutMs);
    const command = { type: 'send', id, kind, target, body, request: false, receipt: true } as const;
    this.#driver.command({ ...command, ...options });
    return result;
  }

  #onNodeEvent(event: NodeEvent): void {
    const view = toEvent(event, Date.now());
    if (event.type === 'routing' && event.held !== undefined) {
      this.#askForAnswer(event.message, view!);
      return;
    }
    if (event.type === 'sent' && event.command !== undefined)
      this.#calls.onSent(event.command, event.message);
    else if (event.type === 'result') this.#calls.onResult(event.command, event);
    else if (event.type === 'state') this.#onState(event.state);
    else if (event.type === 'store-result' || event.type === 'store-change') this.#store.onEvent(event);
    else if (event.type === 'ring-result') this.ring?.onEvent(event);
    if (view !== undefined) this.#tell(view);
    if (event.type === 'delivered' && event.service === 'app' && event.kind !== 'reply') this.#deliver(event);
  }

  async #answerCrypto(request: CryptoRequest, job: JobId): Promise<CryptoResult> {
    const answer = this.#parts.crypto(request, job);
    if (request.type !== 'work') return answer;
    this.#works++;
    const result = await answer.finally(() => this.#works--);
    this.#isTooHard = result.type === 'worked' && result.solution === 'too-hard';
    return result;
  }

  #onState(state: OverlayState): void {
    this.#state = state;
    if (state === 'ready' || state === 'alone' || state === 'left') this.#resolveReady();
    if (state === 'left') this.#onHandedOver();
  }

  #deliver(event: NodeEvent & { type: 'delivered' }): void {
    const { message, kind, origin, target, exact, hops, body, wantsReply, fromGroup } = event;
    const payload = decodePayload(body);
    if (kind === 'reply') return;
    if (payload === undefined) {
      const problem = 'sent a payload that is not plain data';
      this.#tell({ at: Date.now(), type: 'malformed', peer: toHex(origin), problem });
      if (wantsReply) this.#driver.command({ type: 'reply', message, body: undefined });
      return;
    }
    const view = {
      id: message,
      kind,
      origin: toHex(origin),
      target: toHex(target),
      exact,
      hops,
      payload,
      wantsReply,
      ...(fromGroup === undefined ? {} : { fromGroup: toFromGroup(fromGroup) }),
    };
    void this.#handlers.reply(view).then((reply) => {
      if (wantsReply) this.#driver.command({ type: 'reply', message, body: reply });
    });
  }

  #askForAnswer(message: string, event: OverlayEvent): void {
    void this.#handlers
      .tellAndAsk(event)
      .then((answer) => this.#driver.command({ type: 'release', message, body: answer }));
  }

  #intercept(): void {
    this.#driver.command({ type: 'intercept', on: this.#handlers.answering });
  }

  #tell(event: OverlayEvent): void {
    this.#handlers.tell(event);
  }

  #onCrash(error: Error): void {
    this.#problem = `The node stopped because of a fault in it (${error.message}). Reload the page to start again.`;
    this.#tell({ at: Date.now(), type: 'fault', problem: this.#problem });
    this.#finish();
  }

  #finish(): void {
    this.#driver.stop();
    this.#onHandedOver();
    void this.#parts.keeper?.flush();
    this.#parts.signaling.close();
    this.#calls.endAll('left');
    this.#store.endAll();
    this.ring?.endAll();
    this.#resolveReady();
    if (this.#state !== 'left') {
      this.#state = 'left';
      this.#tell({ at: Date.now(), type: 'state', state: 'left', complete: false });
    }
    this.#parts.onLeft();
  }
}

const UNDER_WAY = { work: 'under-way' } as const;
const TOO_HARD = { work: 'too-hard' } as const;
