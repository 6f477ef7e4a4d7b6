/** The decision which browser to drive, on machines made up of a few facts. */

import { expect, test } from 'vitest';
import { findBrowser, lookForBrowser, type BrowserName, type Machine } from './find-browser.ts';

interface Facts {
  readonly env?: Readonly<Record<string, string>>;
  readonly programs?: readonly string[];
  readonly apt?: 'works' | 'fails';
  /** What a successful installation or download puts there. */
  readonly arrives?: readonly string[];
  readonly download?: 'works' | 'fails';
}

const OWN = '/cache/chromium-1/chrome';

function machineOf(facts: Facts): { readonly machine: Machine; readonly done: string[] } {
  const programs = new Set(facts.programs);
  const done: string[] = [];
  const arrive = (works: boolean): boolean => {
    if (works) facts.arrives?.forEach((path) => programs.add(path));
    return works;
  };
  const machine: Machine = {
    env: (name) => facts.env?.[name] ?? (name === 'PATH' ? '/usr/local/bin:/usr/bin' : undefined),
    isExecutable: (path) => programs.has(path),
    downloadPath: (name: BrowserName) => (name === 'chromium' ? OWN : undefined),
    canUseApt: () => facts.apt !== undefined,
    installPackage: (name) => {
      done.push(`apt ${name}`);
      return arrive(facts.apt === 'works');
    },
    download: (name) => {
      done.push(`download ${name}`);
      return arrive(facts.download === 'works');
    },
  };
  return { machine, done };
}

test('an explicit path wins over everything', () => {
  const { machine } = machineOf({
    env: { CHROMIUM_PATH: '/my/chrome' },
    programs: ['/my/chrome', OWN, '/usr/bin/chromium'],
  });
  expect(findBrowser('chromium', machine)).toEqual({ path: '/my/chrome', how: 'explicit' });
});

test('an explicit path that is no program is a sentence, and nothing is installed instead', () => {
  const { machine, done } = machineOf({ env: { CHROMIUM_PATH: '/gone' }, programs: [OWN], apt: 'works' });
  expect(findBrowser('chromium', machine)).toEqual({
    problem: 'CHROMIUM_PATH is "/gone", which is not a program: set it to the path of Chromium.',
  });
  expect(done).toEqual([]);
});

test('an empty variable counts as none', () => {
  const { machine } = machineOf({ env: { CHROMIUM_PATH: '' }, programs: ['/usr/bin/chromium'] });
  expect(findBrowser('chromium', machine)).toEqual({ path: '/usr/bin/chromium', how: 'installed' });
});

test("Playwright's own copy comes before an installed one", () => {
  const { machine } = machineOf({ programs: [OWN, '/usr/bin/chromium'] });
  expect(findBrowser('chromium', machine)).toEqual({ path: OWN, how: 'playwright' });
});

test.each([
  '/usr/local/bin/chromium',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/snap/bin/chromium',
])('an installed %s is found', (path) => {
  expect(findBrowser('chromium', machineOf({ programs: [path] }).machine)).toEqual({
    path,
    how: 'installed',
  });
});

test('with nothing there apt installs one', () => {
  const { machine, done } = machineOf({ apt: 'works', arrives: ['/usr/bin/chromium'] });
  expect(findBrowser('chromium', machine)).toEqual({ path: '/usr/bin/chromium', how: 'apt' });
  expect(done).toEqual(['apt chromium']);
});

test('where apt fails, or brings no browser, Playwright downloads one', () => {
  for (const apt of ['works', 'fails'] as const) {
    const downloads = machineOf({ apt, download: 'works', arrives: apt === 'works' ? [] : [OWN] });
    const found = findBrowser('chromium', downloads.machine);
    expect(downloads.done).toEqual(['apt chromium', 'download chromium']);
    if (apt === 'fails') expect(found).toEqual({ path: OWN, how: 'downloaded' });
    else expect(found).toHaveProperty('problem');
  }
});

test('where nothing helps one sentence says what to do', () => {
  const { machine } = machineOf({ download: 'fails' });
  expect(findBrowser('chromium', machine)).toEqual({
    problem:
      'No Chromium was found or could be installed: install it, run "npx playwright install --with-deps chromium", or set CHROMIUM_PATH to its path.',
  });
});

test('Firefox is found, installed by apt, or given up on softly; it is never downloaded', () => {
  expect(findBrowser('firefox', machineOf({ programs: ['/usr/bin/firefox-esr'] }).machine)).toEqual({
    path: '/usr/bin/firefox-esr',
    how: 'installed',
  });
  const installs = machineOf({ apt: 'works', arrives: ['/usr/bin/firefox-esr'] });
  expect(findBrowser('firefox', installs.machine)).toEqual({ path: '/usr/bin/firefox-esr', how: 'apt' });
  const none = machineOf({ apt: 'fails', download: 'works' });
  expect(findBrowser('firefox', none.machine)).toEqual({
    problem: 'No Firefox was found or could be installed: install it or set FIREFOX_PATH to its path.',
  });
  expect(none.done).toEqual(['apt firefox-esr']);
});

test('looking installs nothing', () => {
  const { machine, done } = machineOf({ apt: 'works', download: 'works', arrives: ['/usr/bin/chromium'] });
  expect(lookForBrowser('chromium', machine)).toBeUndefined();
  expect(done).toEqual([]);
});
