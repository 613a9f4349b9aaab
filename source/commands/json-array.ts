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

  /** Close the array. After an error it stays open: nobody can take a part for the whole. */
  async end(): Promise<void> {
    await this.#output.result(this.#empty ? '[]\n' : '\n]\n');
  }
}
