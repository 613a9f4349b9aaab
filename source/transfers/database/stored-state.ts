/**
 * Converts the state of a transfer to and from the columns `state`, `outcome`, `code`, `reason` and `detail` of its
 * row. `state` is a word that `jangada queue list` shows. `detail` holds the rest of the state, if there is more: JSON
 * while the transfer runs, with the blocks of the file as written by `terms/block-runs.ts`; otherwise words.
 */
import {type ErrorCode, errorCodes} from '../../../protocol/errors.ts';
import {isRunning, type TransferState, waitsForRoom} from '../terms/transfer-state.ts';

export const storedStates = [
  'queued',
  'running',
  'paused',
  'failed',
  'done',
  'canceled',
  // Cleared. The row is kept for a while, so that companions notice.
  'removed',
] as const;
export type StoredState = (typeof storedStates)[number];

type StateColumns = {
  state: StoredState;
  outcome: string | null;
  code: string | null;
  reason: string | null;
  detail: string | null;
};

/** The word for the column `state`. */
export function storedStateOf(state: TransferState): Exclude<StoredState, 'removed'> {
  switch (state.name) {
    case 'queued':
    case 'paused':
    case 'failed':
    case 'done':
    case 'canceled':
      return state.name;
    default:
      return 'running';
  }
}

/** The columns that store a state. `blocks`: the blocks of the file, while the transfer runs. */
export function stateColumns(state: TransferState, blocks?: string): StateColumns {
  return {
    state: storedStateOf(state),
    outcome: state.name === 'done' ? state.outcome : null,
    code: state.name === 'failed' ? state.code : waitsForRoom(state) ? 'no_space' : null,
    reason: state.name === 'failed' ? state.reason : waitsForRoom(state) ? state.noRoom : null,
    detail: detailOf(state, blocks),
  };
}

function detailOf(state: TransferState, blocks: string | undefined): string | null {
  if (isRunning(state)) {
    return JSON.stringify({...state, blocks});
  }

  const words = [
    ...('alone' in state && state.alone === true ? ['alone'] : []),
    ...('deletePartial' in state && state.deletePartial === true ? ['delete'] : []),
    ...('begun' in state && state.begun === true ? ['begun'] : []),
  ];
  return words.length === 0 ? null : words.join(' ');
}

/** One object for all transfers in a state, because a queue may hold 100,000 of them. */
const constant = {
  queued: {name: 'queued'},
  alone: {name: 'queued', alone: true},
  begun: {name: 'queued', begun: true},
  downloading: {name: 'downloading'},
  paused: {name: 'paused'},
  pausedBegun: {name: 'paused', begun: true},
  canceled: {name: 'canceled'},
  delete: {name: 'canceled', deletePartial: true},
  canceledBegun: {name: 'canceled', begun: true},
  deleteBegun: {name: 'canceled', deletePartial: true, begun: true},
  verified: {name: 'done', outcome: 'verified'},
  skipped: {name: 'done', outcome: 'skipped'},
} as const satisfies Record<string, TransferState>;

/** The state that is stored in the columns of a row. They are text or null. */
export function stateFromColumns(columns: StateColumns): TransferState {
  const {state, outcome, code, reason, detail} = columns;
  const isBegun = detail === 'begun';
  switch (state) {
    case 'running':
      return runningState(detail);
    case 'queued':
      return detail === 'alone' || detail === 'begun' ? constant[detail] : constant.queued;
    case 'failed':
      return isBegun
        ? {...failedState(codeOf(code), reason ?? 'It failed'), begun: true}
        : failedState(codeOf(code), reason ?? 'It failed');
    case 'done':
      return outcome === 'verified' ? constant.verified : constant.skipped;
    case 'paused':
      return code === 'no_space'
        ? {name: 'paused', noRoom: reason ?? 'The disk is full', ...(isBegun ? {begun: true} : {})}
        : isBegun
          ? constant.pausedBegun
          : constant.paused;
    case 'canceled':
    case 'removed':
      return canceledState(detail);
  }
}

function canceledState(detail: string | null): TransferState {
  switch (detail) {
    case 'delete':
      return constant.delete;
    case 'begun':
      return constant.canceledBegun;
    case 'delete begun':
      return constant.deleteBegun;
    default:
      return constant.canceled;
  }
}

/** The blocks of a running transfer when its worker last wrote the row, as text; undefined if the row has none. */
export function blocksFromColumns({
  state,
  detail,
}: Pick<StateColumns, 'state' | 'detail'>): string | undefined {
  const blocks = state === 'running' ? saidIn(detail).blocks : undefined;
  return typeof blocks === 'string' ? blocks : undefined;
}

/** The state of a running transfer when its worker last wrote the row. */
function runningState(detail: string | null): TransferState {
  const {name, checkedBytes, copiedBytes, totalBytes} = saidIn(detail);
  switch (name) {
    case 'connecting':
    case 'finishing':
      return {name};
    case 'checking':
      return isCount(checkedBytes) && isCount(totalBytes)
        ? {name, checkedBytes, totalBytes}
        : constant.downloading;
    case 'copying':
      return isCount(copiedBytes) && isCount(totalBytes)
        ? {name, copiedBytes, totalBytes}
        : constant.downloading;
    default:
      return constant.downloading;
  }
}

type Said = {
  readonly name?: unknown;
  readonly checkedBytes?: unknown;
  readonly copiedBytes?: unknown;
  readonly totalBytes?: unknown;
  readonly blocks?: unknown;
};

/** The contents of `detail` of a running transfer. */
function saidIn(detail: string | null): Said {
  try {
    const said: unknown = JSON.parse(detail ?? '{}');
    return typeof said === 'object' && said !== null ? said : {};
  } catch {
    // A row that a user has edited. The transfer still runs.
    return {};
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

let lastFailed: TransferState & {name: 'failed'} = {name: 'failed', code: 'internal', reason: ''};

/** Consecutive transfers usually fail for the same reason, so its text is stored once. */
function failedState(code: ErrorCode, reason: string): TransferState & {name: 'failed'} {
  if (lastFailed.code !== code || lastFailed.reason !== reason) {
    lastFailed = {name: 'failed', code, reason};
  }

  return lastFailed;
}

function codeOf(text: string | null): ErrorCode {
  return errorCodes.find(code => code === text) ?? 'internal';
}
