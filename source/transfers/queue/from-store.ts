/** What a row of the database says, as the state of a transfer. */
import {type ErrorCode, errorCodes} from '../../../protocol/errors.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import type {TransferState} from '../terms/transfer-state.ts';
import type {Row} from './row.ts';

type Stored = Pick<StoredTransfer, 'state' | 'outcome' | 'code' | 'reason' | 'owner'>;

/** The state, and the other client that works on it, if one does. */
export function stateFromStore(
  stored: Stored,
  isAlive: (owner: string) => boolean,
): {state: TransferState; elsewhere: string | undefined} {
  const {owner} = stored;
  const elsewhere =
    stored.state === 'running' && owner !== undefined && isAlive(owner) ? owner : undefined;
  return {state: stateOf(stored, elsewhere !== undefined), elsewhere};
}

/** One object for all: a queue may have 100,000 of them. */
const constant = {
  queued: {name: 'queued'},
  downloading: {name: 'downloading'},
  paused: {name: 'paused'},
  canceled: {name: 'canceled'},
  verified: {name: 'done', outcome: 'verified'},
  skipped: {name: 'done', outcome: 'skipped'},
} as const satisfies Record<string, TransferState>;

function stateOf(stored: Stored, isAtWork: boolean): TransferState {
  switch (stored.state) {
    case 'running':
      // Who worked on it is gone: whoever claims it next goes on.
      return isAtWork ? constant.downloading : constant.queued;
    case 'failed':
      return failedState(codeOf(stored.code), stored.reason ?? 'It failed');
    case 'done':
      return stored.outcome === 'verified' ? constant.verified : constant.skipped;
    case 'paused':
      return stored.code === 'no_space'
        ? {name: 'paused', noRoom: stored.reason ?? 'The disk is full'}
        : constant.paused;
    case 'removed':
      return constant.canceled;
    default:
      return constant[stored.state];
  }
}

let lastFailed: TransferState & {name: 'failed'} = {name: 'failed', code: 'internal', reason: ''};

/** What fails one after the other mostly fails of one reason: it is kept once. */
function failedState(code: ErrorCode, reason: string): TransferState {
  if (lastFailed.code !== code || lastFailed.reason !== reason) {
    lastFailed = {name: 'failed', code, reason};
  }

  return lastFailed;
}

function codeOf(text: string | undefined): ErrorCode {
  return errorCodes.find(code => code === text) ?? 'internal';
}

/** Take over what the database says of a transfer that this client does not work on. */
export function takeOver(row: Row, stored: StoredTransfer): void {
  takePlace(row, stored);
  row.size = stored.transfer.size;
  // Only what is other than before: see the end of row.ts.
  for (const name of ['version', 'verifiedBytes', 'reusedBytes'] as const) {
    if (row[name] !== stored[name]) {
      Object.assign(row, {[name]: stored[name]});
    }
  }
}

/** Take over its place in the queue, which anybody may change. */
export function takePlace(row: Row, {position, priority}: StoredTransfer): void {
  row.position = position;
  row.priority = priority;
  row.changed();
}
