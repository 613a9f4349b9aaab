import {displayName} from '../../../protocol/display-text.ts';
import {formatSize} from '../format.ts';
import type {CommandOutput} from '../results/output.ts';
import {fit, percent} from './bar.ts';

const redrawEveryMs = 100;
const lineEveryMs = 10_000;

/** One line about one long job: redrawn in a terminal, elsewhere printed again every 10 s. */
export class Activity implements Disposable {
  readonly #output: CommandOutput;
  readonly #now: () => number;
  #shownAtMs: number;

  constructor(output: CommandOutput, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
    // In a terminal the first line comes at once, elsewhere only after some seconds of work.
    this.#shownAtMs = output.canRedraw ? Number.NEGATIVE_INFINITY : now();
  }

  /** Show that `what` is being done to `name`: `done` bytes of `total`. */
  show(what: string, name: string, done: number, total?: number): void {
    const nowMs = this.#now();
    if (nowMs - this.#shownAtMs < (this.#output.canRedraw ? redrawEveryMs : lineEveryMs)) {
      return;
    }

    this.#shownAtMs = nowMs;
    const far = total === undefined ? '' : `  ${percent(done, total)}`;
    const line = `${displayName(name)}  ${what}${far}  ${formatSize(done)}`;
    if (this.#output.canRedraw) {
      this.#output.footer([fit(line, this.#output.columns - 1)]);
    } else {
      this.#output.notice(line);
    }
  }

  clear(): void {
    this.#output.footer([]);
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
