/** The machine of docs/commands.md: its servers, and their files. */
import {noise, treeOf} from '../../../fixtures/harness.ts';
import type {SshDaemon} from '../ssh.ts';
import type {World} from '../world.ts';

export type Place = World & {
  ssh: SshDaemon;
  /** The address at which the second of several servers has its metrics. */
  numbersOfTwo: string;
};

export const MiB = 1_048_576;
export const boat = noise(8 * MiB - 77);
export const disk = noise(3 * MiB + 5, 2);

export const photos = new Map<string, Uint8Array>([
  // Enough blocks to use several servers.
  ['2025/sea.raw', noise(32 * MiB, 4)],
  ['boat.jpg', boat],
]);

export const release = new Map<string, Uint8Array>([
  ['notes/NEWS.txt', Buffer.from('All is better.\n')],
  ['program.tar', noise(2 * MiB, 3)],
]);

/** All files that are served at the usual address, by path. */
export const served = new Map<string, Uint8Array>([
  ...treeOf(new URL('../../../../files', import.meta.url).pathname),
  ...below('photos', photos),
  ...below('release', release),
  ['-odd-name', Buffer.from('odd')],
  ['disk.img', disk],
]);

/** The same files, with the paths that they have in a folder `folder`. */
export function below(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Map<string, Uint8Array> {
  return new Map([...files].map(([name, content]) => [`${folder}/${name}`, content]));
}
