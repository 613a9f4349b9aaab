/**
 * A line that is being typed at the foot of the screen: a filter, a mask, a position, a path. It says
 * which keys the line gets, and hears of the text that becomes of them; see terminal/ink-keys.ts.
 */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Key} from '../../terminal/key.ts';
import type {Repainter} from '../repainter.ts';
import {type Edit, edited, editOf, insertion, strokes, strokesOf, type TypedLine} from './line.ts';

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

export type PromptView = TypedLine & {
  readonly label: DisplayText;
  readonly hint: DisplayText;
  /** Another number for each text that did not come from the line itself: then it begins anew. */
  readonly placing: number;
  /** Whether the edit that is under way takes more keys: nobody should see its middle. */
  readonly isHalf: boolean;
  /** The complaint about the line, until the line changes. */
  readonly complaint: DisplayText | undefined;
};

/** An edit of more keys than this is not worth their time: the line begins anew with its outcome. */
const mostStrokes = 200;

export class Prompt {
  readonly #repainter: Repainter;
  readonly #give: (stroke: string) => void;
  #options: PromptOptions | undefined;
  #line: TypedLine = {text: '', caret: 0};
  #placing = 0;
  #isHalf = false;
  #complaint: DisplayText | undefined;
  #view: PromptView | undefined;

  /** @param give has the line on the screen take a key; it tells `typed` of another text at once. */
  constructor(repainter: Repainter, give: (stroke: string) => void) {
    this.#repainter = repainter;
    this.#give = give;
  }

  get isOpen(): boolean {
    return this.#options !== undefined;
  }

  open(options: PromptOptions): void {
    this.#options = options;
    this.#complaint = undefined;
    this.#place({text: options.text, caret: options.text.length});
  }

  /** @returns whether the line took the key. */
  press(key: Key): boolean {
    const options = this.#options;
    if (options === undefined) {
      return false;
    }

    if (key.name === 'enter') {
      this.#complaint = options.check?.(this.#line.text);
      if (this.#complaint !== undefined) {
        this.#changed();
        return true;
      }
    }

    if (key.name === 'enter' || key.name === 'escape') {
      this.#options = undefined;
      if (key.name === 'enter') {
        options.onEnter(this.#line.text);
      } else {
        options.onEscape?.();
      }

      this.#changed();
      return true;
    }

    const edit = editOf(this.#line, key);
    if (edit !== undefined) {
      this.#edit(edit);
    }

    return edit !== undefined;
  }

  paste(text: string): void {
    if (this.isOpen) {
      this.#edit(insertion(this.#line, text));
    }
  }

  /** The line on the screen has another text, of the key that it was given. */
  typed(text: string): void {
    const caret = this.#line.caret + text.length - this.#line.text.length;
    this.#line = {text, caret};
    this.#changed();
  }

  #edit(edit: Edit): void {
    const {text} = this.#line;
    const keys = strokesOf(edit);
    this.#complaint = undefined;
    if (keys.length > mostStrokes) {
      this.#place(edited(this.#line, edit));
    } else {
      for (const [index, key] of keys.entries()) {
        this.#isHalf = index < keys.length - 1;
        this.#stroke(key);
      }
    }

    if (this.#line.text !== text) {
      this.#options?.onChange?.(this.#line.text);
    }

    this.#changed();
  }

  #stroke(key: string): void {
    this.#give(key);
    const step = key === strokes.left ? -1 : key === strokes.right ? 1 : 0;
    if (step !== 0) {
      this.#line = {...this.#line, caret: this.#line.caret + step};
      this.#changed();
    }
  }

  /** Have the line on the screen begin anew as `line`. */
  #place(line: TypedLine): void {
    this.#line = line;
    this.#placing++;
    this.#changed();
  }

  #changed(): void {
    const options = this.#options;
    this.#view =
      options === undefined
        ? undefined
        : {
            ...this.#line,
            label: options.label,
            hint: options.hint,
            placing: this.#placing,
            isHalf: this.#isHalf,
            complaint: this.#complaint,
          };
    this.#repainter.now();
  }

  view(): PromptView | undefined {
    return this.#view;
  }
}
