/** The actions of a pane that would do nothing at this moment: the footer leaves their keys out. */
import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import {bindings} from './keymap.ts';

export class IdleActions {
  readonly #parts: Parts;
  #last: readonly string[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Their names; the same array until they change. */
  in(pane: Pane): readonly string[] {
    const idle = bindings
      .filter(binding => binding.pane === pane && binding.isIdle?.(this.#parts) === true)
      .map(({action}) => action);
    const isSame = idle.join() === this.#last.join();
    this.#last = isSame ? this.#last : idle;
    return this.#last;
  }
}
