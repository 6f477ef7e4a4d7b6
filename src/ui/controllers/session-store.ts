/**
 * The one place where the page meets its overlay: keeps the latest snapshot, the log, the selection and what was sent
 * and received, and tells the panels what changed: what a person did in the next frame, what the network does at the
 * pace of `DrawingPace`. Outlives overlays: reopening swaps them.
 */

import type { Id, Message, Overlay, OverlayEvent, Payload, Receipt, Snapshot } from '../../session/api.ts';
import { LogView } from '../log/log-view.ts';
import { pathOfRows, triesOf, wholePath, type MessagePath } from '../log/message-path.ts';
import { TrafficLog } from '../log/traffic-log.ts';
import { collectNodes, type NodeView } from '../model/peers.ts';
import { RateMeter, type Rates } from '../model/rate.ts';
import { TraceBuffer } from '../../session/trace-buffer.ts';
import { ROWS_MAX_DEFAULT } from '../settings/preferences.ts';
import { Announcer } from './announcer.ts';
import { DrawingPace } from './drawing-pace.ts';
import { FrameLoop, PAGE_CLOCK, type FrameClock } from './frame-loop.ts';
import { SendHistory, type SendEntry } from './send-history.ts';

/** What a panel can listen for. */
export type Topic = 'snapshot' | 'log' | 'selection' | 'sends' | 'status';

/** What all panels show as chosen. A message and a node can be chosen at the same time. */
export interface Selection {
  readonly node: Id | undefined;
  readonly message: string | undefined;
  /** The way of the chosen message, as far as it is known. */
  readonly path: MessagePath | undefined;
}

/** How far the page is with its overlay. */
export type PageStatus =
  | { readonly phase: 'opening' }
  | { readonly phase: 'open' }
  /** `openOverlay` refused; `problem` is its sentence. */
  | { readonly phase: 'failed'; readonly problem: string };

/** A message that came in for the application. */
export interface ReceivedEntry {
  readonly at: number;
  readonly message: Message;
  /** What this page answered, if it did. */
  readonly answer: Payload | undefined;
}

const RECEIVED_MAX = 50;
/** Under steady traffic the node is read this often at most, ms: its numbers are for people. */
const COUNTERS_MS = 1_000;
const NOTHING: Selection = { node: undefined, message: undefined, path: undefined };
const QUIET: Rates = { messages: 0, frames: 0, bytes: 0 };

/** Snapshot, log, selection and sends of the page. */
export class SessionStore {
  status: PageStatus = { phase: 'opening' };
  snapshot: Snapshot | undefined;
  nodes: readonly NodeView[] = [];
  rates: Rates = QUIET;
  selection: Selection = NOTHING;
  received: readonly ReceivedEntry[] = [];
  /** False leaves requests to other handlers. */
  echo = true;
  readonly log = new TrafficLog(ROWS_MAX_DEFAULT);
  readonly logView = new LogView(this.log);
  readonly sends = new SendHistory();
  readonly announcer = new Announcer();

  #overlay: Overlay | undefined;
  /** Events since the last frame. A hidden page has no frames: then it fills, and what does not fit is counted. */
  #arrived = new TraceBuffer();
  #detach: (() => void)[] = [];
  #listeners = new Map<() => void, ReadonlySet<Topic>>();
  /** What a person changed: shown in the next frame. */
  #urgent = new Set<Topic>();
  /** What the network changed: shown when the pace allows. */
  #paced = new Set<Topic>();
  #pace = new DrawingPace();
  #came: ReceivedEntry[] = [];
  #meter = new RateMeter();
  #readAt = -Infinity;
  #clock: FrameClock;
  #frames: FrameLoop;

