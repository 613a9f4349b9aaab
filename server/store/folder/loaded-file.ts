/** A small file of a folder whose disk is slow: it was read as a whole when it was opened. */
import type {Buffer} from 'node:buffer';
import {digestOf, startHash} from '../../../protocol/block.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {DigestsQuestion, HashQuestion, StoredFile} from '../store.ts';
import {changed} from '../store-errors.ts';
import type {LoadedBytes} from './disk/folder-calls.ts';
import {FileFacts, pathBelow} from './file-facts.ts';

export class LoadedFile extends FileFacts implements StoredFile {
  readonly #path: RemotePath;
  readonly #bytes: Uint8Array;
  readonly #unchanged: boolean;

  constructor(path: RemotePath, {bytes, state, unchanged}: LoadedBytes, below = '') {
    super(pathBelow(below, path), state);
    this.#path = path;
    this.#bytes = bytes;
    this.#unchanged = unchanged;
  }

  read(into: Buffer, position: number): number {
    const bytes = this.#bytes.subarray(position, position + into.length);
    into.set(bytes);
    return bytes.length;
  }

  unchanged(): boolean {
    return this.#unchanged;
  }

  async digests(
    {algorithm, spans}: DigestsQuestion,
    {computed}: {computed(first: number, digests: Uint8Array): void},
  ): Promise<void> {
    this.#refuseShorter();
    // The file has at most one block.
    if (spans.some(({from, to}) => from < to)) {
      computed(0, digestOf(algorithm, this.#bytes));
    }
  }

  async hash({algorithm, length}: HashQuestion): Promise<string> {
    this.#refuseShorter();
    return startHash(algorithm).update(this.#bytes.subarray(0, length)).digest('hex');
  }

  close(): void {}

  #refuseShorter(): void {
    if (this.#bytes.length < this.size) {
      throw changed(this.#path);
    }
  }
}
