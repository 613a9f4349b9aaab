/**
 * The mouse on the screen of servers: a click moves the cursor to a server, a second click opens it, the wheel moves
 * the cursor, and a click on the words of a key presses that key.
 */
import type {ServersParts} from '../../model/servers/servers-parts.ts';
import type {Key} from '../../terminal/key.ts';
import type {Mouse} from '../../terminal/mouse.ts';
import {DoubleClick} from '../mouse/double-click.ts';
import type {Target} from '../mouse/target.ts';

/** Rows that one notch of the wheel scrolls. */
const wheelRows = 3;

export class ServersPointer {
  readonly #parts: ServersParts;
  readonly #press: (key: Key) => void;
  readonly #clicks = new DoubleClick();

  constructor(parts: ServersParts, press: (key: Key) => void) {
    this.#parts = parts;
    this.#press = press;
  }

  /** @param atMs when it happened, by a monotonic clock. */
  take({action, button}: Mouse, target: Target, atMs: number): void {
    if (action === 'wheelUp' || action === 'wheelDown') {
      this.#turn(action === 'wheelUp' ? -wheelRows : wheelRows);
    } else if (action === 'press' && button === 'left') {
      this.#click(target, atMs);
    }
  }

  #turn(count: number): void {
    const {help, prompt, connecting, list} = this.#parts;
    if (help.isOpen) {
      help.scroll({by: 'scroll', count});
    } else if (!prompt.isOpen && connecting.work === undefined) {
      list.move({by: 'row', count}, 1);
    }
  }

  #click(target: Target, atMs: number): void {
    const {help, prompt, connecting, messages, list, open} = this.#parts;
    // Compare the place, because a click may move the list: then another row is under the mouse.
    const isSecond = this.#clicks.isSecond(
      target.on === 'server' ? `${target.line}` : undefined,
      atMs,
    );
    if (target.on === 'key') {
      const {key} = target;
      this.#press({name: key, text: key.length === 1 ? key : ''});
      return;
    }

    messages.read();
    if (prompt.isOpen || connecting.work !== undefined) {
      return;
    }

    if (help.isOpen) {
      help.close();
    } else if (isSecond && list.current !== undefined) {
      open(list.current.address);
    } else if (target.on === 'server') {
      list.pointAt(target.server);
    }
  }
}
