/**
 * Standard output of a run with `--json`: events or one array of results while it runs, and as
 * the last line always one event that says how it ended.
 */
import type {Outcome} from './outcome.ts';
import type {CommandOutput} from './output.ts';

export class JsonResults {
  readonly #output: CommandOutput;
  /** Whether the array has items and is not closed. */
  #isOpen = false;
  #fields: object = {};
  #hasEnded = false;

  constructor(output: CommandOutput) {
    this.#output = output;
  }

  /** Add items to the array of results, which is written as they come. */
  async add(items: readonly object[]): Promise<void> {
    if (items.length === 0) {
      return;
    }

    const text = items.map(item => `  ${JSON.stringify(item)}`).join(',\n');
    const before = this.#isOpen ? ',\n' : '[\n';
    this.#isOpen = true;
    await this.#output.result(`${before}${text}`);
  }

  /** Close the array. After an error it stays open: nobody can take a part for the whole. */
  async close(): Promise<void> {
    const text = this.#isOpen ? '\n]\n' : '[]\n';
    this.#isOpen = false;
    await this.#output.result(text);
  }

  /** Give the last event `fields`, behind those about the outcome. */
  tell(fields: object): void {
    this.#fields = {...this.#fields, ...fields};
  }

  /** Write the last event, unless it is written. The write begins before this returns. */
  async end(outcome: Outcome): Promise<void> {
    if (this.#hasEnded) {
      return;
    }

    this.#hasEnded = true;
    const message = outcome.message ?? this.#whyNot(outcome);
    const line = endLine(message === undefined ? outcome : {...outcome, message}, this.#fields);
    await this.#output.result(`${this.#isOpen ? '\n' : ''}${line}`);
  }

  /** The sentence for a run that did not succeed and has none of its own. */
  #whyNot({name}: Outcome): string | undefined {
    switch (name) {
      case 'success':
        return undefined;
      case 'interruption':
        return 'Interrupted';
      case 'difference':
        return this.#output.toldError ?? 'What was compared differs';
      default:
        return this.#output.toldError ?? 'This should not have happened: standard error says more';
    }
  }
}

/** The last line of a run with `--json`. */
export function endLine({name, code, status, message}: Outcome, fields: object = {}): string {
  const event = {event: 'end', outcome: name, code: code ?? null, status, message, ...fields};
  return `${JSON.stringify(event)}\n`;
}

/** Whether a command line asks for JSON, even if nothing else about it is right. */
export function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  // The server program has its own options.
  return words[0] !== 'serve' && options.some(word => /^--json(=|$)/.test(word));
}
