/** What a row of the report is: commands of the simulator, the figures to show, and the bounds they are held to. */

export interface Bound {
  /** The name of the number in the command's output. */
  readonly figure: string;
  readonly min?: number;
  readonly max?: number;
}

export interface ReportRun {
  /** What this command adds to the row's name, in the words of the table. */
  readonly what: string;
  /** Scenario and options, without `--json`. */
  readonly args: string;
  /** The same in small, to see quickly that everything works. */
  readonly quickArgs: string;
  /** Numbers shown beside those that are bounded. */
  readonly figures: readonly string[];
  readonly bounds: readonly Bound[];
  /** Wall time is measured: nothing else runs meanwhile. */
  readonly alone?: boolean;
}

export interface ReportRow {
  readonly id: string;
  readonly name: string;
  readonly target: string;
  readonly anchor: string;
  readonly runs: readonly ReportRun[];
}

/** What a command printed. `record` is empty when it printed nothing, as after a crash. */
export interface RunResult {
  readonly args: string;
  /** The exit code of the simulator. */
  readonly code: number;
  readonly record: Readonly<Record<string, string | number | boolean | null>>;
}

export type Verdict = 'ok' | 'short' | 'not measured';

/** Short when a bound is broken, a bounded number is missing, or a checker found something. */
export function judge(run: ReportRun, result: RunResult | undefined): Verdict {
  if (result === undefined) return 'not measured';
  const holds = run.bounds.every(({ figure, min = -Infinity, max = Infinity }) => {
    const value = result.record[figure];
    return typeof value === 'number' && value >= min && value <= max;
  });
  return holds && result.code === 0 ? 'ok' : 'short';
}

export function atLeast(figure: string, min: number): Bound {
  return { figure, min };
}

export function atMost(figure: string, max: number): Bound {
  return { figure, max };
}

export function fullAndQuick(
  run: Omit<ReportRun, 'args' | 'quickArgs'>,
  args: string,
  quickArgs: string,
): ReportRun {
  return { ...run, args, quickArgs };
}
