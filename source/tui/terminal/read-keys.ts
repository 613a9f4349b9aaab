/** Keys from a terminal, as they are pressed. */
import type {Key} from './key.ts';
import {KeyParser, type TerminalInput} from './key-parser.ts';
import type {Mouse} from './mouse.ts';

type InputListeners = {
  onKey: (key: Key) => void;
  onPaste: (text: string) => void;
  onMouse?: (mouse: Mouse) => void;
  /** Told whether the window has the keys of its user. */
  onFocus?: (isFocused: boolean) => void;
};

/** An Escape that nothing follows within these milliseconds was the key of that name. */
const escapeMs = 40;

/**
 * Call the listeners with every key and every paste that `stdin` gives. This does not read by
 * itself: it listens to the reads of the code that put the terminal into raw mode, and takes no byte
 * from it.
 *
 * @returns a function that ends it.
 */
export function readKeys(stdin: NodeJS.ReadStream, listeners: InputListeners): () => void {
  const parser = new KeyParser();
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const tell = (inputs: readonly TerminalInput[]): void => {
    for (const input of inputs) {
      tellOne(input, listeners);
    }
  };
  const stopWaiting = (): void => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
  const timeUp = (): void => {
    // The rest may be there, unread: this thread was busy, or the process had no processor.
    turn = setImmediate(() => tell(parser.flush()));
  };
  const listener = (chunk: string | Uint8Array): void => {
    stopWaiting();
    tell(parser.push(String(chunk)));
    if (parser.waiting) {
      timer = setTimeout(timeUp, escapeMs);
    }
  };

  stdin.on('data', listener);
  return () => {
    stopWaiting();
    stdin.off('data', listener);
  };
}

function tellOne(input: TerminalInput, {onKey, onPaste, onMouse, onFocus}: InputListeners): void {
  switch (input.type) {
    case 'key':
      onKey(input.key);
      break;
    case 'paste':
      onPaste(input.text);
      break;
    case 'mouse':
      onMouse?.(input.mouse);
      break;
    case 'focus':
      onFocus?.(input.isFocused);
      break;
  }
}
