/** The frames of one search, from the thread to the caller of `FindPool.run`. */
import {Buffer} from 'node:buffer';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {Unsearched} from '../../../../protocol/messages.ts';
import type {EntryFrame} from '../../entry-frames.ts';
import type {SearchReport} from './find-messages.ts';

export class SearchProgress {
  readonly #frames: EntryFrame[] = [];
  /** The places that could not be searched, once the search has ended. */
  unsearched: Unsearched = {count: 0, first: []};
  #state: 'running' | 'ended' | JangadaError = 'running';
  #changed = Promise.withResolvers<void>();

  hear(report: SearchReport): void {
    if (report.kind === 'found') {
      const {frame, ...totals} = report.found;
      const {buffer, byteOffset, byteLength} = frame;
      this.#frames.push({...totals, frame: Buffer.from(buffer, byteOffset, byteLength)});
      this.#changed.resolve();
    } else if (report.kind === 'failed') {
      this.end(refusal(report));
    } else {
      this.unsearched = report.unsearched;
      this.end();
    }
  }

  /** The search has ended, with or without `error`. Later calls change nothing. */
  end(error?: JangadaError): void {
    if (this.#state === 'running') {
      this.#state = error ?? 'ended';
      this.#changed.resolve();
    }
  }

  /**
   * The next frame; undefined after the last one.
   *
   * @throws the error of the search, after all frames before it were taken.
   */
  async next(): Promise<EntryFrame | undefined> {
    while (this.#frames.length === 0 && this.#state === 'running') {
      await this.#changed.promise;
      this.#changed = Promise.withResolvers<void>();
    }

    const frame = this.#frames.shift();
    if (frame === undefined && this.#state instanceof JangadaError) {
      throw this.#state;
    }

    return frame;
  }
}

/** The thread refused the masks or the folder; it can be used for another search. */
export class SearchRefused extends JangadaError {}

function refusal({code, message}: Extract<SearchReport, {kind: 'failed'}>): JangadaError {
  return code !== 'internal'
    ? new SearchRefused(code, message)
    : new JangadaError('internal', 'The search failed', {cause: new Error(message)});
}
