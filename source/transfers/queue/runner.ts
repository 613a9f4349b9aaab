/** The effects of the queue: one larger file as a download, many small ones together. */
import {existsSync, realpathSync} from 'node:fs';
import {hostname} from 'node:os';
import {basename, dirname, join, relative, resolve} from 'node:path';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {partialSuffix} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {ReceiveBuffers} from '../../client/receive-buffers.ts';
import type {Ending} from '../blocks/ending.ts';
import type {Holder, QueueStore} from '../database/queue-store.ts';
import {flusher} from '../disk/flush.ts';
import {deletePartial} from '../disk/partial-file.ts';
import {noSpace, Room} from '../disk/room.ts';
import {type OpenFolder, TargetFolder} from '../disk/target-folder.ts';
import {Download, type DownloadTools} from '../download/download.ts';
import {fetchSmallFiles, type SmallFile} from '../download/small-files.ts';
import {checker} from '../hashing/checker.ts';
import {checksums} from '../hashing/checksums.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {KnownPartials} from '../terms/known-partial.ts';
import {isRunning, type TransferEvent} from '../terms/transfer-state.ts';
import {PlaceLocks} from './place-locks.ts';
import type {Row} from './row.ts';

/** Where a runner reports. */
export type RunnerListener = {
  event(row: Row, event: TransferEvent): void;
  failed(row: Row, error: unknown): void;
  /** Another client saves where `row` does. */
  refused(row: Row, error: JangadaError): void;
  size(row: Row, bytes: number): void;
  /** The remote file is this version; `begunAnew`: and was another before. */
  version(row: Row, version: string, begunAnew: boolean): void;
  target(row: Row, path: string): void;
  /** Bytes verified on disk, of those the bytes that were not fetched, of those what was copied. */
  verified(row: Row, bytes: number, reusedBytes: number, copiedBytes: number): void;
};

/** Places that one client has for itself, and what is known of their partials; see `QueueStore`. */
export type Locks = Pick<QueueStore, 'lock' | 'unlock' | 'partials' | 'patienceMs'>;

/** Memory for received blocks, in buffers of 1 MiB. */
const receiveBuffers = 8;

export class Runner implements Disposable {
  readonly room = new Room();
  readonly #tools: DownloadTools;
  readonly #listener: RunnerListener;
  readonly #locks: Locks | undefined;
  readonly #targets = new Map<string, TargetFolder>();
  readonly #places: PlaceLocks;

