/** Decides how often a download begins again because its file changed or blocks arrived damaged. */
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {backOffMs} from '../../client/back-off.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {ExpectedContent} from '../terms/expected-content.ts';

/** The pauses add up to at least ten seconds: longer than a network mount caches old attributes. */
const mostChanges = 8;
const pauses = {firstMs: 200, maxMs: 4000};

/** If damaged blocks arrive more often than this, the link is not the cause. */
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
   * @param expect the content that the file must have.
   * @returns how the next attempt begins.
   * @throws JangadaError, the reason to give up: `error` itself or, for a file that keeps changing, how often and for
   * how long it was tried.
   */
  next(error: unknown, expect?: ExpectedContent): Restart {
    if (isJangadaError(error, 'digest_mismatch')) {
      if (++this.#damaged <= mostDamaged) {
        return {type: 'lost'};
      }

      // No link damages the same file so often: the server has the expected digests, but not the blocks.
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
        `The file keeps changing on the server: ${this.#changes} times in ${seconds} s. The received blocks are kept; try again when the file no longer changes`,
        {cause: error},
      );
    }

    return {type: 'changing', delayMs: backOffMs(this.#changes - 1, pauses)};
  }
}

function unexpectedBlocks(cause: JangadaError): JangadaError {
  return new JangadaError(
    'unexpected',
    'The server sends, again and again, blocks that do not match its list of digests',
    {cause},
  );
}
