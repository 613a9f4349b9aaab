/** The events of a queue for one reader, until the queue is closed or the server is gone for good. */
import {throwIfAborted} from '../../protocol/errors.ts';
import type {Queue} from '../transfers/queue/queue.ts';
import {type QueueEvent, QueueNews} from './queue-news.ts';

type Told = {
  /** Whether the transfer with this id was added by this process, or later. */
  isNew(id: number): boolean;
  /** Notices to yield before anything happens. */
  notices: readonly string[];
  signal: AbortSignal | undefined;
  /** Aborted when the server is gone for good; its reason is the error to throw. */
  lost: AbortSignal;
  /** Aborted when the queue is closed. */
  closed: AbortSignal;
};

/** @throws JangadaError `aborted`, and the error of `lost`. */
export async function* queueEvents(
  queue: Queue,
  {isNew, notices, signal, lost, closed}: Told,
): AsyncGenerator<QueueEvent, void> {
  using news = new QueueNews(queue, isNew, notices);
  const wake = () => news.wake();
  const ends = [lost, closed, ...(signal === undefined ? [] : [signal])];
  for (const end of ends) {
    end.addEventListener('abort', wake);
  }

  using work = new AtWork(queue, wake);
  let isIdleTold = false;
  try {
    for (;;) {
      throwIfAborted(signal);
      for (const event of news.take()) {
        isIdleTold = false;
        yield event;
        throwIfAborted(signal);
      }

      lost.throwIfAborted();
      if (closed.aborted) {
        return;
      }

      if (!queue.isIdle) {
        isIdleTold = false;
        work.await();
        await news.more();
        continue;
      }

      // Yield the last changes first.
      queue.flush();
      if (!news.hasSome && !isIdleTold) {
        isIdleTold = true;
        yield {type: 'idle'};
      } else {
        await news.more();
      }
    }
  } finally {
    for (const end of ends) {
      end.removeEventListener('abort', wake);
    }
  }
}

/** Waits for the end of the work, and keeps the process alive as long as there is work. */
class AtWork implements Disposable {
  readonly #queue: Queue;
  readonly #ended: () => void;
  readonly #stop = new AbortController();
  #isAwaited = false;

  constructor(queue: Queue, ended: () => void) {
    this.#queue = queue;
    this.#ended = ended;
  }

  await(): void {
    if (!this.#isAwaited) {
      this.#isAwaited = true;
      const ended = () => {
        this.#isAwaited = false;
        this.#ended();
      };
      // The promise rejects when no reader waits any more.
      this.#queue.idle({signal: this.#stop.signal}).then(ended, ended);
    }
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}
