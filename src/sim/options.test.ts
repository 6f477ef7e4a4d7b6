import { expect, test } from 'vitest';
import {
  choice,
  decimalNumber,
  flag,
  ratio,
  toCommandLine,
  toKebabCase,
  wholeNumber,
  withFallbacks,
} from './options.ts';

const SPECS = {
  nodes: wholeNumber('', { min: 1, max: 1_000, fallback: 100 }),
  bucketSize: wholeNumber('', { min: 1, max: 20, fallback: null }),
  view: ratio('', null),
  latency: decimalNumber('', { min: 0, max: 10, fallback: 5 }),
  kind: choice('', ['mixed', 'direct']),
  requests: flag(''),
};

test('values outside the bounds, signs, exponents and words are refused', () => {
  for (const text of ['0', '1001', '-1', '1e2', '1.5', '', 'many', '0x10', ' 1']) {
    expect(SPECS.nodes.parse(text), text).toBeUndefined();
  }
  for (const text of ['1.1', '-0.1', 'half', '', '.', '1.', 'Infinity']) {
    expect(SPECS.view.parse(text), text).toBeUndefined();
  }
  expect(SPECS.kind.parse('group')).toBeUndefined();
});

test('values within the bounds are read', () => {
  expect(SPECS.nodes.parse('1000')).toBe(1_000);
  expect(SPECS.view.parse('.05')).toBe(0.05);
  expect(SPECS.latency.parse('2.5')).toBe(2.5);
  expect(SPECS.kind.parse('direct')).toBe('direct');
});

test('what is left out is filled in', () => {
  const values = withFallbacks(SPECS, { nodes: 3, requests: true });
  expect(values).toEqual({
    nodes: 3,
    bucketSize: null,
    view: null,
    latency: 5,
    kind: 'mixed',
    requests: true,
  });
});

test('the command that repeats a run names what differs from the fallbacks', () => {
  const values = withFallbacks(SPECS, { nodes: 3, bucketSize: 2, requests: true });
  expect(toCommandLine('deliver', SPECS, values)).toBe(
    'npm run -s sim -- deliver --nodes 3 --bucket-size 2 --requests',
  );
  expect(toKebabCase('bucketSize')).toBe('bucket-size');
});
