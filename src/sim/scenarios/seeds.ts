/** For tests: runs of a scenario, each with the command that repeats it, for the message of a failure. */

import {
  toCommandLine,
  withFallbacks,
  type OptionSpecs,
  type OptionValue,
  type OptionValues,
} from '../options.ts';
import { runScenario, type Scenario, type ScenarioRun } from './scenario.ts';

export interface SeededRun extends ScenarioRun {
  readonly command: string;
}

/** Every row of the targets is tried in small with this many seeds. */
export const SEEDS: readonly number[] = Array.from({ length: 20 }, (_, i) => i + 1);

/** Runs a scenario. A node that throws ends it with an error that holds the command. */
export function runSeeded<S extends OptionSpecs>(
  scenario: Scenario<S>,
  given: Partial<OptionValues<S>>,
): SeededRun {
  const values: Readonly<Record<string, OptionValue>> = withFallbacks(scenario.options, given);
  const command = toCommandLine(scenario.name, scenario.options, values);
  try {
    return { ...runScenario(scenario, given), command };
  } catch (error) {
    throw new Error(`again with: ${command}`, { cause: error });
  }
}
