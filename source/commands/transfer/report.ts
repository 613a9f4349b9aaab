/**
 * The report of a downloading command: each finished file on standard output (as a line or as a
 * JSON event), bars or an occasional line on standard error, failures there too, a summary.
 */
import path from 'node:path';
import {blockSize} from '../../../protocol/block.ts';
import {displayName} from '../../../protocol/display-text.ts';
import {type ErrorCode, JangadaError} from '../../../protocol/errors.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import type {WantedFile} from '../../transfers/terms/new-transfer.ts';
import {waitsForRoom} from '../../transfers/terms/transfer-state.ts';
import type {ChecksumList} from '../checksums/checksum-list.ts';
import {exitStatus} from '../exit-status.ts';
import {formatSize} from '../format.ts';
import type {CommandOutput} from '../output.ts';
import {type BarStyle, barStyle, fit} from '../progress/bar.ts';
import {barLines, countingLine, plainLine, totalLine} from '../progress/transfer-lines.ts';
import {
  doneEvent,
  endEvent,
  errorEvent,
  failedEvent,
  folderEvent,
  progressEvent,
  skippedEvent,
} from './events.ts';
import type {FolderHere} from './folder-here.ts';
import {reusedNote} from './reused-note.ts';
import {Tally} from './tally.ts';
import type {Update} from './watch.ts';

const eventsEveryMs = 1000;
const linesEveryMs = 10_000;

/** Failures that the summary names. */
const mostFailures = 1000;

/**
 * Transfers without room that are named while they wait, and in the end: there may be
 * thousands.
 */
const mostWaiting = 10;
const mostWithoutRoom = 20;

type ReportOptions = {
  output: CommandOutput;
  json: boolean;
  /** Whether one file was named: its line is the result, and there is no summary. */
  single: boolean;
  /** Whether folders are asked for, too. */
  folders?: boolean;
  /** Gets a line for each file that is done. */
  checksums?: ChecksumList | undefined;
  style?: BarStyle;
  now?: () => number;
};

export class TransferReport {
  readonly tally: Tally;
  /** Whether more files may be found. */
  counting = false;
  readonly #output: CommandOutput;
  readonly #json: boolean;
  readonly #single: boolean;
  readonly #listsFiles: boolean;
  readonly #checksums: ChecksumList | undefined;
  readonly #style: BarStyle;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  #progressAtMs: number;
  /** Results that have not been written yet. */
  #pending = '';
  #written: Promise<void> = Promise.resolve();
  /** Transfers whose change on the server was told. */
  readonly #begunAnew = new Set<number>();
  readonly #failures: string[] = [];
  /** Transfers whose wait for room was told. */
  readonly #waiting = new Set<number>();
  #moreWait = false;
  /** Failures for want of room. */
  #withoutRoom = 0;

  constructor({
    output,
    json,
    single,
    folders = false,
    checksums,
    style,
    now = () => performance.now(),
  }: ReportOptions) {
    this.#output = output;
    this.#json = json;
    this.#single = single;
    this.#checksums = checksums;
    // Where bars show the progress, thousands of lines about finished files would scroll by.
    this.#listsFiles = single || !output.resultsAreSeen || !output.canRedraw;
    this.#style = style ?? barStyle(process.env);
    this.#now = now;
    this.tally = new Tally(folders);
    this.#startedAtMs = now();
    this.#progressAtMs = now();
  }

  /** Tell how much is found, where nothing is fetched before the search ends. */
  count(files: number, bytes: number): void {
    const output = this.#output;
    const line = countingLine(files, bytes);
    if (output.canRedraw) {
      output.footer([fit(line, output.columns - 1)]);
    } else if (!this.#json && this.#due(linesEveryMs)) {
      output.notice(line);
    }
  }

  /** The search has ended. */
  counted(): void {
    this.#output.footer([]);
  }

  /** `files` are found, and are to be fetched. */
  ask(files: readonly WantedFile[]): void {
    this.tally.addAsked(files);
  }

  update(update: Update): void {
    update.running.forEach(row => {
      this.#tellBegunAnew(row);
    });
    update.waiting.forEach(row => {
      this.#tellWaiting(row);
    });
    for (const row of update.settled) {
      this.#settle(row);
    }

    this.#checksums?.flush();
    this.#flush();
    this.#progress(update);
  }

  /** Tell of the folders that were made; all of them count. */
  addFolders(folders: readonly FolderHere[]): void {
    const made = folders.filter(folder => folder.made);
    this.tally.addFolders(folders.length, made.length);
    if (this.#json) {
      this.#pending += made.map(folderEvent).join('');
    } else if (this.#listsFiles && !this.#output.quiet) {
      this.#pending += made
        .map(({remotePath}) => `${displayName(remotePath)}  folder made\n`)
        .join('');
    }

    this.#flush();
  }

  /** Count and name a file that is not fetched. */
  refuse(name: string, code: ErrorCode, why: string): void {
    this.tally.asked++;
    this.tally.addFailed(code);
    this.#fail(name, code, why);
  }

  /** A file that is asked for is left out: it exists. */
  skip({remotePath, folder, localPath}: WantedFile): void {
    this.tally.skipped++;
    this.#skipped(remotePath, path.join(folder, localPath));
  }

