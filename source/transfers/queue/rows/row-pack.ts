/** Rows with consecutive ids, stored in about 50 bytes each, because a queue may have millions. */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {NewTransfer} from '../../terms/new-transfer.ts';
import {isSameState} from '../../terms/transfer-state.ts';
import {type Row, type Turn, untouched} from './row.ts';

/** What neighbours have in common, stored once. Their paths consist of these folders and a name. */
type Common = Pick<NewTransfer, 'folder' | 'onConflict'> &
  Pick<Row, 'priority' | 'state'> & {remoteFolder: string; localFolder: string};

export class RowPack {
  readonly #firstId: number;
  /** A row with more data than the columns hold is stored whole. */
  readonly #commons: (Common | Row)[] = [];
  readonly #names: string;
  // At index `id - #firstId`: an index into `#commons`, plus one; 0 for no row.
  readonly #common: Uint16Array;
  readonly #nameAt: Uint32Array;
  readonly #nameLength: Uint16Array;
  readonly #position: Float64Array;
  /** NaN: unknown. */
  readonly #size: Float64Array;

  /** @param rows sorted by id; the ids must span fewer than 2^16. */
  constructor(rows: readonly Row[]) {
    this.#firstId = rows[0]?.id ?? 0;
    const length = (rows.at(-1)?.id ?? 0) - this.#firstId + 1;
    this.#common = new Uint16Array(length);
    this.#nameAt = new Uint32Array(length);
    this.#nameLength = new Uint16Array(length);
    this.#position = new Float64Array(length);
    this.#size = new Float64Array(length);
    const names: string[] = [];
    let end = 0;
    for (const row of rows) {
      const {remotePath, size = Number.NaN} = row.transfer;
      const name = remotePath.slice(remotePath.lastIndexOf('/') + 1);
      this.#share(row, name);
      const at = row.id - this.#firstId;
      this.#common[at] = this.#commons.length;
      this.#nameAt[at] = end;
      this.#nameLength[at] = name.length;
      this.#position[at] = row.position;
      this.#size[at] = size;
      names.push(name);
      end += name.length;
    }

    this.#names = names.join('');
  }

  /** The part of the row that decides about its turn, without creating a record. */
  peek(id: number): Turn | undefined {
    return this.#commons[(this.#common[id - this.#firstId] ?? 0) - 1];
  }

  /** The row with this id, usually as a new record. */
  get(id: number): Row | undefined {
    const at = id - this.#firstId;
    const common = this.#commons[(this.#common[at] ?? 0) - 1];
    if (common === undefined || 'id' in common) {
      return common;
    }

    const {remoteFolder, localFolder, folder, onConflict, priority, state} = common;
    const {[at]: start = 0} = this.#nameAt;
    const {[at]: position = 0} = this.#position;
    const {[at]: size = Number.NaN} = this.#size;
    const name = this.#names.slice(start, start + (this.#nameLength[at] ?? 0));
    // The parts come from a checked path.
    const remotePath = (remoteFolder + name) as RemotePath;
    const localPath = localFolder === remoteFolder ? remotePath : localFolder + name;
    const knownSize = Number.isNaN(size) ? undefined : size;
    const transfer = {remotePath, folder, localPath, onConflict, size: knownSize};
    return {id, transfer, position, priority, state, work: untouched};
  }

  /** Make sure that the last of `#commons` is what `row` has besides columns and the name of its file. */
  #share(row: Row, name: string): void {
    const {transfer, priority, state, work} = row;
    // The size has a column. A row with any further data is stored whole.
    const {remotePath, localPath, folder, onConflict, size: _, ...others} = transfer;
    const hasMore = Object.values(others).some(value => value !== undefined);
    if (work !== untouched || hasMore || !localPath.endsWith(name)) {
      this.#commons.push(row);
      return;
    }

    const last = this.#commons.at(-1);
    if (
      last === undefined ||
      'id' in last ||
      last.folder !== folder ||
      last.onConflict !== onConflict ||
      last.priority !== priority ||
      !isSameState(last.state, state) ||
      !isIn(last.remoteFolder, remotePath, name) ||
      !isIn(last.localFolder, localPath, name)
    ) {
      const remoteFolder = remotePath.slice(0, remotePath.length - name.length);
      const localFolder = localPath.slice(0, localPath.length - name.length);
      this.#commons.push({remoteFolder, localFolder, folder, onConflict, priority, state});
    }
  }
}

function isIn(folder: string, path: string, name: string): boolean {
  return path.length === folder.length + name.length && path.startsWith(folder);
}
