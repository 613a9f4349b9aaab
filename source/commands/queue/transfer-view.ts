/** A transfer of the queue in the output: one line for people, one object in JSON. */
import {displayName} from '../../../protocol/display-text.ts';
import {pathToWire} from '../../../protocol/remote-path.ts';
import {stateColumns} from '../../transfers/database/stored-state.ts';
import type {StoredTransfer} from '../../transfers/database/stored-transfer.ts';
import {savedAs} from '../../transfers/disk/local-name.ts';
import {formatSize} from '../format.ts';
import {percent} from '../progress/bar.ts';

/** Columns of the longest state. */
const stateWidth = 8;

/** docs/commands.md documents the fields; they must not change. */
export function transferJson(server: string, stored: StoredTransfer): object {
  const {id, transfer, priority, receivedBytes, verifiedBytes, reusedBytes} = stored;
  const {state, outcome, code, reason} = stateColumns(stored.state);
  return {
    id,
    server,
    state,
    priority,
    ...(outcome === null ? {} : {outcome}),
    path: pathToWire(transfer.remotePath),
    target: targetOf(stored),
    ...(transfer.size === undefined ? {} : {size: transfer.size}),
    receivedBytes,
    verifiedBytes,
    reusedBytes,
    onConflict: transfer.onConflict,
    ...(code === null ? {} : {code}),
    ...(reason === null ? {} : {message: reason}),
  };
}

/** `  12  running    63 %   2.5 MB  jangada://host:1234  a/b -> /to/b  (high priority)  (reason)`. */
export function transferLine(server: string, stored: StoredTransfer): string {
  const {id, transfer, priority} = stored;
  const {state, outcome, reason} = stateColumns(stored.state);
  const name = outcome === 'skipped' ? 'skipped' : state;
  return [
    String(id).padStart(5),
    name.padEnd(stateWidth),
    far(stored).padStart(5),
    (transfer.size === undefined ? '?' : formatSize(transfer.size)).padStart(7),
    displayName(server),
    `${displayName(transfer.remotePath)} -> ${displayName(targetOf(stored))}`,
    ...(priority === 'normal' ? [] : [`(${priority} priority)`]),
    ...(reason === null ? [] : [`(${displayName(reason)})`]),
  ].join('  ');
}

/** The percentage that is verified on disk; an empty file has 0 % until it is done. */
function far({state, transfer, verifiedBytes}: StoredTransfer): string {
  const isSkipped = state.name === 'done' && state.outcome === 'skipped';
  if (isSkipped || transfer.size === undefined) {
    return '-';
  }

  return state.name === 'done' ? '100 %' : percent(verifiedBytes, Math.max(1, transfer.size));
}

function targetOf({transfer, name}: StoredTransfer): string {
  return savedAs(transfer, name);
}
