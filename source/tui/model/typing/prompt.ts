/**
 * The line at the foot of the screen while the user types a filter, a mask, a position or a path. It decides which keys
 * the text input gets, and receives the text that they produce; see terminal/ink-keys.ts.
 */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {Key} from '../../terminal/key.ts';
import {say} from '../../text/say.ts';
import type {Repainter} from '../repainter.ts';
import {type Cycle, complete, turned} from './completion.ts';
import {type Edit, edited, editOf, insertion, strokes, strokesOf, type TypedLine} from './line.ts';
import type {PromptOptions} from './prompt-options.ts';

export type PromptView = TypedLine & {
  readonly label: DisplayText;
  /** Words beside the text. */
  readonly hint: DisplayText;
  /** A new number for each text that did not come from the input itself: the input then starts with that text. */
  readonly placing: number;
  /** Whether the edit under way needs more keys: its intermediate texts must not be shown. */
  readonly isHalf: boolean;
  /** The complaint about the line, until the line changes. */
  readonly complaint: DisplayText | undefined;
};

/** An edit that needs more keys than this would take too long: the input starts again with the final text. */
const mostStrokes = 200;

type PromptHands = {
  /** Gives a key to the input on the screen; the input calls `typed` at once if its text changes. */
  give(stroke: string): void;
  /** Handles a key that waited while the line waited for an answer. */
  press(key: Key): void;
};

export class Prompt {
  readonly #repainter: Repainter;
  readonly #hands: PromptHands;
  #options: PromptOptions | undefined;
  #line: TypedLine = {text: '', caret: 0};
  #placing = 0;
  #isHalf = false;
  #complaint: DisplayText | undefined;
  // The completions of Tab in words, until the next key.
  #offer: DisplayText | undefined;
  // The choices that further Tabs go through, until another key is pressed.
  #cycle: Cycle | undefined;
  // How many lines back in the history the text is, and the text that was typed before.
  #back = 0;
  #draft = '';
  // Aborts the answer that the line waits for. Keys that are pressed meanwhile are held.
  #waiting: AbortController | undefined;
  #held: Key[] = [];
  #view: PromptView | undefined;

  constructor(repainter: Repainter, hands: PromptHands) {
    this.#repainter = repainter;
    this.#hands = hands;
  }

  get isOpen(): boolean {
    return this.#options !== undefined;
  }

  open(options: PromptOptions): void {
    this.#options = options;
    this.#complaint = undefined;
    this.#offer = undefined;
    this.#cycle = undefined;
    this.#back = 0;
    this.#place({text: options.text, caret: options.text.length});
  }

  /** @returns whether the line used the key. */
  press(key: Key): boolean {
    const options = this.#options;
    if (options === undefined) {
      return false;
    }

    if (this.#waiting !== undefined) {
      this.#pressWhileWaiting(key);
      return true;
    }

    if (this.#cycle !== undefined && (key.name === 'tab' || key.name === 'shift-tab')) {
      this.#take(turned(this.#cycle, key.name === 'tab' ? 1 : -1));
      return true;
    }

    this.#offer = undefined;
    this.#cycle = undefined;
    switch (key.name) {
      case 'enter':
        this.#enter(options);
        return true;
      case 'escape':
        this.#close();
        options.onEscape?.();
        return true;
      case 'tab':
        this.#complete(options);
        return options.complete !== undefined;
      case 'up':
      case 'down':
        return this.#recall(options, key.name === 'up' ? 1 : -1);
      default:
        return this.#editWith(key);
    }
  }

  #editWith(key: Key): boolean {
    const edit = editOf(this.#line, key);
    if (edit !== undefined) {
      this.#edit(edit);
    }

    return edit !== undefined;
  }

  paste(text: string): void {
    if (this.isOpen && this.#waiting === undefined) {
      this.#edit(insertion(this.#line, text));
    }
  }

  /** The input on the screen has a new text, because of a key that it got. */
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

