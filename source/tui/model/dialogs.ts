/** Questions that wait for an answer: one is shown at a time, the others wait behind it. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Key} from '../terminal/key.ts';
import type {Repainter} from './repainter.ts';

type Choice = {
  /** The key that chooses it at once. */
  readonly key: string;
  readonly label: DisplayText;
  /** What the choice does. */
  readonly detail: DisplayText;
};

export type Question = {
  readonly title: DisplayText;
  /** Lines above the choices; a function is called for each picture, so that the lines are up to date. */
  readonly body: readonly DisplayText[] | (() => readonly DisplayText[]);
  readonly choices: readonly Choice[];
  /** The choice that has the cursor at first. Default: the first. */
  readonly preset?: string;
  /** The text of the switch `a`: the same answer for all further questions. */
  readonly forAll?: DisplayText;
  /** Whether there is nothing left to ask about: then the question closes, as with Escape. */
  readonly isMoot?: () => boolean;
};

export type Answer = {readonly key: string; readonly forAll: boolean};

export type DialogView = Omit<Question, 'body' | 'isMoot'> & {
  readonly body: readonly DisplayText[];
  readonly cursor: number;
  readonly all: boolean;
};

type Open = {question: Question; cursor: number; all: boolean; answer: (answer?: Answer) => void};

export class Dialogs {
  readonly #repainter: Repainter;
  readonly #open: Open[] = [];
  #view: DialogView | undefined;

  constructor(repainter: Repainter) {
    this.#repainter = repainter;
    // A change of the subject of a question repaints the screen, so check at each repaint.
    repainter.subscribe(() => this.#closeMoot());
  }

  /** @returns the answer, or undefined for Escape. */
  ask(question: Question): Promise<Answer | undefined> {
    return new Promise(resolve => {
      const preset = question.choices.findIndex(choice => choice.key === question.preset);
      this.#open.push({question, cursor: Math.max(0, preset), all: false, answer: resolve});
      this.#changed();
    });
  }

  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** The first question, as data for the screen. */
  view(): DialogView | undefined {
    const [open] = this.#open;
    if (open === undefined) {
      return undefined;
    }

    const {isMoot, body, ...question} = open.question;
    const lines = typeof body === 'function' ? body() : body;
    if (this.#view === undefined || !areEqual(lines, this.#view.body)) {
      this.#view = {...question, body: lines, cursor: open.cursor, all: open.all};
    }

    return this.#view;
  }

  /** @returns whether the question uses the key. */
  press(key: Key): boolean {
    const [open] = this.#open;
    if (open === undefined) {
      return false;
    }

    const {choices, forAll} = open.question;
    const name = key.name === 'y' ? yesOf(choices) : key.name;
    const named = choices.find(choice => choice.key === name);
    const shifted = choices.find(choice => choice.key.toUpperCase() === key.name);
    if (key.name === 'escape') {
      this.#close(undefined);
    } else if (named !== undefined) {
      this.#close({key: named.key, forAll: open.all});
    } else if (forAll !== undefined && shifted !== undefined) {
      this.#close({key: shifted.key, forAll: true});
    } else if (forAll !== undefined && key.name.toLowerCase() === 'a') {
      open.all = !open.all;
    } else if (key.name === 'enter') {
      const chosen = choices[open.cursor];
      this.#close(chosen === undefined ? undefined : {key: chosen.key, forAll: open.all});
    } else {
      const step = stepOf(key.name);
      if (step === undefined) {
        return false;
      }

      open.cursor = (open.cursor + step + choices.length) % choices.length;
    }

    this.#changed();
    return true;
  }

  /** Answer all questions with Escape. */
  close(): void {
    while (this.isOpen) {
      this.#close(undefined);
    }
  }

  #close(answer: Answer | undefined): void {
    this.#open.shift()?.answer(answer);
  }

  #closeMoot(): void {
    const moot = this.#open.filter(({question}) => question.isMoot?.() === true);
    for (const open of moot) {
      this.#open.splice(this.#open.indexOf(open), 1);
      open.answer(undefined);
    }

    if (moot.length > 0) {
      this.#changed();
    }
  }

  #changed(): void {
    this.#view = undefined;
    this.#repainter.now();
  }
}

function areEqual(lines: readonly DisplayText[], others: readonly DisplayText[]): boolean {
  return lines.length === others.length && lines.every((line, index) => line === others[index]);
}

/** The key that `y` stands for: where `n` is one of two answers, the other one is a yes. */
function yesOf(choices: readonly Choice[]): string {
  const others = choices.filter(({key}) => key !== 'n');
  const [other] = others;
  return choices.length === 2 && others.length === 1 && other !== undefined ? other.key : 'y';
}

/** The direction in which a key moves the cursor; undefined if it does not move it. */
function stepOf(key: string): 1 | -1 | undefined {
  switch (key) {
    case 'up':
    case 'shift-tab':
      return -1;
    case 'down':
    case 'tab':
      return 1;
    default:
      return undefined;
  }
}
