/**
 * Rows of the traffic log, made from overlay events. A message this node sent has one row that its receipt completes
 * later; everything else is a row of its own. Pure.
 */

import type { FromGroup, Id, OverlayEvent, Receipt, Service } from '../../session/api.ts';
import { retryText } from '../format/retries.ts';
import { group } from '../format/units.ts';

/** `node` marks what concerns the node itself: links, states, the server. */
export type Direction = 'out' | 'in' | 'through' | 'node';

/** Whether it went well: `pending` is a message of this node without an answer yet. */
export type Outcome = 'pending' | 'ok' | 'failed' | 'note';

/** One line of the log. The fields after `outcome` are filled in or replaced when the message is settled. */
export interface LogRow {
  /** Counts up from 1 in the order of arrival; never reused. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly direction: Direction;
  /** Kind of message, or of event: `link`, `peers`, `state`, `server`, `retry`, `malformed`, `fault`, `asleep`. */
  readonly kind: string;
  readonly service: Service | 'node';
  /** Message id; absent for events of the node. */
  readonly message: string | undefined;
  /** The neighbour at the other end of the hop. */
  readonly peer: Id | undefined;
  readonly origin: Id | undefined;
  /** A key or a node; absent where there is none, as in a broadcast. */
  readonly target: Id | undefined;
  readonly bytes: number | undefined;
  hops: number | undefined;
  durationMs: number | undefined;
  outcome: Outcome;
  /** In words: who answered, the reason code, the new state. */
  detail: string;
  /** The receipt, once there is one. */
  receipt: Receipt | undefined;
  /** The event that made the row. */
  readonly event: OverlayEvent;
}

/** Names a message as its sender sees it: a reply may carry the id of what it answers. */
export function settleKey(message: string, kind: string): string {
  return `${message}/${kind}`;
}

/** A broadcast is for everybody: the id in its event is nobody's. */
function targetOf({ kind, target }: { readonly kind: string; readonly target: Id }): Id | undefined {
  return kind === 'broadcast' ? undefined : target;
}

/** False for a copy that came inside a message of another node: it does not tell its way from its origin. */
export function isWayKnown(
  { origin, hops }: { readonly origin: Id; readonly hops: number },
  self: Id | undefined,
): boolean {
  return hops > 0 || origin === self;
}

/** A row for any event but `settled`. `seq` is the caller's count. */
export function rowOf(
  event: Exclude<OverlayEvent, { type: 'settled' }>,
  seq: number,
  self: Id | undefined,
): LogRow {
  switch (event.type) {
    case 'sent':
      return {
        ...blank(event, seq, event.kind),
        direction: 'out',
        service: event.service,
        message: event.message,
        peer: event.nextHop,
        origin: self,
        target: targetOf(event),
        bytes: event.bytes,
        outcome: 'pending',
      };
    case 'delivered':
      return {
        ...blank(event, seq, event.kind),
        direction: 'in',
        service: event.service,
        message: event.message,
        peer: event.lastHop,
        origin: event.origin,
        target: targetOf(event),
        bytes: event.bytes,
        hops: isWayKnown(event, self) ? event.hops : undefined,
        outcome: 'ok',
        detail: event.fromGroup === undefined ? 'delivered here' : groupText(event.fromGroup),
      };
    case 'routing':
      return {
        ...blank(event, seq, event.kind),
        direction: 'through',
        service: event.service,
        message: event.message,
        peer: event.nextHop ?? event.lastHop,
        origin: event.origin,
        target: targetOf(event),
        bytes: event.bytes,
        hops: event.hops,
        outcome: 'ok',
        detail: event.nextHop === undefined ? 'held here' : 'passed on',
      };
    case 'retry':
      return {
        ...blank(event, seq, 'retry'),
        service: event.service,
        message: event.message,
        peer: event.failedHop,
        outcome: 'failed',
        detail:
          event.nextHop === undefined
            ? retryText(event.reason).word
            : `${retryText(event.reason).word}, now by ${event.nextHop.slice(0, 4)}`,
      };
    default:
      return noteRow(event, seq);
  }
}

/** How many of a group a message is from. */
export function groupText({ size, members }: FromGroup): string {
  return `from a group, ${members.length} of ${size}`;
}

/** A row for a settled message whose own row is gone or never was. */
export function rowOfSettled(
  event: Extract<OverlayEvent, { type: 'settled' }>,
  seq: number,
  self: Id | undefined,
): LogRow {
  const row: LogRow = {
    ...blank(event, seq, event.kind),
    direction: 'out',
    service: event.service,
    message: event.message,
    peer: event.receipt.path[1],
    origin: self,
    target: targetOf(event),
  };
  settleRow(row, event.receipt);
  return row;
}

