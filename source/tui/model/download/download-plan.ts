/**
 * Turns entries chosen in the browser into transfers: searches the folders, and leaves out names that cannot be saved.
 */
import {join} from 'node:path';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {
  type ChosenBatch,
  type ChosenEntry,
  type ChosenFile,
  chosenFiles,
} from '../../../transfers/download/chosen-files.ts';
import {LocalPlaces} from '../../../transfers/download/local-places.ts';
import type {RefusedName} from '../../../transfers/download/search.ts';
import type {NewTransfer, TransferSnapshot} from '../../../transfers/queue/queue.ts';
import {isSettled} from '../../../transfers/terms/transfer-state.ts';
import type {MarkedEntry} from '../files/marks/marks.ts';

export type Planned = {readonly transfer: NewTransfer; readonly mtimeMs: number};

/** A chosen folder stands for all files in it, or for those that `masks` match. */
export type Chosen = MarkedEntry & {readonly masks?: readonly string[]};

export type Plan = {
  readonly files: readonly Planned[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** Names that are left out, by reason. */
  readonly refused: Readonly<Record<RefusedName['code'], Named>>;
  /** Places that the server could not search: files in them may be missing. */
  readonly unsearched: Named;
  /** Files that are in the queue already. */
  readonly queuedAlready: number;
};

/** A number of names, and the first names. */
export type Named = {readonly count: number; readonly names: readonly string[]};

type PlanOptions = {
  readonly client: Pick<Client, 'find' | 'stat'>;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  /** The folder of the server's address: local paths begin there, whichever folder is on the screen. */
  readonly base: RemotePath;
  /** The existing transfer of a file. */
  readonly transferOf: (path: RemotePath) => TransferSnapshot | undefined;
  readonly signal: AbortSignal;
  /** Called while folders are searched. */
  readonly onProgress: (found: {files: number; bytes: number}) => void;
  /** Default: those of `folder`. */
  readonly places?: LocalPlaces;
  /** Most names; a larger plan is refused as a whole. Default: a million. */
  readonly mostNames?: number;
};

/**
 * The files of `chosen`.
 *
 * @throws JangadaError as `Client.find` does; `too_large` if there are too many for one plan.
 */
export async function planDownload(
  chosen: readonly ChosenEntry[],
  options: PlanOptions,
): Promise<Plan> {
  const {client, folder, base, signal, mostNames, onProgress} = options;
  const places = options.places ?? new LocalPlaces(folder);
  const plan = new PlanBuilder(options);
  const hasFolder = chosen.some(({type}) => type === 'folder');
  for await (const batch of chosenFiles(chosen, {client, base, places, signal, mostNames})) {
    plan.take(batch);
    if (hasFolder) {
      onProgress(plan.found);
    }
  }

  return plan.result();
}

/** Most names of one kind that are kept: a message has room for fewer. */
const mostKept = 10;

class PlanBuilder {
  readonly #options: PlanOptions;
  readonly #files: Planned[] = [];
  readonly #refused = {protocol: noNames(), exists: noNames()};
  readonly #unsearched = noNames();
  #bytes = 0;
  #queuedAlready = 0;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  /** Files and bytes so far. */
  get found(): {files: number; bytes: number} {
    return {files: this.#files.length, bytes: this.#bytes};
  }

  take({files, refused, unsearched, moreUnsearched}: ChosenBatch): void {
    for (const {name, code} of refused) {
      addName(this.#refused[code], name);
    }

    for (const {remotePath} of unsearched) {
      addName(this.#unsearched, remotePath);
    }

    this.#unsearched.count += moreUnsearched;
    for (const file of files) {
      this.#add(file);
    }
  }

  #add({remotePath, localPath, size, mtimeMs}: ChosenFile): void {
    const {folder, transferOf} = this.#options;
    const present = transferOf(remotePath);
    if (
      present !== undefined &&
      !isSettled(present.state) &&
      present.target === join(folder, localPath)
    ) {
      this.#queuedAlready++;
      return;
    }

    const transfer = {remotePath, folder, localPath, size, onConflict: 'fail'} as const;
    this.#files.push({transfer, mtimeMs});
    this.#bytes += size;
  }

  result(): Plan {
    return {
      files: this.#files,
      bytes: this.#bytes,
      refused: this.#refused,
      unsearched: this.#unsearched,
      queuedAlready: this.#queuedAlready,
    };
  }
}

function noNames(): {count: number; names: string[]} {
  return {count: 0, names: []};
}

function addName(named: {count: number; names: string[]}, name: string): void {
  named.count++;
  if (named.names.length < mostKept) {
    named.names.push(name);
  }
}
