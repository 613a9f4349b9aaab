/** A line that is being typed at the foot of the screen: a filter, a position. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Key} from '../terminal/key.ts';
import {editLine, insertText, type LineEditor, lineEditor, lineText} from './line-editor.ts';
import type {Repainter} from './repainter.ts';

type PromptOptions = {
  readonly label: DisplayText;
  /** Words about Enter and Escape. */
  readonly hint: DisplayText;
  readonly text: string;
  /** Called with each change. */
  readonly onChange?: (text: string) => void;
  /**
   * A complaint about the text, if it has a fault: then Enter shows it, and the line stays
   * open.
   */
  readonly check?: (text: string) => DisplayText | undefined;
  readonly onEnter: (text: string) => void;
  readonly onEscape?: () => void;
};

export type PromptView = {
  readonly label: DisplayText;
  readonly hint: DisplayText;
  readonly line: LineEditor;
  /** The complaint about the line, until the line changes. */
  readonly complaint: DisplayText | undefined;
};

export class Prompt {
  readonly #repainter: Repainter;
  #options: PromptOptions | undefined;
  #line = lineEditor();
  #complaint: DisplayText | undefined;
  #view: PromptView | undefined;

  constructor(repainter: Repainter) {
    this.#repainter = repainter;
  }

  get isOpen(): boolean {
    return this.#options !== undefined;
  }

  open(options: PromptOptions): void {
    this.#options = options;
    this.#line = lineEditor(options.text);
    this.#complaint = undefined;
    this.#changed();
  }

  /** @returns whether the line took the key. */
  press(key: Key): boolean {
    const options = this.#options;
    if (options === undefined) {
      return false;
    }

    if (key.name === 'enter') {
      this.#complaint = options.check?.(lineText(this.#line));
      if (this.#complaint !== undefined) {
        this.#changed();
        return true;
      }
    }

    if (key.name === 'enter' || key.name === 'escape') {
      this.#options = undefined;
      if (key.name === 'enter') {
        options.onEnter(lineText(this.#line));
      } else {
        options.onEscape?.();
      }

      this.#changed();
      return true;
    }

    const line = editLine(this.#line, key);
    if (line !== undefined) {
      this.#take(line);
    }

    return line !== undefined;
  }

  paste(text: string): void {
    this.#take(insertText(this.#line, text));
  }

  #take(line: LineEditor): void {
    const before = lineText(this.#line);
    this.#line = line;
    this.#complaint = undefined;
    const after = lineText(line);
    if (after !== before) {
      this.#options?.onChange?.(after);
    }

    this.#changed();
  }

  #changed(): void {
    const options = this.#options;
    this.#view =
      options === undefined
        ? undefined
        : {
            label: options.label,
            hint: options.hint,
            line: this.#line,
            complaint: this.#complaint,
          };
    this.#repainter.now();
  }

  view(): PromptView | undefined {
    return this.#view;
  }
}
