/**
 * The states of a transfer and what leads from one to the next. Pure and total: an event that
 * means nothing in a state leaves it as it is, so a late message can do no harm.
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
 * `begun`: a process began it and ended without a word, so that a file under the final name may be this
 * transfer's own, also after a pause, a cancel or an error.
 */
type Begun = {readonly begun?: true};

export type TransferState =
  /** `alone`: it cannot be fetched together with other small files. */
  | ({readonly name: 'queued'; readonly alone?: true} & Begun)
  | {readonly name: 'connecting'}
  /** Hashing the file on disk. */
  | {readonly name: 'checking'; readonly checkedBytes: number; readonly totalBytes: number}
  /** Taking blocks from a seed. */
  | {readonly name: 'copying'; readonly copiedBytes: number; readonly totalBytes: number}
  | {readonly name: 'downloading'}
  | {readonly name: 'finishing'}
  /** With the SHA-256 of the file, in hex, and its root, where the queue was asked for them and it is verified. */
  | {
      readonly name: 'done';
      readonly outcome: Outcome;
      readonly sha256?: string;
      readonly root?: ExpectedRoot;
    }
  /** `noRoom`: says how much room is missing; it goes on by itself when there is. */
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
  /** There is no room for it on the disk. */
  | {readonly type: 'wait'; readonly noRoom: string}
  /** Stopped without a word of the user: to go on another time, or in another way. */
  | {readonly type: 'release'}
  /** The process that worked on it has ended without a word. */
  | {readonly type: 'abandoned'}
  | {readonly type: 'resume'}
  | {readonly type: 'fail'; readonly code: ErrorCode; readonly reason: string}
  | {readonly type: 'cancel'; readonly deletePartial?: boolean}
  /** The partial of a canceled transfer is deleted, or was never there. */
  | {readonly type: 'deleted'}
  | {readonly type: 'retry'};

const running: ReadonlySet<TransferStateName> = new Set([
  'connecting',
  'checking',
  'copying',
  'downloading',
  'finishing',
]);

/** Whether somebody works on a transfer in this state. */
export function isRunning(state: TransferState): boolean {
  return running.has(state.name);
}

/** Whether it goes on by itself when there is room on the disk. */
export function waitsForRoom(
  state: TransferState,
): state is {name: 'paused'; readonly noRoom: string} {
  return state.name === 'paused' && state.noRoom !== undefined;
}

/** Whether a transfer in this state will not go on by itself, whatever happens. */
export function isSettled(state: TransferState): boolean {
  return state.name === 'done' || state.name === 'failed' || state.name === 'canceled';
}

/** Whether nothing tells two states apart. */
export function isSameState(one: TransferState, other: TransferState): boolean {
  const isBare = () => Object.keys(one).length + Object.keys(other).length === 2;
  const isSame = () => isBare() || JSON.stringify(one) === JSON.stringify(other);
  return one === other || (one.name === other.name && isSame());
}

/** The state after `event`. */
export function nextState(state: TransferState, event: TransferEvent): TransferState {
  switch (event.type) {
    case 'start':
      return state.name === 'queued' ? {name: 'connecting'} : state;
    case 'check':
      return state.name === 'connecting' || state.name === 'checking'
        ? {name: 'checking', checkedBytes: event.checkedBytes, totalBytes: event.totalBytes}
        : state;
    case 'copy':
      return ['connecting', 'checking', 'copying'].includes(state.name)
        ? {name: 'copying', copiedBytes: event.copiedBytes, totalBytes: event.totalBytes}
        : state;
    case 'download':
      return ['connecting', 'checking', 'copying'].includes(state.name)
        ? {name: 'downloading'}
        : state;
    case 'finish':
      return isRunning(state) ? {name: 'finishing'} : state;
    case 'done':
      // Also when a pause or a cancel came too late: the file has its name.
      return state.name === 'failed' || state.name === 'done'
        ? state
        : {
            name: 'done',
            outcome: event.outcome,
            ...(event.sha256 === undefined ? {} : {sha256: event.sha256}),
            ...(event.root === undefined ? {} : {root: event.root}),
          };
    case 'lost':
      return isRunning(state) ? {name: 'connecting'} : state;
    case 'pause':
      return state.name === 'queued' || isRunning(state) || waitsForRoom(state)
        ? {name: 'paused', ...begunOf(state)}
        : state;
    case 'wait':
      return state.name === 'queued' || isRunning(state)
        ? {name: 'paused', noRoom: event.noRoom, ...begunOf(state)}
        : state;
    case 'release':
      return isRunning(state) ? {name: 'queued'} : state;
    case 'abandoned':
      return isRunning(state) ? {name: 'queued', begun: true} : state;
    case 'leave':
      return isRunning(state) ? {name: 'queued', alone: true} : state;
    case 'resume':
      return state.name === 'paused' ? {name: 'queued', ...begunOf(state)} : state;
    case 'fail':
      return isRunning(state) ||
        state.name === 'queued' ||
        waitsForRoom(state) ||
        (state.name === 'canceled' && state.deletePartial === true)
        ? {name: 'failed', code: event.code, reason: event.reason, ...begunOf(state)}
        : state;
    case 'cancel':
      return state.name === 'done' ? state : canceled(state, event.deletePartial === true);
    case 'deleted':
      return state.name === 'canceled' ? canceled(state, false) : state;
    case 'retry':
      return state.name === 'failed' || state.name === 'canceled'
        ? {name: 'queued', ...begunOf(state)}
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

/** Whether a file under the final name may be its own, for the state that comes next. */
function begunOf(state: TransferState): Begun {
  return 'begun' in state && state.begun === true ? {begun: true} : {};
}
