/** The server as an operator meets it: started as a process, stopped by signals. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from './log.ts';
import { createSignalingServer } from './server.ts';
import { TestClient } from './test-client.ts';

let page: string;

beforeAll(async () => {
  page = await mkdtemp(join(tmpdir(), 'hopline-page-'));
  await writeFile(join(page, 'index.html'), '<title>Hopline</title>');
});

afterAll(() => rm(page, { recursive: true }));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`[SG23] ${signal} says goodbye to the clients and ends with 0 in less than 2 s`, async () => {
    const server = run('main.ts', '--port', '0', '--page', page);
    const address = await server.line(/"address":"(?<address>[^"]+)"/u);
    const client = new TestClient(`${address.replace('http', 'ws')}/signaling`);
    await client.login({ room: 'r' });
    const began = performance.now();
    server.child.kill(signal);
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await server.ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(2_000);
    for (const line of server.output.out.trim().split('\n'))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
}

test('[SG26] npm start prints one line with the address, and the page is there', async () => {
  const server = run('start.ts', '--port', '0', '--page', page);
  const address = await server.line(/Open (?<address>\S+) in/u);
  expect(await (await fetch(address)).text()).toContain('Hopline');
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(server.output.out.trim().split('\n')).toHaveLength(1);
  expect(server.output.problems).toBe('');
});

test('[SG26] a port in use, or a wrong argument, is one sentence and exit code 1', async () => {
  const other = createSignalingServer({ port: 0, log: createLog('silent') });
  const port = await other.listen();
  const blocked = run('main.ts', '--port', String(port), '--page', page, '--log-level', 'silent');
  expect(await blocked.ended).toBe(1);
  expect(blocked.output.problems).toBe(`Port ${port} is in use. Choose another one: --port ${port + 1}\n`);
  await other.close();
  const wrong = run('main.ts', '--port', 'many');
  expect(await wrong.ended).toBe(1);
  expect(wrong.output.problems).toContain('many');
  for (const file of ['main.ts', 'start.ts']) {
    const pageless = run(file, '--port', '0', '--page', '/nowhere/page');
    expect(await pageless.ended).toBe(1);
    expect(pageless.output.problems).toBe('The folder "/nowhere/page" does not exist. Check --page.\n');
    expect(pageless.output.out).toBe('');
  }
});

test('[SG26] --help explains the options and ends with 0', async () => {
  for (const file of ['main.ts', 'start.ts']) {
    const help = run(file, '--help');
    expect(await help.ended).toBe(0);
    expect(help.output.out).toContain('--sockets-per-address');
  }
});

function run(file: string, ...args: string[]) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // Without the PORT and the colours of whoever runs the tests.
  const env = { PATH: process.env['PATH'], NO_COLOR: '1' };
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { env });
  const output = { out: '', problems: '' };
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString();
    listeners.forEach((listener) => listener());
  });
  child.stderr.on('data', (chunk: Buffer) => (output.problems += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  /** Waits until the output has this, and gives the address in it. */
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = (): void => {
        const address = pattern.exec(output.out)?.groups?.['address'];
        if (address !== undefined) resolve(address);
      };
      listeners.add(look);
      look();
      void ended.then((code) => reject(new Error(`ended with ${code}: ${output.problems}`)));
    });
  return { child, output, ended, line };
}
