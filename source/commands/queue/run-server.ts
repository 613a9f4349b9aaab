/** Works on the queue of one server until nothing of it waits, or the server is gone for good. */
import {setTimeout as delay} from 'node:timers/promises';
import {displayName} from '../../../protocol/display-text.ts';
import type {ErrorCode} from '../../../protocol/errors.ts';
import {Client} from '../../client/client.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {LimitSettings} from '../../transfers/queue/limit-settings.ts';
import {Queue, type TransferSnapshot} from '../../transfers/queue/queue.ts';
import {connect} from '../connect.ts';
import {count, formatDuration} from '../format.ts';
import type {Job} from '../job.ts';
import type {TransferReport} from '../transfer/report.ts';
import {QueueWatch} from './queue-watch.ts';
import {serverAddress, serverText} from './server-name.ts';

export type RunTools = {
  job: Job;
  report: TransferReport;
  limits: LimitSettings;
  /** Says why transfers of a server were left. */
  gaveUp(code: ErrorCode, message: string): Promise<void>;
};

/** How often it is looked whether something was added meanwhile. */
const lookEveryMs = 50;

/** What others queue is seen within about a second; how often it is looked for in five. */
const mostLooks = 100;

/** @throws JangadaError if there is no such server, or it refuses. Nothing has been done then. */
export async function runServer(
  name: string,
  store: QueueStore,
  {job, report, limits, gaveUp}: RunTools,
): Promise<void> {
  const {options, output, signal} = job;
  const checksums = options.checksums !== undefined;
  await using client = new Client(serverAddress(name), {retries: options.retries});
  await connect(client, signal);
  const stopNotices = client.onLink(link => {
    if (link.name === 'waiting') {
      const again = `Trying again in ${formatDuration(link.retryInMs)}`;
      output.notice(`jangada: ${displayName(link.reason)}. ${again}`);
    }
  });
  const lost = new AbortController();
  const stop = AbortSignal.any([signal, lost.signal]);
  const settled = store.idsIn(['done', 'failed', 'canceled'], name);
  const left: TransferSnapshot[] = [];
  try {
    await using queue = new Queue({client, limits, store, checksums});
    using watch = new QueueWatch(queue, settled, report, row => {
      left.push(row);
      lost.abort();
    });
    await untilNothingWaits(queue, name, store, stop);
    if (signal.aborted) {
      await queue.finishInHand();
    }

    watch.flush();
    watch.giveUpWaiting();
  } finally {
    stopNotices();
  }

  const [first] = left;
  if (first?.state.name === 'failed') {
    store.order(
      left.map(({id}) => id),
      'queued',
      ['failed'],
    );
    const {code, reason} = first.state;
    // Also what had not failed yet when the first one did, and what was never begun.
    const queued = store.idsIn(['queued'], name);
    const what = `${count(queued.length, 'transfer')} of ${serverText(name)}`;
    await gaveUp(code, `${reason}. Still queued: ${what}`);
  }
}

/** Until the queue is idle and has seen all that the database has; or until `stop`. */
async function untilNothingWaits(
  queue: Queue,
  server: string,
  store: QueueStore,
  stop: AbortSignal,
): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const onAbort = () => stopped.resolve();
  stop.addEventListener('abort', onAbort);
  try {
    let looks = 0;
    while (!stop.aborted) {
      const wasBusy = !queue.isIdle;
      await Promise.race([queue.idle(), stopped.promise]);
      if (stop.aborted || !hasUnseen(queue, server, store)) {
        return;
      }

      // Not the time: while the process is held up, the queue reads nothing either.
      looks = wasBusy ? 0 : looks + 1;
      if (looks > mostLooks) {
        // The database cannot be written: it will never say what has become of them.
        return;
      }

      await Promise.race([delay(lookEveryMs), stopped.promise]);
    }
  } finally {
    stop.removeEventListener('abort', onAbort);
  }
}

/** Whether something waits that the queue has not read yet: it reads a part at a time. */
function hasUnseen(queue: Queue, server: string, store: QueueStore): boolean {
  const waiting = store.idsIn(['queued'], server);
  return waiting.some(
    // What is done here and has not been written cannot be meant; nor can a row that makes no sense.
    id => queue.transfer(id)?.state.name !== 'done' && store.read([id]).length > 0,
  );
}
