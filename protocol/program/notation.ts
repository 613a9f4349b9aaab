/** How a program writes sizes and times for people: set once at its start, like a locale. */

export type Notation = {
  /** `22.8 MB`, or `21.7 MiB`. */
  readonly sizes: 'decimal' | 'binary';
  /** `today 18:12` and `3 Jan`, or `2025-01-12 09:41`. */
  readonly dates: 'relative' | 'iso';
};

const standard: Notation = {sizes: 'decimal', dates: 'relative'};
let current = standard;

export function notation(): Notation {
  return current;
}

/** Set the notation from now on; omitted fields get their default. */
export function setNotation({
  sizes,
  dates,
}: {[Name in keyof Notation]?: Notation[Name] | undefined}): void {
  current = {sizes: sizes ?? standard.sizes, dates: dates ?? standard.dates};
}
