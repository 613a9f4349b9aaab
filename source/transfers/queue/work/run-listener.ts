/** Hears the events of running transfers, and says which of them are still wanted. */
import type {DownloadEvent} from '../../terms/download-event.ts';

export type RunListener = {
  tell(id: number, event: DownloadEvent): void;
  /** Whether the transfer is still to be worked on. */
  isWanted(id: number): boolean;
};
