/** The bytes of transfers as they are shown, one by one and all together. */
import {arrivedBytes, type DownloadProgress} from '../../terms/download-event.ts';
import {isRunning, type TransferState} from '../../terms/transfer-state.ts';

/** Bytes of all transfers of a queue that are wanted: of all but the canceled ones. */
export type ByteTotals = {
  /** Bytes of the files; of one whose size is not known, the bytes that are here. */
  readonly wanted: number;
  /** Of those, bytes that are here. */
  readonly here: number;
  /** Of those, bytes that come without a word of the user: of files that run or are in line. */
  readonly left: number;
  /** Files that run or are in line, and whose size is not known. */
  readonly unsized: number;
};

type Transfer = Pick<DownloadProgress, 'receivedBytes' | 'verifiedBytes'> & {
  readonly size: number | undefined;
  readonly state: TransferState;
};

/**
 * Bytes of a transfer that are here: those that have come, while it runs; those that are verified and
 * so are there to go on with, while it does not; all once it is over.
 */
export function bytesHere(transfer: Transfer): number {
  const {state, size, verifiedBytes} = transfer;
  if (state.name === 'done') {
    return size ?? verifiedBytes;
  }

  return isRunning(state) ? arrivedBytes(transfer) : verifiedBytes;
}

const none: ByteTotals = {wanted: 0, here: 0, left: 0, unsized: 0};

/** The share of one transfer in the totals. */
export function bytesOf(transfer: Transfer): ByteTotals {
  const {state, size} = transfer;
  if (state.name === 'canceled') {
    return none;
  }

  const here = bytesHere(transfer);
  const wanted = size ?? here;
  return isRunning(state) || state.name === 'queued'
    ? {wanted, here, left: Math.max(0, wanted - here), unsized: size === undefined ? 1 : 0}
    : {wanted, here, left: 0, unsized: 0};
}

/** The totals of `some` and `others`. */
export function togetherBytes(some: ByteTotals, others: ByteTotals): ByteTotals {
  return {
    wanted: some.wanted + others.wanted,
    here: some.here + others.here,
    left: some.left + others.left,
    unsized: some.unsized + others.unsized,
  };
}

/** Totals that are kept while transfers come, change and go. */
export class ByteSums {
  readonly #wanted = new WideSum();
  readonly #here = new WideSum();
  readonly #left = new WideSum();
  #unsized = 0;

  get totals(): ByteTotals {
    return {
      wanted: this.#wanted.value,
      here: this.#here.value,
      left: this.#left.value,
      unsized: this.#unsized,
    };
  }

  /** Add a transfer; with -1, take one away as it was added. */
  count(transfer: Transfer, by: 1 | -1): void {
    const {wanted, here, left, unsized} = bytesOf(transfer);
    this.#wanted.add(wanted, by);
    this.#here.add(here, by);
    this.#left.add(left, by);
    this.#unsized += by * unsized;
  }
}

const half = 2 ** 27;

/**
 * A sum of up to a hundred million numbers up to 2^53, exact in its parts: what is taken away leaves
 * nothing behind, which a sum beyond 2^53 would.
 */
class WideSum {
  #high = 0;
  #low = 0;

  get value(): number {
    return this.#high * half + this.#low;
  }

  add(number: number, by: 1 | -1): void {
    const low = number % half;
    this.#high += (by * (number - low)) / half;
    this.#low += by * low;
  }
}
