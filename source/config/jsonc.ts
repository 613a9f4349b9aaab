/** Parses JSON with comments and trailing commas, and remembers the line of each value. */

/** The names and places that lead to a value. */
export type ValuePath = ReadonlyArray<string | number>;

/** A mistake in a text, and its line, counted from 1. */
export type LineMistake = {readonly line: number; readonly message: string};

export type Jsonc =
  | {
      readonly value: unknown;
      /** The line of the value at a path, or of its nearest parent that has a line. */
      readonly lineOf: (path: ValuePath) => number;
      /** Names that an object has twice; the last one counts. */
      readonly repeated: readonly LineMistake[];
    }
  | {readonly mistake: LineMistake};

/** The value of `text`; or the first place where it is not JSON. */
export function parseJsonc(text: string): Jsonc {
  const reader = new Reader(text.replace(/^\uFEFF/, ''));
  try {
    const value = reader.read();
    return {value, lineOf: path => reader.lineOf(path), repeated: reader.repeated};
  } catch (error) {
    if (error instanceof Unreadable) {
      return {mistake: {line: error.line, message: error.message}};
    }

    throw error;
  }
}

class Unreadable extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const gap = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const string = /"(?:[^"\\\n\r\t]|\\.)*"/y;
const word = /[\w.+-]+/y;
const literals: Readonly<Record<string, unknown>> = {true: true, false: false, null: null};

/** Deeper than any configuration, and shallow enough for the stack. */
const deepest = 100;

class Reader {
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  readonly repeated: LineMistake[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    this.#skipGap();
    const value = this.#value([]);
    this.#skipGap();
    if (this.#at < this.#text.length) {
      throw this.#unreadable(`unexpected ${this.#shown()} after the end of the settings`);
    }

    return value;
  }

  lineOf(path: ValuePath): number {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) {
        return line;
      }
    }

    return 1;
  }

  #value(path: ValuePath): unknown {
    if (path.length > deepest) {
      throw this.#unreadable('brackets are nested deeper than in any setting');
    }

    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(path);
      case '[':
        return this.#array(path);
      case '"':
        return this.#string();
      default:
        return this.#literal();
    }
  }

  #object(path: ValuePath): unknown {
    const entries = new Map<string, unknown>();
    this.#items('}', () => {
      if (this.#text[this.#at] !== '"') {
        throw this.#unreadable(`write a name in double quotes instead of ${this.#shown()}`);
      }

      const line = this.#line();
      const name = this.#string();
      const inside = [...path, name];
      if (entries.has(name)) {
        this.repeated.push({
          line,
          message: `"${inside.join('.')}" is set twice: remove one of them`,
        });
      }

      this.#lines.set(JSON.stringify(inside), line);
      this.#skipGap();
      if (this.#text[this.#at] !== ':') {
        throw this.#unreadable(`a colon is missing after "${name}"`);
      }

      this.#at++;
      this.#skipGap();
      entries.set(name, this.#value(inside));
    });
    return Object.fromEntries(entries);
  }

  #array(path: ValuePath): unknown[] {
    const values: unknown[] = [];
    this.#items(']', () => {
      const inside = [...path, values.length];
      this.#lines.set(JSON.stringify(inside), this.#line());
      values.push(this.#value(inside));
    });
    return values;
  }

  /** Read from the bracket here to `close`; `readItem` reads each item between. */
  #items(close: '}' | ']', readItem: () => void): void {
    this.#at++;
    this.#skipGap();
    while (this.#text[this.#at] !== close) {
      readItem();
      const end = this.#at;
      this.#skipGap();
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#skipGap();
      } else if (this.#text[this.#at] !== close) {
        const found = this.#shown();
        // Report the line before, where the comma is missing.
        this.#at = end;
        throw this.#unreadable(`a comma or ${close} is missing before ${found}`);
      }
    }

    this.#at++;
  }

  #string(): string {
    const quoted = this.#match(string);
    try {
      return JSON.parse(quoted);
    } catch {
      throw this.#unreadable(
        quoted === ''
          ? 'a text in quotes has to end on the same line, and cannot contain a tab'
          : `${quoted} has an unknown escape: write \\\\ for a backslash`,
      );
    }
  }

  #literal(): unknown {
    const written = this.#match(word);
    if (Object.hasOwn(literals, written)) {
      return literals[written];
    }

    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(written)) {
      return Number(written);
    }

    throw this.#unreadable(
      written === ''
        ? `write a value instead of ${this.#shown()}`
        : `${written} is not a value: for a text, write "${written}"`,
    );
  }

  #skipGap(): void {
    this.#match(gap);
  }

  /** Take the text that `pattern` matches here; an empty text if it does not match. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [matched = ''] = pattern.exec(this.#text) ?? [];
    this.#at += matched.length;
    return matched;
  }

  #shown(): string {
    const [character] = this.#text.slice(this.#at);
    return character === undefined ? 'the end of the file' : `'${character}'`;
  }

  #line(): number {
    return this.#text.slice(0, this.#at).split('\n').length;
  }

  #unreadable(message: string): Unreadable {
    return new Unreadable(this.#line(), message);
  }
}
