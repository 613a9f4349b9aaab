/** `queue list`: the transfers of every server, or of one, in queue order. */
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {StoredTransfer} from '../../transfers/database/stored-transfer.ts';
import {isRunning} from '../../transfers/terms/transfer-state.ts';
import type {Job} from '../job.ts';
import {allDone, type Outcome} from '../results/outcome.ts';
import {inStore} from './in-store.ts';
import {chosenServer, serverText} from './server-name.ts';
import {transferJson, transferLine} from './transfer-view.ts';

/** Transfers in memory at once. */
const sliceRows = 1000;

export function queueList(job: Job): Promise<Outcome> {
  return inStore(job, store => print(store, job));
}

async function print(store: QueueStore, {options, output, json}: Job): Promise<Outcome> {
  const chosen = chosenServer(options);
  let empty = true;
  for (const name of chosen === undefined ? store.servers({settled: true}) : [chosen]) {
    const server = serverText(name);
    const isWorkedOn = store.isWorkedOn(name);
    for (const transfers of slices(store, name, isWorkedOn)) {
      empty = false;
      await (json === undefined
        ? output.result(transfers.map(stored => `${transferLine(server, stored)}\n`).join(''))
        : json.add(transfers.map(stored => transferJson(server, stored))));
      if (output.closed.aborted) {
        return allDone;
      }
    }
  }

  await json?.close();
  if (empty && json === undefined) {
    output.notice('Nothing is in the queue');
  }

  return allDone;
}

/** The transfers of `server` in queue order, one slice at a time. */
function* slices(
  store: QueueStore,
  server: string,
  isWorkedOn: boolean,
): Generator<StoredTransfer[]> {
  let last: StoredTransfer | undefined;
  do {
    const slice = store.load(server, last, sliceRows);
    last = slice.at(-1);
    if (last !== undefined) {
      yield isWorkedOn ? slice : slice.map(asWaiting);
    }
  } while (last !== undefined);
}

/** A transfer that runs according to the database, but whose process has ended, waits for the next process. */
function asWaiting(stored: StoredTransfer): StoredTransfer {
  return isRunning(stored.state) ? {...stored, state: {name: 'queued'}} : stored;
}
