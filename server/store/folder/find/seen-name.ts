/** Names and states in the form that fast-glob wants. */
import type {EntryType} from '../../../../protocol/messages.ts';
import {stateAt} from './find-messages.ts';

/** The type of a path. Counts the first question about it as progress of the search. */
export class SeenState {
  readonly #type: EntryType;
  readonly #state: Int32Array;
  #counted = false;

  constructor(type: EntryType, state: Int32Array) {
    this.#type = type;
    this.#state = state;
  }

  isFile(): boolean {
    this.#count();
    return this.#type === 'file';
  }

  isDirectory(): boolean {
    // If the search also finds folders, fast-glob asks only this.
    this.#count();
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

  #count(): void {
    if (!this.#counted) {
      this.#counted = true;
      Atomics.add(this.#state, stateAt.names, 1);
    }
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
