/** Runs transfers: one larger file as a download, or many small ones together. */
import {existsSync} from 'node:fs';
import {hostname} from 'node:os';
import {dirname, join, relative} from 'node:path';
import {blockSize} from '../../../../protocol/block.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {Client} from '../../../client/client.ts';
import {ReceiveBuffers} from '../../../client/connection/receive-buffers.ts';
import type {Ending} from '../../blocks/ending.ts';
import type {Holder} from '../../database/locks/places.ts';
import type {QueueStore} from '../../database/queue-store.ts';
import {placeOfPartial} from '../../disk/adopt-partial.ts';
import {flusher} from '../../disk/flush.ts';
import type {OpenFolder} from '../../disk/folders/target-folder.ts';
import type {TargetFolders} from '../../disk/folders/target-folders.ts';
import {partialName} from '../../disk/local-name.ts';
import {lookAt} from '../../disk/look-at.ts';
import {openFiles} from '../../disk/open-files.ts';
import {deletePartial} from '../../disk/partial-file.ts';
import {Room} from '../../disk/room.ts';
import {Download, type DownloadTools} from '../../download/download.ts';
import {checker} from '../../hashing/checker.ts';
import {checksums} from '../../hashing/checksums.ts';
import type {KnownPartials} from '../../terms/known-partial.ts';
import {finalNameOf, namesOf, type Row, targetOf} from '../rows/row.ts';
import {HeldPlaces} from './held-places.ts';
import type {RunListener} from './run-listener.ts';
import {runSmallGroup} from './small-group.ts';

/** The places that are held against other processes, and remembered digests of partials. */
export type Locks = Pick<QueueStore, 'places' | 'partials' | 'verdicts' | 'patienceMs'>;

/** Memory for received blocks: number of buffers of 1 MiB. */
const receiveBuffers = 8;

export class Runner implements Disposable {
  readonly room = new Room();
  readonly #tools: DownloadTools;
  readonly #listener: RunListener;
  readonly #locks: Locks | undefined;
  readonly #targets: TargetFolders;
  readonly #places: HeldPlaces;

