/**
 * `npm run -s sim -- <scenario> [options]`. Standard output is the result alone; progress and findings go to standard
 * error. Exit codes: 0 all well, 1 usage, 2 a node crashed, 3 something that must never be, 4 something never came about.
 */

import { parseArgs } from 'node:util';

import { allowCollection } from './memory.ts';
import { flag, toCommandLine, toKebabCase, type OptionSpecs, type OptionValue } from './options.ts';
import { findScenario, SCENARIOS } from './scenarios/registry.ts';
import { runScenario, type ResultValue, type Scenario } from './scenarios/scenario.ts';
import { CoreCrash } from './simulator.ts';

/** Long runs say how far they are this often. */
const PROGRESS_MS = 3_000;

const EXIT_CODES = { ok: 0, usage: 1, crash: 2, safety: 3, liveness: 4 } as const;

/** What the caller typed could not be understood; the message says what. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

function main(args: readonly string[]): number {
  try {
    const name = args[0];
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      console.log(overallHelp());
      return name === undefined ? EXIT_CODES.usage : EXIT_CODES.ok;
    }
    const scenario = findScenario(name);
    if (scenario === undefined) throw new UsageError(`There is no scenario called ${name}.`);
    return runFromArguments(scenario, args.slice(1));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message} Try: npm run -s sim -- --help`);
    return EXIT_CODES.usage;
  }
}

function runFromArguments(scenario: Scenario, args: readonly string[]): number {
  const { values, isJson, isHelp } = readArguments(scenario, args);
  if (isHelp) {
    console.log(scenarioHelp(scenario));
    return EXIT_CODES.ok;
  }
  allowCollection();
  const command = toCommandLine(scenario.name, scenario.options, values);
  try {
    const { record, findings } = runScenario(scenario, values, createProgress(scenario.name));
    console.log(isJson ? JSON.stringify(record) : toTable(record));
    for (const { family, at, sentence } of findings) console.error(`${family}: at ${at} ms: ${sentence}`);
    if (findings.length === 0) return EXIT_CODES.ok;
    console.error(`again with: ${command}`);
    return findings.some(({ family }) => family === 'safety') ? EXIT_CODES.safety : EXIT_CODES.liveness;
  } catch (error) {
    const detail = error instanceof CoreCrash && error.cause instanceof Error ? error.cause.stack : undefined;
    console.error(error instanceof CoreCrash ? error.message : error);
    if (detail !== undefined) console.error(detail);
    console.error(`again with: ${command}`);
    return EXIT_CODES.crash;
  }
}

interface Arguments {
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly isJson: boolean;
  readonly isHelp: boolean;
}

function readArguments(scenario: Scenario, args: readonly string[]): Arguments {
  const options: Record<string, { type: 'string' | 'boolean' }> = {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  };
  for (const [name, spec] of Object.entries(scenario.options)) {
    options[toKebabCase(name)] = { type: spec.placeholder === '' ? 'boolean' : 'string' };
  }
  let typed: Record<string, string | boolean | undefined>;
  try {
    typed = parseArgs({ args: joinNegatives(args), options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const values: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(scenario.options)) {
    const text = typed[toKebabCase(name)];
    if (text === undefined) continue;
    const value = spec.parse(String(text));
    if (value === undefined) {
      throw new UsageError(`--${toKebabCase(name)} must be ${spec.expects}, not ${String(text)}.`);
    }
    values[name] = value;
  }
  return { values, isJson: typed['json'] === true, isHelp: typed['help'] === true };
}

/** `--nodes -5` as `--nodes=-5`: the value is then judged by its option, not taken for an option of its own. */
function joinNegatives(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const last = joined.at(-1);
    if (last !== undefined && /^--[^=]+$/.test(last) && /^-[\d.]/.test(arg))
      joined[joined.length - 1] = `${last}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function overallHelp(): string {
  const rows = SCENARIOS.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}`);
  return [
    'Runs real nodes in virtual time. Everything follows from the seed.',
    '',
    'npm run -s sim -- <scenario> [options] [--json]',
    'npm run -s sim -- <scenario> --help',
    '',
    ...rows,
    '',
    'Exit codes: 0 all well, 1 usage, 2 a node crashed, 3 something that must never be, 4 something never came about.',
  ].join('\n');
}

function scenarioHelp(scenario: Scenario): string {
  const rows = optionRows({
    ...scenario.options,
    json: flag('print one flat JSON object'),
  });
  return [`${scenario.name}: ${scenario.summary}`, '', scenario.help, '', ...rows].join('\n');
}

function optionRows(specs: OptionSpecs): string[] {
  return Object.entries(specs).map(([name, { placeholder, help, fallback }]) => {
    const left = `  --${toKebabCase(name)} ${placeholder}`;
    const hasFallback = fallback !== null && fallback !== false;
    return `${left.padEnd(32)} ${help}${hasFallback ? ` (default ${String(fallback)})` : ''}`;
  });
}

function toTable(record: Readonly<Record<string, ResultValue>>): string {
  return Object.entries(record)
    .map(([name, value]) => `${name.padEnd(26)} ${value === null ? '-' : String(value)}`)
    .join('\n');
}

/** Writes a line now and then, and none in a short run. */
function createProgress(name: string): (line: string) => void {
  let writtenAt = performance.now();
  return (line) => {
    if (performance.now() - writtenAt < PROGRESS_MS) return;
    writtenAt = performance.now();
    console.error(`${name}: ${line}`);
  };
}

process.exitCode = main(process.argv.slice(2));
