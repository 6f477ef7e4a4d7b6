/** The command line and the environment of the signaling server, read into options or into a sentence that says what is wrong. */

import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import * as v from 'valibot';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import { ICE_SERVER, type IceServer } from './protocol.ts';

export interface CommandLine {
  readonly port: number;
  readonly host: string | undefined;
  readonly page: string;
  readonly iceServers: readonly IceServer[];
  readonly origins: readonly string[];
  readonly publicHosts: readonly string[];
  readonly trustProxy: boolean;
  readonly socketsPerAddressMax: number | undefined;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly logLevel: LogLevel;
}

export type ParsedCommandLine =
  | { readonly type: 'options'; readonly options: CommandLine }
  | { readonly type: 'help' }
  | { readonly type: 'problem'; readonly problem: string };

/** The folder `npm run build` writes. */
export const PAGE_DEFAULT = 'dist';

/** Reads arguments (without the program's name). `env.PORT` is the port when `--port` is not given. */
export function parseCommandLine(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  defaultLogLevel: LogLevel,
): ParsedCommandLine {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false });
    if (values.help === true) return { type: 'help' };
    const options: CommandLine = {
      port: parsePort(values.port ?? env['PORT'] ?? '8080'),
      host: values.host,
      page: values.page ?? PAGE_DEFAULT,
      iceServers: (values.ice ?? []).flatMap(parseIce),
      origins: (values.origin ?? []).map(parseOrigin),
      publicHosts: (values['public-host'] ?? []).map((host) => host.toLowerCase()),
      trustProxy: values['trust-proxy'] ?? false,
      socketsPerAddressMax: parseCount('--sockets-per-address', values['sockets-per-address']),
      tls: readTls(values['tls-cert'], values['tls-key']),
      logLevel: parseLogLevel(values['log-level'] ?? defaultLogLevel),
    };
    return { type: 'options', options };
  } catch (error) {
    return { type: 'problem', problem: error instanceof Error ? error.message : String(error) };
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port > 65_535)
    throw new Error(`The port must be a number from 0 to 65535, not "${text}".`);
  return port;
}

function parseCount(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/u.test(text)) throw new Error(`${flag} takes a number from 1 up, not "${text}".`);
  return Number(text);
}

function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((level) => level === text);
  if (level === undefined)
    throw new Error(`--log-level takes one of ${LOG_LEVELS.join(', ')}, not "${text}".`);
  return level;
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.origin === 'null') {
    throw new Error(`--origin takes an origin such as https://example.org, not "${text}".`);
  }
  return url.origin;
}

/** One address, one server as a JSON object, or a JSON list of servers. */
function parseIce(text: string): IceServer[] {
  const problem = `--ice takes stun:host, turn:host, or JSON as in RTCIceServer, not "${text}".`;
  let value: unknown = { urls: text };
  if (/^\s*[[{]/u.test(text)) {
    try {
      value = JSON.parse(text);
    } catch {
      throw new Error(problem);
    }
  }
  const parsed = v.safeParse(v.array(ICE_SERVER), Array.isArray(value) ? value : [value]);
  if (!parsed.success) throw new Error(problem);
  return parsed.output;
}

function readTls(certFile: string | undefined, keyFile: string | undefined): CommandLine['tls'] {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined)
    throw new Error('--tls-cert and --tls-key go together.');
  return { cert: readNamed('--tls-cert', certFile), key: readNamed('--tls-key', keyFile) };
}

function readNamed(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(`${flag}: "${file}" ${FILE_TROUBLE[code] ?? `cannot be read (${code})`}.`, {
      cause: error,
    });
  }
}

const FILE_TROUBLE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by this user',
};

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  page: { type: 'string' },
  ice: { type: 'string', multiple: true },
  origin: { type: 'string', multiple: true },
  'public-host': { type: 'string', multiple: true },
  'trust-proxy': { type: 'boolean' },
  'sockets-per-address': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

/** What `--help` prints. */
export const HELP = `Hopline's signaling server: introduces browser tabs to each other and serves the page.

  --port N                  Port to listen on; 0 takes a free one. Default: PORT, else 8080.
  --host ADDRESS            Address to listen on. Default: all.
  --page FOLDER             The built page. Default: dist.
  --ice URL|JSON            A STUN or TURN server for the clients: stun:host:3478, or JSON as in
                            RTCIceServer. May be repeated. Default: none.
  --origin ORIGIN           Accept only pages from this origin. May be repeated. Default: any.
  --public-host HOST[:PORT] Accept only logins made for this name. May be repeated. Default: any.
  --trust-proxy             Take client addresses from X-Forwarded-For.
  --sockets-per-address N   Connections from one address. Default: 64; loopback is never limited.
  --tls-cert FILE           Certificate and key (PEM): serve https and wss.
  --tls-key FILE
  --log-level LEVEL         ${LOG_LEVELS.join(', ')}.
  --help                    This text.
`;
