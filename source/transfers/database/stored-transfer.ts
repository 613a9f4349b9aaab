/**
 * A row of the queue's database, checked. By hand rather than with a schema: a queue may have
 * 100,000 of them, and they are read before the first screen.
 */
import {Buffer} from 'node:buffer';
import {nameFromBytes, parseRemotePath, type RemotePath} from '../../../protocol/remote-path.ts';
import {conflictPolicies} from '../terms/conflict-policy.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {type Priority, priorities} from '../terms/priority.ts';

export const storedStates = [
  'queued',
  'running',
  'paused',
  'failed',
  'done',
  'canceled',
  // Cleared; kept for a while so that other clients hear of it.
  'removed',
] as const;
export type StoredState = (typeof storedStates)[number];

const outcomes = ['verified', 'skipped'] as const;

export type StoredTransfer = {
  id: number;
  transfer: NewTransfer;
  /** Orders those of a priority; any number between those of two neighbours lies between them. */
  position: number;
  priority: Priority;
  state: StoredState;
  outcome: (typeof outcomes)[number] | undefined;
  code: string | undefined;
  reason: string | undefined;
  /** Of the remote file, as it was when it was last worked on. */
  version: string | undefined;
  verifiedBytes: number;
  reusedBytes: number;
  /** The client that works on it, or did when it was killed. */
  owner: string | undefined;
  /** The number of the change that it was last part of. */
  seq: number;
};

/**
 * What is read of a row. Paths are bytes, and read as text: bytes cost three times as much. One with
 * a NUL is read as what is no path, and a local path that is the remote one as NULL.
 */
export const storedColumns = `id, ${pathText('remote_path')} AS remote_path, folder,
  CASE WHEN local_path <> remote_path THEN ${pathText('local_path')} END AS local_path,
  on_conflict, size, position, state, outcome, code, reason, version, verified_bytes, reused_bytes,
  owner, seq, priority`;

function pathText(column: string): string {
  return `iif(instr(${column}, x'00') = 0, CAST(${column} AS TEXT), '/')`;
}

/** What text has in place of bytes that are no UTF-8, if it is not a character of its own. */
const replacement = '\ufffd';

/**
 * `row` as it should be; undefined if it is not.
 *
 * @param readPaths gives `remote_path` and `local_path` of the row with this id as bytes.
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
    return {
      id,
      transfer: {
        remotePath,
        folder: onlyOnce(text(row.folder)),
        // Nearly always the same: it is not kept twice.
        localPath: localName === remotePath ? remotePath : endOf(remotePath, localName),
        onConflict: oneOf(conflictPolicies, row.on_conflict),
        size: optional(count, row.size),
      },
      position: Number(row.position),
      priority: priorityOf(row.priority),
      state: oneOf(storedStates, row.state),
      outcome: row.outcome === null ? undefined : oneOf(outcomes, row.outcome),
      code: optional(text, row.code),
      reason: optional(text, row.reason),
      version: optional(text, row.version),
      verifiedBytes: count(row.verified_bytes),
      reusedBytes: count(row.reused_bytes),
      owner: optional(text, row.owner),
      seq: count(row.seq),
    };
  } catch {
    // Whatever is wrong with it, it is no transfer.
    return undefined;
  }
}

/** `path`, checked; mostly it is the end of the remote one, and kept as a part of that. */
function endOf(remotePath: RemotePath, path: string): RemotePath {
  return parseRemotePath(
    remotePath.endsWith(path) ? remotePath.slice(remotePath.length - path.length) : path,
  );
}

let lastText = '';

/** Transfers that follow each other mostly go to one folder: its name is kept once. */
function onlyOnce(text: string): string {
  if (text !== lastText) {
    lastText = text;
  }

  return lastText;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new TypeError('not a count');
  }

  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError('not a text');
  }

  return value;
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
