/** Runs a signaling server as a process: starts it, says in a sentence why it cannot, stops it in order on a signal. */

import { collectDefaultMetrics } from 'prom-client';
import { createLog } from './log.ts';
import { PAGE_DEFAULT, type CommandLine } from './options.ts';
import { readPage, type PageFiles } from './page-files.ts';
import { createSignalingServer, type SignalingServer } from './server.ts';

/**
 * Starts a server and arranges for SIGINT and SIGTERM to end the process with 0, after a goodbye to the clients.
 * Resolves with the address to open, or with the sentence that says why the server could not start.
 */
export async function runServer(
  options: CommandLine,
): Promise<{ readonly address: string } | { readonly problem: string }> {
  const log = createLog(options.logLevel);
  let page: PageFiles | undefined;
  try {
    page = await readPage(options.page);
  } catch (error) {
    // A server for signaling alone is fine; one that lacks the page it was told to serve is a mistake.
    if (options.page !== PAGE_DEFAULT) {
      return { problem: pageProblem(error, options.page) };
    }
    log.warn(
      { folder: options.page, problem: messageOf(error) },
      'no page to serve; "npm run build" makes one',
    );
  }
  let server: SignalingServer;
  let port: number;
  try {
    const { socketsPerAddressMax, ...rest } = options;
    const limits = socketsPerAddressMax === undefined ? {} : { socketsPerAddressMax };
    server = createSignalingServer({ ...rest, page, log, limits });
    port = await server.listen();
  } catch (error) {
    return { problem: startProblem(error, options) };
  }
  collectDefaultMetrics({ register: server.metrics.registry });
  stopOnSignals(server, log);
  const address = addressOf(options, port);
  log.info({ address }, 'listening');
  return { address };
}

function stopOnSignals(server: SignalingServer, log: ReturnType<typeof createLog>): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    // The second signal is from somebody who does not want to wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, 'stopping');
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** What a person types into the browser: an unspecific listening address is reached as localhost. */
function addressOf({ tls, host }: CommandLine, port: number): string {
  const name =
    host === undefined || ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host) ? 'localhost' : host;
  const standard = tls === undefined ? 80 : 443;
  const bracketed = name.includes(':') ? `[${name}]` : name;
  return `${tls === undefined ? 'http' : 'https'}://${bracketed}${port === standard ? '' : `:${port}`}`;
}

function pageProblem(error: unknown, folder: string): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `The folder "${folder}" does not exist. Check --page.`;
    case 'ENOTDIR':
      return `"${folder}" is a file, not a folder. Check --page.`;
    default:
      return `The page in "${folder}" cannot be served: ${messageOf(error)}. Check --page.`;
  }
}

function startProblem(error: unknown, { port, host }: CommandLine): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Choose another one: --port ${port < 65_535 ? port + 1 : 8080}`;
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${host ?? ''}" to listen on. Check --host.`;
    default:
      return `The server could not start: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
