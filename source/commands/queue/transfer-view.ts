/** A transfer of the queue as it is shown: one line for people, one object in JSON. */
import {displayName} from '../../../protocol/display-text.ts';
import {pathToWire} from '../../../protocol/remote-path.ts';
import type {StoredTransfer} from '../../transfers/database/stored-transfer.ts';
import {Row} from '../../transfers/queue/row.ts';
import {formatSize} from '../format.ts';
import {percent} from '../progress/bar.ts';

/** Columns of the longest state. */
const stateWidth = 8;

/** Fields are documented in docs/commands.md; they stay. */
export function transferJson(server: string, stored: StoredTransfer): object {
  const {id, transfer, state, priority, outcome, code, reason, verifiedBytes, reusedBytes} = stored;
  return {
    id,
    server,
    state,
    priority,
    ...(outcome === undefined ? {} : {outcome}),
    path: pathToWire(transfer.remotePath),
    target: targetOf(stored),
    ...(transfer.size === undefined ? {} : {size: transfer.size}),
    verifiedBytes,
    reusedBytes,
    onConflict: transfer.onConflict,
    ...(code === undefined ? {} : {code}),
    ...(reason === undefined ? {} : {message: reason}),
  };
}

/** `  12  running    63 %   2.5 MB  jangada://host:1234  a/b -> /to/b  (high priority)  (reason)`. */
export function transferLine(server: string, stored: StoredTransfer): string {
  const {id, transfer, outcome, state, priority, reason} = stored;
  const name = outcome === 'skipped' ? 'skipped' : state;
  return [
    String(id).padStart(5),
    name.padEnd(stateWidth),
    far(stored).padStart(5),
    (transfer.size === undefined ? '?' : formatSize(transfer.size)).padStart(7),
    displayName(server),
    `${displayName(transfer.remotePath)} -> ${displayName(targetOf(stored))}`,
    ...(priority === 'normal' ? [] : [`(${priority} priority)`]),
    ...(reason === undefined ? [] : [`(${displayName(reason)})`]),
  ].join('  ');
}

/** How much is verified on disk; of an empty file that is nothing until it is done. */
function far({state, outcome, transfer, verifiedBytes}: StoredTransfer): string {
  if (outcome === 'skipped' || transfer.size === undefined) {
    return '-';
  }

  return state === 'done' ? '100 %' : percent(verifiedBytes, Math.max(1, transfer.size));
}

function targetOf({id, position, transfer}: StoredTransfer): string {
  return new Row(id, position, transfer).target;
}
