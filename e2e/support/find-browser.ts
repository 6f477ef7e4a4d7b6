/**
 * Which browser the tests drive, decided in this order: an explicit path, Playwright's own download, one that is
 * installed, one that apt can install (Debian or Ubuntu as root), a fresh download by Playwright. The decision asks its
 * questions through `Machine`, so it is tested without touching the machine.
 */

import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type BrowserName = 'chromium' | 'firefox';

/** What the decision needs to know of the machine and may do to it. */
export interface Machine {
  /** The value of an environment variable. */
  env(name: string): string | undefined;
  /** True when this file exists and may be run. */
  isExecutable(path: string): boolean;
  /** Where Playwright keeps, or would keep, its own copy; it need not exist. */
  downloadPath(name: BrowserName): string | undefined;
  /** True on Debian, Ubuntu and their kin, as root and with apt-get. */
  canUseApt(): boolean;
  /** Installs a Debian package; false when that failed. */
  installPackage(name: string): boolean;
  /** Makes Playwright download its own copy; false when that failed. */
  download(name: BrowserName): boolean;
}

export type FoundBrowser =
  | { readonly path: string; readonly how: 'explicit' | 'playwright' | 'installed' | 'apt' | 'downloaded' }
  /** None, with the sentence that says why and what to do. */
  | { readonly problem: string };

interface BrowserFacts {
  readonly title: string;
  readonly variable: string;
  readonly commands: readonly string[];
  readonly places: readonly string[];
  readonly packageName: string;
  /** Whether a download by Playwright will do: the Firefox tests want a plain Firefox. */
  readonly mayDownload: boolean;
}

const BROWSERS: Readonly<Record<BrowserName, BrowserFacts>> = {
  chromium: {
    title: 'Chromium',
    variable: 'CHROMIUM_PATH',
    commands: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      'chrome',
      'microsoft-edge',
    ],
    places: [
      '/usr/lib/chromium/chromium',
      '/opt/google/chrome/chrome',
      '/snap/bin/chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
      'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    ],
    packageName: 'chromium',
    mayDownload: true,
  },
  firefox: {
    title: 'Firefox',
    variable: 'FIREFOX_PATH',
    commands: ['firefox-esr', 'firefox'],
    places: [
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ],
    packageName: 'firefox-esr',
    mayDownload: false,
  },
};

/** Looks without installing anything. */
export function lookForBrowser(name: BrowserName, machine: Machine): FoundBrowser | undefined {
  const { title, variable } = BROWSERS[name];
  const explicit = machine.env(variable);
  if (explicit !== undefined && explicit !== '') {
    if (machine.isExecutable(explicit)) return { path: explicit, how: 'explicit' };
    return {
      problem: `${variable} is "${explicit}", which is not a program: set it to the path of ${title}.`,
    };
  }
  const own = BROWSERS[name].mayDownload ? machine.downloadPath(name) : undefined;
  if (own !== undefined && machine.isExecutable(own)) return { path: own, how: 'playwright' };
  const path = installedPath(name, machine);
  return path === undefined ? undefined : { path, how: 'installed' };
}

/** Looks, and where nothing is found installs a browser if this machine lets it. */
export function findBrowser(name: BrowserName, machine: Machine): FoundBrowser {
  const found = lookForBrowser(name, machine);
  if (found !== undefined) return found;
  const { title, variable, packageName, mayDownload } = BROWSERS[name];
  if (machine.canUseApt() && machine.installPackage(packageName)) {
    const path = installedPath(name, machine);
    if (path !== undefined) return { path, how: 'apt' };
  }
  if (mayDownload && machine.download(name)) {
    const path = machine.downloadPath(name);
    if (path !== undefined && machine.isExecutable(path)) return { path, how: 'downloaded' };
  }
  const advice = mayDownload ? `, run "npx playwright install --with-deps ${name}",` : '';
  return {
    problem: `No ${title} was found or could be installed: install it${advice} or set ${variable} to its path.`,
  };
}

function installedPath(name: BrowserName, machine: Machine): string | undefined {
  const { commands, places } = BROWSERS[name];
  const folders = (machine.env('PATH') ?? '').split(process.platform === 'win32' ? ';' : ':').filter(Boolean);
  const candidates = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [...candidates, ...places].find((path) => machine.isExecutable(path) && !isSnapStub(path));
}

/** Ubuntu's `chromium-browser` and `firefox` are scripts that start a snap, or only say how to install one. */
function isSnapStub(path: string): boolean {
  if (!/(?:chromium-browser|firefox)$/u.test(path) || !existsSync(path)) return false;
  return statSync(path).size < SCRIPT_BYTES_MAX && readFileSync(path).includes('snap install');
}

const SCRIPT_BYTES_MAX = 64 * 1_024;

/** The machine this process runs on. `downloadPath` comes from Playwright. */
export function thisMachine(downloadPath: (name: BrowserName) => string | undefined): Machine {
  const canUseApt = (): boolean =>
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && isExecutable('/usr/bin/apt-get');
  return {
    env: (name) => process.env[name],
    isExecutable,
    downloadPath,
    canUseApt,
    installPackage: (name) => {
      // One broken source makes `update` fail although the package can be had from another.
      run('apt-get', ['update', '-qq']);
      return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name]);
    },
    download: (name) => {
      const playwright = join('node_modules', '@playwright', 'test', 'cli.js');
      // The libraries a browser needs come by apt too.
      return run(process.execPath, [playwright, 'install', ...(canUseApt() ? ['--with-deps'] : []), name]);
    },
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Five minutes are enough for a slow mirror; what it prints goes to the error output, where a person can see it. */
function run(command: string, args: readonly string[]): boolean {
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync(command, args, { stdio: ['ignore', 2, 2], env, timeout: 300_000 });
    return true;
  } catch {
    return false;
  }
}
