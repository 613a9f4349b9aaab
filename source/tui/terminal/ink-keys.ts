/**
 * The stdin that Ink reads, apart from the terminal's: Ink gets keys one by one, and only those that a
 * typed line is to have, and answers of the terminal to questions that Ink asks.
 *
 *     terminal ──► read-keys.ts ──► App ──► Prompt ──► InkKeys ──► ink-text-input
 *                       └──────── answers ────────────────┘
 *
 * `ink-text-input` sees the line as it was at the last commit: of two keys without a commit between
 * them, the second undoes the first.
 */
import {PassThrough} from 'node:stream';

type Terminal = Pick<NodeJS.ReadStream, 'setRawMode' | 'ref' | 'unref'>;

export class InkKeys extends PassThrough {
  readonly isTTY = true;
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    super();
    this.#terminal = terminal;
  }

  setRawMode(isRaw: boolean): this {
    this.#terminal.setRawMode(isRaw);
    return this;
  }

  ref(): this {
    this.#terminal.ref();
    return this;
  }

  unref(): this {
    this.#terminal.unref();
    return this;
  }

  /**
   * Have the typed line take one key, once it is on the screen with all keys before it.
   *
   * @param commit has Ink draw all that has changed before it returns, as `rerender` does.
   */
  giveNext(key: string, commit: () => void): void {
    commit();
    // The effects of that have changed the line's caret: without another commit, React takes fifty keys
    // in a row for a component that never comes to rest.
    commit();
    this.give(key);
  }

  /** Have Ink take `keys` before this returns: an ordinary stream would tell of them later. */
  give(keys: string): void {
    this.write(keys);
    this.emit('readable');
  }
}
