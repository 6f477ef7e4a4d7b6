import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf, receiptOf, sentOf, settledOf } from '../test-data.ts';
import { parseFilter } from './filter.ts';
import type { LogRow } from './rows.ts';
import { TrafficLog } from './traffic-log.ts';

const RUNS = process.env['HOPLINE_LONG'] === '1' ? 100_000 : 5_000;

function rows(): readonly LogRow[] {
  const log = new TrafficLog(100);
  log.setSelf(idOf('a'));
  log.push(sentOf('11', { nextHop: idOf('3f'), target: idOf('b') }));
  log.push(settledOf('11', receiptOf({ rttMs: 250, hops: 2 })));
  log.push(sentOf('22', { kind: 'closest', service: 'ping', bytes: 60 }));
  log.push({
    at: 3,
    type: 'delivered',
    message: '33',
    kind: 'broadcast',
    service: 'app',
    origin: idOf('c'),
    target: idOf('a'),
    exact: false,
    hops: 1,
    bytes: 5_000,
  });
  log.push({ at: 4, type: 'link', peer: idOf('3f'), state: 'suspect' });
  return log.rows();
}

/** Numbers (1 to 4) of the rows that pass. */
function passing(text: string): readonly number[] {
  const filter = parseFilter(text);
  return rows()
    .filter((row) => filter.matches(row))
    .map((row) => row.seq);
}

describe('filter of the log', () => {
  it.each([
    ['', [1, 2, 3, 4]],
    ['kind:direct', [1]],
    ['KIND:Direct', [1]],
    ['dir:in', [3]],
    ['dir:out', [1, 2]],
    ['peer:3f', [1, 4]],
    ['peer:c', [3]],
    ['service:ping', [2]],
    ['id:3', [3]],
    ['ms:>200', [1]],
    ['ms:<200', []],
    ['hops:>=1', [1, 3]],
    ['hops:2', [1]],
    ['bytes:<=100', [1, 2]],
    ['bytes:>4999.5', [3]],
    ['failed', [4]],
    ['ok', [1, 3]],
    ['pending', [2]],
    ['-ping', [1, 3, 4]],
    ['-failed -pending', [1, 3]],
    ['dir:out -kind:closest', [1]],
    ['suspect', [4]],
    ['22', [2]],
    ['-', []],
    ['nothing-like-this', []],
  ])('%s', (text, expected) => {
    expect(passing(text)).toEqual(expected);
  });

  it('names terms it does not know and takes them as words', () => {
    expect(parseFilter('foo:bar ms:fast -size:3 ok').unknown).toEqual(['foo:bar', 'ms:fast', 'size:3']);
    expect(passing('foo:bar')).toEqual([]);
    expect(parseFilter(':x').unknown).toEqual([]);
  });

  it('names values that no row can have, also empty ones', () => {
    const wrong = ['dir:sideways', 'dir:', 'kind:', 'kind:gossip', 'service:x', 'peer:', 'id:'];
    expect(parseFilter(wrong.join(' ')).unknown).toEqual(wrong);
    expect(parseFilter('dir:t kind:asl service:app kind:malformed kind:fault').unknown).toEqual([]);
  });

  it(`fuzz: ${RUNS} arbitrary texts never throw`, () => {
    const all = rows();
    const term = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'kind:',
        'ms:>',
        'ms:>=9e9',
        'peer:',
        '-',
        '--',
        ':',
        'dir:in',
        'failed',
        '[',
        '(?',
        '\\',
      ),
    );
    fc.assert(
      fc.property(fc.array(term, { maxLength: 40 }), (terms) => {
        const filter = parseFilter(terms.join(' '));
        for (const row of all) expect(typeof filter.matches(row)).toBe('boolean');
      }),
      { numRuns: RUNS },
    );
  }, 300_000);
});
