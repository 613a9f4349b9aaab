/** How often a download is begun again because its file changed or its blocks came damaged. */
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {backOffMs} from '../../client/back-off.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {ExpectedContent} from '../terms/expected-content.ts';

/** Together these wait for ten seconds at least: longer than a network mount keeps old attributes. */
const mostChanges = 8;
const pauses = {firstMs: 200, maxMs: 4000};

/** Damaged blocks that come more often than this are not the link's fault. */
const mostDamaged = 3;

type Restart = Extract<DownloadEvent, {type: 'lost' | 'changing'}>;

export class Restarts {
  readonly #now: () => number;
  #damaged = 0;
  #changes = 0;
  #firstChangeMs = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * An attempt has failed with `error`.
   *
   * @param expect the content that the file has to have.
   * @returns how the next attempt begins.
   * @throws JangadaError, the reason to give up: `error` itself, or for a file that changes again and
   * again how often and for how long it was tried.
   */
  next(error: unknown, expect?: ExpectedContent): Restart {
    if (isJangadaError(error, 'digest_mismatch')) {
      if (++this.#damaged <= mostDamaged) {
        return {type: 'lost'};
      }

      // No link damages the same file so often: the server has only the digests that were expected.
      throw expect?.kind === 'root' ? unexpectedBlocks(error) : error;
    }

    if (!isJangadaError(error, 'changed')) {
      throw error;
    }

    this.#changes++;
    if (this.#changes === 1) {
      this.#firstChangeMs = this.#now();
    }

    if (this.#changes > mostChanges) {
      const seconds = Math.round((this.#now() - this.#firstChangeMs) / 1000);
      throw new JangadaError(
        'changed',
        `It keeps changing on the server: ${this.#changes} times in ${seconds} s. What has arrived is kept; try again when it is at rest`,
        {cause: error},
      );
    }

    return {type: 'changing', delayMs: backOffMs(this.#changes - 1, pauses)};
  }
}

function unexpectedBlocks(cause: JangadaError): JangadaError {
  return new JangadaError(
    'unexpected',
    'The server sends blocks that do not have the digests in its list, again and again',
    {cause},
  );
}
