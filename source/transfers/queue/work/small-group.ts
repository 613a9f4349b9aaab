/** Fetches the rows of one group of small files, all over one connection. */
import type {Address} from '../../../../protocol/address.ts';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import type {Client} from '../../../client/client.ts';
import type {Connection} from '../../../client/connection/connection.ts';
import {statMany} from '../../../client/stat-many.ts';
import {otherVersionAlone, reasonOf} from '../../blocks/servers/unfit-servers.ts';
import type {OpenFolder} from '../../disk/folders/target-folder.ts';
import type {TargetFolders} from '../../disk/folders/target-folders.ts';
import {openFiles} from '../../disk/open-files.ts';
import {noSpace, type Room} from '../../disk/room.ts';
import type {DownloadTools} from '../../download/download-job.ts';
import {fail, type SmallFile} from '../../download/small/small-file.ts';
import {fetchSmallFiles} from '../../download/small/small-files.ts';
import {finalNameOf, type Row} from '../rows/row.ts';
import type {HeldPlaces} from './held-places.ts';
import type {RunListener} from './run-listener.ts';

type SmallGroup = {
  tools: DownloadTools;
  places: HeldPlaces;
  targets: TargetFolders;
  listener: RunListener;
  /** The folder that a row is saved to, made if it is missing. */
  openFolder(row: Row): OpenFolder;
};

/** @throws JangadaError for all rows that are still running. */
export async function runSmallGroup(
  rows: readonly Row[],
  group: SmallGroup,
  signal: AbortSignal,
): Promise<void> {
  const {tools, listener} = group;
  using folders = new GroupFolders(group.openFolder);
  using _held = await holdTargets(rows, group, signal);
  const files = rows.flatMap(row => smallFile(row, folders, group));
  const left = () => files.filter(file => file.wanted());
  if (left().length === 0) {
    if (rows.some(({id}) => listener.isWanted(id))) {
      // No descriptor was left for any of their folders: the rows are queued again.
      await openFiles.moment(signal);
    }

    return;
  }

  const {client, ending} = tools;
  const early = new AbortController();
  let hasInHand = false;
  const forget = ending.onBegin(() => {
    if (!hasInHand) {
      early.abort();
    }
  });
  const unfit = new Set<Address>();
  let otherwise: JangadaError | undefined;
  try {
    const both = {signal: AbortSignal.any([signal, early.signal])};
    const algorithm = await client.digestAlgorithm(both);
    const fetching = {...tools, algorithm, checksums: tools.checksums !== undefined};
    let before = left().length;
    let server: Address | undefined;
    const missed = (of: Address, file: SmallFile, reason: JangadaError) => {
      if (!unfit.has(of)) {
        unfit.add(of);
        client.servers.tellUnfit(of, file.remotePath, reason.code, reasonOf(reason));
      }
    };
    do {
      server = undefined;
      await client.withConnection(
        async connection => {
          const {address} = connection;
          server = address;
          const files = await agree(left(), connection, client, {
            ...both,
            missed: (file, reason) => missed(address, file, reason),
          });
          hasInHand = true;
          try {
            await fetchSmallFiles(connection, files, fetching);
          } finally {
            hasInHand = false;
          }
        },
        {
          ...both,
          isShare: true,
          without: unfit,
          otherwise: () => {
            otherwise = otherVersionAlone();
            return otherwise;
          },
          progressed: () => {
            if (ending.begun) {
              early.abort();
            }

            const progressed = left().length < before;
            before = left().length;
            return progressed;
          },
        },
      );
      // Another server may have the files that this one lacks.
    } while (server !== undefined && unfit.has(server) && left().length > 0 && !ending.begun);
  } catch (error) {
    if (otherwise !== undefined && error === otherwise) {
      // The remaining rows are queued again, and then get the version that the available servers have.
      return;
    }

    if (!isJangadaError(error, 'protocol', 'digest_mismatch')) {
      throw error;
    }

    // One wrong answer must not affect the other files: each is downloaded alone from now on.
    for (const {id} of rows) {
      listener.tell(id, {type: 'leave'});
    }
  } finally {
    forget();
  }
}

/**
 * `files` as they may be fetched from the server of `connection`: a server other than the main one must have the main
 * server's versions. A file that the main server no longer has fails.
 */
