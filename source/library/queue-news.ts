/**
 * Gathers events of a queue for one reader. A reader gets the changes since its last read: a slow reader gets fewer
 * events, and only the ids of changed transfers are kept for it.
 */
import {JangadaError} from '../../protocol/errors.ts';
import type {Queue, TransferSnapshot} from '../transfers/queue/queue.ts';
import {isSameState, isSettled, type TransferState} from '../transfers/terms/transfer-state.ts';

/** A transfer in one state. */
type In<Name extends TransferState['name']> = TransferSnapshot & {
  readonly state: Extract<TransferState, {name: Name}>;
};

export type QueueEvent =
  /** It is in the queue; it may be in any state if it was there before. */
  | {readonly type: 'added'; readonly transfer: TransferSnapshot}
  /** It waits in line or is worked on, and its state or its bytes have changed. */
  | {readonly type: 'progress'; readonly transfer: TransferSnapshot}
  /** A user paused it; or it waits for room on the disk, and then it continues by itself. */
  | {readonly type: 'paused'; readonly transfer: In<'paused'>}
  | {readonly type: 'done'; readonly transfer: In<'done'>}
  | {readonly type: 'failed'; readonly transfer: In<'failed'>; readonly error: JangadaError}
  | {readonly type: 'canceled'; readonly transfer: In<'canceled'>}
  /** It was cleared from the queue. */
  | {readonly type: 'removed'; readonly id: number}
  /** A remark for the user although all goes well, such as a modification time that the disk cannot hold. */
  | {readonly type: 'notice'; readonly text: string}
  /** Nothing is queued or running, and all events before that were yielded. */
  | {readonly type: 'idle'};

type Source = Pick<Queue, 'subscribe' | 'onNotice' | 'transfer' | 'slice'>;

/** Gathers events until a reader takes them. */
export class QueueNews implements Disposable {
  readonly #queue: Source;
  readonly #isNew: (id: number) => boolean;
  readonly #told = new Map<number, TransferState>();
  readonly #changed: Set<number>;
  readonly #notices: string[];
  readonly #forget: Array<() => void>;
  #wake: (() => void) | undefined;

  /**
   * @param isNew whether the transfer with this id was added by this process or later. An older transfer that is
   * already over was over before, so the reader gets no event for it.
   * @param notices the first events.
   */
  constructor(queue: Source, isNew: (id: number) => boolean, notices: readonly string[]) {
    this.#queue = queue;
    this.#isNew = isNew;
    this.#notices = [...notices];
    this.#changed = new Set(queue.slice(0).map(({id}) => id));
    this.#forget = [
      queue.subscribe(ids => {
        for (const id of ids) {
          this.#changed.add(id);
          this.#noteRestart(id);
        }

        this.wake();
      }),
      queue.onNotice(text => {
        this.#notices.push(text);
        this.wake();
      }),
    ];
  }

  /** Whether there are events to take. */
  get hasSome(): boolean {
    return this.#changed.size > 0 || this.#notices.length > 0;
  }

  /** All waiting events. Each transfer is in its state at the moment when it is yielded. */
  *take(): Generator<QueueEvent> {
    for (const text of this.#notices.splice(0)) {
      yield {type: 'notice', text};
    }

    for (const id of this.#changed) {
      this.#changed.delete(id);
      yield* this.#eventsOf(id);
    }
  }

  /** Resolves when there are events to take, or after `wake`. */
  async more(): Promise<void> {
    if (!this.hasSome) {
      const {promise, resolve} = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  wake(): void {
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    for (const forget of this.#forget) {
      forget();
    }
  }

  /** A transfer that goes on may end again in the same way before the reader looks. That is an event, too. */
  #noteRestart(id: number): void {
    const told = this.#told.get(id);
    if (told !== undefined && isSettled(told)) {
      const state = this.#queue.transfer(id)?.state;
      if (state !== undefined && !isSettled(state)) {
        this.#told.set(id, state);
      }
    }
  }

  *#eventsOf(id: number): Generator<QueueEvent> {
    const transfer = this.#queue.transfer(id);
    const before = this.#told.get(id);
    if (transfer === undefined) {
      if (this.#told.delete(id)) {
        yield {type: 'removed', id};
      }

      return;
    }

    const {state} = transfer;
    this.#told.set(id, state);
    if (before === undefined) {
      yield {type: 'added', transfer};
      if (state.name !== 'queued' && (!isSettled(state) || this.#isNew(id))) {
        yield eventOf(transfer);
      }
    } else if (!isSameState(before, state) || isOnItsWay(state)) {
      yield eventOf(transfer);
    }
  }
}

function isOnItsWay({name}: TransferState): boolean {
  return name !== 'done' && name !== 'failed' && name !== 'canceled' && name !== 'paused';
}

function eventOf(transfer: TransferSnapshot): QueueEvent {
  const {state} = transfer;
  switch (state.name) {
    case 'paused':
      return {type: 'paused', transfer: {...transfer, state}};
    case 'done':
      return {type: 'done', transfer: {...transfer, state}};
    case 'failed': {
      const error = new JangadaError(state.code, state.reason);
      return {type: 'failed', transfer: {...transfer, state}, error};
    }

    case 'canceled':
      return {type: 'canceled', transfer: {...transfer, state}};
    default:
      return {type: 'progress', transfer};
  }
}
