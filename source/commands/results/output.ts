/**
 * Standard output and standard error as the commands see them. Results go to the first, notices,
 * questions and errors to the second. A footer of a few lines (the progress bars) can stand at
 * the bottom of a terminal: whatever else is written goes above it.
 *
 *     results  ──────────→ stdout      (no more is taken: `closed` is aborted, the rest is dropped)
 *     notices, errors ───→ stderr  ┐
 *     footer ────────────→ stderr  ┘   only in a terminal, rewritten in place
 */
import stringWidth from 'string-width';
import {steadyText} from '../../steady-text.ts';
import {unwritten} from '../errors/unwritten.ts';
import {firstOf} from './first-of.ts';

/** The part of a stream that this file uses, and the width if it is a terminal. */
export type Stream = Pick<NodeJS.WritableStream, 'write' | 'on' | 'off' | 'once'> & {
  readonly writableNeedDrain: boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

type OutputOptions = {
  stdout: Stream;
  stderr: Stream;
  environment: NodeJS.ProcessEnv;
  /** Print nothing but errors. */
  quiet?: boolean;
};

export class CommandOutput implements Disposable {
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  readonly #closed = new AbortController();
  /** Whether only errors are printed. */
  readonly quiet: boolean;
  /** Whether standard output is a terminal. */
  readonly resultsAreSeen: boolean;
  /** Whether a footer can be shown: not on a terminal that cannot draw, or with a screen reader. */
  readonly canRedraw: boolean;
  #footer: readonly string[] = [];
  #unwritten = false;
  #firstError: string | undefined;
  #errors = 0;

  constructor({stdout, stderr, environment, quiet = false}: OutputOptions) {
    this.quiet = quiet;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.resultsAreSeen = stdout.isTTY === true;
    const isTold = environment.TERM === 'dumb' || environment.INK_SCREEN_READER === 'true';
    this.canRedraw = stderr.isTTY === true && !isTold && !quiet;
    stdout.on('error', this.#onStdoutError);
    stderr.on('error', ignore);
  }

  /** Aborted when standard output cannot be written any more, mostly because its reader has ended (`| head`). */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** The error that was printed; the first of several. Undefined if there was none. */
  get toldError(): string | undefined {
    return firstOf(this.#firstError, this.#errors);
  }

  /** Columns of the terminal that shows notices. */
  get columns(): number {
    return Math.max(20, this.#stderr.columns ?? 80);
  }

  /** Write whole lines to standard output. Resolves when the stream can take more. */
  async result(text: string): Promise<void> {
    if (text === '' || this.#closed.signal.aborted) {
      return;
    }

    const footer = this.#footer;
    if (this.resultsAreSeen) {
      this.footer([]);
    }

    this.#stdout.write(text);
    this.footer(footer);
    await this.#drained();
  }

  /**
   * Resolves when all results are written, or no more can be written.
   *
   * @returns false if results were lost that their reader still wanted; then an error was printed.
   */
  async flushed(): Promise<boolean> {
    if (!this.#closed.signal.aborted) {
      // The stream reports the error of a write after the write.
      const error = await new Promise<Error | null | undefined>(resolve => {
        this.#stdout.write('', resolve);
      });
      if (error) {
        this.#onStdoutError(error);
      }
    }

    return !this.#unwritten;
  }

  /** Write a line for people to standard error, unless `quiet`. */
  notice(line: string): void {
    if (!this.quiet) {
      this.#aboveFooter(`${line}\n`);
    }
  }

  /** Write text that is not an error to standard error, even if `quiet`: a question, or how to continue. */
  prompt(text: string): void {
    this.#aboveFooter(text);
  }

  /** Write a line about an error. `text` is already safe to show. */
  error(text: string): void {
    this.#firstError ??= text;
    this.#errors++;
    this.#aboveFooter(`jangada: ${text}\n`);
  }

  /** Show `lines`, which the caller has cut to the width, in place of the last footer. */
  footer(lines: readonly string[]): void {
    if (!this.canRedraw || (lines.length === 0 && this.#footer.length === 0)) {
      return;
    }

    const hide = this.#footer.length === 0 ? hideCursor : '';
    const show = lines.length === 0 ? showCursor : '';
    const steady = lines.map(line => steadyText(line, this.columns));
    const body = steady.map(line => `${line}${eraseLineEnd}\n`).join('');
    this.#stderr.write(`${hide}${this.#backToFooter()}${body}${eraseBelow}${show}`);
    this.#footer = lines;
  }

  /** Give the terminal away until `meanwhile` ends; the footer comes back with its next change. */
  async lend(meanwhile: () => Promise<void>): Promise<void> {
    this.footer([]);
    await meanwhile();
  }

  #aboveFooter(text: string): void {
    const footer = this.#footer;
    this.footer([]);
    this.#stderr.write(text);
    this.footer(footer);
  }

  /** Rows that the footer takes. If the terminal was made narrower since, it has wrapped the lines. */
  #backToFooter(): string {
    const columns = this.columns;
    const rows = this.#footer
      .map(line => Math.max(1, Math.ceil(stringWidth(line) / columns)))
      .reduce((sum, count) => sum + count, 0);
    return rows === 0 ? '' : `\u001b[${rows}A\r`;
  }

  async #drained(): Promise<void> {
    if (!this.#stdout.writableNeedDrain || this.#closed.signal.aborted) {
      return;
    }

    await new Promise<void>(resolve => {
      const finish = () => {
        this.#stdout.off('drain', finish);
        this.#closed.signal.removeEventListener('abort', finish);
        resolve();
      };

      this.#stdout.once('drain', finish);
      this.#closed.signal.addEventListener('abort', finish);
    });
  }

  readonly #onStdoutError = (error: unknown) => {
    const line = unwritten(error);
    if (!this.#closed.signal.aborted && line !== undefined) {
      this.#unwritten = true;
      this.error(line);
    }

    this.#closed.abort();
  };

  /** Removes the footer and shows the cursor again. The error listeners stay: a write under way may fail later. */
  [Symbol.dispose](): void {
    this.footer([]);
  }
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseLineEnd = '\u001b[K';
const eraseBelow = '\u001b[J';

/** An error of standard error cannot be reported anywhere. */
function ignore(): void {}
