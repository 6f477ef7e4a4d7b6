/** The signaling server as its own process, serving the built page: what `npm start` runs, on a free loopback port. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { GEOMETRY_VARIABLE } from './figures.ts';

/** None may outlive the process that started it, however that one ends. */
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A running server. `url` stays the same when it is started again on its port. */
export class SignalingServer {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Resolves when the server listens. `port` 0 takes a free one. */
  static async start(
    options: { readonly port?: number; readonly args?: readonly string[] } = {},
  ): Promise<SignalingServer> {
    const { port = 0, args = [] } = options;
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        'signaling/main.ts',
        '--page',
        'dist',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], NO_COLOR: '1' } },
    );
    running.add(child);
    child.once('exit', () => running.delete(child));
    const problems: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => problems.push(chunk.toString()));
    const lines = createInterface({ input: child.stdout });
    const url = await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => {
        const address = addressIn(line);
        if (address !== undefined) resolve(address);
      });
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${problems.join('')}`)));
    });
    return new SignalingServer(url, child);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The address of the page with these settings, `room=demo&links=3`. */
  page(settings: string): string {
    const geometry = process.env[GEOMETRY_VARIABLE];
    const isOpen = geometry !== undefined && !settings.includes('geometry=');
    return `${this.url}/#${settings}${isOpen ? `&geometry=${geometry}` : ''}`;
  }

  /** Ends it without a goodbye. Resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it in order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Payload bytes of all WebSocket messages so far, both directions, from /metrics. */
  async signalingBytes(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const counts = [...text.matchAll(/^hopline_signaling_bytes_total\{[^}]*\} (?<bytes>\d+)/gmu)];
    if (!text.includes('# TYPE hopline_signaling_bytes_total'))
      throw new Error('The server does not count its bytes.');
    return counts.reduce((sum, match) => sum + Number(match.groups?.['bytes']), 0);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }
}

/** The address in the log line that says the server listens. */
function addressIn(line: string): string | undefined {
  if (!line.includes('"address"')) return undefined;
  const entry = JSON.parse(line) as { readonly address?: string };
  return entry.address;
}
