/** A broken invariant: a bug in this program, never something that came from outside. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws when an invariant does not hold. `sentence` says what must be true. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AssertionError(sentence);
}
