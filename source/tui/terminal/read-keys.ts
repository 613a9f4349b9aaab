/** Reads keys from a terminal as they are pressed. */
import type {Key} from './key.ts';
import {KeyParser, type TerminalInput} from './key-parser.ts';
import type {Mouse} from './mouse.ts';

type InputListeners = {
  onKey: (key: Key) => void;
  onPaste: (text: string) => void;
  /**
   * Called for clicks and the wheel, with the time of their arrival by a monotonic clock. Two clicks that arrive together
   * have the same time, however long the work for the first one takes. Default: they are dropped.
   */
  onMouse?: (mouse: Mouse, atMs: number) => void;
  /** Called when the window gets or loses the focus. */
  onFocus?: (isFocused: boolean) => void;
  /** Called with the terminal's answers to queries. Default: they are dropped. */
  onAnswer?: (sequence: string) => void;
  /** Called with the terminal's background colour, as the terminal writes it. Default: it is dropped. */
  onBackground?: (colour: string) => void;
  /** Whether an answer of the terminal may arrive at any moment. Default: no. */
  isAnswerDue?: () => boolean;
};

/** If nothing follows an Escape within so many milliseconds, it was the key Escape. */
const escapeMs = 40;
/** The same while an answer is expected: the answer may be cut in two after its Escape. */
const answerEscapeMs = 100;

/**
 * Call the listeners with every key and every paste from `stdin`, once it is in raw mode.
 *
 * @returns a function that ends it.
 */
export function readKeys(stdin: NodeJS.ReadStream, listeners: InputListeners): () => void {
  const parser = new KeyParser();
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const tell = async (inputs: readonly TerminalInput[]): Promise<void> => {
    const atMs = performance.now();
    for (const input of inputs) {
      tellOne(input, listeners, atMs);
      // A key that answers a question may open a line: the next key of the same read belongs to that line.
      await undefined;
    }
  };
  const stopWaiting = (): void => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
  const timeUp = (): void => {
    // The rest may wait unread, because this thread was busy, or the process did not run.
    turn = setImmediate(() => void tell(parser.flush()));
  };
  const listener = (chunk: string): void => {
    stopWaiting();
    void tell(parser.push(chunk));
    if (parser.waiting) {
      const isDue = listeners.isAnswerDue?.() === true;
      timer = setTimeout(timeUp, isDue ? answerEscapeMs : escapeMs);
    }
  };

  // A character may come in two reads.
  stdin.setEncoding('utf8');
  stdin.on('data', listener);
  // Code that has read from `stdin` before, such as a question, has left it paused.
  stdin.resume();
  return () => {
    stopWaiting();
    stdin.off('data', listener);
    stdin.pause();
  };
}

function tellOne(input: TerminalInput, listeners: InputListeners, atMs: number): void {
  switch (input.type) {
    case 'key':
      listeners.onKey(input.key);
      break;
    case 'paste':
      listeners.onPaste(input.text);
      break;
    case 'mouse':
      listeners.onMouse?.(input.mouse, atMs);
      break;
    case 'focus':
      listeners.onFocus?.(input.isFocused);
      break;
    case 'answer':
      listeners.onAnswer?.(input.sequence);
      break;
    case 'background':
      listeners.onBackground?.(input.colour);
      break;
  }
}
