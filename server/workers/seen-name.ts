/** Names and states as fast-glob asks for them. */
import type {EntryType} from '../../protocol/messages.ts';
import {stateAt} from './find-messages.ts';

/** What a path leads to. Each question about it is a sign of life of the search. */
export class SeenState {
  readonly #type: EntryType;
  readonly #state: Int32Array;

  constructor(type: EntryType, state: Int32Array) {
    this.#type = type;
    this.#state = state;
  }

  isFile(): boolean {
    Atomics.add(this.#state, stateAt.names, 1);
    return this.#type === 'file';
  }

  isDirectory(): boolean {
    return this.#type === 'folder';
  }

  isSymbolicLink(): boolean {
    return false;
  }

  isBlockDevice(): boolean {
    return false;
  }

  isCharacterDevice(): boolean {
    return false;
  }

  isFIFO(): boolean {
    return false;
  }

  isSocket(): boolean {
    return false;
  }
}

/** A name in a folder. */
export class SeenName extends SeenState {
  readonly name: string;

  constructor(name: string, type: EntryType, state: Int32Array) {
    super(type, state);
    this.name = name;
  }
}
