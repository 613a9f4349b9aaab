/**
 * From entries chosen in the browser to transfers: folders are looked through, and names that
 * cannot be saved are left out.
 */
import {join} from 'node:path';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import {type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {LocalPlaces} from '../../../transfers/download/local-places.ts';
import {isPartial, type RefusedName, search} from '../../../transfers/download/search.ts';
import type {NewTransfer, TransferSnapshot} from '../../../transfers/queue/queue.ts';
import {isSettled} from '../../../transfers/terms/transfer-state.ts';
import type {MarkedEntry} from '../files/marks.ts';
import {isBelow, localPathOf} from '../local-copy.ts';

export type Planned = {readonly transfer: NewTransfer; readonly mtimeMs: number};

/** A folder stands for all in it, or for what `masks` match. */
export type Chosen = MarkedEntry & {readonly masks?: readonly string[]};

export type Plan = {
  readonly files: readonly Planned[];
  /** Bytes of all of them. */
  readonly bytes: number;
  /** Names that are left out, by reason. */
  readonly refused: Readonly<Record<RefusedName['code'], Named>>;
  /** Places that the server could not search: files in them may be missing. */
  readonly unsearched: Named;
  /** Files that are in the queue already. */
  readonly queuedAlready: number;
};

/** A number of names, and the first of them. */
export type Named = {readonly count: number; readonly names: readonly string[]};

type PlanOptions = {
  readonly client: Pick<Client, 'find'>;
  /** Absolute path of the folder that downloads are saved in. */
  readonly folder: string;
  /** The folder on the screen: local paths begin there. */
  readonly shown: RemotePath;
  /** The transfer of that file that there is already. */
  readonly transferOf: (path: RemotePath) => TransferSnapshot | undefined;
  readonly signal: AbortSignal;
  /** Called while folders are looked through. */
  readonly onProgress: (found: {files: number; bytes: number}) => void;
  /** Default: those of `folder`. */
  readonly places?: LocalPlaces;
  /** Names at most: more are refused as a whole. Default: a million. */
  readonly mostNames?: number;
};

/** Some hundred megabytes, all in memory before the first question. */
const defaultMostNames = 1_000_000;

/**
 * The files that `chosen` stands for.
 *
 * @throws JangadaError as `Client.find` does; `too_large` if there are too many for one plan.
 */
export async function planDownload(chosen: readonly Chosen[], options: PlanOptions): Promise<Plan> {
  // One entry from another part of the tree makes all keep their whole paths: two files of one name
  // stay apart.
  const near = chosen.every(
    ({path, masks}) =>
      isBelow(path, options.shown) || (masks !== undefined && path === options.shown),
  );
  const plan = new PlanBuilder(near ? options : {...options, shown: rootPath});
  for (const entry of chosen) {
    if (entry.type === 'file') {
      plan.add(entry.path, entry);
    } else {
      await plan.addFolder(entry.path, entry.masks);
    }
  }

  return plan.result();
}

/** Names of one kind that are kept: a message has room for fewer. */
const mostKept = 10;

class PlanBuilder {
  readonly #options: PlanOptions;
  readonly #places: LocalPlaces;
  readonly #files: Planned[] = [];
  // A file that is marked itself and lies in a marked folder comes once.
  readonly #seen = new Set<RemotePath>();
  readonly #refused = {protocol: noNames(), exists: noNames()};
  readonly #unsearched = noNames();
  #bytes = 0;
  #queuedAlready = 0;

  constructor(options: PlanOptions) {
    this.#options = options;
    this.#places = options.places ?? new LocalPlaces(options.folder);
  }

  /** Add what is in a folder, all or what masks match. One that cannot be searched is noted, and the others go on. */
  async addFolder(path: RemotePath, masks: readonly string[] = ['**']): Promise<void> {
    try {
      await this.#searchFolder(path, masks);
    } catch (error) {
      if (!isJangadaError(error, 'forbidden', 'not_found', 'not_a_folder', 'internal')) {
        throw error;
      }

      addName(this.#unsearched, path);
    }
  }

  async #searchFolder(path: RemotePath, masks: readonly string[]): Promise<void> {
    const {client, signal, onProgress} = this.#options;
    for await (const batch of search(client, {masks, path, signal})) {
      const {entries, refused, unsearched, moreUnsearched} = batch;
      for (const {name, code} of refused) {
        addName(this.#refused[code], name);
      }

      for (const {remotePath} of unsearched) {
        addName(this.#unsearched, remotePath);
      }

      this.#unsearched.count += moreUnsearched;
      for (const entry of entries) {
        this.add(entry.remotePath, entry);
      }

      onProgress({files: this.#files.length, bytes: this.#bytes});
    }
  }

  add(path: RemotePath, {size, mtimeMs}: {size: number; mtimeMs: number}): void {
    if (this.#seen.has(path)) {
      return;
    }

    this.#seen.add(path);
    const {mostNames = defaultMostNames} = this.#options;
    if (this.#seen.size > mostNames) {
      throw new JangadaError(
        'too_large',
        `There are more than ${mostNames.toLocaleString('en')} files: mark fewer at once, or use jangada mget`,
      );
    }

    if (isPartial(path)) {
      addName(this.#refused.protocol, path);
      return;
    }

    const {folder, shown, transferOf} = this.#options;
    const localPath = localPathOf(path, shown);
    const taken = this.#places.take(localPath);
    if (taken !== undefined) {
      addName(this.#refused[taken.code], path);
      return;
    }

    const present = transferOf(path);
    if (
      present !== undefined &&
      !isSettled(present.state) &&
      present.target === join(folder, localPath)
    ) {
      this.#queuedAlready++;
      return;
    }

    const transfer = {remotePath: path, folder, localPath, size, onConflict: 'fail'} as const;
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
