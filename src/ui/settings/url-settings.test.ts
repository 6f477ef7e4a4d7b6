import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../dialogs/help-tables.ts';
import { createRoomName, ROOM_NAME_BYTES } from './room-name.ts';
import { parseUrlSettings, SETTING_NAMES, withGeometry, withRoom } from './url-settings.ts';

const RUNS = process.env['HOPLINE_LONG'] === '1' ? 100_000 : 5_000;

describe('settings in the address', () => {
  it('are all explained in the help', () => {
    expect(Object.keys(SETTINGS).toSorted()).toEqual([...SETTING_NAMES].toSorted());
  });

  it('reads every setting', () => {
    const hash =
      '#room=demo%20one&geometry=chord&k=1&successors=4&links=3&siblings=0&signaling=ws://localhost:8080/signaling&storage=memory&timeout=500&work=10';
    expect(parseUrlSettings(hash)).toEqual({
      settings: {
        room: 'demo one',
        geometry: 'chord',
        bucketSize: 1,
        successors: 4,
        linksMax: 3,
        siblings: 0,
        signaling: 'ws://localhost:8080/signaling',
        storage: 'memory',
        timeoutMs: 500,
        admissionBits: 10,
      },
      problems: [],
    });
  });

  it('takes an empty address and an empty room as no settings', () => {
    expect(parseUrlSettings('')).toEqual({ settings: {}, problems: [] });
    expect(parseUrlSettings('#')).toEqual({ settings: {}, problems: [] });
    expect(parseUrlSettings('#room=')).toEqual({ settings: {}, problems: [] });
    expect(parseUrlSettings('#room=%20')).toEqual({ settings: {}, problems: [] });
  });

  it.each([
    ['k', ['1', '64'], ['0', '65', '-1', '1.5', 'eight', '', '1e1', '99999999999999999999']],
    ['successors', ['1', '64'], ['0', '65']],
    ['links', ['1', '200'], ['0', '201']],
    ['siblings', ['0', '64'], ['-1', '65']],
    ['timeout', ['1', '60000'], ['0', '60001']],
    ['geometry', ['kademlia', 'chord'], ['ring', 'Chord', '']],
    ['work', ['0', '18'], ['19', '-1']],
    ['storage', ['memory', 'persistent'], ['disk', '']],
    [
      'signaling',
      ['ws://a', 'wss://a.example:1/x'],
      ['http://a', 'localhost:8080', '', 'ws://', 'javascript:alert(1)'],
    ],
  ])('%s takes its values, and names the others with what is used instead', (name, good, bad) => {
    for (const value of good) {
      const { settings, problems } = parseUrlSettings(`#${name}=${encodeURIComponent(value)}`);
      expect(problems).toEqual([]);
      expect(Object.keys(settings)).toHaveLength(1);
    }
    for (const value of bad) {
      const { settings, problems } = parseUrlSettings(`#${name}=${encodeURIComponent(value)}`);
      expect(settings).toEqual({});
      expect(problems).toHaveLength(1);
      expect(problems[0]?.name).toBe(name);
      expect(problems[0]?.sentence).toContain(name);
      expect(problems[0]?.sentence).toContain('using');
    }
  });

  it('names a room that is too long, a name it does not know, and a name given twice', () => {
    const { settings, problems } = parseUrlSettings(`#room=${'x'.repeat(65)}&colour=red&k=2&k=3`);
    expect(settings).toEqual({ bucketSize: 2 });
    expect(problems.map((problem) => problem.name)).toEqual(['room', 'colour', 'k']);
    expect(parseUrlSettings(`#room=${'x'.repeat(64)}`).settings.room).toHaveLength(64);
  });

  it('takes a lone word for a room whose name was forgotten, says so, and does not keep it', () => {
    const { settings, problems } = parseUrlSettings('#demo');
    expect(settings).toEqual({});
    expect(problems[0]?.sentence).toBe('“demo” is not a setting; it has no effect. Did you mean #room=demo?');
    expect(withRoom('#demo', 'new')).toBe('#room=new');
    expect(withRoom('#demo&k=2&colour=red', 'new')).toBe('#room=new&k=2&colour=red');
    expect(parseUrlSettings('#colour=red').problems[0]?.sentence).not.toContain('Did you mean');
  });

  it('counts the characters of a room as the server does', () => {
    expect(parseUrlSettings(`#room=${'🐇'.repeat(64)}`).problems).toEqual([]);
    expect(parseUrlSettings(`#room=${'🐇'.repeat(65)}`).problems[0]?.sentence).toContain('65 characters');
  });

  it('puts a room into the address and keeps the rest', () => {
    const hash = withRoom('#k=1&room=old&signaling=ws%3A%2F%2Fa%2F', 'new one');
    expect(hash.startsWith('#room=new%20one&')).toBe(true);
    expect(parseUrlSettings(hash).settings).toEqual({ room: 'new one', bucketSize: 1, signaling: 'ws://a/' });
    expect(withRoom('', 'demo')).toBe('#room=demo');
    expect(withRoom('#geometry=chord', 'demo')).toBe('#room=demo&geometry=chord');
  });

  it('puts another geometry into the address and keeps the rest', () => {
    const hash = withGeometry('#k=1&geometry=kademlia&room=a%20b&geometry=pastry', 'chord');
    expect(hash).toBe('#room=a%20b&k=1&geometry=chord');
    expect(withGeometry('#room=demo', 'chord')).toBe('#room=demo&geometry=chord');
    expect(parseUrlSettings(hash)).toEqual({
      settings: { room: 'a b', bucketSize: 1, geometry: 'chord' },
      problems: [],
    });
  });

  it(`fuzz: ${RUNS} arbitrary addresses never throw and never give a value out of bounds`, () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...SETTING_NAMES, '=', '&', '%', '%ff', '#', '+', 'ws://', '1', '-1'),
    );
    const hashes = fc.oneof(
      fc.array(piece, { maxLength: 24 }).map((pieces) => `#${pieces.join('')}`),
      fc
        .array(fc.tuple(fc.constantFrom(...SETTING_NAMES), fc.string({ unit: 'binary' })))
        .map((pairs) => `#${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
    );
    fc.assert(
      fc.property(hashes, (hash) => {
        const { settings, problems } = parseUrlSettings(hash);
        if (settings.room !== undefined) {
          expect(settings.room.length).toBeGreaterThanOrEqual(1);
          expect(Array.from(settings.room).length).toBeLessThanOrEqual(64);
        }
        for (const [value, min, max] of [
          [settings.bucketSize, 1, 64],
          [settings.successors, 1, 64],
          [settings.linksMax, 1, 200],
          [settings.siblings, 0, 64],
          [settings.timeoutMs, 1, 60_000],
          [settings.admissionBits, 0, 18],
        ] as const) {
          if (value !== undefined) expect(Number.isInteger(value) && value >= min && value <= max).toBe(true);
        }
        if (settings.signaling !== undefined) expect(settings.signaling).toMatch(/^\s*wss?:/i);
        expect(problems.length).toBeLessThanOrEqual(12);
        for (const problem of problems) expect(problem.sentence.length).toBeLessThan(260);
        // What is written back reads the same.
        if (settings.room !== undefined) {
          expect(parseUrlSettings(withRoom(hash, settings.room)).settings.room).toBe(settings.room);
        }
      }),
      { numRuns: RUNS },
    );
  }, 300_000);
});

describe('room names', () => {
  it('can be spoken and depend on every byte', () => {
    const zero = new Uint8Array(ROOM_NAME_BYTES);
    expect(createRoomName(zero)).toBe('baba-baba-baba-baba');
    for (let at = 0; at < ROOM_NAME_BYTES; at += 1) {
      const bytes = zero.slice();
      bytes[at] = 1;
      expect(createRoomName(bytes)).not.toBe(createRoomName(zero));
    }
    expect(createRoomName(crypto.getRandomValues(new Uint8Array(ROOM_NAME_BYTES)))).toMatch(
      /^([a-z][aeiou][a-z][aeiou]-){3}[a-z][aeiou][a-z][aeiou]$/,
    );
    expect(createRoomName(new Uint8Array())).toBe('baba-baba-baba-baba');
  });
});
