/** The extensions of names, each kept once: sorting compares them again and again. */
import {nameKey} from './name-keys.ts';
import {compareNames} from './natural-order.ts';

export class Extensions {
  readonly #nameOf: (row: number) => string;
  // One more than the number of the extension, for each row that was asked for; 0 for other rows.
  #numbers = new Uint32Array(1024);
  readonly #texts: string[] = [];
  readonly #keys: number[] = [];
  readonly #known = new Map<string, number>();

  constructor(nameOf: (row: number) => string) {
    this.#nameOf = nameOf;
  }

  /** Negative if the extension of row `a` comes before that of `b`, 0 for the same one. */
  compare(a: number, b: number): number {
    const [one, other] = [this.#numberOf(a), this.#numberOf(b)];
    return one === other
      ? 0
      : compareNames(this.#texts[one - 1] ?? '', this.#texts[other - 1] ?? '');
  }

  /** The key of the extension of a row, as `nameKey` makes it. */
  keyOf(row: number): number {
    return this.#keys[this.#numberOf(row) - 1] ?? Number.NaN;
  }

  #numberOf(row: number): number {
    if (row >= this.#numbers.length) {
      const longer = new Uint32Array(2 ** Math.ceil(Math.log2(row + 1)));
      longer.set(this.#numbers);
      this.#numbers = longer;
    }

    const known = this.#numbers[row] ?? 0;
    return known === 0 ? this.#find(row) : known;
  }

  #find(row: number): number {
    const text = extensionOf(this.#nameOf(row));
    let number = this.#known.get(text);
    if (number === undefined) {
      number = this.#texts.push(text);
      this.#keys.push(nameKey(text, ''));
      this.#known.set(text, number);
    }

    this.#numbers[row] = number;
    return number;
  }
}

/** The part of a name after its last dot; empty if the only dot is the first character. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1);
}
