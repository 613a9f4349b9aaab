/**
 * The one idea, for one file: plan from the blocks on disk, fetch the missing ones, check each block before it is
 * written, finish safely.
 *
 *     stat ─► open partial ─► check it (threads) ─► lanes fetch ─► root digest ─► flush ─► rename
 *               ▲                 │ blocks that match are done       │
 *               └── a pause ──────┴────── changed: begin again ◄─────┘
 *
 * A file that changes on the server is begun again with the existing partial: blocks that are equal in the new version
 * stay. attempt.ts makes one attempt, restarts.ts decides on the next.
 */
import {aborted} from '../../../protocol/errors.ts';
import {pause} from '../../client/back-off.ts';
import {FileProgress} from '../blocks/file-progress.ts';
import {UnfitServers} from '../blocks/servers/unfit-servers.ts';
import {checksums} from '../hashing/checksums.ts';
import type {BlockView} from '../terms/block-view.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import {Attempt} from './attempt.ts';
import type {DownloadFacts, DownloadJob, DownloadResult, DownloadTools} from './download-job.ts';
import {Restarts} from './restarts.ts';

export type {DownloadJob, DownloadResult, DownloadTools} from './download-job.ts';

export class Download {
  readonly #job: DownloadJob;
  readonly #tools: DownloadTools;
  readonly #tell: (event: DownloadEvent) => void;
  readonly #facts: DownloadFacts;
  #attempt: Attempt | undefined;
  #lanes = 1;

  /** @param tell is called with every event except the end, which `run` returns. */
  constructor(job: DownloadJob, tools: DownloadTools, tell: (event: DownloadEvent) => void) {
    this.#job = job;
    this.#tools =
      job.expect?.kind === 'sha256' ? {...tools, checksums: tools.checksums ?? checksums} : tools;
    this.#tell = tell;
    this.#facts = {
      ...{name: job.name, version: job.version, distrusted: false, adopted: false},
      progress: new FileProgress(tell),
      unfit: new UnfitServers(tools.client, job.remotePath),
    };
  }

  /** Number of connections to use at once. May change during the run. */
  set lanes(count: number) {
    this.#lanes = count;
    if (this.#attempt !== undefined) {
      this.#attempt.lanes = count;
    }
  }

  /** The blocks of the file, once it is known which of them are on disk. */
  get blocks(): BlockView | undefined {
    return this.#facts.progress.blocks;
  }

  /**
   * Run to the end. Fetched blocks stay in the partial, whatever the outcome.
   *
   * @throws JangadaError
   */
  async run(signal: AbortSignal): Promise<DownloadResult> {
    const early = new AbortController();
    const forget = this.#tools.ending.onBegin(() => {
      if (this.#attempt?.hasInHand !== true) {
        early.abort();
      }
    });
    try {
      return await this.#attempts(AbortSignal.any([signal, early.signal]));
    } finally {
      forget();
    }
  }

  async #attempts(signal: AbortSignal): Promise<DownloadResult> {
    const restarts = new Restarts();
    for (;;) {
      try {
        this.#attempt = new Attempt(this.#job, this.#tools, this.#facts, this.#tell, this.#lanes);
        return await this.#attempt.run(signal);
      } catch (error) {
        this.#attempt = undefined;
        if (signal.aborted) {
          throw error;
        }

        const restart = restarts.next(error, this.#job.expect);
        if (this.#tools.ending.begun) {
          throw aborted(undefined, {cause: error});
        }

        this.#facts.unfit.lookAgain();
        this.#tell(restart);
        if (restart.type === 'changing') {
          await (this.#tools.pause ?? pause)(restart.delayMs, signal);
        }
      }
    }
  }
}
