/** Compares small files that are here already with the server's: both sides hash at the same time. */
import {closeSync, type Stats} from 'node:fs';
import type {DigestAlgorithm} from '../../../../protocol/block.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import type {AnswerReceiver} from '../../../client/connection/answer-queue.ts';
import {mendTime} from '../../disk/file-time.ts';
import {openForReading} from '../../disk/look-at.ts';
import {openFiles} from '../../disk/open-files.ts';
import type {Checker, FileToHash} from '../../hashing/checker.ts';
import {expectEnd, failAnswer} from './receive-small-file.ts';
import {
  copyOf,
  costOf,
  fail,
  leave,
  pathOf,
  type SmallFile,
  type Turn,
  tellDone,
  tellOtherTime,
} from './small-file.ts';

/** Root digest and, if asked for, SHA-256 of a local file, in hex. */
type Hashes = {root: string; sha256: string | undefined};

/**
 * Receives the answer to `digests`; `local` are the hashes of the file that is here, which had `stats`
 * before. If it is the same, and what was expected, it gets the time of the server's. `states`: whether its state is told.
 */
export function compareSmallFile(
  file: SmallFile,
  stats: Stats,
  local: Promise<Hashes>,
  turn: Turn,
  states = false,
): AnswerReceiver {
  return {
    control(kind, payload) {
      if (kind === frameKinds.digests || kind === frameKinds.progress) {
        return false;
      }

      const end = expectEnd(kind, payload);
      const judge = ({root, sha256}: Hashes) => {
        const isExpected = file.sha256 === undefined || file.sha256 === sha256;
        if (isExpected && end.root === root && end.size === file.size) {
          // A server of an older version does not say it.
          const {mtimeMs = stats.mtimeMs} = end;
          tellOtherTime(file, mtimeMs, mendTime(file.folder, file.name, stats, mtimeMs));
          const {version} = end;
          const isTold = states && end.mtimeMs !== undefined && version !== undefined;
          const copy = isTold ? copyOf(file, {size: file.size, mtimeMs, version}) : undefined;
          tellDone(file, file.size, sha256, copy);
        } else {
          leave(file);
        }
      };
      void local
        .then(judge)
        .catch((error: unknown) => {
          // It is opened for a moment once more to get its time.
          if (openFiles.mayRetry(error)) {
            turn.again(file);
          } else {
            fail(file, error);
          }
        })
        .finally(() => turn.settle(costOf(file)));
      return true;
    },
    failed: error => failAnswer(file, turn, error),
  };
}

/** Bytes of files that go to one thread together. */
const bytesPerJob = 1_048_576;

type Wanted = {file: FileToHash; hashes: PromiseWithResolvers<Hashes>};

/** Hashes small files on the threads. Files of one turn of the event loop go together. */
export class SmallFileHashing {
  readonly #checker: Checker;
  readonly #algorithm: DigestAlgorithm;
  readonly #checksums: boolean;
  readonly #running = new Set<Promise<void>>();
  #next: Wanted[] = [];
  #nextBytes = 0;

  /** @param checksums whether to compute the SHA-256 too. */
  constructor(checker: Checker, algorithm: DigestAlgorithm, checksums: boolean) {
    this.#checker = checker;
    this.#algorithm = algorithm;
    this.#checksums = checksums;
  }

  /**
   * Hash the file that has the final name of `small`, whose place among the open ones is given back then.
   *
   * @returns a promise that rejects with a JangadaError `local_io` if it cannot be read.
   * @throws JangadaError if it cannot be opened.
   */
  hash(small: SmallFile): Promise<Hashes> {
    const fd = openForReading(small.folder, small.name);
    openFiles.opened();
    const hashes = Promise.withResolvers<Hashes>();
    // The connection may be lost before the answer, which is when somebody waits for this.
    hashes.promise.catch(() => undefined);
    this.#next.push({file: {fd, path: pathOf(small), size: small.size}, hashes});
    this.#nextBytes += small.size;
    if (this.#next.length === 1) {
      setImmediate(() => this.#start());
    } else if (this.#nextBytes >= bytesPerJob) {
      this.#start();
    }

    return hashes.promise;
  }

  /** Resolves when no file is open any more. */
  async settled(): Promise<void> {
    this.#start();
    await Promise.all(this.#running);
  }

  #start(): void {
    const wanted = this.#next;
    this.#next = [];
    this.#nextBytes = 0;
    if (wanted.length > 0) {
      const run = this.#run(wanted).finally(() => this.#running.delete(run));
      this.#running.add(run);
    }
  }

  async #run(wanted: readonly Wanted[]): Promise<void> {
    try {
      const files = wanted.map(({file}) => file);
      const all = await this.#checker.smallFiles(files, this.#algorithm, this.#checksums);
      for (const [index, {hashes}] of wanted.entries()) {
        const one = all[index];
        if (one !== undefined && 'root' in one) {
          hashes.resolve(one);
        } else {
          hashes.reject(one?.error);
        }
      }
    } catch (error) {
      for (const {hashes} of wanted) {
        hashes.reject(error);
      }
    } finally {
      for (const {file} of wanted) {
        closeSync(file.fd);
        openFiles.give();
      }
    }
  }
}
