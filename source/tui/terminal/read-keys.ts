/** Keys from a terminal, as they are pressed. */
import type {Key} from './key.ts';
import {KeyParser, type TerminalInput} from './key-parser.ts';
import type {Mouse} from './mouse.ts';

type InputListeners = {
  onKey: (key: Key) => void;
  onPaste: (text: string) => void;
  /** Told of clicks and of the wheel. Default: they are dropped. */
  onMouse?: (mouse: Mouse) => void;
  /** Told whether the window has the keys of its user. */
  onFocus?: (isFocused: boolean) => void;
  /** Told of the terminal's answers to questions. Default: they are dropped. */
  onAnswer?: (sequence: string) => void;
  /** Told of the colour of the terminal's background, as the terminal writes it. Default: it is dropped. */
  onBackground?: (colour: string) => void;
  /** Whether an answer of the terminal may come at any moment. Default: none does. */
  isAnswerDue?: () => boolean;
};

/** An Escape that nothing follows within these milliseconds was the key of that name. */
const escapeMs = 40;
/** The same while an answer is due: it may be cut in two behind its Escape. */
const answerEscapeMs = 100;

/**
 * Call the listeners with every key and every paste that `stdin` gives, once it is in raw mode.
 *
 * @returns a function that ends it.
 */
export function readKeys(stdin: NodeJS.ReadStream, listeners: InputListeners): () => void {
  const parser = new KeyParser();
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const tell = async (inputs: readonly TerminalInput[]): Promise<void> => {
    for (const input of inputs) {
      tellOne(input, listeners);
      // A key that answers a question may open a line: the next one of the same read is typed into it.
      await undefined;
    }
  };
  const stopWaiting = (): void => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
  const timeUp = (): void => {
    // The rest may be there, unread: this thread was busy, or the process had no processor.
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
  // Whoever has read from it before, such as a question, has left it paused.
  stdin.resume();
  return () => {
    stopWaiting();
    stdin.off('data', listener);
    stdin.pause();
  };
}

function tellOne(input: TerminalInput, listeners: InputListeners): void {
  switch (input.type) {
    case 'key':
      listeners.onKey(input.key);
      break;
    case 'paste':
      listeners.onPaste(input.text);
      break;
    case 'mouse':
      listeners.onMouse?.(input.mouse);
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
