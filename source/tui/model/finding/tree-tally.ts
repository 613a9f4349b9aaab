/**
 * Lets the server count the files below a folder that masks match, while the user types a mask. Counting begins once
 * typing has paused, and ends after some seconds at the latest.
 */
import {setTimeout as wait} from 'node:timers/promises';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Repainter} from '../repainter.ts';
import type {RemotePaths} from './remote-paths.ts';

/** Counting begins after so long without a key, and ends after so long. */
const pauseMs = 250;
const mostMs = 10_000;

type TallyOptions = {
  readonly masks: readonly string[];
  /** The folder at which masks begin. */
  readonly path: RemotePath;
  readonly server: Pick<RemotePaths, 'find'>;
  readonly repainter: Repainter;
  /** Default: ten seconds. */
  readonly mostMs?: number;
};

export class TreeTally {
  /** The folder at which masks begin. */
  readonly path: RemotePath;
  /** Resolves when counting has ended, for any reason. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  #files = 0;
  #bytes = 0;
  #unsearched = 0;
  #error: unknown;
  #end: 'counted' | 'cut' | 'failed' | 'stopped' | undefined;

  constructor(options: TallyOptions) {
    this.path = options.path;
    this.ended = this.#count(options);
  }

  get files(): number {
    return this.#files;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Places that the server could not search. */
  get unsearched(): number {
    return this.#unsearched;
  }

  /** Why counting failed. */
  get error(): unknown {
    return this.#error;
  }

  /** How counting ended; `cut`: there may be more files. Undefined while it runs. */
  get end(): 'counted' | 'cut' | 'failed' | 'stopped' | undefined {
    return this.#end;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #count({
    masks,
    path,
    server,
    repainter,
    mostMs: most = mostMs,
  }: TallyOptions): Promise<void> {
    const timeUp = AbortSignal.timeout(most + pauseMs);
    const signal = AbortSignal.any([this.#stop.signal, timeUp]);
    try {
      await wait(pauseMs, undefined, {signal});
      for await (const batch of server.find(path, masks, signal)) {
        const {entries, unsearched, moreUnsearched} = batch;
        for (const {size} of entries) {
          this.#files++;
          this.#bytes += size;
        }

        this.#unsearched += unsearched.length + moreUnsearched;
        repainter.soon();
      }

      this.#end = 'counted';
    } catch (error) {
      this.#error = error;
      this.#end = this.#stop.signal.aborted ? 'stopped' : timeUp.aborted ? 'cut' : 'failed';
    }

    repainter.now();
  }
}
