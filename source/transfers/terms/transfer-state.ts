/**
 * The states of a transfer and the events that lead from one to the next. Pure and total: an event that does not apply
 * to a state leaves it unchanged, so a late message can do no harm.
 *
 *     queued → connecting → checking → copying → downloading → finishing → done
 *        ↑         ↑___________|__________|___________|            |
 *        |                     (connection lost)                   |
 *      paused ←────────────── from any of those ───────────→ failed, canceled
 */
import type {ErrorCode} from '../../../protocol/errors.ts';
import type {DownloadEvent, Outcome} from './download-event.ts';
import type {ExpectedRoot} from './expected-content.ts';

/**
 * `begun`: a process began the transfer and ended without a report, so a file under the final name may belong to this
 * transfer. It stays set until the transfer is done, whatever happens meanwhile.
 */
type Begun = {readonly begun?: true};

export type TransferState =
  /** `alone`: it cannot be fetched together with other small files. */
  | ({readonly name: 'queued'; readonly alone?: true} & Begun)
  | ({readonly name: 'connecting'} & Begun)
  /** Hashing the file on disk. */
  | ({
      readonly name: 'checking';
      readonly checkedBytes: number;
      readonly totalBytes: number;
    } & Begun)
  /** Copying blocks from a seed. */
  | ({readonly name: 'copying'; readonly copiedBytes: number; readonly totalBytes: number} & Begun)
  | ({readonly name: 'downloading'} & Begun)
  | ({readonly name: 'finishing'} & Begun)
  /** `sha256` (hex) and `root`: set if the queue computes them and the file is verified. */
  | {
      readonly name: 'done';
      readonly outcome: Outcome;
      readonly sha256?: string;
      readonly root?: ExpectedRoot;
    }
  /** `noRoom`: says how much room is missing. The transfer continues by itself when there is room. */
  | ({readonly name: 'paused'; readonly noRoom?: string} & Begun)
  | ({readonly name: 'failed'; readonly code: ErrorCode; readonly reason: string} & Begun)
  /** `deletePartial`: the partial is deleted as soon as nothing writes to it. */
  | ({readonly name: 'canceled'; readonly deletePartial?: true} & Begun);

type TransferStateName = TransferState['name'];

/** The events of a download that lead to another state. */
type StateEvent = Extract<
  DownloadEvent,
  {type: 'check' | 'copy' | 'download' | 'lost' | 'finish' | 'done' | 'leave'}
>;

export type TransferEvent =
  | StateEvent
  | {readonly type: 'start'}
  | {readonly type: 'pause'}
  /** There is no room for the file on the disk. */
  | {readonly type: 'wait'; readonly noRoom: string}
  /** Stopped without a user's request: to continue at another time, or in another way. */
  | {readonly type: 'release'}
  /** The process that worked on the transfer has ended without a report. */
  | {readonly type: 'abandoned'}
  | {readonly type: 'resume'}
  | {readonly type: 'fail'; readonly code: ErrorCode; readonly reason: string}
  | {readonly type: 'cancel'; readonly deletePartial?: boolean}
  /** The partial of a canceled transfer was deleted, or never existed. */
  | {readonly type: 'deleted'}
  | {readonly type: 'retry'};

const running: ReadonlySet<TransferStateName> = new Set([
  'connecting',
  'checking',
  'copying',
  'downloading',
  'finishing',
]);

/** Whether a transfer in this state is being worked on. */
export function isRunning(state: TransferState): boolean {
  return running.has(state.name);
}

/** Whether the transfer continues by itself when there is room on the disk. */
export function waitsForRoom(
  state: TransferState,
): state is {name: 'paused'; readonly noRoom: string} {
  return state.name === 'paused' && state.noRoom !== undefined;
}

/** Whether a transfer in this state never continues by itself. */
export function isSettled(state: TransferState): boolean {
  return state.name === 'done' || state.name === 'failed' || state.name === 'canceled';
}

/** Whether two states are equal in all fields. */
export function isSameState(one: TransferState, other: TransferState): boolean {
  const isBare = () => Object.keys(one).length + Object.keys(other).length === 2;
  const isSame = () => isBare() || JSON.stringify(one) === JSON.stringify(other);
  return one === other || (one.name === other.name && isSame());
}

/** The state after `event`. */
export function nextState(state: TransferState, event: TransferEvent): TransferState {
  const begun = begunOf(state);
  switch (event.type) {
    case 'start':
      return state.name === 'queued' ? {name: 'connecting', ...begun} : state;
    case 'check':
      return state.name === 'connecting' || state.name === 'checking'
        ? {
            name: 'checking',
            checkedBytes: event.checkedBytes,
            totalBytes: event.totalBytes,
            ...begun,
          }
        : state;
    case 'copy':
      return ['connecting', 'checking', 'copying'].includes(state.name)
        ? {
            name: 'copying',
            copiedBytes: event.copiedBytes,
            totalBytes: event.totalBytes,
            ...begun,
          }
        : state;
    case 'download':
      return ['connecting', 'checking', 'copying'].includes(state.name)
        ? {name: 'downloading', ...begun}
        : state;
    case 'finish':
      return isRunning(state) ? {name: 'finishing', ...begun} : state;
    case 'done':
      // Even after a pause or a cancel: it came too late, because the file already has its final name.
      return state.name === 'failed' || state.name === 'done'
        ? state
        : {
            name: 'done',
            outcome: event.outcome,
            ...(event.sha256 === undefined ? {} : {sha256: event.sha256}),
            ...(event.root === undefined ? {} : {root: event.root}),
          };
    case 'lost':
      return isRunning(state) ? {name: 'connecting', ...begun} : state;
    case 'pause':
      return state.name === 'queued' || isRunning(state) || waitsForRoom(state)
        ? {name: 'paused', ...begun}
        : state;
    case 'wait':
      return state.name === 'queued' || isRunning(state)
        ? {name: 'paused', noRoom: event.noRoom, ...begun}
        : state;
    case 'release':
      return isRunning(state) ? {name: 'queued', ...begun} : state;
    case 'abandoned':
      return isRunning(state) ? {name: 'queued', begun: true} : state;
    case 'leave':
      // A file that was begun is fetched alone, too.
      return isRunning(state)
        ? {name: 'queued', ...(begun.begun === true ? begun : {alone: true})}
        : state;
    case 'resume':
      return state.name === 'paused' ? {name: 'queued', ...begun} : state;
    case 'fail':
      return isRunning(state) ||
        state.name === 'queued' ||
        waitsForRoom(state) ||
        (state.name === 'canceled' && state.deletePartial === true)
        ? {name: 'failed', code: event.code, reason: event.reason, ...begun}
        : state;
    case 'cancel':
      return state.name === 'done' ? state : canceled(state, event.deletePartial === true);
    case 'deleted':
      return state.name === 'canceled' ? canceled(state, false) : state;
    case 'retry':
      return state.name === 'failed' || state.name === 'canceled'
        ? {name: 'queued', ...begun}
        : state;
  }
}

function canceled(state: TransferState, deletePartial: boolean): TransferState {
  return {
    name: 'canceled',
    ...(deletePartial ? ({deletePartial} as const) : {}),
    ...begunOf(state),
  };
}

/** The field `begun` of `state`, for the next state. */
function begunOf(state: TransferState): Begun {
  return 'begun' in state && state.begun === true ? {begun: true} : {};
}