  /**
   * @param options.locks Where to see to it that no other client saves to the same place.
   * @param options.next So many rows that are likely to begin next.
   * @param options.checksums Whether to compute the SHA-256 of each file.
   */
  constructor(
    client: Client,
    listener: RunnerListener,
    options: {
      locks: Locks | undefined;
      next(count: number): readonly Row[];
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
    this.#locks = options.locks;
    this.#places = new PlaceLocks(options.locks, count => this.#placesAhead(options.next(count)));
  }

  /** The target folder at `path`, open. @throws JangadaError `local_io`. */
  target(path: string): TargetFolder {
    let target = this.#targets.get(path);
    if (target?.isThere === false) {
      target[Symbol.dispose]();
      target = undefined;
    }

    if (target === undefined) {
      target = new TargetFolder(path);
      this.#targets.set(path, target);
    }

    return target;
  }

  /** Download one file. @throws JangadaError */
  async runLarge(
    row: Row,
    signal: AbortSignal,
    begun: (download: Download) => void,
  ): Promise<void> {
    const listener = this.#listener;
    const places = await this.#lock([row], signal);
    let folder: OpenFolder | undefined;
    try {
      if (!isRunning(row.state)) {
        return;
      }

      folder = this.#openFolder(row);
      const {remotePath, onConflict, from, seed} = row.transfer;
      const download = new Download(
        {
          remotePath,
          folder,
          name: finalName(row),
          onConflict,
          from,
          seed,
          version: row.version,
          memory: this.#memoryOf(row),
        },
        this.#tools,
        event => this.#told(row, event),
      );
      begun(download);
      listener.event(row, {type: 'done', ...(await download.run(signal))});
    } finally {
      this.#places.release(places);
      if (row.state.name !== 'done' && row.state.name !== 'failed') {
        // Another client may be waiting to go on with it.
        this.unlockUnused();
      }

      folder?.release();
    }
  }

  /** Fetch many small files over one connection. @throws JangadaError for all that still run. */
  async runSmall(rows: readonly Row[], signal: AbortSignal): Promise<void> {
    const opened = new Map<string, OpenFolder>();
    const freeBytes = new Map<string, number>();
    const places = await this.#lock(rows, signal);
    let forget: (() => void) | undefined;
    try {
      const files = rows
        .filter(row => isRunning(row.state))
        .flatMap(row => this.#smallFile(row, opened, freeBytes));
      if (files.length === 0) {
        return;
      }

      const {client, blocks, checker, flusher, ending} = this.#tools;
      const early = new AbortController();
      let hasInHand = false;
      forget = ending.onBegin(() => {
        if (!hasInHand) {
          early.abort();
        }
      });
      const both = {signal: AbortSignal.any([signal, early.signal])};
      const algorithm = await client.digestAlgorithm(both);
      const hasSums = this.#tools.checksums !== undefined;
      const tools = {blocks, checker, flusher, algorithm, checksums: hasSums, ending};
      const left = () => files.filter(file => file.wanted());
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

      // One answer that was wrong must not cost the other files: each now goes by itself.
      for (const row of rows) {
        row.longWay ||= isRunning(row.state);
      }
    } finally {
      forget?.();
      this.#places.release(places);
      for (const folder of opened.values()) {
        folder.release();
      }
    }
  }

  /** Remove what has been fetched of a transfer. @throws JangadaError */
  deletePartial(row: Row): void {
    const folder = this.#existingFolder(row);
    try {
      if (folder !== undefined) {
        // Not `finalName`: with `rename` it saves under another one.
        deletePartial(folder, basename(row.target));
        this.#memoryOf(row)?.forget(basename(row.target));
      }
    } finally {
      folder?.release();
    }
  }

  /** See `PlaceLocks`. */
  unlockUnused(): boolean {
    return this.#places.unlockUnused();
  }

  [Symbol.dispose](): void {
    this.#places.stop();
    for (const target of this.#targets.values()) {
      target[Symbol.dispose]();
    }

    this.#targets.clear();
  }

  #told(row: Row, event: DownloadEvent): void {
    const listener = this.#listener;
    switch (event.type) {
      case 'size':
        listener.size(row, event.bytes);
        return;
      case 'version':
        listener.version(row, event.version, event.begunAnew);
        return;
      case 'named':
        listener.target(row, join(dirname(row.target), event.name));
        return;
      case 'adopted':
        row.transfer = {...row.transfer, from: undefined};
        return;
      case 'progress':
        listener.verified(row, event.verifiedBytes, event.reusedBytes, event.copiedBytes);
        return;
      case 'leave':
        row.longWay = true;
        return;
      case 'failed':
        listener.failed(row, event.error);
        return;
      case 'changing':
        listener.event(row, {type: 'lost'});
        return;
      default:
        listener.event(row, event);
    }
  }

  #smallFile(
    row: Row,
    opened: Map<string, OpenFolder>,
    freeBytes: Map<string, number>,
  ): SmallFile[] {
    const listener = this.#listener;
    const name = finalName(row);
    let folder: OpenFolder;
    try {
      folder = this.#openOnce(row, name, opened);
      this.#takeRoom(row, folder, freeBytes);
    } catch (error) {
      listener.failed(row, error);
      return [];
    }

    listener.event(row, {type: 'download'});
    return [
      {
        remotePath: row.transfer.remotePath,
        folder,
        name,
        size: row.transfer.size ?? 0,
        onConflict: row.transfer.onConflict,
        wanted: () => isRunning(row.state) && !row.longWay,
        tell: event => this.#told(row, event),
      },
    ];
  }

