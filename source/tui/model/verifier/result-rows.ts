/**
 * The results of a comparison of many files: all that differ, the first of the others, and counts of the rest. Those
 * that need an answer come first; a row keeps its place among those of its kind.
 */
import {blockLength} from '../../../../protocol/block.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {ManyResult} from '../../../transfers/download/compare/compare-many.ts';
import type {VerifyReport} from '../../../transfers/download/verify.ts';
import type {LocalCopy} from '../local-copy.ts';

/** In the order of the list. `failed`: it could not be compared. */
export const resultKinds = ['differs', 'failed', 'absent', 'same'] as const;
export type ResultKind = (typeof resultKinds)[number];

export type ResultRow = {readonly kind: ResultKind; readonly label: DisplayText} & (
  | {
      readonly kind: 'same' | 'differs';
      readonly path: RemotePath;
      readonly copy: LocalCopy;
      /** Without its blocks where there were too many to keep. */
      readonly report: VerifyReport;
      readonly hasBlocks: boolean;
      /** Bytes that a repair fetches. */
      readonly fetchBytes: number;
    }
  | {readonly kind: 'absent'; readonly path: RemotePath}
  | {readonly kind: 'failed'; readonly reason: DisplayText}
);

export type ComparedRow = Extract<ResultRow, {copy: LocalCopy}>;

/** Rows of each kind but `differs`: the others are counted. */
const mostRows = 1000;
/** Blocks whose verdicts are kept, of all rows together. */
const mostBlocks = 1_000_000;

export class ResultRows {
  readonly counts: Record<ResultKind, number> = {differs: 0, failed: 0, absent: 0, same: 0};
  readonly #rows: Record<ResultKind, ResultRow[]> = {differs: [], failed: [], absent: [], same: []};
  #blocks = 0;

  add(result: ManyResult): void {
    const kind = kindOf(result);
    this.counts[kind]++;
    if (kind === 'differs' || this.#rows[kind].length < mostRows) {
      this.#rows[kind].push(this.#rowOf(result));
    }
  }

  /** Places of which nothing is known but their number. */
  addUnnamed(count: number): void {
    this.counts.failed += count;
  }

  /** Rows that are kept. */
  get length(): number {
    return resultKinds.reduce((sum, kind) => sum + this.#rows[kind].length, 0);
  }

  /** All that differed. */
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

  /** The kind of the row at `position`, and its place among those of that kind. */
  placeOf(position: number): {kind: ResultKind; index: number} | undefined {
    let index = position;
    for (const kind of resultKinds) {
      const {length} = this.#rows[kind];
      if (index < length) {
        return {kind, index};
      }

      index -= length;
    }

    return undefined;
  }

  /** The position in the list of the row that has such a place. */
  positionOf({kind, index}: {kind: ResultKind; index: number}): number {
    const before = resultKinds.slice(0, resultKinds.indexOf(kind));
    return before.reduce((sum, other) => sum + this.#rows[other].length, index);
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
        return {
          ...{kind: report.equal ? 'same' : 'differs', label, path, hasBlocks},
          copy: {...place, file: report.localFile},
          report: hasBlocks ? report : {...report, blocks: []},
          fetchBytes: fetchBytes(report),
        };
      }
    }
  }
}

function kindOf(result: ManyResult): ResultKind {
  return result.name === 'compared' ? (result.report.equal ? 'same' : 'differs') : result.name;
}

/** Bytes of the blocks that are not here as they are there. */
function fetchBytes({blocks, remoteSize}: VerifyReport): number {
  return blocks.reduce(
    (bytes, verdict, index) => bytes + (verdict === 'good' ? 0 : blockLength(remoteSize, index)),
    0,
  );
}
