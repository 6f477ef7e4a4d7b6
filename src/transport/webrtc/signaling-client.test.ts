/** The page's signaling client against the real server, in Node: `ws` stands in for the browser's WebSocket. */

import { createHash, sign } from 'node:crypto';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import { createLog } from '../../../signaling/log.ts';
import { SIGNAL_BYTES_MAX } from '../../../signaling/protocol.ts';
import {
  createSignalingServer,
  type SignalingServer,
  type SignalingServerOptions,
} from '../../../signaling/server.ts';
import { createNodeKeys } from '../../../signaling/test-keys.ts';
import { SignalingClient, type SignalingClientOptions } from './signaling-client.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

describe('with a server', () => {
  test('[SG30] logs in, hears of the others and exchanges signals', async () => {
    const { url } = await startServer({ iceServers: [{ urls: 'stun:a.example' }] });
    const [first, second] = [createClient(url), createClient(url)];
    first.client.start();
    expect(await first.welcome()).toEqual({ iceServers: [{ urls: 'stun:a.example' }], introductions: [] });
    second.client.start();
    expect((await second.welcome()).introductions).toEqual([first.id]);

    expect(second.client.signal(first.id, Uint8Array.of(1, 2, 3))).toBe(true);
    await expect.poll(() => first.signals).toEqual([{ from: second.id, data: Uint8Array.of(1, 2, 3) }]);
    first.client.introduce();
    await expect.poll(() => first.introductions).toEqual([[second.id]]);
    const nobody = new Uint8Array(32);
    first.client.signal(nobody, Uint8Array.of(1));
    await expect.poll(() => first.undeliverable).toEqual([nobody]);
    expect(first.states).toEqual(['connecting', 'online']);
  });

  test('[SG31] signals that cannot go out are refused, not queued', async () => {
    const { url } = await startServer();
    const [sender, receiver] = [createClient(url), createClient(url)];
    receiver.client.start();
    await receiver.welcome();
    expect(sender.client.signal(receiver.id, Uint8Array.of(1))).toBe(false);
    sender.client.start();
    expect(sender.client.signal(receiver.id, Uint8Array.of(2))).toBe(false);
    await sender.welcome();
    expect(sender.client.signal(receiver.id, new Uint8Array(SIGNAL_BYTES_MAX + 1))).toBe(false);
    expect(sender.client.signal(receiver.id, new Uint8Array(0))).toBe(false);
    expect(sender.client.signal(receiver.id, Uint8Array.of(3))).toBe(true);
    await expect.poll(() => receiver.signals).toEqual([{ from: sender.id, data: Uint8Array.of(3) }]);
  });

  test('[SG32] another login of the same identity ends it for good, and start tries again', async () => {
    const { url } = await startServer();
    const first = createClient(url);
    first.client.start();
    await first.welcome();
    const second = createClient(url, {}, first.keys);
    second.client.start();
    await second.welcome();
    await expect.poll(() => first.client.state).toBe('refused');
    expect(first.client.problem).toContain('Another tab');
    expect(second.client.state).toBe('online');
    second.client.close();
    first.client.start();
    await expect.poll(() => first.client.state).toBe('online');
  });

  test('[SG32] another geometry and a wrong proof are refused with a sentence', async () => {
    const { url } = await startServer();
    const first = createClient(url);
    first.client.start();
    await first.welcome();
    const ring = createClient(url, { geometry: 'chord' });
    const forger = createClient(url, { sign: async () => new Uint8Array(64) });
    const broken = createClient(url, { sign: () => Promise.reject(new Error('no key')) });
    for (const { client } of [ring, forger, broken]) client.start();
    for (const { client } of [ring, forger, broken]) await expect.poll(() => client.state).toBe('refused');
    expect(ring.client.problem).toBe('This network runs on kademlia.');
    expect(ring.client.networkGeometry).toBe('kademlia');
    expect(forger.client.networkGeometry).toBeUndefined();
    expect(forger.client.problem).toContain('proof');
    expect(broken.client.problem).toContain('sign');
  });

  test('[SG32] refused for its geometry it never tries again by itself; start does, once the room is free', async () => {
    const { url } = await startServer();
    const first = createClient(url);
    first.client.start();
    await first.welcome();
    let dials = 0;
    class Counting extends NodeWebSocket {
      constructor(address: string | URL) {
        super(address);
        dials += 1;
      }
    }
    const webSocket = Counting as unknown as typeof WebSocket;
    const times = { retryMsMin: 1, retryMsMax: 1 };
    const ring = createClient(url, { geometry: 'chord', webSocket, times });
    ring.client.start();
    await expect.poll(() => ring.client.state).toBe('refused');
    ring.client.reconnectNow();
    ring.client.introduce();
    // The server would have seen a third login by the time it has answered a new one.
    const third = createClient(url);
    third.client.start();
    await third.welcome();
    expect({ state: ring.client.state, dials }).toEqual({ state: 'refused', dials: 1 });
    for (const { client } of [first, third]) client.close();
    await expect
      .poll(() => {
        if (ring.client.state === 'refused') ring.client.start();
        return ring.client.state;
      })
      .toBe('online');
    expect(ring.client.networkGeometry).toBeUndefined();
  });

  test('[SG30] comes back by itself after the server was restarted', async () => {
    const { server, port, url } = await startServer();
    const clients = [createClient(url), createClient(url)];
    for (const { client, welcome } of clients) {
      client.start();
      await welcome();
    }
    await server.close();
    await expect.poll(() => clients.map(({ client }) => client.state)).toEqual(['offline', 'offline']);
    expect(clients[0]!.client.problem).toContain('shutting down');
    const began = performance.now();
    await startServer({ port });
    for (const { client } of clients)
      await expect.poll(() => client.state, { timeout: 5_000 }).toBe('online');
    expect(performance.now() - began).toBeLessThan(5_000);
    clients[0]!.client.signal(clients[1]!.id, Uint8Array.of(1));
    await expect.poll(() => clients[1]!.signals).toHaveLength(1);
  });

  test('[SG30] begins without a server, says so, and is in as soon as there is one', async () => {
    const port = await freePort();
    const { client, welcome } = createClient(`ws://localhost:${port}/signaling`);
    client.start();
    await expect.poll(() => client.state).toBe('offline');
    expect(client.problem).toContain('cannot be reached');
    await startServer({ port });
    await welcome();
    expect(client.problem).toBeUndefined();
  });

  test('[SG30] reconnectNow does not wait for the pause to end, and asks a standing connection for a sign of life', async () => {
    const port = await freePort();
    const times = { retryMsMin: 600_000, retryMsMax: 600_000 };
    const { client, welcome, introductions } = createClient(`ws://localhost:${port}/signaling`, { times });
    client.start();
    await expect.poll(() => client.state).toBe('offline');
    await startServer({ port });
    client.reconnectNow();
    await welcome();
    client.reconnectNow();
    await expect.poll(() => introductions).toHaveLength(1);
    expect(client.state).toBe('online');
  });

  test('[SG30] close stays closed', async () => {
    const { url, server } = await startServer();
    const { client, welcome, states } = createClient(url);
    client.start();
    await welcome();
    client.close();
    client.close();
    client.reconnectNow();
    client.introduce();
    expect(client.state).toBe('offline');
    await expect
      .poll(
        async () =>
          (await server.metrics.registry.getSingleMetric('hopline_signaling_sockets')!.get()).values[0]!
            .value,
      )
      .toBe(0);
    expect(states).toEqual(['connecting', 'online', 'offline']);
  });
});

