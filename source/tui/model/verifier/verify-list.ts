/**
 * Compares many files with their copies: results are added while they come, to a list with a cursor. One file can be
 * opened in the verifier for details.
 */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {parentOf, type RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {type ChosenEntry, localPathOf} from '../../../transfers/download/chosen-files.ts';
import {compareMany} from '../../../transfers/download/compare/compare-many.ts';
import type {VerifyReport} from '../../../transfers/download/verify.ts';
import type {Queue} from '../../../transfers/queue/queue.ts';
import {isSettled} from '../../../transfers/terms/transfer-state.ts';
import {type LocalCopy, treePlaces} from '../local-copy.ts';
import type {Repainter} from '../repainter.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from '../viewport.ts';
import {Repairs} from './repairs.ts';
import {type ComparedRow, type ResultKind, type ResultRow, ResultRows} from './result-rows.ts';
import type {VerifierView} from './verifier.ts';

export type ListedRow = {
  readonly row: ResultRow;
  /** What has happened since to a file that was compared or is absent. */
  readonly now: VerifierView['state'] | undefined;
};

export type VerifyListView = {
  /** The entry under the cursor of the files when the comparison began. */
  readonly begunAt: RemotePath | undefined;
  readonly rows: readonly ListedRow[];
  /** Which of `rows` has the cursor. */
  readonly cursor: number;
  /** Files that were found, how many of them have a result, and the bytes of both. */
  readonly files: number;
  readonly bytes: number;
  readonly doneFiles: number;
  readonly doneBytes: number;
  readonly counts: Readonly<Record<ResultKind, number>>;
  /** Results without a row in the list. */
  readonly unlisted: number;
  /** Bytes that a repair of all differing files fetches. */
  readonly repairBytes: number;
  /** Files that differed and were repaired since. */
  readonly repaired: number;
  /** `counting`: it runs, and more files may be found. */
  readonly state: 'counting' | 'running' | 'stopped' | 'done';
  /** Why it ended before all files were compared. */
  readonly failure: DisplayText | undefined;
};

type VerifyListOptions = {
  readonly client: Client;
  readonly queue: Pick<Queue, 'find' | 'verdicts' | 'subscribe' | 'totals'>;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  /** The folder of the server's address. */
  readonly base: RemotePath;
  /** Gets the report of each comparison. */
  readonly compared: (report: VerifyReport) => void;
  /** The view of one file that is right now. */
  readonly now: (view: VerifierView) => VerifierView;
};

/** The choice with which one comparison is begun. */
type Choice = {
  readonly entries: readonly ChosenEntry[];
  readonly begunAt: RemotePath | undefined;
};

type Run = Choice & {
  readonly stop: AbortController;
  readonly rows: ResultRows;
  files: number;
  bytes: number;
  resultFiles: number;
  resultBytes: number;
  bytesUnderWay: number;
  state: VerifyListView['state'];
  failure: DisplayText | undefined;
};

export class VerifyList {
  readonly #options: VerifyListOptions;
  readonly #repainter: Repainter;
  #run: Run | undefined;
  #isInFront = false;
  #height = 1;
  #viewport: Viewport = {cursor: 0, offset: 0};
  /** The row that the user moved the cursor to: rows may be added before it. */
  #anchor: ResultRow | undefined;
  readonly #repairs: Repairs;

  constructor(options: VerifyListOptions, repainter: Repainter) {
    this.#options = options;
    this.#repainter = repainter;
    this.#repairs = new Repairs(options.queue);
  }

  /** Whether the verifier shows the list; if not, the list may be behind a single file. */
  get isInFront(): boolean {
    return this.#isInFront && this.#run !== undefined;
  }

  get isRunning(): boolean {
    return this.#run?.state === 'counting' || this.#run?.state === 'running';
  }

  /** Compare all files of `choice`; this replaces an earlier list. */
  start(choice: Choice): void {
    this.#run?.stop.abort();
    const run: Run = {
      ...{...choice, stop: new AbortController(), rows: new ResultRows()},
      ...{files: 0, bytes: 0, resultFiles: 0, resultBytes: 0, bytesUnderWay: 0},
      ...{state: 'counting', failure: undefined},
    };
    this.#run = run;
    this.#viewport = {cursor: 0, offset: 0};
    this.#anchor = undefined;
    this.#repairs.clear();
    this.#isInFront = true;
    this.#repainter.now();
    void this.#compare(run);
  }

  /** Compare the same files again. */
  again(): void {
    if (this.#run !== undefined) {
      this.start(this.#run);
    }
  }

  /** Stop comparing; the results stay. @returns whether a comparison ran. */
  stop(): boolean {
    const run = this.#run;
    if (run === undefined || !this.isRunning) {
      return false;
    }

    run.state = 'stopped';
    run.bytesUnderWay = 0;
    run.stop.abort();
    this.#repainter.now();
    return true;
  }

  /** Show a single file in place of the list, which stays behind it. */
  stepBehind(): void {
    this.#isInFront = false;
    this.#repainter.now();
  }

  /** Show the list again. @returns whether there is one, and it was not on the screen. */
  comeBack(): boolean {
    const wasBehind = !this.#isInFront && this.#run !== undefined;
    this.#isInFront ||= wasBehind;
    this.#repainter.now();
    return wasBehind;
  }

  move(move: Move): void {
    const rows = this.#run?.rows;
    if (rows !== undefined) {
      this.#follow(rows);
      this.#viewport = moveCursor(this.#viewport, move, rows.length, this.#height);
      this.#anchor = rows.slice(this.#viewport.cursor, 1)[0];
      this.#repainter.now();
    }
  }

  /** @param rows the height of the list. */
  resize(rows: number): void {
    this.#height = rows;
  }

  current(): ResultRow | undefined {
    const rows = this.#run?.rows;
    if (rows === undefined) {
      return undefined;
    }

    this.#follow(rows);
    return rows.slice(this.#viewport.cursor, 1)[0];
  }

  /** All files that differed, and are neither repaired nor in the queue. */
  differing(): ComparedRow[] {
    const {queue} = this.#options;
    return (this.#run?.rows.differing ?? []).filter(({path}) => {
      const transfer = queue.find(path);
      return !this.#repairs.has(path) && (transfer === undefined || isSettled(transfer.state));
    });
  }

  /** Whether all files are compared, and some that differed are neither repaired nor being repaired. */
  get isRepairable(): boolean {
    const differs = this.#run?.rows.counts.differs ?? 0;
    return !this.isRunning && differs > this.#repairs.count;
  }

  /** Let `queue` put `rows` into the queue: as soon as each is done there, it counts as the same. */
  async repair(rows: readonly ComparedRow[], queue: () => Promise<void>): Promise<void> {
    await this.#repairs.begin(rows, queue);
  }

  view(): VerifyListView | undefined {
    const run = this.#run;
    if (run === undefined || !this.#isInFront) {
      return undefined;
    }

    const {rows, files, bytes, state, failure, begunAt} = run;
    this.#follow(rows);
    const {cursor, offset} = this.#viewport;
    const {counts} = rows;
    const results = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return {
      ...{begunAt, files, bytes, counts, state, failure},
      rows: rows.slice(offset, this.#height).map(row => ({row, now: this.#now(row)})),
      cursor: cursor - offset,
      doneFiles: run.resultFiles,
      doneBytes: run.resultBytes + run.bytesUnderWay,
      unlisted: results - rows.length,
      repairBytes: rows.repairBytes,
      repaired: this.#repairs.done,
    };
  }

  /** Files of the list that are on the screen, once no more results come: their later changes are shown. */
  get shownPaths(): RemotePath[] {
    const run = this.#run;
    return run === undefined || !this.#isInFront || this.isRunning
      ? []
      : run.rows
          .slice(this.#viewport.offset, this.#height)
          .flatMap(row => (row.kind === 'failed' ? [] : row.path));
  }

  close(): void {
    this.#run?.stop.abort();
    this.#repairs.close();
  }

  async #compare(run: Run): Promise<void> {
    const {client, queue, folder, base, compared} = this.#options;
    const {entries, stop, rows} = run;
    const change = (does: () => void) => {
      if (!stop.signal.aborted) {
        does();
        this.#repainter.soon();
      }
    };
    try {
      await compareMany(
        entries,
        {
          ...{client, folder, base, signal: stop.signal},
          placesOf: file => treePlaces(file, {folder, transfer: queue.find(file.remotePath)}),
          isCopy: (file, path) => queue.verdicts.recall(file)?.remotePath === path,
        },
        {
          found: (files, bytes) =>
            change(() => {
              run.files += files;
              run.bytes += bytes;
            }),
          counted: () =>
            change(() => {
              run.state = 'running';
            }),
          unnamed: places => change(() => rows.addUnnamed(places)),
          progress: bytes =>
            change(() => {
              run.bytesUnderWay = bytes;
            }),
          result: result =>
            change(() => {
              if (result.name === 'compared') {
                compared(result.report);
              }

              run.resultFiles++;
              run.resultBytes += result.bytes;
              rows.add(result);
            }),
        },
      );
      change(() => {
        run.state = 'done';
      });
    } catch (error) {
      change(() => {
        run.state = 'stopped';
        run.failure = displayName(error instanceof Error ? error.message : String(error));
      });
    }
  }

  /** Keep the cursor on its row: rows may have been added before it. */
  #follow(rows: ResultRows): void {
    const cursor = this.#anchor === undefined ? 0 : rows.positionOf(this.#anchor);
    const offset = this.#viewport.offset + cursor - this.#viewport.cursor;
    this.#viewport = fitViewport({cursor, offset}, rows.length, this.#height);
  }

  #now(row: ResultRow): ListedRow['now'] {
    if (row.kind === 'failed') {
      return undefined;
    }

    const view = viewOf(row, undefined);
    const now = this.#options.now(view);
    const isElsewhere = now.copy !== undefined && !this.#isInTree(row.path, now.copy);
    return row.kind === 'absent' && isElsewhere ? view.state : now.state;
  }

  /** Whether `copy` is at a path where the run looked for the file at `path`. */
  #isInTree(path: RemotePath, copy: LocalCopy): boolean {
    const {queue, folder, base} = this.#options;
    const entry = this.#run?.entries.find(
      chosen => path === chosen.path || path.startsWith(`${chosen.path}/`),
    );
    const chosenIn = entry === undefined ? base : parentOf(entry.path);
    const file = {remotePath: path, localPath: localPathOf(path, base), chosenIn};
    return treePlaces(file, {folder, transfer: queue.find(path)}).some(
      place => place.folder === copy.folder && place.localPath === copy.localPath,
    );
  }
}

/** The view of a row alone in the verifier. */
export function viewOf(
  row: Exclude<ResultRow, {kind: 'failed'}>,
  begunAt: RemotePath | undefined,
): VerifierView {
  const common = {path: row.path, begunAt, hash: {name: 'none'}} as const;
  return row.kind === 'absent'
    ? {...common, copy: undefined, state: {name: 'absent'}}
    : {...common, copy: row.copy, state: {name: 'compared', report: row.report}};
}
