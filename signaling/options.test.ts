import { expect, test } from 'vitest';
import { HELP, parseCommandLine, type CommandLine } from './options.ts';

const parse = (args: string[], env: Record<string, string> = {}) => parseCommandLine(args, env, 'info');

function options(args: string[], env: Record<string, string> = {}): CommandLine {
  const parsed = parse(args, env);
  if (parsed.type !== 'options') throw new Error(JSON.stringify(parsed));
  return parsed.options;
}

test('[SG26] without arguments the defaults hold, PORT sets the port, --port wins', () => {
  expect(options([])).toMatchObject({
    port: 8080,
    page: 'dist',
    iceServers: [],
    origins: [],
    logLevel: 'info',
  });
  expect(options([], { PORT: '9000' }).port).toBe(9000);
  expect(options(['--port', '9001'], { PORT: '9000' }).port).toBe(9001);
});

test('[SG26] ICE servers are addresses, objects or lists, and add up', () => {
  const turn = { urls: ['turn:b.example'], username: 'u', credential: 'c' };
  const args = [
    '--ice',
    'stun:a.example',
    '--ice',
    JSON.stringify(turn),
    '--ice',
    JSON.stringify([{ urls: 'stun:d.example' }]),
  ];
  expect(options(args).iceServers).toEqual([{ urls: 'stun:a.example' }, turn, { urls: 'stun:d.example' }]);
});

test('[SG26] origins are brought into the form that browsers send', () => {
  expect(options(['--origin', 'https://Hop.example:443/']).origins).toEqual(['https://hop.example']);
});

test('[SG26] every mistake is a sentence that names it', () => {
  const mistakes: readonly (readonly [args: string[], names: string])[] = [
    [['--port', '99999'], '99999'],
    [['--port', 'x'], 'port'],
    [['--colour'], '--colour'],
    [['stray'], 'stray'],
    [['--ice', 'http://a.example'], '--ice'],
    [['--ice', '{"urls":'], '--ice'],
    [['--origin', 'hop.example'], '--origin'],
    [['--log-level', 'loud'], '--log-level'],
    [['--sockets-per-address', '0'], '--sockets-per-address'],
    [['--tls-cert', 'x'], '--tls-key'],
    [['--tls-cert', '/nowhere/a', '--tls-key', '/nowhere/b'], '--tls-cert: "/nowhere/a" does not exist.'],
    [['--tls-cert', '.', '--tls-key', '/nowhere/b'], '--tls-cert: "." is a folder, not a file.'],
  ];
  for (const [args, names] of mistakes) {
    const parsed = parse(args);
    expect(parsed.type === 'problem' ? parsed.problem : parsed).toContain(names);
  }
});

test('[SG26] help names every option', () => {
  expect(parse(['--help'])).toEqual({ type: 'help' });
  for (const flag of [
    'port',
    'host',
    'page',
    'ice',
    'origin',
    'public-host',
    'trust-proxy',
    'sockets-per-address',
    'tls-cert',
    'tls-key',
    'log-level',
  ]) {
    expect(HELP).toContain(`--${flag} `);
  }
});
