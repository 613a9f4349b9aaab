/**
 * The system calls that change a disk or flush it: all that decides what a loss of power takes away.
 * Whatever saves files calls them through this object, so that a test can record them in their order.
 */
import {
  fdatasync,
  fsync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  mkdirSync,
  type PathLike,
  renameSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';

type Done = (error: NodeJS.ErrnoException | null) => void;

/** The calls of `node:fs` with these names, as far as they are used. */
export type Disk = {
  write(
    fd: number,
    bytes: Uint8Array,
    from: number,
    length: number,
    position: number,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void;
  writeSync(fd: number, bytes: Uint8Array, from: number, length: number, position: number): number;
  ftruncateSync(fd: number, size: number): void;
  futimesSync(fd: number, access: number, modification: number | string): void;
  /** Flush the bytes of a file, and not its times. */
  fdatasync(fd: number, done: Done): void;
  /** Flush a file, or the names in a folder. */
  fsync(fd: number, done: Done): void;
  fsyncSync(fd: number): void;
  linkSync(from: PathLike, to: PathLike): void;
  renameSync(from: PathLike, to: PathLike): void;
  unlinkSync(path: PathLike): void;
  mkdirSync(path: PathLike): void;
};

export const disk: Disk = {
  ...{write, writeSync, ftruncateSync, futimesSync, fdatasync, fsync, fsyncSync},
  ...{linkSync, renameSync, unlinkSync, mkdirSync},
};
