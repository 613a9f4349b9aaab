/**
 * The stdin that Ink reads, separate from the terminal's: Ink gets keys one by one, only those for the
 * typed line, and the terminal's answers to Ink's queries.
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
   * Give one key to the typed line, once all keys before it are on the screen.
   *
   * @param commit lets Ink draw all changes before it returns, as `rerender` does.
   */
  giveNext(key: string, commit: () => void): void {
    commit();
    // The effects of that commit have changed the line's caret. Without another commit, React takes fifty keys in a row
    // for an endless update loop.
    commit();
    this.give(key);
  }

  /** Let Ink handle `keys` before this returns: an ordinary stream would emit them later. */
  give(keys: string): void {
    this.write(keys);
    this.emit('readable');
  }
}
