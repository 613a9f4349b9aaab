/** Keys from a terminal, as they are pressed. */
import type {Key} from './key.ts';
import {KeyParser, type TerminalInput} from './key-parser.ts';

export type KeyListeners = {onKey: (key: Key) => void; onPaste: (text: string) => void};

/** An Escape that nothing follows within this time was the key of that name. */
const escapeMs = 40;

/**
 * Tell of all keys that `stdin` gives. It does not read by itself: it listens to what whoever
 * put the terminal into raw mode reads, so that no byte is taken from that reader.
 *
 * @returns a function that ends it.
 */
export function readKeys(stdin: NodeJS.ReadStream, {onKey, onPaste}: KeyListeners): () => void {
  const parser = new KeyParser();
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const tell = (inputs: readonly TerminalInput[]): void => {
    for (const input of inputs) {
      if (input.type === 'key') {
        onKey(input.key);
      } else {
        onPaste(input.text);
      }
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
