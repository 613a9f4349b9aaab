/** Prepares the target before a run: a whole copy, half of one, or one with a wrong byte. */
import {execFile} from 'node:child_process';
import {mkdir, open, rm, stat, utimes} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import type {Begin} from '../peers/contender.ts';

/** A complete copy, with its times. No run changes it. */
export const complete: Begin = {
  once: true,
  async make(source, target) {
    await copy(source, target);
  },
};

/** The first half of a file, under the program's name for an incomplete file. */
export function half(name: string, partial: string): Begin {
  return {
    once: false,
    async make(source, target) {
      await rm(target, {recursive: true, force: true});
      await mkdir(target);
      const from = path.join(source, name);
      const {size} = await stat(from);
      const blocks = Math.floor(size / 2 / 1_048_576);
      const words = [`if=${from}`, `of=${path.join(target, partial)}`, 'bs=1M', `count=${blocks}`];
      await promisify(execFile)('dd', [...words, 'status=none']);
    },
  };
}

/** A whole copy with the same time, but with a wrong byte in the middle. */
export function flipped(name: string): Begin {
  return {
    once: false,
    async make(source, target) {
      await copy(source, target);
      const file = path.join(target, name);
      const {size, atime, mtime} = await stat(file);
      await using handle = await open(file, 'r+');
      const byte = Buffer.alloc(1);
      await handle.read(byte, 0, 1, Math.floor(size / 2));
      byte.writeUInt8(byte.readUInt8() ^ 1);
      await handle.write(byte, 0, 1, Math.floor(size / 2));
      await utimes(file, atime, mtime);
    },
  };
}

async function copy(source: string, target: string): Promise<void> {
  await rm(target, {recursive: true, force: true});
  await promisify(execFile)('cp', ['-a', source, target]);
}
