/** The report of a downloading command: counts what happens to each file, and has it printed. */
import path from 'node:path';
import {type ErrorCode, JangadaError} from '../../../protocol/errors.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import type {ChecksumList} from '../checksums/checksum-list.ts';
import {endFields} from './events.ts';
import type {FolderHere} from './folder-here.ts';
import {Tally} from './tally.ts';
import {type TellingOptions, TransferTelling} from './telling.ts';
import type {Update} from './watch.ts';

type ReportOptions = TellingOptions & {
  /** Whether the command also makes folders. */
  folders?: boolean;
  /** Gets a line for each finished file. */
  checksums?: ChecksumList | undefined;
};

/** Files whose events are in memory at once. */
const sliceFiles = 1000;

export class TransferReport {
  readonly tally: Tally;
  /** Whether more files may be found. */
  counting = false;
  readonly #telling: TransferTelling;
  readonly #checksums: ChecksumList | undefined;

  constructor({folders = false, checksums, ...telling}: ReportOptions) {
    this.tally = new Tally(folders);
    this.#telling = new TransferTelling(telling);
    this.#checksums = checksums;
  }

  /** Show how much is found, where nothing is fetched before the search ends. */
  count(files: number, bytes: number): void {
    this.#telling.count(files, bytes);
  }

  /** The search has ended. */
  counted(): void {
    this.#telling.hideProgress();
  }

  /** Count `files`, which are found and are to be fetched. */
  ask(files: readonly WantedFile[]): void {
    this.tally.addAsked(files);
  }

  update(update: Update): void {
    update.running.forEach(row => {
      this.#telling.begunAnew(row);
    });
    this.#telling.waiting(update.waiting, update.waitingCount);
    for (const row of update.settled) {
      this.#settle(row);
    }

    this.#checksums?.flush();
    this.#telling.flush();
    this.#telling.progress(update, this.tally, this.counting);
  }

  /** Report folders that were made; all of them count. */
  addFolders(folders: readonly FolderHere[]): void {
    const made = folders.filter(folder => folder.made);
    this.tally.addFolders(folders.length, made.length);
    this.#telling.foldersMade(made);
    this.#telling.flush();
  }

  /** Count and name a file that is not fetched. */
  refuse(name: string, code: ErrorCode, why: string): void {
    this.tally.asked++;
    this.tally.addFailed(code);
    this.#telling.failed(name, code, why);
  }

  /**
   * Count files because of which nothing is fetched. The error that ends the command names them to people. Resolves
   * when their events are written: each slice before the next is made.
   */
  async stoppedBy(
    files: ReadonlyArray<Pick<WantedFile, 'remotePath'>>,
    {code, message}: Pick<JangadaError, 'code' | 'message'>,
  ): Promise<void> {
    for (let from = 0; from < files.length; from += sliceFiles) {
      for (const {remotePath} of files.slice(from, from + sliceFiles)) {
        this.tally.addFailed(code);
        this.#telling.stoppedBy(remotePath, code, message);
      }

      await this.#telling.written();
    }
  }

  /** Count files that are not fetched and whose names are not known. */
  refuseUnnamed(count: number, code: ErrorCode): void {
    this.tally.asked += count;
    this.tally.addFailed(code, count);
  }

  /** Count a file that is left out because it exists. */
  skip({remotePath, folder, localPath, size}: WantedFile): void {
    this.tally.addSkipped({size});
    this.#telling.skipped(remotePath, path.join(folder, localPath));
  }

  /** Count and name files that are left because of `error`. Resolves when that is written. */
  async leave(
    files: ReadonlyArray<Pick<WantedFile, 'remotePath'>>,
    {code, message}: JangadaError,
  ): Promise<void> {
    for (const {remotePath} of files) {
      this.tally.addFailed(code);
      this.#telling.failed(remotePath, code, message);
    }

    await this.#telling.written();
  }

  /**
   * Write the summary. Resolves when it is written, with the fields of the last event of `--json`.
   *
   * @param failure the error that ended the command early; the code that catches it prints it.
   */
  async end(interrupted: boolean, failure: unknown): Promise<object> {
    this.#telling.hideProgress();
    const {elapsedMs} = this.#telling;
    await this.#endChecksums();
    await this.#telling.end(this.tally, {
      failure: failure instanceof JangadaError ? failure : undefined,
      elapsedMs,
    });
    return endFields(this.tally, elapsedMs, interrupted);
  }

  async #endChecksums(): Promise<void> {
    const failure = await this.#checksums?.end();
    if (failure !== undefined) {
      this.tally.codes.add(failure.code);
      this.#telling.checksumsFailed(failure);
    }
  }

  #settle(row: TransferSnapshot): void {
    const {state, remotePath, target} = row;
    if (state.name === 'failed') {
      this.tally.addFailed(state.code);
      this.#telling.failed(remotePath, state.code, this.#reasonOf(state, target));
    } else if (state.name !== 'done' || state.outcome === 'skipped') {
      this.tally.skipped++;
      this.#telling.skipped(remotePath, target);
    } else {
      this.tally.addDone(row);
      if (state.sha256 !== undefined) {
        this.#checksums?.add(target, state.sha256);
      }

      this.#telling.done(row);
    }
  }

  #reasonOf({code, reason}: {code: ErrorCode; reason: string}, target: string): string {
    return code === 'locked' && this.#checksums?.isAt(target)
      ? `${target} is the list of checksums: name another file for --checksums`
      : reason;
  }
}
