/** Keeps the window's title and task bar up to date with the queue, and notifies the user when long work has ended. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Queue} from '../../transfers/queue/queue.ts';
import type {Window} from '../terminal/window.ts';
import {plural} from '../text/format.ts';
import {joinTexts, say} from '../text/say.ts';

/** The user has probably watched work that ends sooner. */
const longMs = 5000;

type WatchedQueue = Pick<Queue, 'totals' | 'subscribe'>;
type WatchedWindow = Pick<Window, 'showTitle' | 'showProgress' | 'notify'>;

type WindowWatchOptions = {
  readonly queue: WatchedQueue;
  readonly window: WatchedWindow;
  /** Name of the server, for the title. */
  readonly server: DisplayText;
  /** Default: the system's. */
  readonly nowMs?: () => number;
};

export class WindowWatch {
  readonly #options: WindowWatchOptions;
  readonly #end: () => void;
  readonly #nowMs: () => number;
  /** When the present work began, and how many files were done and had failed then. */
  #begun: {atMs: number; done: number; failed: number} | undefined;

  constructor(options: WindowWatchOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#end = options.queue.subscribe(() => this.#look());
    this.#look();
  }

  close(): void {
    this.#end();
  }

  #look(): void {
    const {queue, window, server} = this.#options;
    const {active, queued, done, failed} = queue.totals();
    if (active + queued > 0) {
      this.#begun ??= {atMs: this.#nowMs(), done, failed};
      const before = this.#begun.done + this.#begun.failed;
      const ended = Math.max(0, done + failed - before);
      const all = ended + active + queued;
      window.showProgress({state: 'running', percent: (100 * ended) / all});
      window.showTitle(say`${ended} of ${all} - ${server} - jangada`);
      return;
    }

    window.showProgress({state: 'none'});
    window.showTitle(say`${server} - jangada`);
    if (this.#begun !== undefined) {
      const {atMs, done: doneBefore, failed: failedBefore} = this.#begun;
      this.#begun = undefined;
      if (this.#nowMs() - atMs >= longMs) {
        window.notify(endWords(done - doneBefore, failed - failedBefore));
      }
    }
  }
}

function endWords(done: number, failed: number): DisplayText {
  const parts = [
    ...(done > 0 ? [say`${plural(done, 'file')} verified`] : []),
    ...(failed > 0 ? [say`${plural(failed, 'file')} failed`] : []),
  ];
  return parts.length === 0 ? say`Nothing is left to do` : joinTexts(parts, say`, `);
}