  /** One for all files of a group that are in it, so that it is flushed once for all of them. */
  #openOnce(row: Row, name: string, opened: Map<string, OpenFolder>): OpenFolder {
    const {folder, localPath} = row.transfer;
    const key = `${folder}\0${localPath.slice(0, localPath.lastIndexOf('/') + 1)}`;
    // A name that is none is no reason to use the folder of others that are.
    const known = name === '' ? undefined : opened.get(key);
    if (known !== undefined) {
      return known;
    }

    const open = this.#openFolder(row);
    opened.set(key, open);
    return open;
  }

  /** Files of a group that do not fit are not even asked for. @throws JangadaError `no_space`. */
  #takeRoom({transfer: {size = 0}}: Row, folder: OpenFolder, freeBytes: Map<string, number>): void {
    const free = freeBytes.get(folder.path) ?? this.room.free(folder)?.bytes ?? size;
    if (size > free) {
      throw noSpace(folder.path, size, free);
    }

    freeBytes.set(folder.path, free - size);
  }

  /** The folder of `row`, if it is there and can be used; who asks releases it. */
  folderOf(row: Row): OpenFolder | undefined {
    try {
      return this.#existingFolder(row);
    } catch {
      // Whatever is wrong with it, a transfer that is started says so.
      return undefined;
    }
  }

  /** Lock the places of `rows`; those that others have fail. @returns the places. */
  async #lock(rows: readonly Row[], signal: AbortSignal): Promise<string[]> {
    const byPlace = new Map<string, Row>();
    for (const row of rows) {
      for (const place of new Set(this.#placesOf(row))) {
        if (this.#places.isHeld(place) || byPlace.has(place)) {
          this.#listener.failed(row, inUseHere(place));
        } else {
          byPlace.set(place, row);
        }
      }
    }

    for (const [place, holder] of await this.#places.hold([...byPlace.keys()], signal)) {
      this.#refuse(place, byPlace.get(place), holder);
      byPlace.delete(place);
    }

    return [...byPlace.keys()];
  }

  #refuse(place: string, row: Row | undefined, {host, pid}: Holder): void {
    if (row !== undefined) {
      const who = host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
      const file = place === this.#placeOf(row) ? row.target : place;
      const message = `Another jangada (${who}) saves to ${file}: try again when it has ended`;
      this.#listener.refused(row, new JangadaError('locked', message));
    }
  }

  /** Places of `rows`, which begin next. */
  #placesAhead(rows: readonly Row[]): string[] {
    return rows.flatMap(row => {
      try {
        return this.#placesOf(row);
      } catch {
        // Whatever is wrong with its folder, it says so when it begins.
        return [];
      }
    });
  }

  /** The folder that `row` is saved in, open; nothing is made for it. @throws JangadaError */
  #existingFolder({transfer: {folder}, names}: Row): OpenFolder | undefined {
    return existsSync(folder)
      ? this.target(folder).openExisting(names?.slice(0, -1) ?? [])
      : undefined;
  }

  /** What is known of partials in the folder that `row` is saved in, by their final names. */
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

  /** What nobody else may write meanwhile: a file that becomes the partial may be another's. */
  #placesOf(row: Row): string[] {
    const {from} = row.transfer;
    return [this.#placeOf(row), ...(from === undefined ? [] : [placeOfPartial(from)])];
  }

  /** The one path of the final name, whichever way the target folder was reached. */
  #placeOf({transfer: {folder}, target}: Row): string {
    const {path, realPath} = this.target(folder);
    return path === realPath ? target : join(realPath, relative(path, target));
  }

  #openFolder(row: Row): OpenFolder {
    if (row.names === undefined) {
      throw new JangadaError('unsafe_target', 'The name would leave the target folder');
    }

    return this.target(row.transfer.folder).open(row.names.slice(0, -1));
  }
}

function inUseHere(place: string): JangadaError {
  return new JangadaError(
    'locked',
    `Another transfer here saves to ${place}: try again when it has ended`,
  );
}

function finalName(row: Row): string {
  return row.names?.at(-1) ?? '';
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
