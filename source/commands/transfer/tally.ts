import type {ErrorCode} from '../../../protocol/errors.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import {count, formatDuration, formatRate, formatSize} from '../format.ts';
import {reusedNote} from './reused-note.ts';

/** Numbers of files that are done, failed and skipped, with their bytes. */
export class Tally {
  /** Files that are to be fetched or skipped, and the listed bytes of those to be fetched. */
  asked = 0;
  askedBytes = 0;
  done = 0;
  /** Bytes of the finished files, and how many of those were not fetched. */
  doneBytes = 0;
  reusedBytes = 0;
  /** How many of those were copied from a seed. */
  copiedBytes = 0;
  failed = 0;
  skipped = 0;
  /** Folders that match and exist now, and how many of them were made. */
  foundFolders = 0;
  madeFolders = 0;
  /** Codes of all failures. */
  readonly codes = new Set<ErrorCode>();
  /** Whether the command also makes folders. */
  readonly folders: boolean;

  constructor(folders = false) {
    this.folders = folders;
  }

  addAsked(files: readonly {size?: number | undefined}[]): void {
    this.asked += files.length;
    for (const {size = 0} of files) {
      this.askedBytes += size;
    }
  }

  /** Count a requested file that is not begun: its listed bytes will never come. */
  addSkipped({size = 0}: {size?: number | undefined}): void {
    this.skipped++;
    this.askedBytes -= size;
  }

  addDone(row: TransferSnapshot): void {
    this.done++;
    this.doneBytes += row.size ?? row.verifiedBytes;
    this.reusedBytes += row.reusedBytes;
    this.copiedBytes += row.copiedBytes;
  }

  addFolders(found: number, made: number): void {
    this.foundFolders += found;
    this.madeFolders += made;
  }

  addFailed(code: ErrorCode, count = 1): void {
    this.failed += count;
    this.codes.add(code);
  }

  /** `120 files, 1.2 GB verified (340 MB reused) in 3.4s, 350 MB/s; 14 folders made, 2 failed`. */
  summary(elapsedMs: number): string {
    const reused = reusedNote(this);
    const rate = (this.doneBytes - this.reusedBytes) / Math.max(0.001, elapsedMs / 1000);
    const others = [
      ...(this.folders ? [`${count(this.madeFolders, 'folder')} made`] : []),
      ...(this.skipped === 0 ? [] : [`${this.skipped} skipped`]),
      ...(this.failed === 0 ? [] : [`${this.failed} failed`]),
    ];
    return (
      `${count(this.done, 'file')}, ${formatSize(this.doneBytes)} verified${reused} ` +
      `in ${formatDuration(elapsedMs)}, ${formatRate(rate)}` +
      (others.length === 0 ? '' : `; ${others.join(', ')}`)
    );
  }
}
