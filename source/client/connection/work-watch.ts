/**
 * Whether the answers of a server get on. A server that is at work says so with `progress` every few
 * seconds, which keeps the connection alive; one that sends nothing else for half an hour is taken to
 * be broken.
 */
import {JangadaError} from '../../../protocol/errors.ts';

const patienceMs = 1_800_000;

export class WorkWatch {
  readonly #nowMs: () => number;
  #newsAtMs: number;
  #done = 0;

  /** @param nowMs a clock that goes on evenly. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#newsAtMs = nowMs();
  }

  /** An answer has begun, or something of it has come. */
  news(): void {
    this.#newsAtMs = this.#nowMs();
    this.#done = 0;
  }

  /**
   * The server says that it is at work: as long as more is `done` each time, it gets on.
   *
   * @throws JangadaError `protocol` after half an hour without anything new.
   */
  progress({
    done,
    total = Number.POSITIVE_INFINITY,
  }: {
    done: number;
    total?: number | undefined;
  }): void {
    const nowMs = this.#nowMs();
    if (done > this.#done && done <= total) {
      this.#done = done;
      this.#newsAtMs = nowMs;
    } else if (nowMs - this.#newsAtMs >= patienceMs) {
      throw new JangadaError(
        'protocol',
        'The server has said for half an hour that it is at work, and has sent nothing else: given up',
      );
    }
  }
}
