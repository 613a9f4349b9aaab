/**
 * From `d` to transfers in the queue: look through marked folders, ask about what is here already,
 * then queue all of it, or nothing.
 */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import type {Conflict, ConflictPolicy, NewTransfer} from '../../transfers/queue/queue.ts';
import {formatBytes, formatTime, percentOf, plural} from '../text/format.ts';
import {joinTexts, say} from '../text/say.ts';
import type {App} from './app.ts';
import type {CurrentEntry} from './browser.ts';
import type {Question} from './dialogs.ts';
import {type Plan, type Planned, planDownload} from './download-plan.ts';
import type {LocalCopy} from './local-copy.ts';
import type {MarkedEntry} from './marks.ts';

/** Transfers that are queued at once; keys and pictures come between. */
const slice = 500;

type Host = Pick<
  App,
  'client' | 'queue' | 'folder' | 'browser' | 'transfers' | 'dialogs' | 'messages'
>;

export class Downloads {
  readonly #host: Host;
  #running: AbortController | undefined;
  // One after the other, so that no two ask about the same file.
  #last: Promise<void> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Whether something is being looked through or queued. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Queue what is marked, or else the entry under the cursor. */
  start(): void {
    const {browser, messages} = this.#host;
    const marked = browser.marks.entries();
    const current = browser.current();
    const chosen = marked.length > 0 || current === undefined ? marked : [current];
    if (chosen.length === 0) {
      messages.complain(say`There is nothing here to download.`);
      return;
    }

    const files = chosen.filter(isMarkable);
    if (files.length < chosen.length) {
      messages.complain(say`This is no file, and cannot be downloaded.`);
      return;
    }

    const shown = browser.path;
    browser.clearMarks();
    this.#last = this.#last.then(() => this.#run(files, shown));
  }

  /** Fetch again what differs from the server's. */
  repair(path: MarkedEntry['path'], copy: LocalCopy): void {
    const {queue, messages} = this.#host;
    const {folder, localPath} = copy;
    queue.add([{remotePath: path, folder, localPath, onConflict: 'resume'}]);
    messages.say(
      say`Queued: equal blocks stay, the others are fetched. Press v again when it is done.`,
    );
  }

  /** Stop looking through folders; nothing of that is queued. @returns whether something ran. */
  stop(): boolean {
    const running = this.#running;
    running?.abort();
    return running !== undefined;
  }

  async #run(chosen: readonly MarkedEntry[], shown: MarkedEntry['path']): Promise<void> {
    const {client, folder, transfers, messages, browser} = this.#host;
    const running = new AbortController();
    const {signal} = running;
    this.#running = running;
    let queued = false;
    try {
      const plan = await planDownload(chosen, {
        client,
        folder,
        shown,
        signal,
        transferOf: path => transfers.find(path),
        onProgress: ({files, bytes}) => {
          messages.say(
            say`Counting: ${plural(files, 'file')}, ${formatBytes(bytes)} so far. Esc stops.`,
          );
        },
      });
      const answered = await this.#settle(plan);
      if (answered !== undefined && !signal.aborted) {
        await this.#queue(answered);
        messages.say(summaryOf(plan, answered.length, displayName(folder)));
        queued = true;
      }
    } catch (error) {
      if (!signal.aborted) {
        messages.complain(displayName(error instanceof Error ? error.message : String(error)));
      }
    }

