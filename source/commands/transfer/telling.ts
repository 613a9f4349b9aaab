/**
 * Prints the results of downloads: each finished file on standard output (as a line or as a JSON event); bars or an
 * occasional line, failures and a summary on standard error.
 */
import path from 'node:path';
import {blockSize} from '../../../protocol/block.ts';
import {displayName} from '../../../protocol/display-text.ts';
import type {ErrorCode, JangadaError} from '../../../protocol/errors.ts';
import {baseName} from '../../../protocol/remote-path.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import {waitsForRoom} from '../../transfers/terms/transfer-state.ts';
import {formatSize} from '../format.ts';
import {type BarStyle, barStyle, fit} from '../progress/bar.ts';
import {barLines, countingLine, plainLine, totalLine} from '../progress/transfer-lines.ts';
import type {CommandOutput} from '../results/output.ts';
import {
  doneEvent,
  errorEvent,
  failedEvent,
  folderEvent,
  progressEvent,
  skippedEvent,
} from './events.ts';
import {Failures} from './failures.ts';
import type {FolderHere} from './folder-here.ts';
import {reusedNote} from './reused-note.ts';
import type {Tally} from './tally.ts';
import {mostWaiting, type Update} from './watch.ts';

const eventsEveryMs = 1000;
const linesEveryMs = 10_000;

export type TellingOptions = {
  output: CommandOutput;
  json: boolean;
  /** Whether the command names one file: then its line is the result, and there is no summary. */
  single: boolean;
  style?: BarStyle | undefined;
  now?: (() => number) | undefined;
};

export class TransferTelling {
  readonly #output: CommandOutput;
  readonly #json: boolean;
  readonly #single: boolean;
  readonly #listsFiles: boolean;
  readonly #style: BarStyle;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  #progressAtMs: number;
  /** Results that have not been written yet. */
  #pending = '';
  #written: Promise<void> = Promise.resolve();
  /** Transfers whose change on the server was printed. */
  readonly #begunAnew = new Set<number>();
  readonly #failures: Failures;
  /** Transfers whose wait for room was printed. */
  readonly #waiting = new Set<number>();
  #moreWait = false;
  /** Whether the command ended before it fetched anything: then there is no summary. */
  #isStopped = false;

  constructor({output, json, single, style, now = () => performance.now()}: TellingOptions) {
    this.#output = output;
    this.#json = json;
    this.#single = single;
    // Where bars show the progress, thousands of lines about finished files would scroll by.
    this.#listsFiles = single || !output.resultsAreSeen || !output.canRedraw;
    this.#style = style ?? barStyle(process.env);
    this.#now = now;
    this.#failures = new Failures(line => output.error(line));
    this.#startedAtMs = now();
    this.#progressAtMs = now();
  }

  /** Show how much is found, where nothing is fetched before the search ends. */
  count(files: number, bytes: number): void {
    const output = this.#output;
    const line = countingLine(files, bytes);
    if (output.canRedraw) {
      output.footer([fit(line, output.columns - 1)]);
    } else if (!this.#json && this.#due(linesEveryMs)) {
      output.notice(line);
    }
  }

