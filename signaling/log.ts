/**
 * The server's log: JSON lines on standard output. It never holds room names (they are the key to a network), ids,
 * signals or credentials; addresses only of clients that were refused or cut.
 */

import { pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** Levels that `--log-level` takes, quietest first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log that writes lines at `level` and above; to standard output unless a destination is given. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  return destination === undefined ? pino(options) : pino(options, destination);
}
