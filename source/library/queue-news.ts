/**
 * What is to be told of the transfers of a queue. A reader is told what has changed since it was told
 * last: who is slow is told less often, and nothing is kept for him but which transfers have changed.
 */
import {JangadaError} from '../../protocol/errors.ts';
import type {Queue, TransferSnapshot} from '../transfers/queue/queue.ts';
import {isSameState, isSettled, type TransferState} from '../transfers/terms/transfer-state.ts';

/** A transfer in one state. */
type In<Name extends TransferState['name']> = TransferSnapshot & {
  readonly state: Extract<TransferState, {name: Name}>;
};

export type QueueEvent =
  /** It is in the queue; in whatever state, if it was there before. */
  | {readonly type: 'added'; readonly transfer: TransferSnapshot}
  /** It waits in line or is worked on, and its state or its bytes are others than before. */
  | {readonly type: 'progress'; readonly transfer: TransferSnapshot}
  /** By a user; or for room on the disk, and then it goes on by itself. */
  | {readonly type: 'paused'; readonly transfer: In<'paused'>}
  | {readonly type: 'done'; readonly transfer: In<'done'>}
  | {readonly type: 'failed'; readonly transfer: In<'failed'>; readonly error: JangadaError}
  | {readonly type: 'canceled'; readonly transfer: In<'canceled'>}
  /** It was cleared from the queue. */
  | {readonly type: 'removed'; readonly id: number}
  /** What a user should know although all goes well, such as a time that the disk cannot hold. */
  | {readonly type: 'notice'; readonly text: string}
  /** Nothing is queued or running, and all that led there was told. */
  | {readonly type: 'idle'};

type Source = Pick<Queue, 'subscribe' | 'onNotice' | 'transfer' | 'slice'>;

/** Gathers what is to be told, until somebody takes it. */
export class QueueNews implements Disposable {
  readonly #queue: Source;
  readonly #isNew: (id: number) => boolean;
  readonly #told = new Map<number, TransferState>();
  readonly #changed: Set<number>;
  readonly #notices: string[];
  readonly #forget: Array<() => void>;
  #wake: (() => void) | undefined;

  /**
   * @param isNew whether the transfer with this id was added by this process or later. An older one that is over when it is
   * seen first was over before, and nobody is told again.
   * @param notices to begin with.
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
        }

        this.wake();
      }),
      queue.onNotice(text => {
        this.#notices.push(text);
        this.wake();
      }),
    ];
  }

  /** Whether there is something to take. */
  get hasSome(): boolean {
    return this.#changed.size > 0 || this.#notices.length > 0;
  }

  /** All that is to be told, each transfer as it is when its turn comes. */
  *take(): Generator<QueueEvent> {
    for (const text of this.#notices.splice(0)) {
      yield {type: 'notice', text};
    }

    for (const id of this.#changed) {
      this.#changed.delete(id);
      yield* this.#eventsOf(id);
    }
  }

  /** Resolves when there is something to take, or after `wake`. */
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
