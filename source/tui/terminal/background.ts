/**
 * The background of the terminal, as the terminal itself tells it. Not every terminal answers: nothing
 * waits for it but the end of the program, so that an answer on its way does not end up in the shell.
 */

/** So long an answer may take that is waited for: to another continent and back it takes longer. */
const answerMs = 100;

export const backgroundQuestion = '\u001b]11;?\u001b\\';

export class Background {
  readonly #write: (sequence: string) => void;
  readonly #answered = Promise.withResolvers<void>();
  #askedAtMs: number | undefined;

  constructor(write: (sequence: string) => void) {
    this.#write = write;
  }

  ask(): void {
    this.#askedAtMs = performance.now();
    this.#write(backgroundQuestion);
  }

  /** Whether an answer may come at any moment. */
  get isDue(): boolean {
    return this.#askedAtMs !== undefined && performance.now() - this.#askedAtMs < answerMs;
  }

  /** Take the colour of an answer. @returns whether it is a light one; undefined if it is none. */
  answer(colour: string): boolean | undefined {
    this.#askedAtMs = undefined;
    this.#answered.resolve();
    return isLightColour(colour);
  }

  /** Resolves when no answer is due any more. */
  async settled(): Promise<void> {
    if (this.isDue && this.#askedAtMs !== undefined) {
      const restMs = this.#askedAtMs + answerMs - performance.now();
      const timeUp = Promise.withResolvers<void>();
      const timer = setTimeout(timeUp.resolve, Math.ceil(restMs) + 1);
      await Promise.race([this.#answered.promise, timeUp.promise]);
      clearTimeout(timer);
    }
  }
}

/** Whether `rgb:ffff/ff/f`, with one to four digits for each part, is nearer to white than to black. */
export function isLightColour(colour: string): boolean | undefined {
  const parts = /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})(?:\/|$)/i.exec(colour);
  if (parts === null) {
    return undefined;
  }

  const [red = 0, green = 0, blue = 0] = parts
    .slice(1, 4)
    .map(digits => Number.parseInt(digits, 16) / (16 ** digits.length - 1));
  // As bright as the eye takes each of them for.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5;
}
