/** The server as clients meet it: real sockets on loopback. What the hub alone decides is tested in hub.test.ts. */

import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { LIMITS } from './limits.ts';
import { createLog } from './log.ts';
import { MESSAGE_BYTES_MAX, SIGNAL_BYTES_MAX } from './protocol.ts';
import { createSignalingServer, type SignalingServer, type SignalingServerOptions } from './server.ts';
import { TEST_CERTIFICATE } from './test-certificate.ts';
import { createIdentity, TestClient } from './test-client.ts';

const servers: SignalingServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('logging in and signals', () => {
  test('[SG7] [SG8] [SG12] [SG14] two clients are introduced and exchange an offer and an answer', async () => {
    const { connect } = await start({ iceServers: [{ urls: 'stun:a.example' }] });
    const [first, second] = [connect(), connect()];
    expect(await first.login({ room: 'r' })).toMatchObject({
      introductions: [],
      iceServers: [{ urls: 'stun:a.example' }],
    });
    const welcome = await second.login({ room: 'r' });
    expect(welcome.introductions).toEqual([first.identity.id]);
    const [offer, answer] = [new Uint8Array(randomBytes(500)), new Uint8Array(randomBytes(400))];
    second.signal(first.identity.id, offer);
    expect(await first.next('signal')).toEqual({ type: 'signal', from: second.identity.id, data: offer });
    first.signal(second.identity.id, answer);
    expect(await second.next('signal')).toEqual({ type: 'signal', from: first.identity.id, data: answer });
    first.signal(createIdentity().id, answer);
    await first.next('undeliverable');
  });

  test('[SG8] a signature of another key is refused', async () => {
    const { connect } = await start();
    const client = connect();
    await client.sendLogin({ room: 'r', identity: createIdentity() });
    expect(await client.closed).toMatchObject({ code: 4010 });
  });

  test('[SG8] a public key that is no key is refused', async () => {
    const { connect } = await start();
    const identity = { ...createIdentity(), publicKey: new Uint8Array(32).fill(255) };
    const client = connect({}, identity);
    await client.sendLogin({ room: 'r' });
    expect(await client.closed).toMatchObject({ code: 4010 });
  });

  test('[SG11] the same identity on a second socket takes over', async () => {
    const { connect } = await start();
    const first = connect();
    await first.login({ room: 'r' });
    const second = connect({}, first.identity);
    await second.login({ room: 'r' });
    expect(await first.closed).toMatchObject({ code: 4012 });
  });

  test('[SG24] a join with one offer and answer costs less than 6 kB, and the meters say how much', async () => {
    const { connect, server } = await start();
    const first = connect();
    await first.login({ room: 'r' });
    const before = await bytesOf(server);
    expect(before).toBe(first.bytesIn + first.bytesOut);
    const second = connect();
    await second.login({ room: 'r' });
    second.signal(first.identity.id, new Uint8Array(600));
    await first.next('signal');
    first.signal(second.identity.id, new Uint8Array(600));
    await second.next('signal');
    const joined = (await bytesOf(server)) - before;
    expect(joined).toBeLessThan(6_000);
    expect(joined + before).toBe(first.bytesIn + first.bytesOut + second.bytesIn + second.bytesOut);
  });
});

