/** What a checker found wrong. The two families end a run with different exit codes. */
export interface Finding {
  /** safety: something that must never be. liveness: something that should have come about by now. */
  readonly family: 'safety' | 'liveness';
  /** Virtual time, ms. */
  readonly at: number;
  readonly sentence: string;
}
