/**
 * A shelf that costs no request anything. A call that fails gives nothing, and so does one that takes long: then the
 * shelf is left alone until that call has ended. What is wrong is said in the log, at a bounded rate, and not thrown.
 */
import type {Logger} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {Tally} from '../output/tally.ts';
import type {DigestRun, DigestShelf, ShelvedFile} from './digest-shelf.ts';

/** How often faults are told of, in milliseconds. */
const tellEveryMs = 60_000;

export class PatientShelf {
  readonly #shelf: DigestShelf;
  readonly #patienceMs: number;
  readonly #faults: Tally;
  #cause = '';
  /** Calls that take longer than anybody waits. */
  #overdue = 0;

  /** @param patienceMs how long a request waits for a call. */
  constructor(shelf: DigestShelf, logger: Logger, patienceMs: number) {
    this.#shelf = shelf;
    this.#patienceMs = patienceMs;
    this.#faults = new Tally(tellEveryMs, times =>
      logger.warn(
        {times, cause: displayName(this.#cause)},
        'digests cannot be kept: what they are of may be read again',
      ),
    );
  }

  /** The digests of a section that are saved, as `DigestShelf.load`; none if that cannot be told now. */
  async load(file: ShelvedFile, section: number): Promise<readonly DigestRun[]> {
    return (await this.#within(() => this.#shelf.load(file, section))) ?? [];
  }

  /** Save digests of a section, as `DigestShelf.save`, if that can be done now. */
  async save(file: ShelvedFile, section: number, runs: readonly DigestRun[]): Promise<void> {
    await this.#within(() => this.#shelf.save(file, section, runs));
  }

  async close(): Promise<void> {
    this.#faults.close();
    await this.#shelf.close();
  }

  async #within<Result>(call: () => Result | Promise<Result>): Promise<Result | undefined> {
    if (this.#overdue > 0) {
      return undefined;
    }

    const late = Promise.withResolvers<undefined>();
    let timer: NodeJS.Timeout | undefined;
    try {
      const calling = call();
      if (!(calling instanceof Promise)) {
        return calling;
      }

      timer = setTimeout(() => {
        this.#tell(`no answer for ${this.#patienceMs} ms`);
        this.#overdue++;
        const ended = () => {
          this.#overdue--;
        };
        calling.then(ended, ended);
        late.resolve(undefined);
      }, this.#patienceMs);
      return await Promise.race([calling, late.promise]);
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #tell(cause: string): void {
    this.#cause = cause;
    this.#faults.add();
  }
}
