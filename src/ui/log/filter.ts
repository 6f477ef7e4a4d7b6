/**
 * The log's filter language: words match anything, `kind:direct`, `peer:3f`, `dir:in`, `ms:>200`, `failed`, and a
 * minus before a term turns it round. All terms must hold. Parsing never fails: what it does not know is reported and
 * taken as a plain word. Pure.
 */

import type { Direction, LogRow } from './rows.ts';

export interface LogFilter {
  /** True when the row passes. */
  readonly matches: (row: LogRow) => boolean;
  /** Terms that look like `name:value` with a name or value the language does not have. */
  readonly unknown: readonly string[];
}

type Test = (row: LogRow) => boolean;

/** Terms read from one text; more are dropped. */
const TERMS_MAX = 32;

const KINDS = [
  ...['closest', 'direct', 'group', 'neighbour', 'broadcast', 'reply'],
  ...['link', 'peers', 'state', 'server', 'retry', 'malformed', 'fault', 'asleep'],
] as const;
const DIRECTIONS: readonly Direction[] = ['in', 'out', 'through', 'node'];
const SERVICES = [
  'app',
  'group',
  'spread',
  'vote',
  'lookup',
  'ping',
  'signal',
  'store',
  'ring',
  'node',
] as const satisfies readonly LogRow['service'][];

/** Reads a filter. An empty text matches everything. */
export function parseFilter(text: string): LogFilter {
  const tests: Test[] = [];
  const unknown: string[] = [];
  for (const term of text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, TERMS_MAX)) {
    const negative = term.length > 1 && term.startsWith('-');
    const word = negative ? term.slice(1) : term;
    const test = parseTerm(word);
    if (test === undefined) unknown.push(word);
    const positive = test ?? wordTest(word);
    tests.push(negative ? (row) => !positive(row) : positive);
  }
  return { matches: (row) => tests.every((test) => test(row)), unknown };
}

/** The test of one term, or `undefined` for a `name:value` that means nothing. */
function parseTerm(word: string): Test | undefined {
  if (word === 'failed' || word === 'ok' || word === 'pending') return (row) => row.outcome === word;
  const colon = word.indexOf(':');
  if (colon <= 0) return wordTest(word);
  const value = word.slice(colon + 1);
  switch (word.slice(0, colon)) {
    case 'kind':
      return wordStart(value, KINDS, (row) => row.kind);
    case 'dir':
      return wordStart(value, DIRECTIONS, (row) => row.direction);
    case 'service':
      return wordStart(value, SERVICES, (row) => row.service);
    case 'peer':
      return value === '' ? undefined : (row) => idsOf(row).some((id) => id.startsWith(value));
    case 'id':
      return value === '' ? undefined : (row) => row.message?.startsWith(value) ?? false;
    case 'ms':
      return numberTest(value, (row) => row.durationMs);
    case 'hops':
      return numberTest(value, (row) => row.hops);
    case 'bytes':
      return numberTest(value, (row) => row.bytes);
    default:
      return undefined;
  }
}

/** The beginning of one of these words is enough; a value that begins none of them could never match. */
function wordStart(value: string, words: readonly string[], read: (row: LogRow) => string): Test | undefined {
  if (value === '' || !words.some((word) => word.startsWith(value))) return undefined;
  return (row) => read(row).startsWith(value);
}

function numberTest(value: string, read: (row: LogRow) => number | undefined): Test | undefined {
  const match = /^(>=|<=|>|<|=)?(\d+(?:\.\d+)?)$/.exec(value);
  if (match === null) return undefined;
  const limit = Number(match[2]);
  const compare = COMPARISONS[match[1] ?? '='];
  return (row) => {
    const number = read(row);
    return number !== undefined && compare !== undefined && compare(number, limit);
  };
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
};

function wordTest(word: string): Test {
  return (row) =>
    row.kind.includes(word) ||
    row.service.includes(word) ||
    row.direction.includes(word) ||
    row.detail.toLowerCase().includes(word) ||
    (row.message?.startsWith(word) ?? false) ||
    idsOf(row).some((id) => id.startsWith(word));
}

function idsOf(row: LogRow): readonly string[] {
  const ids: string[] = [];
  for (const id of [row.peer, row.origin, row.target]) if (id !== undefined) ids.push(id);
  return ids;
}
