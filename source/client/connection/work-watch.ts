/**
 * Checks that the answers of a server make progress. While the server works it sends `progress` every few seconds,
 * which keeps the connection alive. A server that sends nothing else for half an hour counts as broken.
 */
import {JangadaError} from '../../../protocol/errors.ts';

const patienceMs = 1_800_000;

export class WorkWatch {
  readonly #nowMs: () => number;
  #newsAtMs: number;
  #done = 0;

  /** @param nowMs a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#newsAtMs = nowMs();
  }

  /** An answer has begun, or a part of it has arrived. */
  news(): void {
    this.#newsAtMs = this.#nowMs();
    this.#done = 0;
  }

  /**
   * The server has sent `progress`. It makes progress as long as `done` grows.
   *
   * @throws JangadaError `protocol` after half an hour without any growth.
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
        'The server has sent nothing for half an hour but messages that it is working: jangada has given up',
      );
    }
  }
}
