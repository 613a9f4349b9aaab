/** Receives the events of running transfers, and tells which of them are still wanted. */
import type {DownloadEvent} from '../../terms/download-event.ts';

export type RunListener = {
  tell(id: number, event: DownloadEvent): void;
  /** Whether the transfer should still be worked on. */
  isWanted(id: number): boolean;
};