    this.#tell(text);
  }

  #stroke(key: string): void {
    this.#hands.give(key);
    const step = key === strokes.left ? -1 : key === strokes.right ? 1 : 0;
    if (step !== 0) {
      this.#line = {...this.#line, caret: this.#line.caret + step};
      this.#changed();
    }
  }

  #enter(options: PromptOptions): void {
    const {text} = this.#line;
    this.#await(
      signal => options.check?.(text, signal),
      complaint => {
        this.#complaint = complaint;
        if (complaint === undefined) {
          this.#close();
          options.onEnter(text);
        }
      },
    );
  }

  #complete(options: PromptOptions): void {
    const {text, caret} = this.#line;
    this.#await(
      signal => options.complete?.(text.slice(0, caret), signal),
      completion => {
        if (completion !== undefined) {
          this.#take(complete({text, caret}, completion));
        }
      },
    );
  }

  #take({line, offer, cycle}: ReturnType<typeof complete>): void {
    const {text} = this.#line;
    this.#offer = offer;
    this.#cycle = cycle;
    this.#complaint = undefined;
    this.#place(line);
    this.#tell(text);
  }

  /** Go back in the history by so many lines. @returns whether there is a history. */
  #recall({history}: PromptOptions, by: 1 | -1): boolean {
    if (history === undefined) {
      return false;
    }

    const {text} = this.#line;
    const back = Math.max(0, Math.min(history.length, this.#back + by));
    if (back !== this.#back) {
      this.#draft = this.#back === 0 ? text : this.#draft;
      this.#back = back;
      const recalled = back === 0 ? this.#draft : (history[back - 1] ?? '');
      this.#complaint = undefined;
      this.#place({text: recalled, caret: recalled.length});
      this.#tell(text);
    }

    return true;
  }

  /** Pass the answer of `ask` to `take`; while the answer is pending keys wait. */
  #await<Answer>(
    ask: (signal: AbortSignal) => Answer | Promise<Answer>,
    take: (answer: Answer) => void,
  ): void {
    const waiting = new AbortController();
    const answer = ask(waiting.signal);
    if (!(answer instanceof Promise)) {
      take(answer);
      this.#changed();
      return;
    }

    this.#waiting = waiting;
    this.#changed();
    answer
      .then(
        answer => waiting.signal.aborted || take(answer),
        (error: unknown) => {
          if (!waiting.signal.aborted) {
            this.#complaint = displayName(error instanceof Error ? error.message : String(error));
          }
        },
      )
      .then(() => {
        if (this.#waiting === waiting) {
          this.#waiting = undefined;
          this.#changed();
          for (const key of this.#held.splice(0)) {
            this.#hands.press(key);
          }
        }
      });
  }

  #pressWhileWaiting(key: Key): void {
    if (key.name === 'escape') {
      this.#waiting?.abort();
      this.#waiting = undefined;
      this.#held = [];
      this.#changed();
    } else {
      this.#held.push(key);
    }
  }

  /** Stop waiting for an answer. */
  close(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
  }

  #close(): void {
    this.#options = undefined;
    this.#changed();
  }

  /** Start the input on the screen again with `line`. */
  #place(line: TypedLine): void {
    this.#line = line;
    this.#placing++;
    this.#changed();
  }

  /** Report the text if it differs from `before`. */
  #tell(before: string): void {
    if (this.#line.text !== before) {
      this.#options?.onChange?.(this.#line.text);
    }

    this.#changed();
  }

  #changed(): void {
    this.#view = undefined;
    this.#repainter.now();
  }

  view(): PromptView | undefined {
    const options = this.#options;
    if (options === undefined) {
      return undefined;
    }

    const waiting = this.#waiting === undefined ? undefined : say`looking, Esc stops`;
    const hint = waiting ?? this.#offer ?? options.note?.() ?? options.hint;
    if (this.#view?.hint !== hint) {
      this.#view = undefined;
    }

    this.#view ??= {
      ...this.#line,
      label: options.label,
      hint,
      placing: this.#placing,
      isHalf: this.#isHalf,
      complaint: this.#complaint,
    };
    return this.#view;
  }
}