  /** The file may take hours to finish, so the user learns at once why its progress went back. */
  begunAnew({id, remotePath, begunAnew}: TransferSnapshot): void {
    if (begunAnew && !this.#begunAnew.has(id)) {
      this.#begunAnew.add(id);
      this.#output.notice(
        `${displayName(remotePath)}: changed on the server; the download begins again and keeps equal blocks`,
      );
    }
  }

  /** @param first some of the `count` transfers that wait for room; they may be named. */
  waiting(first: readonly TransferSnapshot[], count: number): void {
    let unnamed = false;
    for (const {id, remotePath, state} of first) {
      const isKnown = this.#waiting.has(id) || !waitsForRoom(state);
      if (!isKnown && this.#waiting.size < mostWaiting) {
        this.#waiting.add(id);
        this.#output.notice(`${displayName(remotePath)} waits: ${displayName(state.noRoom)}`);
      } else {
        unnamed ||= !isKnown;
      }
    }

    if ((unnamed || count > this.#waiting.size) && !this.#moreWait) {
      this.#moreWait = true;
      this.#output.notice('and more files wait for room: the summary counts them');
    }
  }

  done(row: TransferSnapshot): void {
    if (this.#json) {
      this.#pending += doneEvent(row);
    } else if (this.#listsFiles && !this.#output.quiet) {
      this.#pending += `${doneLine(row)}\n`;
    }
  }

  skipped(remotePath: string, target: string): void {
    if (this.#json) {
      this.#pending += skippedEvent(remotePath, target);
    } else if (this.#listsFiles && !this.#output.quiet) {
      this.#pending += `${displayName(remotePath)}  skipped, it exists\n`;
    }
  }

  foldersMade(made: readonly FolderHere[]): void {
    if (this.#json) {
      this.#pending += made.map(folderEvent).join('');
    } else if (this.#listsFiles && !this.#output.quiet) {
      this.#pending += made
        .map(({remotePath}) => `${displayName(remotePath)}  folder made\n`)
        .join('');
    }
  }

  failed(name: string, code: ErrorCode, why: string): void {
    this.#failures.add(name, code, why);
    this.#failedEvent(name, code, why);
  }

  /** As `failed`, for a file because of which nothing is fetched: the error that ends the command names it to people. */
  stoppedBy(name: string, code: ErrorCode, why: string): void {
    this.#isStopped = true;
    this.#failedEvent(name, code, why);
  }

  /** Called when checksums could not be written. */
  checksumsFailed({code, message}: JangadaError): void {
    this.#output.error(displayName(message));
    this.#pending += this.#json ? errorEvent(code, message) : '';
  }

  progress({running: all, ...others}: Update, tally: Tally, counting: boolean): void {
    const running = this.#single ? all : all.filter(takesLong);
    const update = {...others, running};
    const {bytesPerSecond} = others;
    const output = this.#output;
    if (output.canRedraw) {
      output.footer(barLines(update, tally, counting, output.columns - 1, this.#style));
    }

    if (this.#due(this.#json ? eventsEveryMs : linesEveryMs)) {
      if (this.#json) {
        this.#pending += running.map(progressEvent).join('');
        this.flush();
      } else if (!output.canRedraw) {
        running.forEach(row => {
          output.notice(plainLine(row));
        });
        if (!this.#single) {
          output.notice(totalLine(running, bytesPerSecond, tally, counting));
        }
      }
    }
  }

  /** Resolves when the results so far are written. */
  async written(): Promise<void> {
    this.flush();
    await this.#written;
  }

  /** Write the results so far. */
  flush(): void {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') {
      this.#written = this.#output.result(text);
    }
  }

  /** Called when nothing is counted or fetched any more. */
  hideProgress(): void {
    this.#output.footer([]);
  }

  /** Write the summary. Resolves when it is written. */
  async end(
    tally: Tally,
    {failure, elapsedMs}: {failure: JangadaError | undefined; elapsedMs: number},
  ): Promise<void> {
    this.#failures.end();
    if (this.#json) {
      this.#pending += failure === undefined ? '' : errorEvent(failure.code, failure.message);
    } else if (this.#summarizes(tally)) {
      this.#pending += `${tally.summary(elapsedMs)}\n${this.#failures.lines(tally.failed)}`;
    }

    await this.written();
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.#now() - this.#startedAtMs;
  }

  #failedEvent(name: string, code: ErrorCode, why: string): void {
    if (this.#json) {
      this.#pending += failedEvent(name, code, why);
    }
  }

  #summarizes({asked, foundFolders}: Tally): boolean {
    const isWanted = !this.#single && !this.#output.quiet;
    return isWanted && !this.#isStopped && asked + foundFolders > 0;
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

/** Whether a file is large enough for a progress line: a small one finishes before a user could read it. */
function takesLong({size}: TransferSnapshot): boolean {
  return size === undefined || size > blockSize;
}

/** `photos/boat.jpg  7.51 MB  verified`. */
function doneLine(row: TransferSnapshot): string {
  const {remotePath, target, size, verifiedBytes, begunAnew} = row;
  const reused = reusedNote(row);
  const name = baseName(remotePath);
  const isNamedSo = target.endsWith(name) && target.at(-name.length - 1) === path.sep;
  const renamed = isNamedSo ? '' : `, saved as ${displayName(path.basename(target))}`;
  const changed = begunAnew ? ', changed on the server meanwhile' : '';
  return `${displayName(remotePath)}  ${formatSize(size ?? verifiedBytes)}  verified${reused}${renamed}${changed}`;
}
