import type {CommandOutput} from './output.ts';

/** One JSON array on standard output, written as its items come. */
export class JsonArray {
  readonly #output: CommandOutput;
  #empty = true;

  constructor(output: CommandOutput) {
    this.#output = output;
  }

  async add(items: readonly object[]): Promise<void> {
    if (items.length === 0) {
      return;
    }

    const text = items.map(item => `  ${JSON.stringify(item)}`).join(',\n');
    await this.#output.result(`${this.#empty ? '[\n' : ',\n'}${text}`);
    this.#empty = false;
  }

  /** Without this call (an error part way) the text is no JSON, so nobody takes it for all. */
  async end(): Promise<void> {
    await this.#output.result(this.#empty ? '[]\n' : '\n]\n');
  }
}
