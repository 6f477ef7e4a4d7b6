/**
 * The load check: many idle clients, one that floods, and an honest pair whose offers and answers are timed. Used at a
 * modest size by load.test.ts and at full size by load.bench.ts. Loopback only; ends by itself.
 */

import { randomBytes } from 'node:crypto';
import { createLog } from './log.ts';
import { createSignalingServer } from './server.ts';
import { TestClient } from './test-client.ts';

export interface LoadOptions {
  /** Clients that log in and then do nothing. */
  readonly idleClients: number;
  /** Offer/answer exchanges that are timed. */
  readonly exchanges: number;
  /** Stop after this, whatever was measured until then. */
  readonly timeMsMax: number;
}

export interface LoadResult {
  readonly idleClients: number;
  readonly exchanges: number;
  /** Idle clients whose connection still stands at the end. */
  readonly idleAlive: number;
  /** From sending the offer to having the answer, ms. */
  readonly exchangeMsP50: number;
  readonly exchangeMsP99: number;
  readonly exchangeMsMax: number;
  /** Messages that the flooder threw at the server, and how often it was cut off and came back. */
  readonly floodMessages: number;
  readonly floodCuts: number;
  /** Time that all idle clients together took to log in. */
  readonly loginMs: number;
  /** Payload bytes of one idle client's login, in and out. */
  readonly loginBytesMean: number;
  /** Memory of the whole process, clients included. */
  readonly rssMiB: number;
}

/** Runs the check with clients and server in this process. */
export async function runLoad({ idleClients, exchanges, timeMsMax }: LoadOptions): Promise<LoadResult> {
  const server = createSignalingServer({ port: 0, log: createLog('silent') });
  const url = `ws://127.0.0.1:${await server.listen()}/signaling`;
  const began = performance.now();
  const idle = await openIdle(url, idleClients, began + timeMsMax);
  const loginMs = performance.now() - began;

  const [caller, callee] = [new TestClient(url), new TestClient(url)];
  await caller.login({ room: 'pair' });
  await callee.login({ room: 'pair' });
  const flood = startFlood(url);
  const times: number[] = [];
  while (times.length < exchanges && performance.now() - began < timeMsMax) {
    times.push(await timeExchange(caller, callee));
    // At the pace of a client that keeps to the limits: two messages each.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { floodMessages, floodCuts } = await flood.stop();

  times.sort((a, b) => a - b);
  const bytes = idle.reduce((sum, client) => sum + client.bytesIn + client.bytesOut, 0);
  const result: LoadResult = {
    idleClients: idle.length,
    exchanges: times.length,
    idleAlive: idle.filter(({ socket }) => socket.readyState === socket.OPEN).length,
    exchangeMsP50: round(times[Math.floor(times.length / 2)] ?? NaN),
    exchangeMsP99: round(times[Math.ceil(times.length * 0.99) - 1] ?? NaN),
    exchangeMsMax: round(times.at(-1) ?? NaN),
    floodMessages,
    floodCuts,
    loginMs: round(loginMs),
    loginBytesMean: Math.round(bytes / idle.length),
    rssMiB: Math.round(process.memoryUsage.rss() / 1024 / 1024),
  };
  await server.close();
  return result;
}

/** Opens clients a few at a time; all of them share one room, as a crowd would. */
async function openIdle(url: string, count: number, until: number): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  while (clients.length < count && performance.now() < until) {
    const wave = Array.from({ length: Math.min(50, count - clients.length) }, () => new TestClient(url));
    await Promise.all(wave.map((client) => client.login({ room: 'crowd' })));
    clients.push(...wave);
  }
  return clients;
}

async function timeExchange(caller: TestClient, callee: TestClient): Promise<number> {
  const began = performance.now();
  caller.signal(callee.identity.id, new Uint8Array(randomBytes(600)));
  await callee.next('signal');
  callee.signal(caller.identity.id, new Uint8Array(randomBytes(600)));
  await caller.next('signal');
  return performance.now() - began;
}

/** Sends as fast as the socket takes it, garbage and requests in turn, and comes back whenever it is cut off. */
function startFlood(url: string): { stop(): Promise<{ floodMessages: number; floodCuts: number }> } {
  const stopping = new AbortController();
  let floodMessages = 0;
  let floodCuts = 0;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const client = new TestClient(url);
      await client.login({ room: 'crowd' });
      while (!stopping.signal.aborted && client.socket.readyState === client.socket.OPEN) {
        for (let i = 0; i < 200; i++, floodMessages++) {
          client.sendRaw(i % 2 === 0 ? '{"type":"introduce"}' : new Uint8Array(1_000));
        }
        // Lets everybody else have the thread; client and server share it here.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!stopping.signal.aborted) floodCuts++;
      client.socket.terminate();
      await client.closed;
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      return { floodMessages, floodCuts };
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
