/** Runs transfers: one larger file as a download, many small ones together. */
import {existsSync, realpathSync} from 'node:fs';
import {hostname} from 'node:os';
import {basename, dirname, join, relative, resolve} from 'node:path';
import {blockSize} from '../../../protocol/block.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {partialSuffix} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {ReceiveBuffers} from '../../client/receive-buffers.ts';
import type {Ending} from '../blocks/ending.ts';
import type {Holder} from '../database/places.ts';
import type {QueueStore} from '../database/queue-store.ts';
import {flusher} from '../disk/flush.ts';
import {partialName} from '../disk/local-name.ts';
import {lookAt} from '../disk/look-at.ts';
import {deletePartial} from '../disk/partial-file.ts';
import {noSpace, Room} from '../disk/room.ts';
import type {OpenFolder} from '../disk/target-folder.ts';
import type {TargetFolders} from '../disk/target-folders.ts';
import {Download, type DownloadTools} from '../download/download.ts';
import {fetchSmallFiles, type SmallFile} from '../download/small-files.ts';
import {checker} from '../hashing/checker.ts';
import {checksums} from '../hashing/checksums.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {KnownPartials} from '../terms/known-partial.ts';
import {HeldPlaces} from './held-places.ts';
import {namesOf, type Row, targetOf} from './row.ts';

/** Where a runner reports, and asks. */
export type RunnerListener = {
  tell(id: number, event: DownloadEvent): void;
  /** Whether the transfer is still to be worked on. */
  isWanted(id: number): boolean;
};

/** Where places are held against other processes, and what is known of their partials. */
export type Locks = Pick<QueueStore, 'places' | 'partials' | 'patienceMs'>;

/** Memory for received blocks, in buffers of 1 MiB. */
const receiveBuffers = 8;

export class Runner implements Disposable {
  readonly room = new Room();
  readonly #tools: DownloadTools;
  readonly #listener: RunnerListener;
  readonly #locks: Locks | undefined;
  readonly #targets: TargetFolders;
  readonly #places: HeldPlaces;

  /**
   * @param options.targets Folders that files are saved in; they stay the caller's.
   * @param options.locks Where no other process may save to the same place meanwhile.
   * @param options.checksums Whether to compute the SHA-256 of each file.
   */
  constructor(
    client: Client,
    listener: RunnerListener,
    options: {
      targets: TargetFolders;
      locks: Locks | undefined;
      checksums: boolean;
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
      ending: options.ending,
    };
    this.#listener = listener;
    this.#targets = options.targets;
    this.#locks = options.locks;
    this.#places = new HeldPlaces(options.locks?.places);
  }

