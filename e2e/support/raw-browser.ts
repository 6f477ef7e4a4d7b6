/**
 * A Chromium without Playwright, for tabs that are really hidden: Playwright keeps every page visible, focused and
 * unthrottled. Speaks the debugging protocol directly, as little of it as the tests need.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { CHROMIUM_ARGS } from './launch.ts';

type Answer = Readonly<Record<string, unknown>>;

/** A running browser with one window; the tab opened last is in front, the others are hidden. */
export class RawBrowser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<
    number,
    { resolve: (answer: Answer) => void; reject: (error: Error) => void }
  >();
  #lastCall = 0;

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#onMessage(data.toString()));
  }

  static async launch(): Promise<RawBrowser> {
    const profile = await mkdtemp(join(tmpdir(), 'hopline-raw-'));
    const args = [
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      ...CHROMIUM_ARGS,
    ];
    const child = spawn(process.env['CHROMIUM_PATH'] ?? 'chromium', [...args, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        const found = /^DevTools listening on (?<address>ws:\S+)/u.exec(line)?.groups?.['address'];
        if (found !== undefined) resolve(found);
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`The browser ended with ${code}.`)));
    });
    const socket = new WebSocket(address);
    await once(socket, 'open');
    return new RawBrowser(child, profile, socket);
  }

  /** Opens a tab in front of the others; `scripts` run before the page's own. */
  async open(url: string, scripts: readonly (() => void)[] = []): Promise<RawTab> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new RawTab(this, String(targetId), String(sessionId));
    await tab.send('Page.enable');
    await tab.send('Network.enable');
    for (const script of scripts) {
      await tab.send('Page.addScriptToEvaluateOnNewDocument', { source: `(${script.toString()})()` });
    }
    await tab.send('Page.navigate', { url });
    return tab;
  }

  /** One call of the protocol. Rejects when the browser refuses it. */
  send(method: string, params: object = {}, sessionId?: string): Promise<Answer> {
    this.#lastCall += 1;
    const id = this.#lastCall;
    this.#socket.send(
      JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }),
    );
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#socket.terminate();
    this.#process.kill('SIGKILL');
    await gone;
    // Child processes of the browser may still be writing.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #onMessage(text: string): void {
    const { id, result, error } = JSON.parse(text) as {
      id?: number;
      result?: Answer;
      error?: { message: string };
    };
    const call = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || call === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) call.resolve(result ?? {});
    else call.reject(new Error(error.message));
  }
}

/** A tab of a `RawBrowser`. */
export class RawTab {
  readonly #browser: RawBrowser;
  readonly #targetId: string;
  readonly #sessionId: string;

  constructor(browser: RawBrowser, targetId: string, sessionId: string) {
    this.#browser = browser;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
  }

  send(method: string, params: object = {}): Promise<Answer> {
    return this.#browser.send(method, params, this.#sessionId);
  }

  /** Brings the tab to the front. */
  async show(): Promise<void> {
    await this.#browser.send('Target.activateTarget', { targetId: this.#targetId });
  }

  /** The value of a function that runs in the page with plain data as its argument; promises are awaited. */
  async evaluate<Value, Argument = undefined>(
    run: (argument: Argument) => Value | Promise<Value>,
    argument?: Argument,
  ): Promise<Value> {
    const expression = `(${run.toString()})(${JSON.stringify(argument)})`;
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', options);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value: Value }).value;
  }

  /** The browser's own emulation of a lost network: HTTP, WebSockets and the page's `online` and `offline` events. */
  async setOffline(offline: boolean): Promise<void> {
    const throughput = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.send('Network.emulateNetworkConditions', { offline, ...throughput });
  }
}
