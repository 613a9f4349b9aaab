import type {JangadaError} from '../../../protocol/errors.ts';
import type {Client} from '../../client/client.ts';
import type {QueueStore} from '../database/queue-store.ts';
import type {LimitSettings} from './work/limit-settings.ts';
import type {Locks} from './work/runner.ts';

export type QueueOptions = {
  client: Client;
  /** Connections that a single large file may use. Default: 4. */
  connections?: number | undefined;
  /** Number of files at once. Default: the value of `connections`. */
  files?: number | undefined;
  /** Replaces both: limits that are shared with other queues of this process. */
  limits?: LimitSettings | undefined;
  /** Where the queue is stored. Without it, the queue ends with the process. The caller must close it. */
  store?: QueueStore | undefined;
  /** Where places are locked against other processes. Default: in the store. */
  locks?: Locks | undefined;
  /** Compute the SHA-256 of each file while it arrives; the state of a done transfer then has `sha256`. */
  checksums?: boolean | undefined;
  /** Report the root digest of each file that is fetched alone; the state of a done transfer then has `root`. */
  roots?: boolean | undefined;
  /**
   * Called when the server is gone for good, or refuses this client. With it, the transfers then stay queued, and
   * nothing more is begun. Without it they fail.
   */
  onLost?: ((error: JangadaError) => void) | undefined;
  /** Called with the absolute path of each file that this process has saved and verified. */
  onSaved?: ((file: string) => void) | undefined;
};

/** Set how long calls of the queue's database wait for another process that has locked it. */
export function waitForDatabase({store, locks}: QueueOptions, ms: number): void {
  for (const database of new Set([store, locks])) {
    if (database !== undefined) {
      database.patienceMs = ms;
    }
  }
}