describe('with something else', () => {
  test('[SG32] an address that is none is refused without a try', () => {
    for (const url of ['http://localhost/signaling', 'nonsense', '']) {
      const { client } = createClient(url);
      client.start();
      expect(client.state).toBe('refused');
      expect(client.problem).toContain('ws://');
    }
  });

  test('[SG32] a server of another protocol version is refused', async () => {
    const { client } = createClient(
      await startScript(() => [`{"type":"hello","version":2,"nonce":"${'0'.repeat(64)}"}`]),
    );
    client.start();
    await expect.poll(() => client.state).toBe('refused');
    expect(client.problem).toContain('version');
  });

  test('[SG33] garbage from the server throws nothing and changes nothing', async () => {
    const welcome = '{"type":"welcome","geometry":"kademlia","iceServers":[],"introductions":[]}';
    const garbage = [
      '',
      '{',
      'null',
      '{"type":7}',
      '{"type":"introductions","ids":["zz"]}',
      new Uint8Array(0),
      Uint8Array.of(1, 2),
      new Uint8Array(40).fill(9),
      welcome,
      welcome,
      `{"type":"hello","version":1,"nonce":"${'0'.repeat(64)}"}`,
    ];
    const { client, states, signals, introductions, undeliverable } = createClient(
      await startScript(() => [...garbage, ...garbage]),
    );
    client.start();
    await expect.poll(() => client.state).toBe('online');
    client.introduce();
    await expect.poll(() => states).toEqual(['connecting', 'online']);
    expect([signals, introductions, undeliverable]).toEqual([[], [], []]);
  });

  test('[SG34] a server that says nothing is given up and tried again', async () => {
    let opened = 0;
    const url = await startScript(() => (opened++, []));
    const { client, states } = createClient(url, { times: { answerMs: 30 } });
    client.start();
    await expect.poll(() => opened).toBeGreaterThan(2);
    expect(states.slice(0, 3)).toEqual(['connecting', 'offline', 'connecting']);
  });

  test('[SG34] a connection that died unseen is noticed by a question without an answer', async () => {
    const welcome = '{"type":"welcome","geometry":"kademlia","iceServers":[],"introductions":[]}';
    let opened = 0;
    const url = await startScript(() => (opened++, [welcome]));
    const { client } = createClient(url, { times: { answerMs: 30 } });
    client.start();
    await expect.poll(() => client.state).toBe('online');
    client.introduce();
    await expect.poll(() => opened).toBe(2);
    await expect.poll(() => client.state).toBe('online');
  });
});

