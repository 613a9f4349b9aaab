/**
 * The local copies of the files on the screen: of the visible rows, of the file in the verifier, and of
 * transfers that are done. They are looked up on the disk without delaying keys, remembered for a while, and
 * looked up again when something has happened:
 *
 *     the queue ─ a transfer begins or ends ──┐
 *     the system ─ a folder has changed ──────┼──► CopyFinder ─► Seen ──► hereState, verifier
 *     the user ─ presses a key, 2 s later ────┘      (disk)
 *
 * While nothing changes this costs nothing: the system reports changes by other programs. It does not report those on
 * disks of other machines; there, and while the queue works, a look counts for two seconds.
 */
import {type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {LocalFile} from '../../../transfers/download/here/copy-look.ts';
import {FolderWatch} from '../../../transfers/download/here/folder-watch.ts';
import {judgeCopy} from '../../../transfers/download/here/judge-copy.ts';
import type {VerifyReport} from '../../../transfers/download/verify.ts';
import type {Queue, TransferSnapshot, Verdict} from '../../../transfers/queue/queue.ts';
import {isSettled} from '../../../transfers/terms/transfer-state.ts';
import type {Repainter} from '../repainter.ts';
import {CopyFinder, type CopyFinderOptions} from './copy-finder.ts';
import type {HereRow, HereScreen} from './here-screen.ts';
import {type HereState, hereState} from './here-state.ts';
import {LastLooks} from './last-looks.ts';
import {type Seen, SeenFiles} from './seen-files.ts';

type HereOptions = CopyFinderOptions & {
  readonly queue: Pick<Queue, 'find' | 'subscribe' | 'totals' | 'verdicts'>;
  /** Default: the clock of the process, in milliseconds. */
  readonly now?: () => number;
};

/** A look counts for so long where the system does not report changes. */
const freshMs = 2000;

/** Most files off the screen whose newer versions are remembered. */
const mostNewer = 4000;

/** Changes in folders come in groups: a look waits so long for the rest of the group. */
const crowdMs = 100;

/** While a key is held, rows come into sight one after the other: they are looked up together, so often. */
const togetherMs = 100;

export class Here {
  readonly #options: HereOptions;
  readonly #repainter: Repainter;
  readonly #now: () => number;
  readonly #finder: CopyFinder;
  readonly #watch = new FolderWatch(() => this.#crowd());
  readonly #seen = new SeenFiles();
  /** Versions that the server told after the folder was read: the listing is older. */
  readonly #newer = new Map<RemotePath, Verdict['remote']>();
  readonly #last: LastLooks;
  /** The files on the screen, with their transfers in the last state. */
  #wanted: ReadonlyMap<RemotePath, TransferSnapshot | undefined> = new Map();
  #shown: RemotePath = rootPath;
  #wasReading = false;
  #wasWorking = false;
  #timer: NodeJS.Timeout | undefined;
  /** Runs for a while after a look at new rows. */
  #pause: NodeJS.Timeout | undefined;
  /** Whether new rows came into sight meanwhile. */
  #isDue = false;
  readonly #ends: ReadonlyArray<() => void>;

  constructor(options: HereOptions, repainter: Repainter) {
    this.#options = options;
    this.#repainter = repainter;
    this.#last = new LastLooks(() => repainter.soon());
    this.#now = options.now ?? (() => performance.now());
    this.#finder = new CopyFinder(options, {
      found: (path, look, verdict) => {
        if (this.#seen.set(path, {look, verdict, atMs: this.#now()})) {
          repainter.soon();
        }
      },
      stuck: () => repainter.soon(),
    });
    const {queue} = options;
    this.#ends = [
      queue.subscribe(() => this.#queueChanged()),
      queue.verdicts.onNews(() => this.#judgeAgain()),
    ];
  }

  /** The state of each row; begins a look at the disk for rows without one. */
  show({shown, isReading, rows, others}: HereScreen): ReadonlyArray<HereState | undefined> {
    if (isReading) {
      this.#newer.clear();
      this.#wasReading = true;
    }

    const files = rows.flatMap(row => (row?.type === 'file' ? [row.path] : []));
    this.#want(shown, files, others);
    if (this.#wasReading && !isReading) {
      // The folder was read again, so its files are looked up again, however recent the last look is.
      this.#wasReading = false;
      this.#again([...this.#wanted.keys()]);
    }

    return rows.map(row => (row?.type === 'file' ? this.#stateOf(row) : undefined));
  }

  /** Whether the disk does not answer. */
  get isStuck(): boolean {
    return this.#finder.isStuck;
  }

  /** The transfer of a file, in its earlier state until the disk was read again after its end. */
  transfer(path: RemotePath): TransferSnapshot | undefined {
    return this.#last.transfer(path, this.#options.queue.find(path));
  }

  /** The result of the last look at a file, unless the file has changed since. */
  seen(path: RemotePath): Seen | undefined {
    return this.#last.has(path) ? undefined : this.#seen.get(path);
  }

  /** The newest version that the server has told, if it is newer than the listing. */
  newer(path: RemotePath): Verdict['remote'] | undefined {
    return this.#newer.get(path);
  }

  /** See `CopyFinder.copyOf`. */
  async copyOf(...question: Parameters<CopyFinder['copyOf']>): Promise<LocalFile | undefined> {
    return await this.#finder.copyOf(...question);
  }

  /** A copy was compared with the server's file. */
  compared({remotePath, localFile, compared, equal}: VerifyReport): void {
    if (compared !== undefined) {
      const verdict = {...compared, remotePath, equal};
      this.#options.queue.verdicts.remember(localFile, verdict);
      this.#seen.judge(localFile, verdict);
      // If many files are compared one after the other, few of them are on the screen.
      if (this.#wanted.has(remotePath) || this.#newer.size < mostNewer) {
        this.#newer.set(remotePath, compared.remote);
      }

      if (this.#wanted.has(remotePath)) {
        this.#again([remotePath]);
      }
    }
  }

  /** A key was pressed: read again what was read too long ago. */
  used(): void {
    const since = this.#now() - freshMs;
    const old = this.#seen.unseenSince(since, this.#wanted.keys());
    if (old.length > 0) {
      this.#again(old);
    }
  }

  close(): void {
    for (const end of this.#ends) {
      end();
    }

    clearTimeout(this.#timer);
    clearTimeout(this.#pause);
    this.#finder.close();
    this.#watch.close();
  }

  #stateOf(row: HereRow): HereState {
    const {path} = row;
    const seen = this.#seen.get(path);
    const {size, mtimeMs} = this.#newer.get(path) ?? {size: row.bytes, mtimeMs: row.mtimeMs};
    const judged = seen && judgeCopy(seen.look, seen.verdict, {size, mtimeMs});
    return hereState(judged, this.transfer(path), this.#finder.isStuck);
  }

  #want(shown: RemotePath, files: readonly RemotePath[], others: readonly RemotePath[]): void {
    const paths = [...new Set([...files, ...others])];
    const isSame =
      shown === this.#shown &&
      paths.length === this.#wanted.size &&
      paths.every(path => this.#wanted.has(path));
    if (!isSame) {
      const before = this.#wanted;
      this.#shown = shown;
      const find = (path: RemotePath) => before.get(path) ?? this.#options.queue.find(path);
      this.#wanted = new Map(paths.map(path => [path, find(path)]));
      for (const path of others.filter(path => !before.has(path))) {
        // The last look may be older than the end of the transfer.
        this.#last.begin(path, this.#finder.copyOf(path, shown));
      }

      this.#isDue = true;
      this.#lookTogether();
    }
  }

  /** Look up the rows that have come into sight; after a pause this begins at once. */
  #lookTogether(): void {
    if (this.#isDue && this.#pause === undefined) {
      this.#isDue = false;
      // Rows that were looked up a moment ago are still on the screen while others are looked up.
      const unseen = this.#seen.unseenSince(this.#now() - freshMs, this.#wanted.keys());
      this.#finder.ask(unseen, this.#shown);
      this.#watchFolders();
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.#lookTogether();
      }, togetherMs).unref();
    }
  }

  #again(paths: readonly RemotePath[]): void {
    this.#finder.askFirst(paths, this.#shown);
  }

  #ended(
    path: RemotePath,
    {state, target}: TransferSnapshot,
    before: TransferSnapshot | undefined,
  ): void {
    const verdict = this.#options.queue.verdicts.recall(target);
    if (state.name === 'done' && verdict?.remotePath === path) {
      this.#newer.set(path, verdict.remote);
    }

    const isRunning = before !== undefined && !isSettled(before.state);
    const look = this.#finder.copyOf(path, this.#shown);
    this.#last.begin(path, look, isRunning ? before : undefined);
  }

  /** A transfer that has begun or ended has changed the files here. */
  #queueChanged(): void {
    const {queue} = this.#options;
    const before = this.#wanted;
    this.#wanted = new Map([...before.keys()].map(path => [path, queue.find(path)]));
    const changed = [...before].filter(
      ([path, transfer]) => transfer?.state.name !== this.#wanted.get(path)?.state.name,
    );
    this.#again(changed.map(([path]) => path));
    for (const [path, transfer] of changed) {
      const now = this.#wanted.get(path);
      if (now !== undefined && isSettled(now.state)) {
        this.#ended(path, now, transfer);
      }
    }

    if (this.#isWorking !== this.#wasWorking) {
      this.#wasWorking = this.#isWorking;
      this.#watchFolders();
    }

    if (this.#isWorking) {
      this.used();
    }
  }

  /** Another process that repairs a file stores its verdict after the file has changed, perhaps after the last look. */
  #judgeAgain(): void {
    for (const path of this.#wanted.keys()) {
      const seen = this.#seen.get(path);
      if (seen !== undefined) {
        // If the database cannot be read now, the earlier verdict stays.
        const verdict = this.#finder.verdictOn(seen.look, path) ?? seen.verdict;
        if (this.#seen.set(path, {...seen, verdict})) {
          this.#repainter.soon();
        }
      }
    }
  }

  get #isWorking(): boolean {
    return this.#options.queue.totals().active > 0;
  }

  /** A queue at work changes folders all the time, and reports its own changes. */
  #watchFolders(): void {
    const watched = this.#isWorking ? [] : this.#wanted.keys();
    this.#watch.places = this.#finder.placesOf(watched, this.#shown);
  }

  #crowd(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#again([...this.#wanted.keys()]);
      this.#watchFolders();
    }, crowdMs).unref();
  }
}