async function agree(
  files: readonly SmallFile[],
  {address}: Connection,
  client: Client,
  {missed, signal}: {missed(file: SmallFile, reason: JangadaError): void; signal: AbortSignal},
): Promise<readonly SmallFile[]> {
  // If the main server is gone, any other server's version is accepted.
  if (address === client.address || !client.servers.there.includes(client.address)) {
    return files;
  }

  const paths = files.map(({remotePath}) => remotePath);
  const entries = await statMany(client, paths, {signal});
  return files.flatMap((file, index) => {
    const entry = entries[index];
    if (entry instanceof JangadaError) {
      fail(file, entry);
    }

    return entry === undefined || entry instanceof JangadaError
      ? []
      : [
          {
            ...file,
            agreed: {
              version: entry.version,
              missed: (reason: JangadaError) => missed(file, reason),
            },
          },
        ];
  });
}

/** `row` as a small file to fetch; empty if it fails at once, or no descriptor is left for its folder. */
function smallFile(row: Row, folders: GroupFolders, {tools, listener}: SmallGroup): SmallFile[] {
  const {id, transfer} = row;
  try {
    const name = finalNameOf(row);
    const folder = folders.open(row, name);
    takeRoom(row, folder, folders.freeBytes, tools.room);
    listener.tell(id, {type: 'download'});
    return [
      {
        remotePath: transfer.remotePath,
        folder,
        name,
        size: transfer.size ?? 0,
        onConflict: transfer.onConflict,
        sha256: transfer.expect?.kind === 'sha256' ? transfer.expect.hex : undefined,
        wanted: () => listener.isWanted(id),
        tell: event => listener.tell(id, event),
      },
    ];
  } catch (error) {
    if (!isJangadaError(error)) {
      throw error;
    }

    if (!openFiles.mayRetry(error)) {
      listener.tell(id, {type: 'failed', error});
    }

    return [];
  }
}

/** Files of a group that do not fit are not requested. @throws JangadaError `no_space`. */
function takeRoom(
  {transfer: {size = 0}}: Row,
  folder: OpenFolder,
  freeBytes: Map<string, number>,
  room: Room,
): void {
  const free = freeBytes.get(folder.path) ?? room.free(folder)?.bytes ?? size;
  if (size > free) {
    throw noSpace(folder.path, size, free);
  }

  freeBytes.set(folder.path, free - size);
}

/** Record for each target folder of `rows` that small files are fetched into it. */
async function holdTargets(
  rows: readonly Row[],
  {places, targets}: SmallGroup,
  signal: AbortSignal,
): Promise<Disposable> {
  const held: Disposable[] = [];
  const release = () => {
    for (const one of held) {
      one[Symbol.dispose]();
    }
  };
  try {
    // Nearly all rows have the same folder, so each folder is resolved only once.
    const folders = new Set(rows.map(({transfer}) => transfer.folder));
    for (const folder of new Set([...folders].flatMap(path => realTarget(path, targets) ?? []))) {
      held.push(await places.fetchSmallFiles(folder, signal));
    }
  } catch (error) {
    release();
    throw error;
  }

  return {[Symbol.dispose]: release};
}

/** The target folder at `path` without links; undefined if it cannot be used: its files will report that. */
function realTarget(path: string, targets: TargetFolders): string | undefined {
  try {
    return targets.at(path).realPath;
  } catch {
    return undefined;
  }
}

/** The folders of a group of small files. Each is opened once, so that it is flushed once. */
class GroupFolders implements Disposable {
  /** By path of a folder: the bytes that files of the group may still use there. */
  readonly freeBytes = new Map<string, number>();
  readonly #openFolder: (row: Row) => OpenFolder;
  readonly #opened = new Map<string, OpenFolder>();
  /** The folder that was opened last: most files have the same folder as the file before. */
  #last: {folder: string; parent: string; opened: OpenFolder} | undefined;

  constructor(openFolder: (row: Row) => OpenFolder) {
    this.#openFolder = openFolder;
  }

  /** @param name the final name of `row`. */
  open(row: Row, name: string): OpenFolder {
    const {folder, localPath} = row.transfer;
    const parent = localPath.slice(0, localPath.lastIndexOf('/') + 1);
    // An invalid local path must not use the folder of valid ones.
    if (name !== '' && parent === this.#last?.parent && folder === this.#last.folder) {
      return this.#last.opened;
    }

    const key = `${folder}\0${parent}`;
    const known = name === '' ? undefined : this.#opened.get(key);
    const opened = known ?? this.#openFolder(row);
    this.#opened.set(key, opened);
    this.#last = {folder, parent, opened};
    return opened;
  }

  [Symbol.dispose](): void {
    for (const folder of this.#opened.values()) {
      folder.release();
    }
  }
}