test('[SG30] pauses grow up to a limit, each client with its own jitter', async () => {
  for (const random of [0, 0.99]) {
    const pauses = await pausesOf(random);
    const expected = [40, 60, 90, 90, 90].map((ms) => ms * (1 + random));
    // Timers may be late on a busy machine, but they are not early.
    pauses.forEach((pause, i) => expect(pause).toBeGreaterThan(expected[i]! - 3));
  }
});

/** The first pauses between tries of a client whose server is never there, ms. */
async function pausesOf(random: number): Promise<number[]> {
  const at: number[] = [];
  class Refusing extends NodeWebSocket {
    constructor() {
      super('ws://localhost:1/');
      at.push(performance.now());
    }
  }
  const webSocket = Refusing as unknown as typeof WebSocket;
  const { client } = createClient('ws://localhost:1/', {
    webSocket,
    random: () => random,
    times: { retryMsMin: 40, retryMsMax: 90 },
  });
  client.start();
  await expect.poll(() => at.length, { timeout: 5_000 }).toBeGreaterThan(5);
  client.close();
  return at.slice(1, 6).map((time, i) => time - at[i]!);
}

async function startServer(options: Partial<SignalingServerOptions> = {}) {
  const server: SignalingServer = createSignalingServer({ port: 0, log: createLog('silent'), ...options });
  cleanUps.push(() => server.close());
  const port = await server.listen();
  return { server, port, url: `ws://localhost:${port}/signaling` };
}

/** A WebSocket server that is not ours: it says its lines to whoever comes. */
async function startScript(lines: () => (string | Uint8Array)[]): Promise<string> {
  const server = new WebSocketServer({ port: 0 });
  server.on('connection', (socket) => lines().forEach((line) => socket.send(line)));
  await new Promise((resolve) => server.once('listening', resolve));
  cleanUps.push(() => {
    server.clients.forEach((socket) => socket.terminate());
    server.close();
  });
  const address = server.address();
  return `ws://localhost:${typeof address === 'object' ? address!.port : 0}/signaling`;
}

interface Keys {
  readonly publicKey: Uint8Array;
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
}

function createKeys(): Keys {
  const { publicKey, privateKey } = createNodeKeys();
  return {
    publicKey,
    sign: async (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

function createClient(url: string, options: Partial<SignalingClientOptions> = {}, keys = createKeys()) {
  const client = new SignalingClient({
    url,
    room: 'room',
    geometry: 'kademlia',
    ...keys,
    webSocket: NodeWebSocket as unknown as typeof WebSocket,
    ...options,
  });
  cleanUps.push(() => client.close());
  const states: string[] = [];
  const signals: { from: Uint8Array; data: Uint8Array }[] = [];
  const introductions: (readonly Uint8Array[])[] = [];
  const undeliverable: Uint8Array[] = [];
  client.on('state', (state) => states.push(state));
  client.on('signal', (from, data) => signals.push({ from, data }));
  client.on('introductions', (ids) => introductions.push(ids));
  client.on('undeliverable', (to) => undeliverable.push(to));
  const welcome = () =>
    new Promise<{ iceServers: readonly unknown[]; introductions: readonly Uint8Array[] }>((resolve) => {
      const off = client.on('welcome', (welcome) => {
        off();
        resolve(welcome);
      });
    });
  const id = new Uint8Array(createHash('sha256').update('hopline/id/1').update(keys.publicKey).digest());
  return { client, keys, id, states, signals, introductions, undeliverable, welcome };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? address!.port : 0;
}
