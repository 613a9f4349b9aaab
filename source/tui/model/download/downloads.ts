/**
 * From `d` to transfers in the queue: search marked folders, ask about files that exist already, then queue all of
 * them, or none.
 */
import {displayName} from '../../../../protocol/display-text.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import type {ChosenEntry} from '../../../transfers/download/chosen-files.ts';
import type {ConflictPolicy, NewTransfer, Queue} from '../../../transfers/queue/queue.ts';
import {formatBytes, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import type {Dialogs} from '../dialogs.ts';
import type {Browser} from '../files/browser.ts';
import type {CurrentEntry} from '../files/folder-listing.ts';
import type {MarkedEntry} from '../files/marks/marks.ts';
import type {KeyOf} from '../key-of.ts';
import type {LocalCopy} from '../local-copy.ts';
import type {Messages} from '../messages.ts';
import type {TransferList} from '../transfers/transfer-list.ts';
import {conflictQuestion, policyKeys} from './conflict-question.ts';
import {type Plan, planDownload} from './download-plan.ts';
import {askForHidden} from './hidden-marks.ts';
import {planSummary, type SettledFiles} from './plan-summary.ts';
import {knownSame, nothingKnown} from './same-files.ts';

/** Transfers that are queued in one step; keys and pictures come between steps. */
const slice = 500;

type DownloadsOptions = {
  readonly client: Client;
  readonly queue: Queue;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  /** The folder of the server's address: local paths begin there. */
  readonly base: MarkedEntry['path'];
  readonly browser: Browser;
  readonly transfers: TransferList;
  readonly dialogs: Dialogs;
  readonly messages: Messages;
  readonly keyOf: KeyOf;
  /** What to do about local files that exist. Default: ask about each. */
  readonly onConflict?: ConflictPolicy;
};

/** Files and bytes that are counted so far. */
export type Counted = {readonly files: number; readonly bytes: number};

export class Downloads {
  readonly #options: DownloadsOptions;
  #running: AbortController | undefined;
  #counting: Counted | undefined;
  #isClosed = false;
  // Downloads run one after the other, so that no two ask about the same file.
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: DownloadsOptions) {
    this.#options = options;
  }

  /** Whether folders are being searched, or transfers queued. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Files and bytes counted so far, while folders are searched. */
  get counting(): Counted | undefined {
    return this.#counting;
  }

  /** Queue all marked entries, or else the entry under the cursor. */
  start(): void {
    const {browser, messages} = this.#options;
    const marked = browser.marks.entries();
    const current = browser.current();
    const chosen = marked.length > 0 || current === undefined ? marked : [current];
    if (chosen.length === 0) {
      messages.complain(say`There is nothing here to download.`);
      return;
    }

    const files = chosen.filter(isMarkable);
    if (files.length < chosen.length) {
      messages.complain(say`This is not a file: jangada cannot download it.`);
      return;
    }

    const hidden = marked.length === 0 ? [] : browser.marking.hidden();
    if (hidden.length > 0) {
      void this.#askFor(files, hidden);
    } else if (marked.length > 0) {
      void this.#fetchMarked(files);
    } else {
      // An entry that was not marked stays unmarked if the download is stopped.
      void this.fetch(files);
    }
  }

  /** Download `marked` after asking whether the user means the hidden entries, too. */
  async #askFor(marked: readonly MarkedEntry[], hidden: readonly MarkedEntry[]): Promise<void> {
    const answer = await askForHidden(this.#options.dialogs, marked, hidden);
    if (answer === 'all') {
      void this.#fetchMarked(marked);
    } else if (answer === 'shown') {
      const left = new Set(hidden.map(({path}) => path));
      void this.#fetchMarked(marked.filter(({path}) => !left.has(path)));
      this.#options.browser.marking.restore(hidden);
    }
  }

  async #fetchMarked(marked: readonly MarkedEntry[]): Promise<void> {
    const {browser} = this.#options;
    browser.marking.clear();
    if (!(await this.fetch(marked))) {
      // Nothing was queued, so the marks are needed again.
      browser.marking.restore(marked);
    }
  }

  /** Queue all files in `folder` that masks match. */
  fetchMatching(masks: readonly string[], folder: RemotePath): void {
    void this.fetch([{path: folder, type: 'folder', size: 0, mtimeMs: 0, masks}]);
  }

  /** Queue `chosen` after the downloads that are being queued. @returns whether it was queued. */
  fetch(chosen: readonly ChosenEntry[]): Promise<boolean> {
    const askedAfter = this.#options.dialogs.keys;
    const queued = this.#last.then(() => this.#run(chosen, askedAfter));
    this.#last = queued;
    return queued;
  }

  /** Fetch again the blocks of `copy` that differ from the server's. */
  repair(path: MarkedEntry['path'], copy: LocalCopy): void {
    const {queue, messages} = this.#options;
    const {folder, localPath} = copy;
    try {
      queue.add([{remotePath: path, folder, localPath, onConflict: 'resume'}]);
      messages.say(say`Queued: equal blocks stay, the others are fetched.`);
    } catch (error) {
      messages.complain(displayName(error instanceof Error ? error.message : String(error)));
    }
  }

  /** Repair many files, in slices: keys and pictures come between. */
  async repairAll(
    files: ReadonlyArray<{readonly path: MarkedEntry['path']; readonly copy: LocalCopy}>,
  ): Promise<void> {
    await this.#queue(
      files.map(({path, copy: {folder, localPath}}) => ({
        ...{remotePath: path, folder, localPath},
        onConflict: 'resume',
      })),
    );
  }

  /** Stop searching folders; none of their files is queued. @returns whether a search ran. */
  stop(): boolean {
    const running = this.#running;
    running?.abort();
    return running !== undefined;
  }

  /** Stop, and begin no other download. */
  close(): void {
    this.#isClosed = true;
    this.stop();
  }

  async #run(chosen: readonly ChosenEntry[], askedAfter: number): Promise<boolean> {
    if (this.#isClosed) {
      return false;
    }

    const {client, folder, base, transfers, messages, keyOf} = this.#options;
    const running = new AbortController();
    const {signal} = running;
    this.#running = running;
    let queued = false;
    try {
      const plan = await planDownload(chosen, {
        client,
        folder,
        base,
        signal,
        transferOf: path => transfers.find(path),
        onProgress: ({files, bytes}) => {
          this.#counting = {files, bytes};
          messages.say(
            say`Counting: ${plural(files, 'file')}, ${formatBytes(bytes)} so far. ${keyOf('back')} stops.`,
          );
        },
      });
      this.#counting = undefined;
      const settled = await this.#settle(plan, chosen, {signal, askedAfter});
      if (settled !== undefined && !signal.aborted) {
        await this.#queue(settled.queued);
        const summary = planSummary(plan, settled);
        if (plan.unsearched.count > 0) {
          messages.complain(summary);
        } else {
          messages.say(summary);
        }

        queued = true;
      }
    } catch (error) {
      if (!signal.aborted) {
        messages.complain(displayName(error instanceof Error ? error.message : String(error)));
      }
    }

    this.#running = undefined;
    this.#counting = undefined;
    if (!queued && signal.aborted) {
      messages.say(say`Stopped; nothing was queued.`);
    }

    return queued;
  }

  /**
   * Ask about files that exist already, but not about those that are known to be the same. @returns undefined if the
   * user stopped the download.
   */
  async #settle(
    plan: Plan,
    chosen: readonly ChosenEntry[],
    {signal, askedAfter: begunAfter}: {signal: AbortSignal; askedAfter: number},
  ): Promise<SettledFiles | undefined> {
    let askedAfter = begunAfter;
    const {client, queue, dialogs, messages, keyOf} = this.#options;
    const times = new Map(plan.files.map(({transfer, mtimeMs}) => [transfer, mtimeMs]));
    const plannedOf = (transfer: NewTransfer) => ({
      size: transfer.size ?? 0,
      mtimeMs: times.get(transfer) ?? 0,
    });
    const transfers = plan.files.map(({transfer}) => transfer);
    const found = await queue.conflicts(transfers);
    let forAll = this.#options.onConflict;
    const {same, there} =
      forAll === undefined
        ? await knownSame(found, {
            ...{client, signal, plannedOf},
            late: () =>
              messages.say(
                say`Asking whether the files on the server have changed. ${keyOf('back')} stops.`,
              ),
            verdictOn: file => queue.verdicts.recall(file),
            // The others were searched for a moment ago.
            listed: new Set(chosen.filter(({type}) => type === 'file').map(({path}) => path)),
          })
        : nothingKnown;
    const isSame = new Set(same);
    const conflicts = found.filter(({transfer}) => !isSame.has(transfer));
    const policies = new Map<string, ConflictPolicy>();
    for (const [index, conflict] of conflicts.entries()) {
      const {localPath, remotePath} = conflict.transfer;
      if (forAll === undefined) {
        const left = conflicts.length - index;
        const facts = there.get(remotePath) ?? plannedOf(conflict.transfer);
        const answer = await dialogs.ask(conflictQuestion(conflict, facts, left), askedAfter);
        askedAfter = dialogs.keys;
        if (answer === undefined) {
          messages.say(say`Stopped; nothing was queued.`);
          return undefined;
        }

        // The question has only these keys.
        const policy = policyKeys[answer.key] ?? 'skip';
        forAll = answer.forAll ? policy : undefined;
        policies.set(localPath, policy);
      } else {
        policies.set(localPath, forAll);
      }
    }

    const queued = transfers
      .filter(transfer => !isSame.has(transfer))
      .map(transfer => ({...transfer, onConflict: policies.get(transfer.localPath) ?? 'fail'}))
      .filter(({onConflict}) => onConflict !== 'skip');
    return {queued, same};
  }

  async #queue(transfers: readonly NewTransfer[]): Promise<void> {
    for (let from = 0; from < transfers.length; from += slice) {
      this.#options.queue.add(transfers.slice(from, from + slice));
      await new Promise(resolve => {
        setImmediate(resolve);
      });
    }
  }
}

/** Whether an entry is a file or a folder: other entries have no content. */
function isMarkable(entry: CurrentEntry | MarkedEntry): entry is MarkedEntry {
  return entry.type !== 'other';
}
