/**
 * Reads bytes of an object ahead. A bucket answers slowly, and one request does not use the whole network. So several
 * pieces are fetched at once, in the order in which they will be read.
 *
 *     spans ─► pieces of 4 MiB ─► a few requests at once ─► memory of a shared pool ─► read, one block after the other
 */
import {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';
import type {BlockSpan} from '../store.ts';

const pieceBytes = 4 * blockSize;

/** The most pieces of one file that are being fetched or wait to be read. */
const piecesAhead = 4;

/** The most pieces of all files together. */
const piecesInAll = 16;

/** While only so few pieces are free, each file gets one piece, so that more files get some. */
const piecesScarce = 4;

/** How many unused pieces of memory to keep. */
const piecesKept = 4;

/** Memory for pieces, shared by all files of a store. */
export class PiecePool {
  readonly #free: Buffer[] = [];
  #taken = 0;

  /** Memory for a piece; undefined if everything is in use. */
  take(): Buffer | undefined {
    if (this.#taken === piecesInAll) {
      return undefined;
    }

    this.#taken++;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
  }

  /** How many pieces a file may have now. */
  get share(): number {
    return piecesInAll - this.#taken > piecesScarce ? piecesAhead : 1;
  }

  give(memory: Buffer): void {
    this.#taken--;
    if (this.#free.length < piecesKept) {
      this.#free.push(memory);
    }
  }
}

/** Fetches bytes from `offset` on into `into`, and calls `progress` with the number of received bytes. */
export type Fetch = (
  range: {into: Buffer; offset: number; progress: (bytes: number) => void},
  signal: AbortSignal,
) => Promise<void>;

export class ReadAhead {
  readonly #fetch: Fetch;
  readonly #pool: PiecePool;
  /** The byte ranges that are not requested yet, in order. */
  readonly #planned: {from: number; to: number}[];
  readonly #pieces: Piece[] = [];
  readonly #stop = new AbortController();

  /** @param size bytes of the file. */
  constructor(
    spans: readonly BlockSpan[],
    size: number,
    {fetch, pool}: {fetch: Fetch; pool: PiecePool},
  ) {
    this.#fetch = fetch;
    this.#pool = pool;
    this.#planned = spans
      .map(({from, to}) => ({from: from * blockSize, to: Math.min(to * blockSize, size)}))
      .filter(({from, to}) => from < to);
    this.#fill();
  }

  /**
   * Fill `into` from `position` on, if these bytes come next and are being fetched. @returns whether it did.
   *
   * @throws the error of fetching them.
   */
  async read(into: Buffer, position: number): Promise<boolean> {
    const [piece] = this.#pieces;
    const at = position - (piece?.from ?? 0);
    if (piece === undefined || at < 0 || at + into.length > piece.length) {
      this.#skip(position + into.length);
      return false;
    }

    await piece.copy(into, at);
    if (at + into.length === piece.length) {
      this.#pieces.shift();
      this.#pool.give(piece.memory);
      this.#fill();
    }

    return true;
  }

  /** Stop. Each piece of memory is freed when nothing writes to it any more. */
  close(): void {
    this.#planned.length = 0;
    this.#stop.abort();
    for (const piece of this.#pieces.splice(0)) {
      void piece.settled.then(() => this.#pool.give(piece.memory));
    }
  }

  #fill(): void {
    while (this.#pieces.length < this.#pool.share) {
      const [range] = this.#planned;
      const memory = range === undefined ? undefined : this.#pool.take();
      if (range === undefined || memory === undefined) {
        return;
      }

      const {from} = range;
      const to = Math.min(from + pieceBytes, range.to);
      this.#plannedUpTo(to);
      this.#pieces.push(
        new Piece({memory, from, length: to - from}, this.#fetch, this.#stop.signal),
      );
    }
  }

  /** Skip the bytes before `position`: the caller reads them in another way. */
  #skip(position: number): void {
    this.#plannedUpTo(position);
    this.#fill();
  }

  #plannedUpTo(position: number): void {
    for (
      let [first] = this.#planned;
      first !== undefined && first.from < position;
      [first] = this.#planned
    ) {
      if (first.to > position) {
        first.from = position;
        return;
      }

      this.#planned.shift();
    }
  }
}

class Piece {
  readonly memory: Buffer;
  readonly from: number;
  readonly length: number;
  /** Resolves when nothing is written to the memory any more. */
  readonly settled: Promise<void>;
  #filled = 0;
  #error: unknown;
  #isOver = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(
    {memory, from, length}: {memory: Buffer; from: number; length: number},
    fetch: Fetch,
    signal: AbortSignal,
  ) {
    this.memory = memory;
    this.from = from;
    this.length = length;
    const into = memory.subarray(0, length);
    const progress = (bytes: number) => {
      this.#filled = bytes;
      this.#wake();
    };
    this.settled = fetch({into, offset: from, progress}, signal)
      .catch((error: unknown) => {
        this.#error = error;
      })
      .then(() => {
        this.#isOver = true;
        this.#wake();
      });
  }

  /** Fill `into` with the bytes from `at` on, as soon as they have arrived. */
  async copy(into: Buffer, at: number): Promise<void> {
    while (this.#filled < at + into.length) {
      if (this.#isOver) {
        throw this.#error;
      }

      this.#waiting ??= Promise.withResolvers<void>();
      await this.#waiting.promise;
    }

    this.memory.copy(into, 0, at, at + into.length);
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
