/** How many files the system lets this process have open, and how many it has. */
import {readdirSync, readFileSync} from 'node:fs';
import process from 'node:process';
import {isOutOfFiles} from '../errors.ts';

/** Files that are open in a process that has just started, where the system does not tell. */
const usualCount = 40;

/**
 * Descriptors that this process may have at once (`ulimit -n`); infinite where there is no such limit.
 * Node raises the soft limit to the hard one when it starts: this is the limit that counts.
 */
export function openFileLimit(): number {
  return process.platform === 'linux' ? limitOfLinux() : limitOfReport();
}

/** Descriptors that this process has now; infinite, if there is not even one to look at them with. */
export function openFileCount(): number {
  try {
    return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : usualCount;
  } catch (error) {
    // With no descriptor left, there is none to look at them with.
    return isOutOfFiles(error) ? Number.POSITIVE_INFINITY : usualCount;
  }
}

function limitOfLinux(): number {
  try {
    const line = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return line === null ? Number.POSITIVE_INFINITY : Number(line[1]);
  } catch {
    return limitOfReport();
  }
}

function limitOfReport(): number {
  // Node documents the report as an object of no particular type.
  const {userLimits} = process.report.getReport() as {userLimits?: {open_files?: {soft?: unknown}}};
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) && soft > 0 ? soft : Number.POSITIVE_INFINITY;
}
