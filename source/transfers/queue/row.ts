/** One transfer as the queue keeps it. */
import {join, sep} from 'node:path';
import {blockSize} from '../../../protocol/block.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import {isLocalPath, localName, localNames} from '../disk/local-name.ts';
import type {Download} from '../download/download.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import type {Priority} from '../terms/priority.ts';
import type {TransferState} from '../terms/transfer-state.ts';

export type TransferSnapshot = {
  readonly id: number;
  readonly remotePath: RemotePath;
  /** Absolute local path of the final name. */
  readonly target: string;
  /** Bytes of the remote file, once known. */
  readonly size: number | undefined;
  /** Bytes that are verified on disk. */
  readonly verifiedBytes: number;
  /** Of those, bytes that were not fetched: they were there before, or were copied. */
  readonly reusedBytes: number;
  /** Of those, bytes that were copied from the seed. */
  readonly copiedBytes: number;
  /** Whether the remote file changed since the transfer was begun: equal blocks were kept. */
  readonly begunAnew: boolean;
  /** Moving average: of bytes fetched, hashed while checking, or copied; 0 otherwise. */
  readonly bytesPerSecond: number;
  readonly priority: Priority;
  readonly state: TransferState;
  /** Whether another client that shares the queue works on it. */
  readonly elsewhere: boolean;
};

/** Somebody works on a row until `ended`; `abort` ends it early. */
export type Run = {abort(): void; download?: Download; ended: Promise<void>};

/** A file up to this size goes with others over one connection. */
const smallSize = blockSize;

const queuedState: TransferState = {name: 'queued'};

/** Kept small: a queue may have 100,000 of them. What can be computed is not stored. */
export class Row {
  readonly id: number;
  transfer: NewTransfer;
  /** Orders those of a priority: any number between those of two neighbours lies between them. */
  position: number;
  priority: Priority;
  size: number | undefined;
  /** Of the remote file, as it was when this was last worked on. */
  declare version: string | undefined;
  declare begunAnew: boolean;
  declare verifiedBytes: number;
  declare reusedBytes: number;
  declare copiedBytes: number;
  declare bytesPerSecond: number;
  state: TransferState = queuedState;
  /** Bytes hashed or copied so far while checking or copying, for the speed. */
  declare localBytes: number;
  declare run: Run | undefined;
  /** Not to be begun for the moment. */
  declare heldBack: boolean;
  /** Not to be fetched together with other small files. */
  declare longWay: boolean;
  /** Once it has stopped, after a cancel. */
  declare deletePartial: boolean;
  /** Whether this client has it for itself among those that share the queue. */
  declare claimed: boolean;
  /** The other client that works on it. */
  declare elsewhere: string | undefined;
  /** Whether it was another client that did it, or gave it up. */
  declare settledElsewhere: boolean;
  /** Where it is not what `transfer` says. */
  declare ownTarget: string | undefined;
  #snapshot: TransferSnapshot | undefined;

  constructor(id: number, position: number, transfer: NewTransfer) {
    this.id = id;
    this.position = position;
    this.transfer = transfer;
    this.priority = transfer.priority ?? 'normal';
    this.size = transfer.size;
  }

  /** The same under another id, at another place. */
  withId(id: number, position: number): Row {
    const row = new Row(id, position, this.transfer);
    row.size = this.size;
    row.version = this.version;
    row.verifiedBytes = this.verifiedBytes;
    row.reusedBytes = this.reusedBytes;
    row.state = this.state;
    row.priority = this.priority;
    return row;
  }

  /** The local names below the target folder; undefined if they would leave it. */
  get names(): readonly string[] | undefined {
    return localNames(this.transfer.localPath);
  }

  /** Absolute local path of the final name. */
  get target(): string {
    const {folder, remotePath} = this.transfer;
    return this.ownTarget ?? join(folder, ...(this.names ?? [localName(baseName(remotePath))]));
  }

  set target(path: string) {
    this.ownTarget = path;
  }

  /** Names its target among those of all rows with its folder. */
  get targetKey(): string {
    const {folder, localPath} = this.transfer;
    if (this.ownTarget === undefined && isLocalPath(localPath)) {
      // A string that is there already: nothing is made for it.
      return localPath;
    }

    const {target} = this;
    const inside = join(folder, sep);
    return target.startsWith(inside) ? target.slice(inside.length).replaceAll(sep, '/') : target;
  }

  /** How it is now; the same object until `changed` is called. */
  get snapshot(): TransferSnapshot {
    this.#snapshot ??= this.toSnapshot();
    return this.#snapshot;
  }

  /** How it is now, in an object that is not kept here. */
  toSnapshot(): TransferSnapshot {
    return {
      id: this.id,
      remotePath: this.transfer.remotePath,
      target: this.target,
      size: this.size,
      verifiedBytes: this.verifiedBytes,
      reusedBytes: this.reusedBytes,
      copiedBytes: this.copiedBytes,
      begunAnew: this.begunAnew,
      bytesPerSecond: this.bytesPerSecond,
      priority: this.priority,
      state: this.state,
      elsewhere: this.elsewhere !== undefined,
    };
  }

  /** What readers see has changed. */
  changed(): void {
    this.#snapshot = undefined;
  }

  get canStart(): boolean {
    return this.state.name === 'queued' && this.run === undefined && !this.heldBack;
  }

  get isSmall(): boolean {
    const {size, from, seed} = this.transfer;
    const isPlain = !this.longWay && from === undefined && seed === undefined;
    return isPlain && size !== undefined && size <= smallSize;
  }
}

/** What most rows of a large queue never have otherwise takes no room in them. */
Object.assign(Row.prototype, {
  version: undefined,
  begunAnew: false,
  verifiedBytes: 0,
  reusedBytes: 0,
  copiedBytes: 0,
  bytesPerSecond: 0,
  localBytes: 0,
  run: undefined,
  heldBack: false,
  longWay: false,
  deletePartial: false,
  claimed: false,
  elsewhere: undefined,
  settledElsewhere: false,
  ownTarget: undefined,
} satisfies Partial<Row>);

/** What a failed state says of `error`. */
export function describeFailure(error: unknown): {code: JangadaError['code']; reason: string} {
  return error instanceof JangadaError
    ? {code: error.code, reason: error.message}
    : {code: 'internal', reason: error instanceof Error ? error.message : 'Something went wrong'};
}
