/**
 * Checks a row of the queue's database. The code is written by hand and uses no schema, because a queue may hold
 * 100,000 rows, which are read before the first screen.
 */
import {Buffer} from 'node:buffer';
import {basename} from 'node:path';
import {nameFromBytes, parseRemotePath, type RemotePath} from '../../../protocol/remote-path.ts';
import {conflictPolicies} from '../terms/conflict-policy.ts';
import type {DownloadProgress} from '../terms/download-event.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {type Priority, priorities} from '../terms/priority.ts';
import type {TransferState} from '../terms/transfer-state.ts';
import {blocksFromColumns, stateFromColumns, storedStates} from './stored-state.ts';

const outcomes = ['verified', 'skipped'] as const;

/** A row of the table `transfer`. */
export type StoredTransfer = {
  readonly id: number;
  readonly transfer: NewTransfer;
  /** Orders the transfers of one priority. Any number between two neighbours may be used. */
  readonly position: number;
  readonly priority: Priority;
  /** Cleared. The row exists only so that companions notice. */
  readonly removed: boolean;
  readonly state: TransferState;
  /** The final name, if it is not the last part of the local path. */
  readonly name: string | undefined;
  /** The version of the remote file when the transfer last ran. */
  readonly version: string | undefined;
  readonly bytesPerSecond: number;
  /** The blocks of the file while it runs, in the format of `terms/block-runs.ts`. */
  readonly blocks: string | undefined;
  /** The number of the change that last wrote the row. */
  readonly seq: number;
} & DownloadProgress;

/**
 * The columns to read. Paths are stored as bytes and read as text, because bytes cost three times as much. A path with
 * a NUL is read as `/`, which is not a valid path; a local path that equals the remote one is read as NULL. SQLite
 * integers can be larger than a JavaScript number, which would make the whole result fail, so they are read as reals.
 */
export const storedColumns = `${real('id')}, ${pathText('remote_path')} AS remote_path, folder,
  CASE WHEN local_path <> remote_path THEN ${pathText('local_path')} END AS local_path,
  on_conflict, ${real('size')}, position, ${real('priority')}, state, outcome, code, reason, detail,
  name, version, ${real('received_bytes')}, ${real('verified_bytes')}, ${real('reused_bytes')},
  ${real('copied_bytes')}, ${real('bytes_per_second')}, ${real('seq')}`;

function real(column: string): string {
  return `CAST(${column} AS REAL) AS ${column}`;
}

function pathText(column: string): string {
  return `iif(instr(${column}, x'00') = 0, CAST(${column} AS TEXT), '/')`;
}

/** SQLite reads bytes that are not UTF-8 as this character. A name may also contain the character itself. */
const replacement = '\ufffd';

/**
 * `row`, checked; undefined if it is invalid.
 *
 * @param readPaths returns `remote_path` and `local_path` of the row with this id, as bytes.
 */
export function storedTransfer(
  row: Record<string, unknown>,
  readPaths: (id: number) => Record<string, unknown> | undefined,
): StoredTransfer | undefined {
  try {
    const id = count(row.id);
    const remoteText = text(row.remote_path);
    const localText = row.local_path === null ? remoteText : text(row.local_path);
    const isText = !remoteText.includes(replacement) && !localText.includes(replacement);
    const bytes = isText ? undefined : readPaths(id);
    const remotePath = parseRemotePath(
      bytes === undefined ? remoteText : nameFromBytes(nameBytes(bytes.remote_path)),
    );
    const localName = bytes === undefined ? localText : nameFromBytes(nameBytes(bytes.local_path));
    const state = oneOf(storedStates, row.state);
    const detail = textOrNull(row.detail);
    return {
      id,
      transfer: {
        remotePath,
        folder: onlyOnce(text(row.folder)),
        // Nearly always the same text, which is then stored once.
        localPath: localName === remotePath ? remotePath : endOf(remotePath, localName),
        onConflict: oneOf(conflictPolicies, row.on_conflict),
        size: optional(count, row.size),
      },
      position: finite(row.position),
      priority: priorityOf(row.priority),
      removed: state === 'removed',
      state: stateFromColumns({
        state,
        outcome: row.outcome === null ? null : oneOf(outcomes, row.outcome),
        code: textOrNull(row.code),
        reason: textOrNull(row.reason),
        detail,
      }),
      blocks: blocksFromColumns({state, detail}),
      name: optional(fileName, row.name),
      version: optional(text, row.version),
      receivedBytes: count(row.received_bytes),
      verifiedBytes: count(row.verified_bytes),
      reusedBytes: count(row.reused_bytes),
      copiedBytes: count(row.copied_bytes),
      bytesPerSecond: count(row.bytes_per_second),
      seq: count(row.seq),
    };
  } catch {
    // Whatever is wrong with the row, it is not a transfer.
    return undefined;
  }
}

/** `path`, checked. It is usually the end of the remote path, and then shares its memory. */
function endOf(remotePath: RemotePath, path: string): RemotePath {
  return parseRemotePath(
    remotePath.endsWith(path) ? remotePath.slice(remotePath.length - path.length) : path,
  );
}

let lastText = '';

/** Consecutive transfers usually go to the same folder, so its name is stored once. */
function onlyOnce(folder: string): string {
  if (folder !== lastText) {
    if (folder.includes('\0')) {
      throw new TypeError('not a path');
    }

    lastText = folder;
  }

  return lastText;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new TypeError('not a count');
  }

  return value;
}

function finite(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError('not a number');
  }

  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError('not a text');
  }

  return value;
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : text(value);
}

/** One part of a local path. */
function fileName(value: unknown): string {
  const name = text(value);
  if (
    name === '.' ||
    name === '..' ||
    name.includes('\0') ||
    basename(name) !== name ||
    name === ''
  ) {
    throw new TypeError('not a name');
  }

  return name;
}

function nameBytes(value: unknown): Buffer {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError('not a name');
  }

  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function oneOf<Value extends string>(values: readonly Value[], value: unknown): Value {
  const found = values.find(candidate => candidate === value);
  if (found === undefined) {
    throw new TypeError('not one of them');
  }

  return found;
}

function priorityOf(rank: unknown): Priority {
  const priority = priorities[count(rank)];
  if (priority === undefined) {
    throw new TypeError('not a priority');
  }

  return priority;
}

function optional<Value>(check: (value: unknown) => Value, value: unknown): Value | undefined {
  return value === null ? undefined : check(value);
}