  /**
   * Write the summary. Resolves when it is written.
   *
   * @param failure the error that ended the command early; its catcher prints it.
   */
  async end(interrupted: boolean, failure: unknown): Promise<void> {
    this.#output.footer([]);
    const elapsedMs = this.#now() - this.#startedAtMs;
    await this.#endChecksums();
    if (this.#withoutRoom > mostWithoutRoom) {
      this.#output.error(`and ${this.#withoutRoom - mostWithoutRoom} more for want of room`);
    }

    if (this.#json) {
      this.#pending +=
        (failure instanceof JangadaError ? errorEvent(failure.code, failure.message) : '') +
        endEvent(this.tally, elapsedMs, interrupted);
    } else if (
      !this.#single &&
      !this.#output.quiet &&
      this.tally.asked + this.tally.foundFolders > 0
    ) {
      this.#pending += `${this.tally.summary(elapsedMs)}\n${this.#failureLines()}`;
    }

    this.#flush();
    await this.#written;
  }

  async #endChecksums(): Promise<void> {
    const failure = await this.#checksums?.end();
    if (failure !== undefined) {
      this.tally.statuses.add(exitStatus.failed);
      this.#output.error(displayName(failure.message));
      this.#pending += this.#json ? errorEvent(failure.code, failure.message) : '';
    }
  }

  #settle(row: TransferSnapshot): void {
    const {state, remotePath, target} = row;
    if (state.name === 'failed') {
      this.tally.addFailed(state.code);
      this.#fail(remotePath, state.code, this.#reasonOf(state, target));
    } else if (state.name !== 'done' || state.outcome === 'skipped') {
      this.tally.skipped++;
      this.#skipped(remotePath, target);
    } else {
      this.tally.addDone(row);
      if (state.sha256 !== undefined) {
        this.#checksums?.add(target, state.sha256);
      }

      if (this.#json) {
        this.#pending += doneEvent(row);
      } else if (this.#listsFiles && !this.#output.quiet) {
        this.#pending += `${doneLine(row)}\n`;
      }
    }
  }

  #reasonOf({code, reason}: {code: ErrorCode; reason: string}, target: string): string {
    return code === 'locked' && this.#checksums?.isAt(target)
      ? `${target} is the list of checksums: name another file for --checksums`
      : reason;
  }

  /** The file may take hours to finish: the user hears at once why it took a step back. */
  #tellBegunAnew({id, remotePath, begunAnew}: TransferSnapshot): void {
    if (begunAnew && !this.#begunAnew.has(id)) {
      this.#begunAnew.add(id);
      this.#output.notice(
        `${displayName(remotePath)}: changed on the server, begun anew; blocks that are equal stay`,
      );
    }
  }

  #tellWaiting({id, remotePath, state}: TransferSnapshot): void {
    if (!waitsForRoom(state) || this.#waiting.has(id)) {
      return;
    }

    if (this.#waiting.size < mostWaiting) {
      this.#waiting.add(id);
      this.#output.notice(`${displayName(remotePath)} waits: ${displayName(state.noRoom)}`);
    } else if (!this.#moreWait) {
      this.#moreWait = true;
      this.#output.notice('and more that wait for room: the summary counts them');
    }
  }

  #fail(name: string, code: ErrorCode, why: string): void {
    const line = `${displayName(name)}: ${displayName(why)}`;
    this.#withoutRoom += code === 'no_space' ? 1 : 0;
    if (code !== 'no_space' || this.#withoutRoom <= mostWithoutRoom) {
      this.#output.error(line);
      if (this.#failures.length < mostFailures) {
        this.#failures.push(line);
      }
    }

    if (this.#json) {
      this.#pending += failedEvent(name, code, why);
    }
  }

  /** The failures once more: the first time may have scrolled away. */
  #failureLines(): string {
    const more = this.tally.failed - this.#failures.length;
    return [...this.#failures, ...(more > 0 ? [`and ${more} more`] : [])]
      .map(line => `failed  ${line}\n`)
      .join('');
  }

  #skipped(remotePath: string, target: string): void {
    if (this.#json) {
      this.#pending += skippedEvent(remotePath, target);
    } else if (this.#listsFiles && !this.#output.quiet) {
      this.#pending += `${displayName(remotePath)}  skipped, it exists\n`;
    }
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') {
      this.#written = this.#output.result(text);
    }
  }

  #progress({settled, running: all, waiting, bytesPerSecond}: Update): void {
    const running = this.#single ? all : all.filter(takesLong);
    const update = {settled, running, waiting, bytesPerSecond};
    const output = this.#output;
    if (output.canRedraw) {
      output.footer(barLines(update, this.tally, this.counting, output.columns - 1, this.#style));
    }

    if (this.#due(this.#json ? eventsEveryMs : linesEveryMs)) {
      if (this.#json) {
        this.#pending += running.map(progressEvent).join('');
        this.#flush();
      } else if (!output.canRedraw) {
        running.forEach(row => {
          output.notice(plainLine(row));
        });
        if (!this.#single) {
          output.notice(totalLine(running, bytesPerSecond, this.tally, this.counting));
        }
      }
    }
  }

  #due(everyMs: number): boolean {
    const nowMs = this.#now();
    const due = nowMs - this.#progressAtMs >= everyMs;
    if (due) {
      this.#progressAtMs = nowMs;
    }

    return due;
  }
}

/**
 * Whether a file is large enough for a progress line: small ones finish before it could be
 * read.
 */
function takesLong({size}: TransferSnapshot): boolean {
  return size === undefined || size > blockSize;
}

/** `photos/boat.jpg  7.51 MB  verified`. */
function doneLine(row: TransferSnapshot): string {
  const {remotePath, target, size, verifiedBytes, begunAnew} = row;
  const reused = reusedNote(row);
  const saved = path.basename(target);
  const renamed =
    saved === path.posix.basename(remotePath) ? '' : `, saved as ${displayName(saved)}`;
  const changed = begunAnew ? ', changed on the server meanwhile' : '';
  return `${displayName(remotePath)}  ${formatSize(size ?? verifiedBytes)}  verified${reused}${renamed}${changed}`;
}
