/** Options of scenarios: named in camel case here and in the output, in kebab case on the command line. */

/** One option: how to read it, what it is when left out, and its line of help. */
export interface OptionSpec<T extends OptionValue> {
  /** What stands for the value in the help; empty for a flag. */
  readonly placeholder: string;
  /** What a value must be, to end the sentence "must be …". */
  readonly expects: string;
  readonly help: string;
  readonly fallback: T;
  /** The value of a text, or `undefined` when it is none. */
  parse(text: string): T | undefined;
}

/** `null` stands for an option that was not given and has no value of its own. */
export type OptionValue = string | number | boolean | null;
export type OptionSpecs = { readonly [name: string]: OptionSpec<OptionValue> };
export type OptionValues<S extends OptionSpecs> = {
  readonly [Name in keyof S]: S[Name] extends OptionSpec<infer T> ? T : never;
};

interface NumberBounds<T> {
  readonly min: number;
  readonly max: number;
  readonly fallback: T;
}

/** A whole number within bounds. */
export function wholeNumber<T extends number | null>(
  help: string,
  bounds: NumberBounds<T>,
): OptionSpec<number | (T extends null ? null : never)> {
  return numberOption(help, bounds, { placeholder: 'n', expects: 'a whole number', read: parseWhole });
}

/** A number from 0 to 1. */
export function ratio<T extends number | null>(
  help: string,
  fallback: T,
): OptionSpec<number | (T extends null ? null : never)> {
  return numberOption(
    help,
    { min: 0, max: 1, fallback },
    { placeholder: '0…1', expects: 'a number', read: parseDecimal },
  );
}

/** A number within bounds, with decimals. */
export function decimalNumber<T extends number | null>(
  help: string,
  bounds: NumberBounds<T>,
): OptionSpec<number | (T extends null ? null : never)> {
  return numberOption(help, bounds, { placeholder: 'x', expects: 'a number', read: parseDecimal });
}

/** One of a few words; the first one is what stands when it is left out. */
export function choice<T extends string>(help: string, words: readonly [T, ...T[]]): OptionSpec<T> {
  return {
    placeholder: words.join('|'),
    expects: words.length === 1 ? words[0] : `one of ${words.join(', ')}`,
    help,
    fallback: words[0],
    parse: (text) => words.find((word) => word === text),
  };
}

/** Whole numbers above 0, separated by commas; kept as text. */
export function numberList(help: string, fallback: string): OptionSpec<string> {
  return {
    placeholder: 'n,n,…',
    expects: 'whole numbers above 0, separated by commas',
    help,
    fallback,
    parse: (text) => (/^[1-9]\d{0,5}(,[1-9]\d{0,5})*$/.test(text) ? text : undefined),
  };
}

/** An option without a value: true when it is given. */
export function flag(help: string): OptionSpec<boolean> {
  return { placeholder: '', expects: 'left without a value', help, fallback: false, parse: () => true };
}

/** `bucketSize` as it is typed: `bucket-size`. */
export function toKebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The values of a scenario's options with everything left out filled in. */
export function withFallbacks<S extends OptionSpecs>(
  specs: S,
  given: Partial<OptionValues<S>>,
): OptionValues<S> {
  const entries = Object.entries(specs).map(([name, spec]) => [name, spec.fallback] as const);
  return { ...(Object.fromEntries(entries) as OptionValues<S>), ...given };
}

/** The command that repeats a run: the scenario and every value that is not the fallback. */
export function toCommandLine(
  scenario: string,
  specs: OptionSpecs,
  values: Readonly<Record<string, OptionValue>>,
): string {
  const words = ['npm run -s sim --', scenario];
  for (const [name, spec] of Object.entries(specs)) {
    const value = values[name];
    if (value === spec.fallback || value === undefined) continue;
    words.push(
      spec.placeholder === '' ? `--${toKebabCase(name)}` : `--${toKebabCase(name)} ${String(value)}`,
    );
  }
  return words.join(' ');
}

interface NumberForm {
  readonly placeholder: string;
  readonly expects: string;
  read(text: string): number;
}

function numberOption<T extends number | null>(
  help: string,
  bounds: NumberBounds<T>,
  form: NumberForm,
): OptionSpec<number | (T extends null ? null : never)> {
  return {
    placeholder: form.placeholder,
    expects: `${form.expects} from ${bounds.min} to ${bounds.max}`,
    help,
    fallback: bounds.fallback as number | (T extends null ? null : never),
    parse: (text) => {
      const value = form.read(text);
      return value >= bounds.min && value <= bounds.max ? value : undefined;
    },
  };
}

function parseWhole(text: string): number {
  return /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
}

function parseDecimal(text: string): number {
  return /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
}
