/** What a scenario is, and how one is run: options in, one flat record of numbers and the findings of checkers out. */

import type { Finding } from '../checkers/finding.ts';
import { withFallbacks, type OptionSpecs, type OptionValues } from '../options.ts';

export type ResultValue = string | number | boolean | null;

export interface ScenarioOutcome {
  /** What was measured, in the words of the help, without the parameters. */
  readonly numbers: Readonly<Record<string, ResultValue>>;
  readonly findings: readonly Finding[];
}

/** Takes a line about how far a long run has come. */
export type Progress = (line: string) => void;

export interface Scenario<S extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** One line for the list of scenarios. */
  readonly summary: string;
  /** What it does and what its numbers mean. */
  readonly help: string;
  readonly options: S;
  run(values: OptionValues<S>, progress: Progress): ScenarioOutcome;
}

export interface ScenarioRun extends ScenarioOutcome {
  /** The whole flat record: scenario, parameters, numbers, wall time. */
  readonly record: Readonly<Record<string, ResultValue>>;
}

/** Runs a scenario with some options given. Throws `CoreCrash` when a node does. */
export function runScenario<S extends OptionSpecs>(
  scenario: Scenario<S>,
  given: Partial<OptionValues<S>>,
  progress: Progress = () => undefined,
): ScenarioRun {
  const values = withFallbacks(scenario.options, given);
  const startedAt = performance.now();
  const { numbers, findings } = scenario.run(values, progress);
  const wallMs = Math.round(performance.now() - startedAt);
  return { numbers, findings, record: { scenario: scenario.name, ...values, ...numbers, wallMs } };
}

/** The parts of a record that depend on the machine and not on the seed. */
export const MACHINE_NUMBERS = ['wallMs', 'heapKiBPerNode'] as const;