describe('limits', () => {
  test('[SG1] the largest message passes, one byte more closes with 1009', async () => {
    const { connect } = await start();
    const [first, second] = [connect(), connect()];
    await first.login({ room: 'r' });
    await second.login({ room: 'r' });
    first.signal(second.identity.id, new Uint8Array(SIGNAL_BYTES_MAX));
    expect((await second.next('signal')).data).toHaveLength(SIGNAL_BYTES_MAX);
    first.sendRaw(new Uint8Array(MESSAGE_BYTES_MAX + 1));
    expect(await first.closed).toMatchObject({ code: 1009 });
  });

  test('[SG19] a socket above the limit is told that the server is full', async () => {
    const { connect } = await start({ limits: { socketsMax: 2 } });
    const clients = [connect(), connect()];
    for (const client of clients) await client.next('hello');
    expect(await connect().closed).toMatchObject({ code: 1013 });
    await clients[0]!.close();
    await connect().next('hello');
  });

  test('[SG20] sockets of one address are limited, other addresses and loopback are not', async () => {
    const { connect } = await start({ trustProxy: true });
    const from = (address: string) => connect({ headers: { 'X-Forwarded-For': `203.0.113.1, ${address}` } });
    const clients = Array.from({ length: LIMITS.socketsPerAddressMax }, () => from('192.0.2.1'));
    await Promise.all(clients.map((client) => client.next('hello')));
    expect(await from('192.0.2.1').closed).toMatchObject({ code: 4005 });
    await from('192.0.2.2').next('hello');
    await clients[0]!.close();
    await from('192.0.2.1').next('hello');
    const local = Array.from({ length: LIMITS.socketsPerAddressMax + 1 }, () => connect());
    await Promise.all(local.map((client) => client.next('hello')));
  });

  test('[SG20] handshakes of one address are limited', async () => {
    const { connect } = await start({ trustProxy: true, limits: { handshakesPerAddressMax: 3 } });
    const from = (address: string) => connect({ headers: { 'X-Forwarded-For': address } });
    for (let i = 0; i < 3; i++) await from('2001:db8::1').next('hello');
    const refused = from('2001:db8::2');
    const response = new Promise<number | undefined>((resolve) => {
      refused.socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode));
    });
    expect(await response).toBe(429);
    refused.socket.terminate();
    await from('2001:db8:0:1::1').next('hello');
  });

  test('[SG21] only pages of a named origin may connect', async () => {
    const { connect } = await start({ origins: ['https://hop.example'] });
    await connect({ origin: 'https://hop.example' }).next('hello');
    expect(await connect({ origin: 'https://evil.example' }).closed).toMatchObject({ code: 4013 });
    expect(await connect().closed).toMatchObject({ code: 4013 });
  });

  test('[SG22] a reader that does not keep up is cut', async () => {
    const { connect, server } = await start({
      limits: { messagesPerSecond: 1e6, messageBurst: 1e6, sendBufferBytesMax: 64 * 1024 },
    });
    const [sender, reader] = [connect(), connect()];
    await sender.login({ room: 'r' });
    await reader.login({ room: 'r' });
    reader.socket.pause();
    // The system's own buffers take a few megabytes before the server notices anything.
    for (let gone = false; !gone;) {
      for (let i = 0; i < 100; i++) sender.signal(reader.identity.id, new Uint8Array(SIGNAL_BYTES_MAX));
      sender.signal(createIdentity().id, Uint8Array.of(1));
      await sender.next('undeliverable');
      gone = (await meter(server, 'closes_total', { reason: 'too-slow' })) === 1;
    }
    reader.socket.terminate();
    sender.signal(reader.identity.id, Uint8Array.of(1));
    expect((await sender.next('undeliverable')).to).toEqual(reader.identity.id);
  });

  test('[SG15] a flood is cut off, and the server goes on', async () => {
    const { connect, server } = await start();
    const [flooder, other] = [connect(), connect()];
    await flooder.login({ room: 'r' });
    for (let i = 0; i < 1_000; i++) flooder.sendRaw('{"type":"introduce"}');
    expect(await flooder.closed).toMatchObject({ code: 4001 });
    expect(await meter(server, 'errors_total', { code: 'too-fast' })).toBe(LIMITS.faultsPerMinute);
    await other.login({ room: 'r' });
  });

  test('[SG16] garbage is answered, repeated garbage closes, nothing stops the server', async () => {
    const { connect, url } = await start();
    const client = connect();
    await client.next('hello');
    client.sendRaw('{');
    expect((await client.next('error')).code).toBe('malformed');
    for (let i = 0; i < 20; i++) client.sendRaw(randomBytes(50));
    expect(await client.closed).toMatchObject({ code: 4000 });
    await breakTheFrames(url);
    await connect().login({ room: 'r' });
  });

  test('[SG17] a socket that does not log in is closed', async () => {
    const { connect } = await start({ limits: { loginTimeoutMs: 30, tickMs: 5 } });
    expect(await connect().closed).toMatchObject({ code: 4004 });
  });

  test('[SG18] a socket that answers pings stays, one that does not is closed', async () => {
    const { connect } = await start({ limits: { pingMs: 30, tickMs: 5 } });
    const [alive, dead] = [connect(), connect({ autoPong: false })];
    let pings = 0;
    alive.socket.on('ping', () => pings++);
    await alive.login({ room: 'r' });
    await dead.login({ room: 'r' });
    expect(await dead.closed).toMatchObject({ code: 4003 });
    await expect.poll(() => pings).toBeGreaterThan(4);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('beginning and end', () => {
  test('[SG23] closing says goodbye to every client, also to one that does not listen, in less than 2 s', async () => {
    const { server, connect } = await start();
    const [one, deaf] = [connect(), connect()];
    await one.login({ room: 'r' });
    await deaf.login({ room: 'r' });
    deaf.socket.pause();
    const began = performance.now();
    await server.close();
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(await one.closed).toMatchObject({ code: 1001 });
    deaf.socket.terminate();
  });

  test('[SG26] with a certificate the same port speaks https and wss', async () => {
    const { port } = await start({ tls: TEST_CERTIFICATE });
    const client = new TestClient(`wss://localhost:${port}/signaling`, { ca: TEST_CERTIFICATE.cert });
    await client.login({ room: 'r' });
    const status = await new Promise((resolve) => {
      const options = { port, path: '/healthz', ca: TEST_CERTIFICATE.cert };
      secureRequest(options, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(200);
  });

  test('[SG23] a port in use is an error of listen', async () => {
    const { port } = await start();
    const second = createSignalingServer({ port, log: createLog('silent') });
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('[SG25] other paths do not take WebSockets', async () => {
    const { port } = await start();
    const client = new TestClient(`ws://localhost:${port}/other`);
    expect(await client.closed).toMatchObject({ code: 1006 });
  });

  test('[SG24] meters count sockets, members and rooms by size, and name no room', async () => {
    const { connect, server } = await start();
    for (const room of ['secret-a', 'secret-a', 'secret-b']) await connect().login({ room });
    await connect().next('hello');
    expect(await meter(server, 'sockets')).toBe(4);
    expect(await meter(server, 'members')).toBe(3);
    expect(await meter(server, 'rooms', { size: '1' })).toBe(1);
    expect(await meter(server, 'rooms', { size: '2-9' })).toBe(1);
    expect(await meter(server, 'room_members_max')).toBe(2);
    expect(await server.metrics.registry.metrics()).not.toContain('secret');
  });

  test('[SG24] the log names no room and no id', async () => {
    const lines: string[] = [];
    const { connect } = await start({ log: createLog('trace', { write: (line) => void lines.push(line) }) });
    const client = connect();
    await client.login({ room: 'secret-room' });
    await connect({}, client.identity).login({ room: 'secret-room' });
    await client.closed;
    await expect.poll(() => lines.join('')).toContain('replaced');
    expect(lines.join('')).not.toContain('secret-room');
    expect(lines.join('')).not.toContain(Buffer.from(client.identity.id).toString('hex'));
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});

async function start(options: Partial<SignalingServerOptions> = {}) {
  const server = createSignalingServer({ port: 0, log: createLog('silent'), ...options });
  servers.push(server);
  const port = await server.listen();
  const url = `ws://localhost:${port}/signaling`;
  const connect = (options?: ClientOptions, identity = createIdentity()) =>
    new TestClient(url, options, identity);
  return { server, port, url, connect };
}

async function meter(
  server: SignalingServer,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const metric = await server.metrics.registry.getSingleMetric(`hopline_signaling_${name}`)!.get();
  const found = metric.values.filter((value) =>
    Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted),
  );
  return found.reduce((sum, value) => sum + value.value, 0);
}

async function bytesOf(server: SignalingServer): Promise<number> {
  return (
    (await meter(server, 'bytes_total', { direction: 'in' })) +
    (await meter(server, 'bytes_total', { direction: 'out' }))
  );
}

/** Upgrades by hand and sends frames that break RFC 6455: unmasked, reserved bits, broken text, a cut connection. */
async function breakTheFrames(url: string): Promise<void> {
  const { port } = new URL(url);
  const frames = [
    [0x81, 0x01, 0x41],
    [0xf1, 0x80, 1, 2, 3, 4],
    [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28],
    [0x88, 0x81],
  ];
  for (const frame of frames) {
    const socket = connect({ port: Number(port), host: 'localhost' });
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /signaling HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.end(Uint8Array.from(frame));
    await closed;
  }
  // An upgrade that is none, and a client that goes away in the middle of it.
  await new Promise((resolve) => {
    request(
      { port, path: '/signaling', headers: { Connection: 'Upgrade', Upgrade: 'websocket' } },
      resolve,
    ).end();
  });
  const gone = connect({ port: Number(port), host: 'localhost' });
  gone.write('GET /signaling HTTP/1.1\r\nHost: h\r\n');
  gone.destroy();
}
