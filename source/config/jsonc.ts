/** JSON with comments and trailing commas, and the line in which each value of it stands. */

/** The names and places that lead to a value. */
export type ValuePath = ReadonlyArray<string | number>;

/** Something that is wrong in a text, and the line in which it is, from 1. */
export type LineMistake = {readonly line: number; readonly message: string};

export type Jsonc =
  | {
      readonly value: unknown;
      /** The line of the value at a path, or of the nearest one around it. */
      readonly lineOf: (path: ValuePath) => number;
      /** Names that an object has twice; the last one counts. */
      readonly repeated: readonly LineMistake[];
    }
  | {readonly mistake: LineMistake};

/** The value that `text` stands for; or the first place where it is no JSON. */
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

/** Deeper than any configuration, and far from what the stack has room for. */
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
      throw this.#unreadable(`the text goes on with ${this.#shown()} after its end`);
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
      throw this.#unreadable('so many brackets in one another are more than a setting has');
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
        throw this.#unreadable(`a name in double quotes is needed in place of ${this.#shown()}`);
      }

      const line = this.#line();
      const name = this.#string();
      const inside = [...path, name];
      if (entries.has(name)) {
        this.repeated.push({line, message: `"${inside.join('.')}" is there twice: remove one`});
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

  /** Read from the bracket here to `close`, and each item between with `readItem`. */
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
        // The comma belongs to the line before.
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
          ? 'a text in quotes has to end in its line, and holds no tab'
          : `${quoted} has a backslash that means nothing: write \\\\ for one`,
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
        ? `a value is needed in place of ${this.#shown()}`
        : `${written} is not a value: for a text, write "${written}"`,
    );
  }

  #skipGap(): void {
    this.#match(gap);
  }

  /** Take what `pattern` matches here; nothing if it does not. */
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
