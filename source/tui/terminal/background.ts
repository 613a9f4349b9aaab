/**
 * Asks the terminal for its background colour. Not every terminal answers, so nothing waits for the answer except the
 * end of the program: an answer on its way must not reach the shell.
 */

/** At the end the program waits at most so long for an answer; from another continent it may take longer. */
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

  /** Whether an answer may arrive at any moment. */
  get isDue(): boolean {
    return this.#askedAtMs !== undefined && performance.now() - this.#askedAtMs < answerMs;
  }

  /** Handle the colour of an answer. @returns whether it is light; undefined if it is not a colour. */
  answer(colour: string): boolean | undefined {
    this.#askedAtMs = undefined;
    this.#answered.resolve();
    return isLightColour(colour);
  }

  /** Resolves when no answer is expected any more. */
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
  // Weighted by the brightness of each colour to the eye.
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5;
}
