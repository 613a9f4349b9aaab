/** Writes rows of the table `transfer`: new rows, and rows that the worker has changed. */
import {nameToBytes} from '../../../protocol/remote-path.ts';
import type {DownloadProgress} from '../terms/download-event.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {type Priority, priorities, rankOf} from '../terms/priority.ts';
import {isSettled, type TransferState} from '../terms/transfer-state.ts';
import type {Statements} from './sqlite/statements.ts';
import {stateColumns} from './stored-state.ts';

/** A transfer as its worker writes it. */
export type SavedTransfer = {
  id: number;
  state: TransferState;
  position: number;
  priority: Priority;
  size: number | undefined;
  version: string | undefined;
  name: string | undefined;
  bytesPerSecond: number;
  /** The blocks of the file while it runs, in the format of `terms/block-runs.ts`. */
  blocks: string | undefined;
} & DownloadProgress;

const ranks = JSON.stringify(priorities.map(rankOf));

/** Put transfers at the end of the queue of `server`. @returns ids and positions, in the same order. */
export function addTransfers(
  statements: Statements,
  server: string,
  transfers: readonly NewTransfer[],
  nowMs: number,
): {id: number; position: number}[] {
  return statements.change(seq => {
    let position = Number(
      // One index lookup for each priority, instead of a scan of all rows.
      statements.get(
        `SELECT coalesce(max(last), 0) AS last FROM (SELECT (SELECT max(position) FROM transfer
          WHERE server = ? AND priority = value) AS last FROM json_each(?))`,
        server,
        ranks,
      )?.last,
    );
    return transfers.map(({remotePath, folder, localPath, onConflict, size, priority}) => {
      position++;
      const {lastInsertRowid} = statements.run(
        `INSERT INTO transfer (server, remote_path, folder, local_path, on_conflict, size, position,
          priority, state, added_ms, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)`,
        server,
        nameToBytes(remotePath),
        folder,
        nameToBytes(localPath),
        onConflict,
        size ?? null,
        position,
        rankOf(priority ?? 'normal'),
        nowMs,
        seq,
      );
      return {id: Number(lastInsertRowid), position};
    });
  });
}

/** Write the row of a transfer, unless it was cleared. `seq` is the number of the change. */
export function saveTransfer(
  statements: Statements,
  transfer: SavedTransfer,
  seq: number,
  nowMs: number,
): void {
  const {state, outcome, code, reason, detail} = stateColumns(transfer.state, transfer.blocks);
  statements.run(
    `UPDATE transfer SET state = ?, outcome = ?, code = ?, reason = ?, detail = ?, position = ?,
      priority = ?, size = ?, version = ?, name = ?, received_bytes = ?, verified_bytes = ?,
      reused_bytes = ?, copied_bytes = ?, bytes_per_second = ?, settled_ms = ?, seq = ?
      WHERE id = ? AND state <> 'removed'`,
    state,
    outcome,
    code,
    reason,
    detail,
    transfer.position,
    rankOf(transfer.priority),
    transfer.size ?? null,
    transfer.version ?? null,
    transfer.name ?? null,
    transfer.receivedBytes,
    transfer.verifiedBytes,
    transfer.reusedBytes,
    transfer.copiedBytes,
    Math.round(transfer.bytesPerSecond),
    isSettled(transfer.state) ? nowMs : null,
    seq,
    transfer.id,
  );
}
