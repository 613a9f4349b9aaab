/**
 * The window of the terminal, beyond the screen that Ink draws: reads reports of its focus and of the mouse; writes
 * title, task bar and notifications. Everything is restored when the program stops or ends.
 */
import type {DisplayText} from '../../../protocol/display-text.ts';
import {
  copySequence,
  noticeSequence,
  type OutsideSigns,
  type Progress,
  progressSequence,
  restoreTitle,
  saveTitle,
  titleSequence,
} from './outside.ts';

type WindowOptions = {
  readonly write: (sequence: string) => void;
  readonly signs: OutsideSigns;
};

const focusOn = '\u001b[?1004h';
const focusOff = '\u001b[?1004l';
// Reports of buttons and the wheel, in the SGR form. Movements are not reported, so that Shift still selects text.
const mouseOn = '\u001b[?1000h\u001b[?1006h';
const mouseOff = '\u001b[?1006l\u001b[?1000l';

export class Window {
  readonly #options: WindowOptions;
  #isTaken = false;
  #title: DisplayText | undefined;
  #progress: Progress = {state: 'none'};
  /** Undefined until the terminal reports the focus for the first time. */
  #isFocused: boolean | undefined;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Take the window, and write its title and progress again. */
  take(): void {
    if (this.#isTaken) {
      return;
    }

    this.#isTaken = true;
    const {signs} = this.#options;
    const focus = signs.focus ? focusOn : '';
    this.#write(`${signs.title ? saveTitle : ''}${focus}${signs.mouse ? mouseOn : ''}`);
    this.#writeTitle();
    this.#writeProgress();
  }

  /** Restore the window. */
  giveBack(): void {
    if (!this.#isTaken) {
      return;
    }

    const {signs} = this.#options;
    const progress =
      signs.progress && this.#progress.state !== 'none' ? progressSequence({state: 'none'}) : '';
    const mouse = signs.mouse ? mouseOff : '';
    const focus = signs.focus ? focusOff : '';
    this.#write(`${progress}${mouse}${focus}${signs.title ? restoreTitle : ''}`);
    this.#isTaken = false;
    this.#isFocused = undefined;
  }

  focus(isFocused: boolean): void {
    this.#isFocused = isFocused;
  }

  showTitle(title: DisplayText): void {
    if (title !== this.#title) {
      this.#title = title;
      this.#writeTitle();
    }
  }

  showProgress(progress: Progress): void {
    const before = progressSequence(this.#progress);
    this.#progress = progress;
    if (progressSequence(progress) !== before) {
      this.#writeProgress();
    }
  }

  /** Notify a user who looks elsewhere; without reports of the focus there is no notification. */
  notify(text: DisplayText): void {
    if (this.#isFocused === false) {
      this.#write(noticeSequence(this.#options.signs.notice, text));
    }
  }

  /** Put `text` into the clipboard of the terminal. @returns whether it was tried: no terminal reports the result. */
  copy(text: string): boolean {
    const sequence = copySequence(this.#options.signs.clipboard, text);
    if (sequence !== '') {
      this.#options.write(sequence);
    }

    return sequence !== '';
  }

  #writeTitle(): void {
    if (this.#options.signs.title && this.#title !== undefined) {
      this.#write(titleSequence(this.#title));
    }
  }

  #writeProgress(): void {
    if (this.#options.signs.progress) {
      this.#write(progressSequence(this.#progress));
    }
  }

  #write(sequence: string): void {
    if (this.#isTaken && sequence !== '') {
      this.#options.write(sequence);
    }
  }
}
