/**
 * What a find worker is told and tells. Beside the messages both look at a few shared
 * numbers, so that the worker can be held back, and watched, while it is busy.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {RootHandle} from '../root/root.ts';

export type FindTask = {
  root: RootHandle;
  /** The folder to look under. */
  path: RemotePath;
  masks: readonly string[];
  /** Whether folders are looked for too. */
  folders: boolean;
  state: SharedArrayBuffer;
};

export type FindReport =
  | {
      kind: 'found';
      /** A whole `entries` frame. */
      frame: Uint8Array;
      /** Files in it (folders do not count), and the sum of their sizes. */
      count: number;
      bytes: number;
    }
  | {kind: 'ended'}
  | {kind: 'failed'; code: 'bad_mask' | 'internal'; message: string};

/** The shared numbers, each an Int32. */
export const stateAt = {
  /** Names looked at so far. */
  names: 0,
  /** 1 while the file system is asked, 0 while masks are matched. */
  reading: 1,
  /** Frames that the worker may still send. */
  credit: 2,
  /** Above 0: stop. */
  stop: 3,
} as const;

export const stateBytes = 16;
