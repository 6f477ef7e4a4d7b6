import { describe, expect, it } from 'vitest';
import { idOf, linkOf, snapshotOf } from '../test-data.ts';
import { noticesOf } from './notices.ts';

const calm = { problems: [], askedForMemory: false } as const;

describe('notices', () => {
  it('say nothing when all is well, or nothing is known', () => {
    expect(noticesOf(snapshotOf(), calm)).toEqual([]);
    expect(noticesOf(undefined, calm)).toEqual([]);
  });

  it('call a stopped server calm while there are links, and a trouble without', () => {
    const offline = { signaling: 'offline', signalingProblem: 'Refused.' } as const;
    const [linked] = noticesOf(snapshotOf({ ...offline, links: [linkOf(idOf('b'))] }), calm);
    expect(linked).toMatchObject({ code: 'signaling-offline', tone: 'wait' });
    expect(linked?.text).toContain('Refused. The overlay keeps running');
    const [alone] = noticesOf(snapshotOf(offline), calm);
    expect(alone).toMatchObject({ code: 'signaling-offline', tone: 'bad' });
    expect(alone?.text).toContain('ws://localhost:8080/signaling');
  });

  it('tell of a refusal, a cut-off node, a stopped and a left one', () => {
    expect(noticesOf(snapshotOf({ signaling: 'refused' }), calm)[0]?.code).toBe('signaling-refused');
    const refused = snapshotOf({
      signaling: 'refused',
      signalingProblem: 'This network runs on chord.',
      networkGeometry: 'chord',
      links: [linkOf(idOf('b'))],
    });
    expect(noticesOf(refused, calm)[0]?.text).toBe(
      'This network runs on chord. The links you have keep working. To join the others, set geometry=chord in the address.',
    );
    expect(noticesOf(snapshotOf({ state: 'cut-off' }), calm)[0]?.code).toBe('cut-off');
    expect(
      noticesOf(snapshotOf({ state: 'left', signaling: 'offline' }), calm).map((notice) => notice.code),
    ).toEqual(['left']);
    expect(noticesOf(snapshotOf({ state: 'left', problem: 'A fault.' }), calm)[0]).toMatchObject({
      code: 'stopped',
      text: 'A fault.',
    });
  });

  it('tell of an identity that is not kept, unless that was asked for', () => {
    const snapshot = snapshotOf({ identity: { kept: false, problem: 'No storage.' } });
    expect(noticesOf(snapshot, calm)[0]).toMatchObject({ code: 'identity-not-kept', text: 'No storage.' });
    expect(noticesOf(snapshot, { ...calm, askedForMemory: true })).toEqual([]);
  });

  it('tell that work is under way, or was more than this tab does', () => {
    expect(noticesOf(snapshotOf({ work: 'under-way' }), calm)).toMatchObject([
      { code: 'work-under-way', tone: 'wait', dismissible: false },
    ]);
    expect(noticesOf(snapshotOf({ work: 'too-hard' }), calm)).toMatchObject([
      { code: 'work-too-hard', tone: 'bad', dismissible: true },
    ]);
  });

  it('name every setting that could not be used', () => {
    const problems = [{ name: 'k', value: 'x', sentence: 'k is a number.' }];
    expect(noticesOf(undefined, { ...calm, problems })).toMatchObject([
      { code: 'setting-k', dismissible: true },
    ]);
  });
});
