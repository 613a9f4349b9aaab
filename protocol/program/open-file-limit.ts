/** How many files this process may have open, and how many it has. */
import {readdirSync, readFileSync} from 'node:fs';
import process from 'node:process';
import {isOutOfFiles} from '../errors.ts';

/** The assumed number of open files of a new process, if the system does not show it. */
const usualCount = 40;

/**
 * The most descriptors of this process (`ulimit -n`); infinite if there is no limit. Node raises the soft limit to the
 * hard one when it starts, so the soft limit counts.
 */
export function openFileLimit(): number {
  return process.platform === 'linux' ? limitOfLinux() : limitOfReport();
}

/** How many descriptors this process has now; infinite if no descriptor is left for counting them. */
export function openFileCount(): number {
  try {
    return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : usualCount;
  } catch (error) {
    // Counting itself needs a descriptor.
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
  // Node's types give the report no fields.
  const {userLimits} = process.report.getReport() as {userLimits?: {open_files?: {soft?: unknown}}};
  const soft = Number(userLimits?.open_files?.soft);
  return Number.isFinite(soft) && soft > 0 ? soft : Number.POSITIVE_INFINITY;
}
