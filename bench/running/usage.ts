/**
 * Memory and processor time of a process and its descendants, from /proc. Without /proc (not on Linux) both are undefined.
 */
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

type Stat = {pid: number; parent: number; own: number; ofEnded: number};

/** The highest resident memory so far of a process and its descendants together, in MB of a million bytes. */
export function peakMB(pid: number | undefined): number | undefined {
  return peakMBOf(familyOf(pid));
}

/**
 * As `peakMB`, for known processes: reads nothing about others. Pages of the program file, which all its processes share,
 * count once.
 */
export function peakMBOf(pids: readonly number[]): number | undefined {
  const ofFile = new Map<string, number>();
  const own = pids.flatMap(pid => {
    const peak = memoryMB(pid, /^VmHWM:\s+(\d+) kB$/m);
    if (peak === undefined) {
      return [];
    }

    const file = memoryMB(pid, /^RssFile:\s+(\d+) kB$/m) ?? 0;
    const program = programOf(pid);
    ofFile.set(program, Math.max(ofFile.get(program) ?? 0, file));
    return [peak - file];
  });
  return own.length === 0 ? undefined : [...own, ...ofFile.values()].reduce((sum, MB) => sum + MB);
}

/** The current resident memory of the process without descendants, in the same unit. */
export function residentMB(pid: number | undefined): number | undefined {
  return memoryMB(pid, /^VmRSS:\s+(\d+) kB$/m);
}

/** Processor time (user and system) so far of the process and its descendants, including ended ones. */
export function cpuSeconds(pid: number | undefined): number | undefined {
  return cpuSecondsOf(familyOf(pid));
}

/** As `cpuSeconds`, for known processes. */
export function cpuSecondsOf(pids: readonly number[]): number | undefined {
  const stats = pids.flatMap(one => statOf(one) ?? []);
  const ticks = stats.reduce((sum, {own, ofEnded}) => sum + own + ofEnded, 0);
  return stats.length === 0 ? undefined : ticks / ticksPerSecond;
}

/** Processor time of all ended children of this process. */
export function cpuSecondsOfEnded(): number | undefined {
  const stat = statOf(process.pid);
  return stat && stat.ofEnded / ticksPerSecond;
}

/** The process and its descendants; the process is first. Empty if it has ended. */
export function familyOf(pid: number | undefined): number[] {
  const stats = allStats();
  const below = (of: number): number[] =>
    stats.filter(({parent}) => parent === of).flatMap(({pid: child}) => [child, ...below(child)]);
  return pid === undefined || !stats.some(stat => stat.pid === pid) ? [] : [pid, ...below(pid)];
}

function allStats(): Stat[] {
  try {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .flatMap(name => statOf(Number(name)) ?? []);
  } catch {
    // Not on Linux.
    return [];
  }
}

/** @see proc(5): the state and the numbers follow the program's name, which may contain any character. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (field: number) => Number(fields[field - 3]);
    return {pid, parent: at(4), own: at(14) + at(15), ofEnded: at(16) + at(17)};
  } catch {
    // The process has ended meanwhile, or this is not Linux.
    return undefined;
  }
}

/** The program file of a process; a unique string for an ended process. */
function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return String(pid);
  }
}

function memoryMB(pid: number | undefined, line: RegExp): number | undefined {
  try {
    const kB = line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kB === undefined ? undefined : (Number(kB) * 1024) / 1e6;
  } catch {
    // The process has ended, or this is not Linux.
    return undefined;
  }
}
