import { describe, expect, it } from 'vitest';
import { idOf } from '../test-data.ts';
import { actionText, canRequest, readGroupSize, readTarget } from './send-form.ts';

const known = [idOf('3f1'), idOf('3f2'), idOf('9')];

describe('target of a message', () => {
  it('is any text or an id for a key', () => {
    expect(readTarget('closest', '', known).ok).toBe(false);
    expect(readTarget('closest', '   ', known).ok).toBe(false);
    expect(readTarget('closest', 'a key', known)).toMatchObject({ ok: true, target: 'a key' });
    expect(readTarget('group', 'a key', known)).toMatchObject({ ok: true, target: 'a key' });
    expect(readTarget('group', '', known).ok).toBe(false);
    expect(readTarget('lookup', ` ${'AB'.repeat(32)} `, known)).toMatchObject({
      ok: true,
      target: 'ab'.repeat(32),
    });
  });

  it('is an id, or the only beginning of one, for a node', () => {
    expect(readTarget('direct', '9', known)).toMatchObject({ ok: true, target: idOf('9') });
    expect(readTarget('direct', '3F2', known)).toMatchObject({ ok: true, target: idOf('3f2') });
    expect(readTarget('direct', '3f', known)).toMatchObject({
      ok: false,
      hint: '2 known nodes begin so; type more.',
    });
    expect(readTarget('direct', 'e', known).ok).toBe(false);
    expect(readTarget('direct', 'hello', known).ok).toBe(false);
    expect(readTarget('direct', '', known).ok).toBe(false);
    expect(readTarget('direct', idOf('e'), known)).toMatchObject({ ok: true, target: idOf('e') });
  });

  it('is a linked peer for a neighbour, and nothing for a broadcast', () => {
    expect(readTarget('neighbour', '', known).ok).toBe(false);
    expect(readTarget('neighbour', idOf('9'), known)).toMatchObject({ ok: true, target: idOf('9') });
    expect(readTarget('broadcast', '', known).ok).toBe(true);
  });

  it('knows which kinds have replies', () => {
    const actions = ['closest', 'direct', 'group', 'neighbour', 'broadcast', 'lookup'] as const;
    expect(actions.filter(canRequest)).toEqual(['closest', 'direct', 'neighbour']);
  });
});

describe('size of a group', () => {
  it('is a whole number that a group may have', () => {
    expect(readGroupSize(' 1 ', 8)).toEqual({ ok: true, size: 1, hint: '' });
    expect(readGroupSize('32', 32)).toEqual({ ok: true, size: 32, hint: '' });
    for (const text of ['', '0', '33', '-3', '2.5', '1e1', 'eight', '999999999999']) {
      expect(readGroupSize(text, 8)).toEqual({
        ok: false,
        hint: 'A group has 1 to 32 members, as a whole number.',
      });
    }
  });

  it('says when it is more than a node knows for certain', () => {
    expect(readGroupSize('8', 8).hint).toBe('');
    expect(readGroupSize('9', 8).hint).toBe('Only up to 8 are known exactly.');
  });
});

it('says what an action does, in the words of the network’s geometry', () => {
  expect(actionText('closest', 'neighbours', 'kademlia')).toContain('nearest to a key');
  expect(actionText('closest', 'neighbours', 'chord')).toContain('first at or after it');
  expect(actionText('direct', 'neighbours', 'chord')).toBe(actionText('direct', 'neighbours', 'kademlia'));
  expect(actionText('broadcast', 'network', 'chord')).toContain('every node');
});
