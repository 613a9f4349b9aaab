/**
 * Pages that stay free for seconds go back to the host of a virtual machine, and the next process that uses them pays
 * for having them back: the same download then takes up to three times as long. So a process of its own
 * uses as much memory as a run needs, and ends just before it.
 */
import {runCommand} from './run-command.ts';

const script = `
  const parts = [];
  for (let left = Number(process.argv[1]); left > 0; left -= 64) {
    parts.push(Buffer.alloc(Math.min(left, 64) * 1048576, 1));
  }
`;

/** @param MiB how much. */
export async function touchMemory(MiB: number): Promise<void> {
  await runCommand({program: process.execPath, args: ['-e', script, String(Math.ceil(MiB))]});
}
