import type {JangadaError} from '../../../protocol/errors.ts';
import type {Client} from '../../client/client.ts';
import type {QueueStore} from '../database/queue-store.ts';
import type {LimitSettings} from './work/limit-settings.ts';
import type {Locks} from './work/runner.ts';

export type QueueOptions = {
  client: Client;
  /** Connections that a single large file may use. Default: 4. */
  connections?: number | undefined;
  /** Files at once. Default: as many as `connections`. */
  files?: number | undefined;
  /** In place of both: limits that other queues of this process have, too. */
  limits?: LimitSettings | undefined;
  /** Where the queue is kept; without it, it ends with the process. Stays the caller's. */
  store?: QueueStore | undefined;
  /** Where places are held against other processes. Default: in the store. */
  locks?: Locks | undefined;
  /** Compute the SHA-256 of each file while it arrives: `sha256` of the state of a done transfer. */
  checksums?: boolean | undefined;
  /** Tell the root of each file that is fetched by itself: `root` of the state of a done transfer. */
  roots?: boolean | undefined;
  /**
   * Called when the server is gone for good, or refuses this client. With it, transfers stay in line
   * then, and nothing more is begun; without it they fail.
   */
  onLost?: ((error: JangadaError) => void) | undefined;
};

/** Have calls of the queue's database wait so long for another process that holds it. */
export function waitForDatabase({store, locks}: QueueOptions, ms: number): void {
  for (const database of new Set([store, locks])) {
    if (database !== undefined) {
      database.patienceMs = ms;
    }
  }
}
