/**
 * What the operator can watch at /metrics. Counts only: no room name, id or address ever becomes a label.
 * Bytes are the payloads of WebSocket messages, without frame headers, TLS or HTTP.
 */

import { Counter, Gauge, Registry } from 'prom-client';

/** Rooms are counted by size in these classes; the last has no upper end. */
const ROOM_SIZES: readonly (readonly [label: string, upTo: number])[] = [
  ['1', 1],
  ['2-9', 9],
  ['10-99', 99],
  ['100-999', 999],
  ['1000+', Infinity],
];

/** Read when somebody looks, so that nothing has to be kept up to date. */
export interface Population {
  sockets(): number;
  roomSizes(): Promise<readonly number[]>;
}

/** The meters of one server, in a registry of its own. */
export class Metrics {
  readonly registry = new Registry();
  /** Label `direction`: `in` (from clients) or `out`. */
  readonly bytes = this.#counter('bytes_total', 'Payload bytes of WebSocket messages.', ['direction']);
  /** Labels `direction` and `type`: the message's, `text` or `binary` for what came in undecoded. */
  readonly messages = this.#counter('messages_total', 'WebSocket messages.', ['direction', 'type']);
  /** Label `code`: see `ErrorCode` in protocol.ts. */
  readonly errors = this.#counter('errors_total', 'Error messages sent.', ['code']);
  /** Label `reason`: a name of `CLOSE_CODES`, or `client` when the other side ended it. */
  readonly closes = this.#counter('closes_total', 'Sockets closed.', ['reason']);
  readonly opens = this.#counter('opens_total', 'Sockets opened.', []);
  /** Label `reason`: `rate`, `path` or `closing`. */
  readonly refusals = this.#counter('handshakes_refused_total', 'WebSocket handshakes refused.', ['reason']);

  constructor(population: Population) {
    const registers = [this.registry];
    const gauge = (
      name: string,
      help: string,
      labelNames: string[],
      collect: (gauge: Gauge) => unknown,
    ): void => {
      // oxlint-disable-next-line no-new -- registers itself
      new Gauge({
        name: `${PREFIX}${name}`,
        help,
        labelNames,
        registers,
        collect() {
          return collect(this) as Promise<void> | void;
        },
      });
    };
    gauge('sockets', 'Open sockets.', [], (meter) => meter.set(population.sockets()));
    gauge('members', 'Clients logged in.', [], async (meter) => {
      meter.set((await population.roomSizes()).reduce((sum, size) => sum + size, 0));
    });
    gauge('rooms', 'Rooms by number of members.', ['size'], async (meter) => {
      const sizes = await population.roomSizes();
      let from = 0;
      for (const [size, upTo] of ROOM_SIZES) {
        meter.set({ size }, sizes.filter((count) => count > from && count <= upTo).length);
        from = upTo;
      }
    });
    gauge('room_members_max', 'Members of the largest room.', [], async (meter) => {
      meter.set(Math.max(0, ...(await population.roomSizes())));
    });
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [this.registry] });
  }
}

const PREFIX = 'hopline_signaling_';
