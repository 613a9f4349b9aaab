/**
 * One transfer of a queue as an immutable record, and the one function that changes it: an event produces the next
 * record. Only the record decides what happens to a transfer.
 */
import {join, sep} from 'node:path';
import {blockSize} from '../../../../protocol/block.ts';
import {baseName, type RemotePath} from '../../../../protocol/remote-path.ts';
import type {SavedTransfer} from '../../database/saved-transfer.ts';
import type {StoredTransfer} from '../../database/stored-transfer.ts';
import {isLocalPath, namesBelow, savedAs} from '../../disk/local-name.ts';
import type {DownloadEvent, DownloadProgress} from '../../terms/download-event.ts';
import type {NewTransfer} from '../../terms/new-transfer.ts';
import type {Priority} from '../../terms/priority.ts';
import {nextState, type TransferEvent, type TransferState} from '../../terms/transfer-state.ts';

/** Kept small, because a queue may hold 100,000 of them. */
export type Row = {
  readonly id: number;
  readonly transfer: NewTransfer;
  /** Orders the rows of a priority. Any number between the positions of two neighbours may be used. */
  readonly position: number;
  readonly priority: Priority;
  readonly state: TransferState;
  readonly work: Work;
};

/** The part of a row that decides whether and how soon it runs. */
export type Turn = Pick<Row, 'priority' | 'state'>;

/** Facts about a transfer that become known while it runs. */
type Work = DownloadProgress & {
  /** Size of the remote file in bytes, if the listing did not have it or had another one. */
  readonly size: number | undefined;
  /** Version of the remote file when the transfer last ran. */
  readonly version: string | undefined;
  /** The final name, if it is not the last part of the local path. */
  readonly name: string | undefined;
  /** Whether blocks of another version were on disk when this version was begun. */
  readonly begunAnew: boolean;
  /** Moving average of bytes received, hashed while checking, or copied; otherwise 0. */
  readonly bytesPerSecond: number;
  /** Only in a companion: the blocks of the running file, as its worker wrote them. */
  readonly blocks: string | undefined;
};

const nothingHere: DownloadProgress = {
  receivedBytes: 0,
  verifiedBytes: 0,
  reusedBytes: 0,
  copiedBytes: 0,
};

/** One shared object for all transfers that have not run yet. */
export const untouched: Work = {
  ...{size: undefined, version: undefined, name: undefined, blocks: undefined},
  ...{begunAnew: false, bytesPerSecond: 0, ...nothingHere},
};

const queued: TransferState = {name: 'queued'};

/** Every event that can happen to a row. */
export type RowEvent =
  | TransferEvent
  | Exclude<DownloadEvent, {type: 'failed' | 'changing' | 'time'}>
  | {readonly type: 'speed'; readonly bytesPerSecond: number}
  /** The row has another position in the queue. */
  | {readonly type: 'placed'; readonly position: number}
  | {readonly type: 'prioritized'; readonly priority: Priority}
  /** The worker, in another process, has written this row. */
  | {readonly type: 'stored'; readonly stored: StoredTransfer};

/** A new row for a transfer. */
export function newRow(id: number, position: number, transfer: NewTransfer): Row {
  const {priority = 'normal'} = transfer;
  return {id, transfer, position, priority, state: queued, work: untouched};
}

/** The row as stored in the database. */
export function rowFromStore(stored: StoredTransfer): Row {
  return rowAfter(newRow(stored.id, stored.position, stored.transfer), {type: 'stored', stored});
}

/** The row after the event; the same record if the event does not apply. */
export function rowAfter(row: Row, event: RowEvent): Row {
  switch (event.type) {
    case 'size':
      return working(row, {size: event.bytes});
    case 'version':
      return working(row, {
        version: event.version,
        begunAnew: row.work.begunAnew || event.begunAnew,
      });
    case 'named':
      return working(row, {name: event.name});
    case 'adopted':
      return {...row, transfer: {...row.transfer, from: undefined}};
    case 'progress': {
      const {type: _, ...progress} = event;
      return working(row, progress);
    }

    case 'speed':
      return event.bytesPerSecond === row.work.bytesPerSecond
        ? row
        : working(row, {bytesPerSecond: event.bytesPerSecond});
    case 'placed':
      return {...row, position: event.position};
    case 'prioritized':
      return {...row, priority: event.priority};
    case 'stored':
      return fromStore(row, event.stored);
    case 'deleted':
      return withState(working(row, nothingHere), nextState(row.state, event));
    case 'done': {
      const {arrived} = event;
      const state = nextState(row.state, event);
      return arrived === undefined
        ? withState(row, state)
        : {...row, state, work: {...row.work, ...arrived}};
    }

    default:
      return withState(row, nextState(row.state, event));
  }
}

