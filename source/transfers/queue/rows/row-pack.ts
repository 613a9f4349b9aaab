/** Rows with ids that follow each other, in about 50 bytes each: a queue may have millions of them. */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {NewTransfer} from '../../terms/new-transfer.ts';
import {isSameState} from '../../terms/transfer-state.ts';
import {type Row, type Turn, untouched} from './row.ts';

/** What neighbours have in common, kept once; their paths are these and a name. */
type Common = Pick<NewTransfer, 'folder' | 'onConflict'> &
  Pick<Row, 'priority' | 'state'> & {remoteFolder: string; localFolder: string};

export class RowPack {
  readonly #firstId: number;
  /** Rows that have more to them, as they are. */
  readonly #others = new Map<number, Row>();
  readonly #commons: Common[] = [];
  readonly #names: string;
  // By id less the first one: an index into `#commons`, one more; 0 for no row.
  readonly #common: Uint16Array;
  readonly #nameAt: Uint32Array;
  readonly #nameLength: Uint16Array;
  readonly #position: Float64Array;
  /** NaN: not known. */
  readonly #size: Float64Array;

  /** @param rows by rising ids, that span fewer than 2^16. */
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
      const {remotePath} = row.transfer;
      const name = remotePath.slice(remotePath.lastIndexOf('/') + 1);
      if (isPlain(row, name)) {
        const at = row.id - this.#firstId;
        this.#common[at] = this.#commonOf(row, name);
        this.#nameAt[at] = end;
        this.#nameLength[at] = name.length;
        this.#position[at] = row.position;
        this.#size[at] = row.transfer.size ?? Number.NaN;
        names.push(name);
        end += name.length;
      } else {
        this.#others.set(row.id, row);
      }
    }

    this.#names = names.join('');
  }

  /** Nothing is made for it. */
  peek(id: number): Turn | undefined {
    return this.#commons[(this.#common[id - this.#firstId] ?? 0) - 1] ?? this.#others.get(id);
  }

  /** The row with this id, a new record mostly. */
  get(id: number): Row | undefined {
    const at = id - this.#firstId;
    const common = this.#commons[(this.#common[at] ?? 0) - 1];
    if (common === undefined) {
      return this.#others.get(id);
    }

    const {remoteFolder, localFolder, folder, onConflict, priority, state} = common;
    const {[at]: start = 0} = this.#nameAt;
    const {[at]: position = 0} = this.#position;
    const {[at]: size = Number.NaN} = this.#size;
    const name = this.#names.slice(start, start + (this.#nameLength[at] ?? 0));
    // Of parts of a path that was checked.
    const remotePath = (remoteFolder + name) as RemotePath;
    const localPath = localFolder === remoteFolder ? remotePath : localFolder + name;
    const knownSize = Number.isNaN(size) ? undefined : size;
    const transfer = {remotePath, folder, localPath, onConflict, size: knownSize};
    return {id, transfer, position, priority, state, work: untouched};
  }

  /** The number of what a row shares with the one before, or of its own. */
  #commonOf({transfer, priority, state}: Row, name: string): number {
    const {remotePath, localPath, folder, onConflict} = transfer;
    const last = this.#commons.at(-1);
    if (
      last?.folder !== folder ||
      last.onConflict !== onConflict ||
      last.priority !== priority ||
      !(last.state === state || isSameState(last.state, state)) ||
      !isIn(last.remoteFolder, remotePath, name) ||
      !isIn(last.localFolder, localPath, name)
    ) {
      const remoteFolder = remotePath.slice(0, remotePath.length - name.length);
      const localFolder = localPath.slice(0, localPath.length - name.length);
      this.#commons.push({remoteFolder, localFolder, folder, onConflict, priority, state});
    }

    return this.#commons.length;
  }
}

/** Whether nothing but columns and the name of its file tell a row from its neighbours. */
function isPlain({work, transfer: {from, seed, localPath}}: Row, name: string): boolean {
  const isLong = name.length >= 2 ** 16;
  return (
    work === untouched &&
    from === undefined &&
    seed === undefined &&
    localPath.endsWith(name) &&
    !isLong
  );
}

function isIn(folder: string, path: string, name: string): boolean {
  return path.length === folder.length + name.length && path.startsWith(folder);
}
