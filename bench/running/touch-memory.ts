/**
 * A virtual machine returns pages that stay free for seconds to its host, and getting them back costs the next process so
 * much that the same download takes up to three times as long. So, just before a run, a separate process uses as much
 * memory as the run needs, and ends.
 */
import {runCommand} from './run-command.ts';

const script = `
  const parts = [];
  for (let left = Number(process.argv[1]); left > 0; left -= 64) {
    parts.push(Buffer.alloc(Math.min(left, 64) * 1048576, 1));
  }
`;

/** @param MiB the amount of memory. */
export async function touchMemory(MiB: number): Promise<void> {
  await runCommand({program: process.execPath, args: ['-e', script, String(Math.ceil(MiB))]});
}
