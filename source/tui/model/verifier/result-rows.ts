/**
 * The results of comparing many files: all files that differ, the first of the others, and counts of the rest. Results
 * that need an answer come first; results of one kind are sorted by name.
 */
import {blockLength} from '../../../../protocol/block.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {ManyResult} from '../../../transfers/download/compare/compare-many.ts';
import type {VerifyReport} from '../../../transfers/download/verify.ts';
import {compareNames} from '../files/table/natural-order.ts';
import type {LocalCopy} from '../local-copy.ts';

/** In the order of the list. `failed`: the file could not be compared. */
export const resultKinds = ['differs', 'failed', 'absent', 'same'] as const;
export type ResultKind = (typeof resultKinds)[number];

export type ResultRow = {readonly kind: ResultKind; readonly label: DisplayText} & (
  | {
      readonly kind: 'same' | 'differs';
      readonly path: RemotePath;
      readonly copy: LocalCopy;
      /** Without its blocks if there were too many to keep. */
      readonly report: VerifyReport;
      readonly hasBlocks: boolean;
      /** Bytes that a repair fetches. */
      readonly fetchBytes: number;
    }
  | {readonly kind: 'absent'; readonly path: RemotePath}
  | {readonly kind: 'failed'; readonly reason: DisplayText}
);

export type ComparedRow = Extract<ResultRow, {copy: LocalCopy}>;

/** Most rows of each kind except `differs`: the others are counted. */
const mostRows = 1000;
/** Most blocks whose verdicts are kept, of all rows together. */
const mostBlocks = 1_000_000;

export class ResultRows {
  readonly counts: Record<ResultKind, number> = {differs: 0, failed: 0, absent: 0, same: 0};
  /** Bytes that a repair of all differing files fetches. */
  repairBytes = 0;
  readonly #rows: Record<ResultKind, ResultRow[]> = {differs: [], failed: [], absent: [], same: []};
  #blocks = 0;

  add(result: ManyResult): void {
    const kind = kindOf(result);
    this.counts[kind]++;
    if (kind === 'differs' || this.#rows[kind].length < mostRows) {
      const row = this.#rowOf(result);
      const rows = this.#rows[kind];
      rows.splice(placeFor(row.label, rows), 0, row);
    }
  }

  /** Count places whose names are not known. */
  addUnnamed(count: number): void {
    this.counts.failed += count;
  }

  /** Rows that are kept. */
  get length(): number {
    return resultKinds.reduce((sum, kind) => sum + this.#rows[kind].length, 0);
  }

  /** All files that differed. */
  get differing(): readonly ComparedRow[] {
    return this.#rows.differs.filter(row => 'copy' in row);
  }

  /** The rows from `offset` on, at most `count`. */
  slice(offset: number, count: number): ResultRow[] {
    const rows: ResultRow[] = [];
    let first = 0;
    for (const kind of resultKinds) {
      const own = this.#rows[kind];
      const from = Math.max(0, offset + rows.length - first);
      rows.push(...own.slice(from, from + count - rows.length));
      first += own.length;
    }

    return rows;
  }

  /** The position of `row` in the list: other rows may have been added before it. */
  positionOf(row: ResultRow): number {
    const before = resultKinds.slice(0, resultKinds.indexOf(row.kind));
    const first = before.reduce((sum, kind) => sum + this.#rows[kind].length, 0);
    return first + placeFor(row.label, this.#rows[row.kind]);
  }

  #rowOf(result: ManyResult): ResultRow {
    const label = displayName(result.path);
    switch (result.name) {
      case 'absent':
        return {kind: 'absent', label, path: result.path};
      case 'failed':
        return {kind: 'failed', label, reason: displayName(result.reason)};
      case 'compared': {
        const {path, place, report} = result;
        const hasBlocks = this.#blocks + report.blocks.length <= mostBlocks;
        this.#blocks += hasBlocks ? report.blocks.length : 0;
        const bytes = fetchBytes(report);
        this.repairBytes += bytes;
        return {
          ...{kind: report.equal ? 'same' : 'differs', label, path, hasBlocks},
          copy: {...place, file: report.localFile},
          report: hasBlocks ? report : {...report, blocks: []},
          fetchBytes: bytes,
        };
      }
    }
  }
}

/** The position of the first row whose name is not before `label`. */
function placeFor(label: DisplayText, rows: readonly ResultRow[]): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(rows[middle]?.label ?? '', label) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }

  return low;
}

function kindOf(result: ManyResult): ResultKind {
  return result.name === 'compared' ? (result.report.equal ? 'same' : 'differs') : result.name;
}

/** Bytes of the blocks that differ from the server's. */
function fetchBytes({blocks, remoteSize}: VerifyReport): number {
  return blocks.reduce(
    (bytes, verdict, index) => bytes + (verdict === 'good' ? 0 : blockLength(remoteSize, index)),
    0,
  );
}