/** Writes what became of a message into its row. */
export function settleRow(row: LogRow, receipt: Receipt): void {
  row.receipt = receipt;
  // Without an answer there is no round trip, and only a broadcast to peers knows its hops.
  const unanswered = isUnanswered(row);
  const isUncounted = receipt.reached !== undefined || (unanswered && row.kind !== 'broadcast');
  row.hops = !receipt.ok || isUncounted ? undefined : receipt.hops;
  row.durationMs = unanswered ? undefined : receipt.rttMs;
  row.outcome = receipt.ok ? 'ok' : 'failed';
  row.detail = receipt.ok ? successWord(row, receipt) : (receipt.reason ?? 'failed');
}

/** True for a message that set out well and that nobody answers: a broadcast to peers, or one without a receipt. */
export function isUnanswered(row: LogRow): boolean {
  const { receipt } = row;
  return (
    receipt?.ok === true &&
    receipt.reached === undefined &&
    (row.kind === 'broadcast' || receipt.by.length === 0)
  );
}

function successWord(row: LogRow, receipt: Receipt): string {
  if (isUnanswered(row)) return 'sent';
  if (receipt.reached !== undefined) return `${group(receipt.reached)} reached`;
  return receipt.onTheWay ? 'answered on the way' : 'received';
}

/** True for the node's own upkeep: lookups, pings, signals, and on a ring what keeps ranges of keys with their nodes. */
export function isUpkeep(row: LogRow): boolean {
  return UPKEEP.has(row.service);
}

const UPKEEP: ReadonlySet<LogRow['service']> = new Set<LogRow['service']>([
  'lookup',
  'ping',
  'signal',
  'ring',
]);

type NodeOccurrence = Extract<
  OverlayEvent,
  { type: 'nodes' | 'link' | 'state' | 'signaling' | 'malformed' | 'fault' | 'asleep' }
>;

function noteRow(event: NodeOccurrence, seq: number): LogRow {
  switch (event.type) {
    case 'nodes': {
      const words = [
        ...event.added.map((id) => `+${id.slice(0, 4)}`),
        ...event.removed.map((id) => `−${id.slice(0, 4)}`),
      ];
      const peer = event.added[0] ?? event.removed[0];
      return { ...blank(event, seq, 'peers'), peer, detail: words.join(' ') };
    }
    case 'link': {
      const bad = event.state === 'suspect' || (event.state === 'down' && !CALM_ENDS.has(event.reason ?? ''));
      const detail = event.reason === undefined ? event.state : `${event.state}: ${event.reason}`;
      return { ...blank(event, seq, 'link'), peer: event.peer, outcome: bad ? 'failed' : 'note', detail };
    }
    case 'state':
      return {
        ...blank(event, seq, 'state'),
        outcome: event.state === 'cut-off' ? 'failed' : 'note',
        detail: event.complete ? `${event.state}, complete` : event.state,
      };
    case 'signaling':
      return {
        ...blank(event, seq, 'server'),
        outcome: event.state === 'refused' || event.state === 'offline' ? 'failed' : 'note',
        detail: event.problem === undefined ? event.state : `${event.state}: ${event.problem}`,
      };
    case 'malformed':
      return {
        ...blank(event, seq, 'malformed'),
        peer: event.peer,
        outcome: 'failed',
        detail: event.problem,
      };
    case 'fault':
      return { ...blank(event, seq, 'fault'), outcome: 'failed', detail: event.problem };
    default:
      return {
        ...blank(event, seq, 'asleep'),
        durationMs: event.forMs,
        detail: 'the browser put this tab to sleep',
      };
  }
}

/** Ends of a link that are part of ordinary life. */
const CALM_ENDS: ReadonlySet<string> = new Set([
  'left',
  'unneeded',
  'crossed',
  'replaced',
  'leaving',
  'busy',
]);

function blank(event: OverlayEvent, seq: number, kind: string): LogRow {
  return {
    seq,
    at: event.at,
    direction: 'node',
    kind,
    service: 'node',
    message: undefined,
    peer: undefined,
    origin: undefined,
    target: undefined,
    bytes: undefined,
    hops: undefined,
    durationMs: undefined,
    outcome: 'note',
    detail: '',
    receipt: undefined,
    event,
  };
}
