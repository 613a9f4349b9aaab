/** Typed commands, also those of earlier runs. */

/** The storage that keeps lines from one run to the next. */
export type KeptLines = {
  /** The oldest line first; empty if nothing was kept. @throws JangadaError if they cannot be read. */
  read(): string[];
  /** Keep what `edit` makes of the kept lines. @throws JangadaError if they cannot be kept. */
  change(edit: (lines: readonly string[]) => readonly string[]): void;
};

const mostLines = 500;
const longestLine = 1000;

export class LineHistory {
  readonly #kept: KeptLines | undefined;
  #lines: readonly string[] = [];

  /** @param kept Default: lines are forgotten at the end of this run. */
  constructor(kept?: KeptLines) {
    this.#kept = kept;
  }

  /** The lines, the newest first. @throws JangadaError if those of earlier runs cannot be read. */
  lines(): readonly string[] {
    const lines = this.#kept?.read().filter(isWorthKeeping).slice(-mostLines) ?? this.#lines;
    return lines.toReversed();
  }

  /**
   * Keep an entered line. Lines that another process has kept meanwhile stay.
   *
   * @throws JangadaError if it cannot be kept.
   */
  add(line: string): void {
    if (!isWorthKeeping(line)) {
      return;
    }

    if (this.#kept === undefined) {
      this.#lines = withLine(this.#lines, line);
    } else {
      this.#kept.change(lines => withLine(lines, line));
    }
  }
}

/** `lines` with `line` at the end, and nowhere else. */
function withLine(lines: readonly string[], line: string): readonly string[] {
  const others = lines.filter(other => other !== line && isWorthKeeping(other));
  return [...others, line].slice(-mostLines);
}

/** A line that begins with a space is not kept, as in a shell; nor is a line that a person cannot have typed. */
function isWorthKeeping(line: string): boolean {
  return /^[^\s\p{Cc}][^\p{Cc}]*$/u.test(line) && line.length <= longestLine && line.isWellFormed();
}
