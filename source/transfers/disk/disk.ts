/**
 * The system calls that change a disk or flush it: all that decides what a loss of power takes away.
 * The rooms that write call them through this object, so that a test can record them in their order.
 */
import {
  fdatasync,
  fsync,
  ftruncateSync,
  futimesSync,
  linkSync,
  mkdirSync,
  renameSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';

export const disk = {
  fdatasync,
  fsync,
  ftruncateSync,
  futimesSync,
  linkSync,
  mkdirSync,
  renameSync,
  unlinkSync,
  write,
  writeSync,
};
