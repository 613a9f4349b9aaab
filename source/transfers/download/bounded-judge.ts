/**
 * Matches names against masks within a time limit. Otherwise a malicious server could block this thread for hours with
 * names that are made for the user's masks.
 */
import {JangadaError} from '../../../protocol/errors.ts';
import {MaskJudge} from '../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../protocol/masks/masks.ts';

/**
 * Matching a name takes microseconds. A name that takes longer than `msPerName` counts towards `slowMs`, the limit for
 * all.
 */
const slowMs = 2000;
const msPerName = 1;
/** Most milliseconds that count for one name, because the process may have been stopped meanwhile. */
const mostMsPerName = 500;

export class BoundedJudge {
  readonly #judge: MaskJudge;
  #names = 0;
  #slowMs = 0;

  /** @throws JangadaError `bad_mask`. */
  constructor(masks: readonly string[]) {
    this.#judge = new MaskJudge(prepareMasks(masks));
  }

  /** As `MaskJudge.matches`. @throws JangadaError `bad_mask` once the names so far have taken too long. */
  matches(name: string, type: 'file' | 'folder'): boolean {
    const startedAtMs = performance.now();
    const matches = this.#judge.matches(name, type);
    const tookMs = performance.now() - startedAtMs;
    this.#names++;
    this.#slowMs += tookMs < msPerName ? 0 : Math.min(tookMs, mostMsPerName);
    if (this.#slowMs > Math.max(slowMs, this.#names * msPerName)) {
      throw new JangadaError(
        'bad_mask',
        'The masks take too long to match the names of this server: use simpler masks',
      );
    }

    return matches;
  }
}
