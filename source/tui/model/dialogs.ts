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

type Open = {
  readonly question: Question;
  /** Number of keys that were pressed when the cause of the question began; undefined if a key asks directly. */
  readonly askedAfter: number | undefined;
  cursor: number;
  all: boolean;
  /** When it came on the screen, if its first keys may be meant for something else. */
  surprisedAtMs?: number;
  wasShown: boolean;
  answer: (answer?: Answer) => void;
};

type DialogsOptions = {
  /** Whether the user types a line. */
  readonly isTyping?: () => boolean;
  readonly nowMs?: () => number;
};

/** A key within so long after a surprising question was pressed before the user could read it. */
const unreadMs = 400;

export class Dialogs {
  readonly #repainter: Repainter;
  readonly #isTyping: () => boolean;
  readonly #nowMs: () => number;
  readonly #open: Open[] = [];
  #keys = 0;
  #view: {readonly open: Open; readonly view: DialogView} | undefined;

  constructor(
    repainter: Repainter,
    {isTyping = () => false, nowMs = () => performance.now()}: DialogsOptions = {},
  ) {
    this.#repainter = repainter;
    this.#isTyping = isTyping;
    this.#nowMs = nowMs;
    // A change of the subject of a question repaints the screen, so check at each repaint.
    repainter.subscribe(() => this.#closeMoot());
  }

  /** Number of keys that were pressed so far, for whatever is on the screen. */
  get keys(): number {
    return this.#keys;
  }

  /** A key was pressed. */
  used(): void {
    this.#keys++;
  }

  /**
   * @param askedAfter for a question that comes some time after its cause: `keys` when the cause began. The user may
   * do something else by then. The question waits until a typed line is closed. If other keys were pressed since, it
   * ignores keys until the user had time to see it.
   * @returns the answer, or undefined for Escape.
   */
  ask(question: Question, askedAfter?: number): Promise<Answer | undefined> {
    return new Promise(answer => {
      const preset = question.choices.findIndex(choice => choice.key === question.preset);
      const cursor = Math.max(0, preset);
      this.#open.push({question, askedAfter, cursor, all: false, wasShown: false, answer});
      this.#changed();
    });
  }

  get isOpen(): boolean {
    return this.#front !== undefined;
  }

  /** The first question that does not wait. */
  get #front(): Open | undefined {
    return this.#open.find(({askedAfter}) => askedAfter === undefined || !this.#isTyping());
  }

  /** The first question, as data for the screen. */
  view(): DialogView | undefined {
    const open = this.#front;
    if (open === undefined) {
      return undefined;
    }

    this.#appear(open);
    const {isMoot, body, ...question} = open.question;
    const lines = typeof body === 'function' ? body() : body;
    if (this.#view?.open !== open || !areEqual(lines, this.#view.view.body)) {
      this.#view = {open, view: {...question, body: lines, cursor: open.cursor, all: open.all}};
    }

    return this.#view.view;
  }

  #appear(open: Open): void {
    if (!open.wasShown && open.askedAfter !== undefined && open.askedAfter !== this.#keys) {
      open.surprisedAtMs = this.#nowMs();
    }

    open.wasShown = true;
  }

  /** @returns whether the question uses the key. */
  press(key: Key): boolean {
    const open = this.#front;
    if (open === undefined) {
      return false;
    }

    if (key.name !== 'escape' && this.#nowMs() - (open.surprisedAtMs ?? -unreadMs) < unreadMs) {
      return true;
    }

    const {choices, forAll} = open.question;
    const name = key.name === 'y' ? yesOf(choices) : key.name;
    const named = choices.find(choice => choice.key === name);
    const shifted = choices.find(choice => choice.key.toUpperCase() === key.name);
    if (key.name === 'escape') {
      this.#close(open, undefined);
    } else if (named !== undefined) {
      this.#close(open, {key: named.key, forAll: open.all});
    } else if (forAll !== undefined && shifted !== undefined) {
      this.#close(open, {key: shifted.key, forAll: true});
    } else if (forAll !== undefined && key.name.toLowerCase() === 'a') {
      open.all = !open.all;
    } else if (key.name === 'enter') {
      const chosen = choices[open.cursor];
      this.#close(open, chosen === undefined ? undefined : {key: chosen.key, forAll: open.all});
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
    for (const {answer} of this.#open.splice(0)) {
      answer(undefined);
    }
  }

  #close(open: Open, answer: Answer | undefined): void {
    this.#open.splice(this.#open.indexOf(open), 1);
    open.answer(answer);
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