function working(row: Row, news: Partial<Work>): Row {
  return {...row, work: {...row.work, ...news}};
}

function withState(row: Row, state: TransferState): Row {
  return state === row.state ? row : {...row, state};
}

function fromStore(row: Row, stored: StoredTransfer): Row {
  const {id, transfer, position, priority, state, removed: _removed, seq: _seq, ...news} = stored;
  const {size} = transfer;
  const isUntouched =
    news.version === undefined && news.name === undefined && news.receivedBytes === 0;
  const work = isUntouched ? untouched : {...row.work, size, ...news};
  // A local file that the transfer names (`from`, `seed`) is not stored in the database.
  const kept = row.transfer.size === size ? row.transfer : {...row.transfer, size};
  return {id, transfer: kept, position, priority, state, work};
}

/** The row as its worker writes it. `blocks`: the current blocks of the file, while it runs. */
export function savedTransfer(row: Row, blocks?: string): SavedTransfer {
  const {id, state, position, priority, work} = row;
  return {id, state, position, priority, ...work, size: sizeOf(row), blocks};
}

/** Size of the remote file in bytes, if known. */
export function sizeOf({transfer, work}: Row): number | undefined {
  return work.size ?? transfer.size;
}

/** Bytes that were received from the server. */
export function fetchedBytes({work}: Row): number {
  return work.receivedBytes - work.reusedBytes;
}

/** The local names below the target folder, the final name last; undefined if they would lead out of it. */
export function namesOf({transfer, work}: Row): string[] | undefined {
  return namesBelow(transfer.localPath, work.name);
}

/** Absolute local path of the final name. */
export function targetOf({transfer, work}: Row): string {
  return savedAs(transfer, work.name);
}

/** The last part of the final name's path; empty if the local path is invalid. */
export function finalNameOf(row: Row): string {
  const {localPath} = row.transfer;
  return isLocalPath(localPath)
    ? (row.work.name ?? baseName(localPath))
    : (namesOf(row)?.at(-1) ?? '');
}

/** A key for the target of a row, unique among all rows with its folder. */
export function targetKeyOf(row: Row): string {
  const {folder, localPath} = row.transfer;
  if (row.work.name === undefined && isLocalPath(localPath)) {
    // Fast path: the string exists already.
    return localPath;
  }

  const target = targetOf(row);
  const inside = join(folder, sep);
  return target.startsWith(inside) ? target.slice(inside.length).replaceAll(sep, '/') : target;
}

/** A file up to this size is fetched together with others over one connection. */
const smallSize = blockSize;

/** Whether the file can be fetched together with other small files. */
export function isSmall({transfer, state}: Row): boolean {
  const {size, from, seed, expect} = transfer;
  // A file that may already have its final name needs a separate download, which checks that.
  const isAlone = state.name === 'queued' && (state.alone === true || state.begun === true);
  // An expected root needs the list of digests before the file is requested.
  const isPlain = !isAlone && (from ?? seed) === undefined && expect?.kind !== 'root';
  return isPlain && size !== undefined && size <= smallSize;
}

export type TransferSnapshot = DownloadProgress & {
  readonly id: number;
  readonly remotePath: RemotePath;
  /** Absolute local path of the final name. */
  readonly target: string;
  /** Size of the remote file in bytes, once known. */
  readonly size: number | undefined;
  /** Version of the remote file when the transfer last ran. */
  readonly version: string | undefined;
  /** Whether the remote file changed since the transfer was begun. Equal blocks were kept. */
  readonly begunAnew: boolean;
  /** Moving average of bytes received, hashed while checking, or copied; otherwise 0. */
  readonly bytesPerSecond: number;
  readonly priority: Priority;
  readonly state: TransferState;
};

const snapshots = new WeakMap<Row, TransferSnapshot>();

/** The row for readers outside of the queue; the same object for the same record. */
export function snapshotOf(row: Row): TransferSnapshot {
  let snapshot = snapshots.get(row);
  if (snapshot === undefined) {
    snapshot = newSnapshotOf(row);
    snapshots.set(row, snapshot);
  }

  return snapshot;
}

/** As `snapshotOf`, without a cache: caching thousands of objects that are read once costs more than making them. */
export function newSnapshotOf(row: Row): TransferSnapshot {
  const {id, transfer, priority, state, work} = row;
  const {begunAnew, bytesPerSecond, version} = work;
  const {receivedBytes, verifiedBytes, reusedBytes, copiedBytes} = work;
  return {
    ...{id, remotePath: transfer.remotePath, target: targetOf(row), size: sizeOf(row)},
    ...{receivedBytes, verifiedBytes, reusedBytes, copiedBytes},
    ...{begunAnew, bytesPerSecond, version, priority, state},
  };
}
