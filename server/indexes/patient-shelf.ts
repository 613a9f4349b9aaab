/**
 * Protects requests from a slow or broken shelf. A call that fails or takes too long gives nothing. After a slow call the
 * shelf is not used until that call has ended. Errors go to the log, at a bounded rate, and are not thrown.
 */
import type {Logger} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {Tally} from '../output/tally.ts';
import type {DigestRun, DigestShelf, ShelvedFile} from './digest-shelf.ts';

/** How often errors are logged, in milliseconds. */
const tellEveryMs = 60_000;

export class PatientShelf {
  readonly #shelf: DigestShelf;
  readonly #patienceMs: number;
  readonly #faults: Tally;
  #cause = '';
  /** How many calls have exceeded the patience and still run. */
  #overdue = 0;

  /** @param patienceMs how long a request waits for a call. */
  constructor(shelf: DigestShelf, logger: Logger, patienceMs: number) {
    this.#shelf = shelf;
    this.#patienceMs = patienceMs;
    this.#faults = new Tally(tellEveryMs, times =>
      logger.warn(
        {times, cause: displayName(this.#cause)},
        'cannot save or load digests: the server may have to read the files again',
      ),
    );
  }

  /** The saved digests of a section, as `DigestShelf.load` gives them; none if the shelf fails. */
  async load(file: ShelvedFile, section: number): Promise<readonly DigestRun[]> {
    return (await this.#within(() => this.#shelf.load(file, section))) ?? [];
  }

  /** Save digests of a section, as `DigestShelf.save` does; does nothing if the shelf fails. */
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
