/** The byte counts of transfers as they are shown, for each and in total. */
import {arrivedBytes, type DownloadProgress} from '../../terms/download-event.ts';
import {isRunning, type TransferState} from '../../terms/transfer-state.ts';

/** Bytes of all transfers of a queue except the canceled ones. */
export type ByteTotals = {
  /** Sum of the sizes of the files; where a size is unknown, of the bytes that are here. */
  readonly wanted: number;
  /** How many of these bytes are here. */
  readonly here: number;
  /** How many of these bytes will arrive without a user's action: bytes of running and queued files. */
  readonly left: number;
  /** Number of running or queued files whose size is unknown. */
  readonly unsized: number;
};

type Transfer = Pick<DownloadProgress, 'receivedBytes' | 'verifiedBytes'> & {
  readonly size: number | undefined;
  readonly state: TransferState;
};

/**
 * Bytes of a transfer that are here: the received bytes while it runs; the verified bytes, which can be reused, while
 * it does not run; all bytes when it is done.
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

/** Totals that are updated when transfers are added, changed and removed. */
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

  /** Add a transfer; with -1, subtract one exactly as it was added. */
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
 * A sum of up to a hundred million numbers up to 2^53. It is split into two exact parts, so that subtracting a number
 * leaves no rounding error, as a plain sum beyond 2^53 would.
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
