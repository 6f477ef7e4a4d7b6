import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from './log.ts';
import { readPage } from './page-files.ts';
import { createSignalingServer, type SignalingServer } from './server.ts';

const SCRIPT = `console.log(${JSON.stringify('hop '.repeat(1_000))});`;

let folder: string;
let server: SignalingServer;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hopline-'));
  await mkdir(join(folder, 'page', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>Hopline</title>');
  await writeFile(join(folder, 'page', 'assets', 'index-Ab12_-xY.js'), SCRIPT);
  await writeFile(join(folder, 'page', 'icon.svg'), '<svg/>');
  server = createSignalingServer({
    port: 0,
    log: createLog('silent'),
    page: await readPage(join(folder, 'page')),
  });
  port = await server.listen();
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const get = (path: string, init?: RequestInit) => fetch(`http://localhost:${port}${path}`, init);

describe('the page', () => {
  test('[SG25] the index comes with its type, is checked each time, and carries the security headers', async () => {
    for (const path of ['/', '/index.html', '/?x=1']) {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('Hopline');
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "frame-ancestors 'none'",
      });
    }
  });

  test('[SG25] a file with a hash in its name is kept for good and comes compressed', async () => {
    const response = await get('/assets/index-Ab12_-xY.js');
    expect(await response.text()).toBe(SCRIPT);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
    });
    expect(Number(response.headers.get('content-length'))).toBeLessThan(SCRIPT.length / 10);
    for (const encoding of ['identity', 'br', 'gzip;q=0']) {
      const plain = await get('/assets/index-Ab12_-xY.js', { headers: { 'Accept-Encoding': encoding } });
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(await plain.text()).toBe(SCRIPT);
    }
  });

  test('[SG25] an unchanged file is not sent again', async () => {
    const etag = (await get('/icon.svg')).headers.get('etag')!;
    for (const tags of [etag, `"x", W/${etag}`]) {
      const again = await get('/icon.svg', { headers: { 'If-None-Match': tags } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    expect((await get('/icon.svg', { headers: { 'If-None-Match': '"x"' } })).status).toBe(200);
  });

  test('[SG25] HEAD has the headers without the body, other methods are refused', async () => {
    const head = await get('/icon.svg', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '6', '']);
    const post = await get('/', { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('[SG25] no path leads out of the folder', async () => {
    const paths = [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '//secret.txt',
      '/assets',
      '/%00',
      '/__proto__',
    ];
    for (const path of paths) expect(await rawStatus(path)).toBe(404);
    for (const path of ['/%', '/%ff']) expect(await rawStatus(path)).toBe(400);
  });

  test('[SG25] a folder without an index is no page, and a server without a page says so', async () => {
    await expect(readPage(join(folder, 'page', 'assets'))).rejects.toThrow('index.html');
    await expect(readPage(join(folder, 'nowhere'))).rejects.toThrow();
    const bare = createSignalingServer({ port: 0, log: createLog('silent') });
    const barePort = await bare.listen();
    const response = await fetch(`http://localhost:${barePort}/`);
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('no page')]);
    await bare.close();
  });
});

describe('for the operator', () => {
  test('[SG24] /healthz says how the server is', async () => {
    const response = await get('/healthz');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual({
      status: 'ok',
      uptimeSeconds: expect.any(Number) as number,
      sockets: 0,
      rooms: 0,
    });
  });

  test('[SG24] /metrics is in the format that Prometheus reads', async () => {
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('hopline_signaling_sockets 0');
  });

  test('[SG25] plain HTTP on the WebSocket path is asked to upgrade', async () => {
    expect((await get('/signaling')).status).toBe(426);
  });
});

/** The status for a path exactly as written; `fetch` would tidy it up first. */
function rawStatus(path: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    socket.once('data', (chunk: Buffer) => resolve(Number(chunk.toString().split(' ')[1])));
  });
}
