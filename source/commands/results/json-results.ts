/**
 * Standard output of a run with `--json`: events, or one array of results, while it runs. The last line is always one
 * event that says how the run ended.
 */

import {firstOf} from './first-of.ts';
import type {Outcome} from './outcome.ts';
import type {CommandOutput} from './output.ts';

export class JsonResults {
  readonly #output: CommandOutput;
  /** Whether the array has items and is not closed. */
  #isOpen = false;
  #fields: object = {};
  #hasEnded = false;
  /** Lines about files that differ: the first, and how many. */
  #firstDifference: string | undefined;
  #differences = 0;

  constructor(output: CommandOutput) {
    this.#output = output;
  }

  /** Add items to the array of results. They are written at once. */
  async add(items: readonly object[]): Promise<void> {
    if (items.length === 0) {
      return;
    }

    const text = items.map(item => `  ${JSON.stringify(item)}`).join(',\n');
    const before = this.#isOpen ? ',\n' : '[\n';
    this.#isOpen = true;
    await this.#output.result(`${before}${text}`);
  }

  /** Close the array. After an error it stays open, so that no program takes a part for the whole. */
  async close(): Promise<void> {
    const text = this.#isOpen ? '\n]\n' : '[]\n';
    this.#isOpen = false;
    await this.#output.result(text);
  }

  /** Add `fields` to the last event, after those about the outcome. */
  tell(fields: object): void {
    this.#fields = {...this.#fields, ...fields};
  }

  /** A file differs, as `line` says to people; the last event has the first such line. */
  differs(line: string): void {
    this.#firstDifference ??= line;
    this.#differences++;
  }

  /** Write the last event, unless it is written already. The write begins before this returns. */
  async end(outcome: Outcome): Promise<void> {
    if (this.#hasEnded) {
      return;
    }

    this.#hasEnded = true;
    const message = outcome.message ?? this.#whyNot(outcome);
    const line = endLine(message === undefined ? outcome : {...outcome, message}, this.#fields);
    await this.#output.result(`${this.#isOpen ? '\n' : ''}${line}`);
  }

  /** The message for a run that failed without a message of its own. */
  #whyNot({name}: Outcome): string | undefined {
    switch (name) {
      case 'success':
        return undefined;
      case 'interruption':
        return 'Interrupted';
      case 'difference':
        return this.#output.toldError ?? firstOf(this.#firstDifference, this.#differences);
      default:
        return this.#output.toldError ?? 'Internal error: standard error says more';
    }
  }
}

/** The last line of a run with `--json`. */
export function endLine({name, code, status, message}: Outcome, fields: object = {}): string {
  const event = {event: 'end', outcome: name, code: code ?? null, status, message, ...fields};
  return `${JSON.stringify(event)}\n`;
}

/** Whether a command line asks for JSON, even if the rest of it is wrong. */
export function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  // The server program has its own options.
  return words[0] !== 'serve' && options.some(word => /^--json(=|$)/.test(word));
}