  /**
   * @param options.targets folders that files are saved to. The caller must close them.
   * @param options.locks keeps other processes from saving to the same place.
   * @param options.checksums whether to compute the SHA-256 of each file.
   * @param options.roots whether to report the root digest of each file that is fetched alone.
   * @param options.states whether to report the states of small files too.
   */
  constructor(
    client: Client,
    listener: RunListener,
    options: {
      targets: TargetFolders;
      locks: Locks | undefined;
      checksums: boolean;
      roots: boolean | undefined;
      states: boolean;
      ending: Ending;
    },
  ) {
    this.#tools = {
      client,
      blocks: new ReceiveBuffers(receiveBuffers),
      checker,
      flusher,
      room: this.room,
      checksums: options.checksums ? checksums : undefined,
      roots: options.roots,
      states: options.states,
      ending: options.ending,
    };
    this.#listener = listener;
    this.#targets = options.targets;
    this.#locks = options.locks;
    this.#places = new HeldPlaces(options.locks?.places);
  }

  /** Number of servers that have the files. */
  get servers(): number {
    return this.#tools.client.servers.addresses.length;
  }

  /**
   * Download one file. If no descriptor is left for it, returns after a moment, and the still running row is queued
   * again.
   * @throws JangadaError
   */
  async runLarge(
    row: Row,
    signal: AbortSignal,
    begun: (download: Download) => void,
  ): Promise<void> {
    try {
      await this.#download(row, signal, begun);
    } catch (error) {
      if (signal.aborted || !openFiles.mayRetry(error)) {
        throw error;
      }

      await openFiles.moment(signal);
    }
  }

  async #download(
    row: Row,
    signal: AbortSignal,
    begun: (download: Download) => void,
  ): Promise<void> {
    const {id} = row;
    const listener = this.#listener;
    const places = this.#placesOf(row);
    const refused = await this.#places.hold(places, signal);
    if (refused !== undefined) {
      throw inUse(refused.place === places[0] ? targetOf(row) : refused.place, refused.holder);
    }

    let folder: OpenFolder | undefined;
    try {
      if (!listener.isWanted(id)) {
        return;
      }

      folder = this.#openFolder(row);
      this.#refuseSmallPartial(row, folder);
      const {remotePath, onConflict, from, seed, expect} = row.transfer;
      const download = new Download(
        {
          remotePath,
          folder,
          name: finalNameOf(row),
          onConflict,
          from,
          seed,
          expect,
          version: row.work.version,
          begun: 'begun' in row.state && row.state.begun === true,
          memory: this.#memoryOf(row),
        },
        this.#tools,
        event => listener.tell(id, event),
      );
      begun(download);
      const done = await download.run(signal);
      listener.tell(id, {type: 'done', ...done});
    } finally {
      this.#places.release(places);
      folder?.release();
    }
  }

  /** Fetch many small files over one connection. @throws JangadaError for all rows that are still running. */
  async runSmall(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    await runSmallGroup(
      rows,
      {
        ...{tools: this.#tools, places: this.#places, targets: this.#targets},
        ...{listener: this.#listener, openFolder: row => this.#openFolder(row)},
      },
      signal,
    );
  }

  /**
   * Remove the partial of a transfer, and its remembered digests.
   *
   * @throws JangadaError `locked` if another process saves to its path; `local_io`, `unsafe_target`.
   */
  deletePartial(row: Row): void {
    const folder = this.#existingFolder(row);
    const name = finalNameOf(row);
    try {
      if (folder !== undefined && name !== '') {
        const holder = this.#places.otherHolder(this.#placeOf(row));
        if (holder !== undefined) {
          throw inUse(targetOf(row), holder);
        }

        deletePartial(folder, name);
        this.#memoryOf(row)?.forget(name);
      }
    } finally {
      folder?.release();
    }
  }

  /** The open folder of `row`, if it exists and can be used. The caller must release it. */
  folderOf(row: Row): OpenFolder | undefined {
    try {
      return this.#existingFolder(row);
    } catch {
      // A transfer that starts there will report why the folder cannot be used.
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#places[Symbol.dispose]();
  }

  /** A partial of at most one block may be a small file that another process is about to rename. */
  #refuseSmallPartial(row: Row, folder: OpenFolder): void {
    const found = lookAt(folder, partialName(finalNameOf(row)));
    if (found.kind === 'file' && found.stats.size <= blockSize) {
      const holder = this.#places.smallFilesHolder(this.#placeOf(row));
      if (holder !== undefined) {
        throw inUse(targetOf(row), holder);
      }
    }
  }

  /** The folder that `row` is saved to, open, if it exists. @throws JangadaError */
  #existingFolder(row: Row): OpenFolder | undefined {
    const {folder} = row.transfer;
    return existsSync(folder)
      ? this.#targets.at(folder).openExisting(namesOf(row)?.slice(0, -1) ?? [])
      : undefined;
  }

  /** Remembered digests of the partials in the folder that `row` is saved to. */
  #memoryOf(row: Row): KnownPartials | undefined {
    const partials = this.#locks?.partials;
    const folder = dirname(this.#placeOf(row));
    return partials === undefined
      ? undefined
      : {
          recall: name => partials.recall(join(folder, name)),
          remember: (name, known) => partials.remember(join(folder, name), known),
          forget: name => partials.forget(join(folder, name)),
        };
  }

  /** Places that nothing else may save to meanwhile. A file that becomes the partial may belong to another place. */
  #placesOf(row: Row): string[] {
    const {from} = row.transfer;
    return [
      ...new Set([this.#placeOf(row), ...(from === undefined ? [] : [placeOfPartial(from)])]),
    ];
  }

  /** The final name's path without links in the target folder, so that each place has only one path. */
  #placeOf(row: Row): string {
    const {path, realPath} = this.#targets.at(row.transfer.folder);
    const target = targetOf(row);
    return path === realPath ? target : join(realPath, relative(path, target));
  }

  #openFolder(row: Row): OpenFolder {
    const names = namesOf(row);
    if (names === undefined) {
      throw new JangadaError('unsafe_target', 'The name would lead out of the target folder');
    }

    return this.#targets.at(row.transfer.folder).open(names.slice(0, -1));
  }
}

function inUse(file: string, {host, pid}: Holder): JangadaError {
  const process = host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  return new JangadaError(
    'locked',
    `Another jangada (${process}) saves to ${file}: try again when it has ended`,
  );
}