  constructor(clock: FrameClock = PAGE_CLOCK) {
    this.#clock = clock;
    this.#frames = new FrameLoop(
      () => this.#refresh(),
      // Only ages and rates have moved.
      () => this.#touchPaced('snapshot'),
      clock,
    );
  }

  get overlay(): Overlay | undefined {
    return this.#overlay;
  }

  /** Calls back in a frame in which one of the topics changed; returns the function that stops it. */
  subscribe(topics: readonly Topic[], listener: () => void): () => void {
    this.#listeners.set(listener, new Set(topics));
    return () => this.#listeners.delete(listener);
  }

  /** Shows this overlay from now on. */
  attach(overlay: Overlay): void {
    this.detach();
    this.#overlay = overlay;
    this.log.setSelf(overlay.id);
    this.#detach = [
      overlay.onEvent((event) => this.#onEvent(event)),
      overlay.onMessage((message) => this.#onMessage(message)),
    ];
    this.#meter = new RateMeter();
    this.#frames.start();
    this.setStatus({ phase: 'open' });
    this.#touch('snapshot', 'log');
  }

  /** Lets go of the overlay; what it showed is gone. The caller leaves it. */
  detach(): void {
    for (const stop of this.#detach) stop();
    this.#detach = [];
    this.#overlay = undefined;
    this.snapshot = undefined;
    this.nodes = [];
    this.rates = QUIET;
    this.selection = NOTHING;
    this.received = [];
    this.#came = [];
    this.#arrived.clear();
    this.logView.clear();
    this.sends.clear();
    this.#frames.stop();
    this.#touch('snapshot', 'log', 'selection', 'sends');
  }

  setStatus(status: PageStatus): void {
    this.status = status;
    this.#touch('status');
  }

  /** Chooses a node everywhere; `undefined` chooses none. */
  selectNode(node: Id | undefined): void {
    this.selection = { ...this.selection, node };
    this.#touch('selection');
  }

  /** Chooses a message everywhere and looks up its way; `undefined` chooses none. */
  selectMessage(message: string | undefined): void {
    this.selection = { ...this.selection, message, path: this.#pathOf(message) };
    this.#touch('selection');
  }

  /** Chooses something sent from here, whose receipt tells the way even when the log has forgotten it. */
  selectSend(entry: SendEntry): void {
    const receipt = entry.receipt;
    const message = receipt?.message;
    const path = receipt === undefined ? undefined : this.#pathOfReceipt(receipt, entry.targetId);
    this.selection = { ...this.selection, message, path: path ?? this.#pathOf(message) };
    this.#touch('selection');
  }

  /** Shows a way that is no message's: the steps of a lookup. */
  selectPath(path: MessagePath): void {
    this.selection = { ...this.selection, message: undefined, path };
    this.#touch('selection');
  }

  /** Reads the node now: what a person does must not rest on what was true at the last drawing. */
  readNow(): void {
    this.#readNode(this.#clock.now());
    this.#touch('snapshot');
  }

  /** Tells the panels that a part of the store changed; they hear of it in the next frame. */
  touch(topic: Topic): void {
    this.#touch(topic);
  }

  #onEvent(event: OverlayEvent): void {
    this.#arrived.add(event);
    this.announcer.onEvent(event);
    // Traffic moves counters only, which the frame reads now and then.
    if (TRAFFIC.has(event.type)) this.#touchPaced('log');
    else this.#touchPaced('snapshot', 'log');
  }

  #onMessage(message: Message): Payload | undefined {
    const answer = message.wantsReply && this.echo ? echoOf(message, this.#overlay?.id) : undefined;
    this.#came.push({ at: Date.now(), message, answer });
    if (this.#came.length >= 2 * RECEIVED_MAX) this.#came.splice(0, RECEIVED_MAX);
    this.#touchPaced('sends');
    return answer;
  }

  #pathOf(message: string | undefined): MessagePath | undefined {
    if (message === undefined) return undefined;
    const sent = this.sends.entries.find((entry) => entry.receipt?.message === message);
    const path = sent?.receipt === undefined ? undefined : this.#pathOfReceipt(sent.receipt, sent.targetId);
    return path ?? pathOfRows(this.log.rowsOf(message), this.#overlay?.id);
  }

  /** A key given as text has its id only in the log, where the message that was sent names it. */
  #pathOfReceipt(receipt: Receipt, targetId: Id | undefined): MessagePath | undefined {
    if (receipt.path.length === 0) return undefined;
    const rows = receipt.message === undefined ? [] : this.log.rowsOf(receipt.message);
    const target = targetId ?? rows.find((row) => row.target !== undefined)?.target;
    return wholePath(receipt.path, target, triesOf(rows, this.#overlay?.id, receipt));
  }

  #touch(...topics: readonly Topic[]): void {
    for (const topic of topics) this.#urgent.add(topic);
    this.#frames.request();
  }

  #touchPaced(...topics: readonly Topic[]): void {
    for (const topic of topics) this.#paced.add(topic);
    this.#frames.requestIn(this.#pace.dueAt - this.#clock.now());
  }

  #readNode(now: number): void {
    if (this.#overlay === undefined) return;
    this.#readAt = now;
    this.snapshot = this.#overlay.snapshot();
    this.nodes = collectNodes(this.snapshot);
    this.rates = this.#meter.add(this.snapshot.takenAt, this.snapshot.counters);
  }

  #readEvents(dirty: Set<Topic>): void {
    for (const event of this.#arrived.toArray()) {
      this.log.push(event);
      if ('message' in event && event.message === this.selection.message) dirty.add('selection');
    }
    this.log.countDropped(this.#arrived.dropped);
    this.#arrived.clear();
    this.logView.update();
  }

  #readReceived(): void {
    if (this.#came.length === 0) return;
    this.received = [...this.#came.reverse(), ...this.received].slice(0, RECEIVED_MAX);
    this.#came = [];
  }

  /** What this frame shows. A person's doing brings everything up to date, so that no two panels contradict each other. */
  #takeDirty(now: number): Set<Topic> {
    const dirty = this.#urgent;
    this.#urgent = new Set();
    if (this.#paced.size === 0) return dirty;
    if (dirty.size === 0 && now < this.#pace.dueAt) {
      this.#frames.requestIn(this.#pace.dueAt - now);
      return dirty;
    }
    for (const topic of this.#paced) dirty.add(topic);
    this.#paced.clear();
    this.#pace.begin(now, this.#frames.askedAt);
    this.#frames.afterFrame(() => this.#pace.end(this.#clock.now()));
    return dirty;
  }

  /** One frame: read the node once, bring the view up to date, tell who listens. */
  #refresh(): void {
    const now = this.#clock.now();
    const dirty = this.#takeDirty(now);
    if (dirty.has('log') && now - this.#readAt >= COUNTERS_MS) dirty.add('snapshot');
    if (dirty.has('snapshot')) this.#readNode(now);
    if (dirty.has('log')) this.#readEvents(dirty);
    if (dirty.has('sends')) this.#readReceived();
    if (dirty.has('selection') && this.selection.message !== undefined) {
      this.selection = {
        ...this.selection,
        path: this.#pathOf(this.selection.message) ?? this.selection.path,
      };
    }
    for (const [listener, topics] of this.#listeners) {
      if ([...topics].some((topic) => dirty.has(topic))) listener();
    }
  }
}

const TRAFFIC: ReadonlySet<OverlayEvent['type']> = new Set([
  'sent',
  'settled',
  'delivered',
  'routing',
  'retry',
]);

/** The answer two people with two tabs see when one sends a request: what came, and who answered. */
function echoOf(message: Message, self: Id | undefined): Payload {
  const large =
    (typeof message.payload === 'string' || message.payload instanceof Uint8Array) &&
    message.payload.length > 1_000;
  return {
    echo: large ? `${message.payload.length} characters or bytes` : message.payload,
    by: self ?? '',
    hops: message.hops,
  };
}
