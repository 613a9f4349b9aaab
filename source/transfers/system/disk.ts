/**
 * The system calls that change a disk or flush it: they decide what is lost after a power loss. All code that saves
 * files calls them through this object, so that a test can record their order.
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

/** Those calls of `node:fs` that are used, with their names there. */
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
  /** Flush the bytes of a file, but not its times. */
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