    this.#running = undefined;
    if (!queued) {
      // What was not queued is still marked.
      browser.restoreMarks(chosen);
      if (signal.aborted) {
        messages.say(say`Stopped; nothing was queued.`);
      }
    }
  }

  /** Ask about files that are here already. @returns undefined if it was called off. */
  async #settle(plan: Plan): Promise<NewTransfer[] | undefined> {
    const {queue} = this.#host;
    const transfers = plan.files.map(({transfer}) => transfer);
    const conflicts = await queue.conflicts(transfers);
    const times = new Map(plan.files.map(file => [file.transfer.localPath, file]));
    const policies = new Map<string, ConflictPolicy>();
    let forAll: ConflictPolicy | undefined;
    for (const [index, conflict] of conflicts.entries()) {
      const {localPath} = conflict.transfer;
      if (forAll === undefined) {
        const left = conflicts.length - index;
        const answer = await this.#host.dialogs.ask(
          conflictQuestion(conflict, times.get(localPath), left),
        );
        if (answer === undefined) {
          this.#host.messages.say(say`Called off; nothing was queued.`);
          return undefined;
        }

        // The choices of the question below are the only keys there are.
        const policy = policyKeys[answer.key] ?? 'skip';
        forAll = answer.forAll ? policy : undefined;
        policies.set(localPath, policy);
      } else {
        policies.set(localPath, forAll);
      }
    }

    return transfers
      .map(transfer => ({...transfer, onConflict: policies.get(transfer.localPath) ?? 'fail'}))
      .filter(({onConflict}) => onConflict !== 'skip');
  }

  async #queue(transfers: readonly NewTransfer[]): Promise<void> {
    for (let from = 0; from < transfers.length; from += slice) {
      this.#host.queue.add(transfers.slice(from, from + slice));
      await new Promise(resolve => {
        setImmediate(resolve);
      });
    }
  }
}

/** What is neither a file nor a folder has no content. */
function isMarkable(entry: CurrentEntry | MarkedEntry): entry is MarkedEntry {
  return entry.type !== 'other';
}

const policyKeys: Readonly<Record<string, ConflictPolicy>> = {
  r: 'resume',
  o: 'overwrite',
  w: 'newer',
  n: 'rename',
  s: 'skip',
};

/** What is asked about a file that is here already, and may be about `left` more. */
export function conflictQuestion(
  conflict: Conflict,
  planned: Planned | undefined,
  left: number,
): Question {
  const {size = 0} = conflict.transfer;
  const theirs = planned === undefined ? 0 : planned.mtimeMs;
  const newer = theirs > conflict.mtimeMs;
  const question: Question = {
    title: say`Here already: ${displayName(conflict.transfer.localPath)}`,
    body: [
      say`here   ${formatBytes(conflict.size)}, ${formatTime(conflict.mtimeMs)}`,
      say`there  ${formatBytes(size)}, ${formatTime(theirs)}${newer ? say` (newer)` : say``}`,
    ],
    choices: [
      {
        key: 'r',
        label: say`Resume or repair`,
        detail: say`keep equal blocks (up to ${percentOf(
          Math.min(conflict.size, size),
          size,
        )} %), fetch the others`,
      },
      {
        key: 'o',
        label: say`Overwrite`,
        detail: newer
          ? say`fetch all of it, newer, and replace the one here`
          : say`fetch all of it and replace the one here`,
      },
      {
        key: 'n',
        label: say`Rename`,
        detail: say`keep the one here, save under a new name beside it`,
      },
      {
        key: 'w',
        label: say`Newer only`,
        detail: newer
          ? say`as overwrite: the one on the server is newer`
          : say`as skip: the one on the server is not newer`,
      },
      {key: 's', label: say`Skip`, detail: say`leave it as it is, do not download`},
    ],
  };
  return left > 1
    ? {...question, forAll: say`the same answer for all ${plural(left, 'file')}`}
    : question;
}

function summaryOf(plan: Plan, queued: number, folder: DisplayText): DisplayText {
  const skipped = plan.files.length - queued;
  const parts = [
    queued === 0 ? say`Nothing to queue.` : say`Queued ${plural(queued, 'file')} to ${folder}.`,
    ...(skipped > 0 ? [say`Skipped ${plural(skipped, 'file')}.`] : []),
    ...(plan.queuedAlready > 0
      ? [say`In the queue already: ${plural(plan.queuedAlready, 'file')}.`]
      : []),
    ...(plan.refused > 0 ? [say`Refused ${plural(plan.refused, 'bad name')}.`] : []),
  ];
  return joinTexts(parts, say` `);
}
