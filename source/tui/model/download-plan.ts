/**
 * From what was chosen in the browser to transfers: folders are looked through, names that the
 * server should not have sent are left out, and what is here already is asked about.
 */
import {join} from 'node:path';
import {parseRemotePath, type RemotePath, rootPath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import type {NewTransfer, TransferSnapshot} from '../../transfers/queue/queue.ts';
import {isSettled} from '../../transfers/terms/transfer-state.ts';
import {isBelow, localPathOf} from './local-copy.ts';
import type {MarkedEntry} from './marks.ts';

export type Planned = {readonly transfer: NewTransfer; readonly mtimeMs: number};

export type Plan = {
  readonly files: readonly Planned[];
  /** Bytes of all of them. */
  readonly bytes: number;
  /** Names that were refused, and files that are in the queue as it is. */
  readonly refused: number;
  readonly queuedAlready: number;
};

export type PlanOptions = {
  readonly client: Pick<Client, 'find'>;
  readonly folder: string;
  /** The folder on the screen: names are kept from there on. */
  readonly shown: RemotePath;
  /** The transfer of that file that there is already. */
  readonly transferOf: (path: RemotePath) => TransferSnapshot | undefined;
  readonly signal: AbortSignal;
  /** Called while folders are looked through. */
  readonly onProgress: (found: {files: number; bytes: number}) => void;
};

/** The files that `chosen` stands for. @throws what `Client.find` throws. */
export async function planDownload(
  chosen: readonly MarkedEntry[],
  options: PlanOptions,
): Promise<Plan> {
  // What was marked in another part of the tree keeps its whole path, and then all does: two
  // files of one name stay apart.
  const near = chosen.every(({path}) => isBelow(path, options.shown));
  const plan = new PlanBuilder(near ? options : {...options, shown: rootPath});
  for (const entry of chosen) {
    if (entry.type === 'file') {
      plan.add(entry.path, entry);
    } else {
      await plan.addFolder(entry.path);
    }
  }

  return plan.result();
}

class PlanBuilder {
  readonly #options: PlanOptions;
  readonly #files: Planned[] = [];
  // A file that is marked itself and lies in a marked folder comes once.
  readonly #seen = new Set<RemotePath>();
  #bytes = 0;
  #refused = 0;
  #queuedAlready = 0;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  async addFolder(folder: RemotePath): Promise<void> {
    const {client, signal, onProgress} = this.#options;
    // Names in one answer: one that comes twice is the server's mistake.
    const names = new Set<string>();
    for await (const entries of client.find(['**'], {path: folder, signal})) {
      for (const entry of entries) {
        const path = names.has(entry.name) ? undefined : pathUnder(folder, entry.name);
        names.add(entry.name);
        if (path === undefined || entry.type !== 'file') {
          this.#refused++;
        } else {
          this.add(path, entry);
        }
      }

      onProgress({files: this.#files.length, bytes: this.#bytes});
    }
  }

  add(path: RemotePath, {size, mtimeMs}: {size: number; mtimeMs: number}): void {
    if (this.#seen.has(path)) {
      return;
    }

    this.#seen.add(path);
    const {folder, shown, transferOf} = this.#options;
    const localPath = localPathOf(path, shown);
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
      queuedAlready: this.#queuedAlready,
    };
  }
}

/** The path of what a search under `folder` called `name`; undefined if that is no path. */
function pathUnder(folder: RemotePath, name: string): RemotePath | undefined {
  try {
    // An empty name would be the folder itself.
    return name === '' ? undefined : parseRemotePath(folder === '' ? name : `${folder}/${name}`);
  } catch {
    return undefined;
  }
}
