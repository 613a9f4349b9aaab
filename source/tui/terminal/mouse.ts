/** The mouse, as terminals report it in the SGR form (xterm's mode 1006). */

export type Mouse = {
  readonly action: 'press' | 'release' | 'drag' | 'wheelUp' | 'wheelDown';
  readonly button: 'left' | 'middle' | 'right' | 'none';
  /** From 0, at the top left. */
  readonly column: number;
  readonly row: number;
};

const buttons = ['left', 'middle', 'right', 'none'] as const;
/** Bits of the first number of a report. */
const bits = {drag: 32, wheel: 64, more: 128};

/**
 * The event of a report `<CODE;COLUMN;ROW` that ends with `M`, or with `m` for the release of a button; undefined for
 * an impossible report, and for buttons beyond the wheel.
 */
export function mouseEvent(parameters: string, final: string): Mouse | undefined {
  const match = /^<(\d{1,4});(\d{1,5});(\d{1,5})$/.exec(parameters);
  if (match === null) {
    return undefined;
  }

  const [code = 0, column = 0, row = 0] = match.slice(1).map(Number);
  if (column < 1 || row < 1 || code >= bits.more) {
    return undefined;
  }

  const place = {column: column - 1, row: row - 1};
  const low = code & 3;
  if ((code & bits.wheel) !== 0) {
    // The other two codes are a sideways wheel.
    return low > 1 || final === 'm'
      ? undefined
      : {action: low === 0 ? 'wheelUp' : 'wheelDown', button: 'none', ...place};
  }

  const button = buttons[low] ?? 'none';
  if (final === 'm') {
    return {action: 'release', button, ...place};
  }

  return {action: (code & bits.drag) === 0 ? 'press' : 'drag', button, ...place};
}

export type MouseReport = {
  /** Characters of the report; 0 if its rest has not come. */
  readonly length: number;
  /** Undefined for a report without an event, and for the oldest form, which was not requested. */
  readonly mouse: Mouse | undefined;
};

// Without the Escape before it: the SGR form, whole or damaged; and the three characters of the oldest form.
const sgr = /^\[(?<parameters><[\x20-\x3f]*)(?<final>[\x40-\x7e])?/;
const oldest = /^\[M[\s\S]{0,3}/u;
const oldestCharacters = 5;
/** More characters than any valid report has. */
const longest = 40;

/** The report at the front of `rest`, the text after an Escape; undefined if there is none. */
export function mouseReport(rest: string): MouseReport | undefined {
  const old = oldest.exec(rest)?.[0];
  if (old !== undefined) {
    return {length: [...old].length < oldestCharacters ? 0 : old.length, mouse: undefined};
  }

  const [found, ...groups] = sgr.exec(rest) ?? [];
  if (found === undefined) {
    return undefined;
  }

  const [parameters = '', final] = groups;
  const isBegun = final === undefined && found.length === rest.length && found.length < longest;
  const isReport = final === 'M' || final === 'm';
  return {
    length: isBegun ? 0 : found.length,
    mouse: isReport ? mouseEvent(parameters, final) : undefined,
  };
}