  /** Download one file. @throws JangadaError */
  async runLarge(
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
      const {remotePath, onConflict, from, seed} = row.transfer;
      const download = new Download(
        {
          remotePath,
          folder,
          name: finalNameOf(row),
          onConflict,
          from,
          seed,
          version: row.work.version,
          begun: row.state.name === 'queued' && row.state.begun === true,
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

  /** Fetch many small files over one connection. @throws JangadaError for all that still run. */
  async runSmall(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    using folders = new GroupFolders(row => this.#openFolder(row));
    using _held = await this.#holdTargets(rows, signal);
    const files = rows.flatMap(row => this.#smallFile(row, folders));
    const left = () => files.filter(file => file.wanted());
    if (left().length === 0) {
      return;
    }

    const {client, blocks, checker, flusher, ending} = this.#tools;
    const early = new AbortController();
    let hasInHand = false;
    const forget = ending.onBegin(() => {
      if (!hasInHand) {
        early.abort();
      }
    });
    try {
      const both = {signal: AbortSignal.any([signal, early.signal])};
      const algorithm = await client.digestAlgorithm(both);
      const hasSums = this.#tools.checksums !== undefined;
      const tools = {blocks, checker, flusher, algorithm, checksums: hasSums, ending};
      let before = left().length;
      await client.withConnection(
        async connection => {
          hasInHand = true;
          await fetchSmallFiles(connection, left(), tools);
        },
        {
          ...both,
          progressed: () => {
            hasInHand = false;
            if (ending.begun) {
              early.abort();
            }

            const progressed = left().length < before;
            before = left().length;
            return progressed;
          },
        },
      );
    } catch (error) {
      if (!isJangadaError(error, 'protocol', 'digest_mismatch')) {
        throw error;
      }

      // One answer that was wrong must not cost the other files: each goes by itself from now on.
      for (const {id} of rows) {
        this.#listener.tell(id, {type: 'leave'});
      }
    } finally {
      forget();
    }
  }

  /** Remove what has been fetched of a transfer. @throws JangadaError */
  deletePartial(row: Row): void {
    const folder = this.#existingFolder(row);
    const name = finalNameOf(row);
    try {
      if (folder !== undefined && name !== '') {
        deletePartial(folder, name);
        this.#memoryOf(row)?.forget(name);
      }
    } finally {
      folder?.release();
    }
  }

  /** The folder of `row`, if it is there and can be used; the caller releases it. */
  folderOf(row: Row): OpenFolder | undefined {
    try {
      return this.#existingFolder(row);
    } catch {
      // A transfer that is started there says why the folder cannot be used.
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#places[Symbol.dispose]();
  }

  #smallFile(row: Row, folders: GroupFolders): SmallFile[] {
    const {id, transfer} = row;
    const listener = this.#listener;
    try {
      const folder = folders.open(row);
      this.#takeRoom(row, folder, folders.freeBytes);
      listener.tell(id, {type: 'download'});
      return [
        {
          remotePath: transfer.remotePath,
          folder,
          name: finalNameOf(row),
          size: transfer.size ?? 0,
          onConflict: transfer.onConflict,
          wanted: () => listener.isWanted(id),
          tell: event => listener.tell(id, event),
        },
      ];
    } catch (error) {
      if (!isJangadaError(error)) {
        throw error;
      }

      listener.tell(id, {type: 'failed', error});
      return [];
    }
  }

  /** Files of a group that do not fit are not even asked for. @throws JangadaError `no_space`. */
  #takeRoom({transfer: {size = 0}}: Row, folder: OpenFolder, freeBytes: Map<string, number>): void {
    const free = freeBytes.get(folder.path) ?? this.room.free(folder)?.bytes ?? size;
    if (size > free) {
      throw noSpace(folder.path, size, free);
    }

    freeBytes.set(folder.path, free - size);
  }

  /** Say for each target folder of `rows` that small files are fetched into it. */
  async #holdTargets(rows: readonly Row[], signal: AbortSignal): Promise<Disposable> {
    const held: Disposable[] = [];
    const release = () => {
      for (const one of held) {
        one[Symbol.dispose]();
      }
    };
    try {
      for (const folder of new Set(rows.flatMap(row => this.#realTarget(row) ?? []))) {
        held.push(await this.#places.fetchSmallFiles(folder, signal));
      }
    } catch (error) {
      release();
      throw error;
    }

    return {[Symbol.dispose]: release};
  }

  /** The target folder of `row` without links; undefined if it cannot be used, which its file says. */
  #realTarget({transfer: {folder}}: Row): string | undefined {
    try {
      return this.#targets.at(folder).realPath;
    } catch {
      return undefined;
    }
  }

  /** A partial of at most one block may be a small file that another process is about to name. */
  #refuseSmallPartial(row: Row, folder: OpenFolder): void {
    const found = lookAt(folder, partialName(finalNameOf(row)));
    if (found.kind === 'file' && found.stats.size <= blockSize) {
      const holder = this.#places.smallFilesHolder(this.#placeOf(row));
      if (holder !== undefined) {
        throw inUse(targetOf(row), holder);
      }
    }
  }

  /** The folder that `row` is saved in, open; nothing is made for it. @throws JangadaError */
  #existingFolder(row: Row): OpenFolder | undefined {
    const {folder} = row.transfer;
    return existsSync(folder)
      ? this.#targets.at(folder).openExisting(namesOf(row)?.slice(0, -1) ?? [])
      : undefined;
  }

  /** What is known of partials in the folder that `row` is saved in. */
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

  /** What nothing else may write meanwhile: a file that becomes the partial may be another's. */
  #placesOf(row: Row): string[] {
    const {from} = row.transfer;
    return [
      ...new Set([this.#placeOf(row), ...(from === undefined ? [] : [placeOfPartial(from)])]),
    ];
  }

  /** The one path of the final name, by whichever path the target folder was reached. */
  #placeOf(row: Row): string {
    const {path, realPath} = this.#targets.at(row.transfer.folder);
    const target = targetOf(row);
    return path === realPath ? target : join(realPath, relative(path, target));
  }

  #openFolder(row: Row): OpenFolder {
    const names = namesOf(row);
    if (names === undefined) {
      throw new JangadaError('unsafe_target', 'The name would leave the target folder');
    }

    return this.#targets.at(row.transfer.folder).open(names.slice(0, -1));
  }
}

/** The folders of small files that go together: each is open once, so that it is flushed once. */
class GroupFolders implements Disposable {
  /** By the path of a folder, bytes that files of the group may still take there. */
  readonly freeBytes = new Map<string, number>();
  readonly #openFolder: (row: Row) => OpenFolder;
  readonly #opened = new Map<string, OpenFolder>();

  constructor(openFolder: (row: Row) => OpenFolder) {
    this.#openFolder = openFolder;
  }

  open(row: Row): OpenFolder {
    const {folder, localPath} = row.transfer;
    const key = `${folder}\0${localPath.slice(0, localPath.lastIndexOf('/') + 1)}`;
    // A local path that is no name must not use the folder of others that are.
    const known = finalNameOf(row) === '' ? undefined : this.#opened.get(key);
    const opened = known ?? this.#openFolder(row);
    this.#opened.set(key, opened);
    return opened;
  }

  [Symbol.dispose](): void {
    for (const folder of this.#opened.values()) {
      folder.release();
    }
  }
}

function inUse(file: string, {host, pid}: Holder): JangadaError {
  const process = host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  return new JangadaError(
    'locked',
    `Another jangada (${process}) saves to ${file}: try again when it has ended`,
  );
}

function finalNameOf(row: Row): string {
  return namesOf(row)?.at(-1) ?? '';
}

/** The place whose partial the file at `path` would be, or its own. */
function placeOfPartial(path: string): string {
  const name = basename(path, partialSuffix);
  const folder = dirname(resolve(path));
  try {
    return join(realpathSync(folder), name);
  } catch {
    // That there is no such file is said when it is to be opened.
    return join(folder, name);
  }
}
