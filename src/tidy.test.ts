/**
 * Goal: specification, tests and files stay in step. Method: reads the sources. Every rule of src/core/SPEC.md has a test
 * that quotes it in its name and every rule quoted there exists; every rule named in a comment of the core exists; no
 * file is longer than 600 lines.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const LINES_MAX = 600;

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(path);
    return [path];
  });
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const isTest = (path: string): boolean => /\.test\.ts$|-contract\.ts$/.test(path);

const spec = read('src/core/SPEC.md');
const rules = [...spec.matchAll(/^- \*\*([A-Z]+\d+)\*\* /gm)].map((match) => match[1]!);
const families = new Set(rules.map((rule) => rule.replace(/\d+$/, '')));

/** Rules quoted at the head of test names: `'[FW3] [SN6] …'`. */
function quoted(path: string): string[] {
  const heads = read(path).matchAll(/['"`]((?:\[[A-Z]+\d+\] ?)+)/g);
  return [...heads].flatMap((head) => [...head[1]!.matchAll(/\[([A-Z]+\d+)\]/g)].map((match) => match[1]!));
}

const core = filesUnder('src/core');
const tests = core.filter(isTest);
const tested = new Set(tests.flatMap(quoted));

test('rules are numbered once and written as one sentence', () => {
  expect(rules.length).toBeGreaterThan(100);
  expect(rules.length).toBe(new Set(rules).size);
  for (const line of spec.split('\n').filter((text) => text.startsWith('- **'))) expect(line).toMatch(/\.$/);
});

test('every rule of the core has a test, and every rule a test quotes exists', () => {
  expect(rules.filter((rule) => !tested.has(rule))).toEqual([]);
  expect([...tested].filter((rule) => !rules.includes(rule))).toEqual([]);
});

test('every rule named in the code of the core exists', () => {
  const unknown = core
    .filter((path) => path.endsWith('.ts') && !isTest(path))
    .flatMap((path) =>
      [...read(path).matchAll(/\b([A-Z]{1,2})(\d+)\b/g)]
        .filter((match) => families.has(match[1]!) && !rules.includes(match[0]))
        .map((match) => `${path}: ${match[0]}`),
    );
  expect(unknown).toEqual([]);
});

test('no source file is longer than 600 lines', () => {
  const sources = ['src', 'signaling', 'e2e'].flatMap(filesUnder).filter((path) => path.endsWith('.ts'));
  const long = sources.filter((path) => read(path).split('\n').length > LINES_MAX);
  expect(long).toEqual([]);
});
