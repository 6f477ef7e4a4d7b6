/** CPU time of the browsers this process started, with all their processes; it tells costs apart from waiting. */

import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc, the same on every Linux that browsers run on. */
const TICKS_A_SECOND = 100;

/** Seconds of CPU time so far, user and system, of every Chromium process below this one. 0 where there is no /proc. */
export function browserSeconds(): number {
  const parents = new Map<
    number,
    { readonly parent: number; readonly ticks: number; readonly name: string }
  >();
  for (const entry of processes()) parents.set(entry.pid, entry);
  let ticks = 0;
  for (const [pid, entry] of parents)
    if (/chrom/u.test(entry.name) && isBelow(pid, parents)) ticks += entry.ticks;
  return ticks / TICKS_A_SECOND;
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly ticks: number;
}

function processes(): ProcessEntry[] {
  const pids = readNames('/proc').filter((name) => /^\d+$/u.test(name));
  return pids.flatMap((pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
      // After the name: state, parent, and from the twelfth on the user and system ticks.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const ticks = Number(fields[11]) + Number(fields[12]);
      return [{ pid: Number(pid), parent: Number(fields[1]), name, ticks }];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isBelow(pid: number, parents: ReadonlyMap<number, { readonly parent: number }>): boolean {
  for (let at = parents.get(pid)?.parent; at !== undefined && at > 1; at = parents.get(at)?.parent)
    if (at === process.pid) return true;
  return false;
}
