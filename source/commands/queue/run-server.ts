/** Works on the queue of one server until it has nothing left to fetch, or the server is gone for good. */
import {serverName} from '../../../protocol/address.ts';
import {displayName} from '../../../protocol/display-text.ts';
import type {ErrorCode, JangadaError} from '../../../protocol/errors.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {Client} from '../../client/client.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import {hashLocalFile} from '../../transfers/download/verify.ts';
import {type LimitSettings, Queue} from '../../transfers/queue/queue.ts';
import {connect, tellOfLink, tellOfServers} from '../connect.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import type {TransferReport} from '../transfer/report.ts';
import {unlessStopped} from '../transfer/unless-stopped.ts';
import {QueueWatch} from './queue-watch.ts';
import {serverAddress, serverText} from './server-name.ts';

type RunTools = {
  job: Job;
  report: TransferReport;
  limits: LimitSettings;
  /** Called with the reason why transfers of a server were left. */
  gaveUp(code: ErrorCode, message: string): Promise<void>;
};

/**
 * Fetch all waiting transfers. If another process works on the queue, this waits until the queue is finished, and takes
 * over if that process ends earlier.
 *
 * @throws JangadaError if there is no such server, or it refuses. Nothing has been done then.
 */
export async function runServer(
  name: string,
  store: QueueStore,
  {job, report, limits, gaveUp}: RunTools,
): Promise<void> {
  const {options, output, signal, ssh} = job;
  const checksums = options.checksums !== undefined;
  // A companion needs no connection before it takes over, and then continues as the worker would.
  const isCompanion = store.isWorkedOn(name);
  const {compress, others, retries, server} = options;
  const isWritten = serverName(server) === name;
  // The queue knows neither the token nor the fingerprint that the command line may give.
  const address = isWritten ? {...server, path: rootPath} : serverAddress(name);
  await using client = new Client(address, {
    // The other servers belong to the server on the same command line.
    others: isWritten ? others : [],
    compress,
    retries,
    retryFirst: isCompanion,
    trust: job.client.trust,
    ssh,
  });
  tellOfServers(client, output);
  if (!isCompanion) {
    await connect(client, signal);
  }

  const endLink = tellOfLink(client, output);
  let lost: JangadaError | undefined;
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const settled = store.idsIn(['done', 'failed', 'canceled'], name);
  try {
    await using queue = new Queue({
      client,
      limits,
      store,
      checksums,
      onLost(error) {
        lost ??= error;
        stop.abort();
      },
    });
    if (queue.worker !== undefined) {
      const {pid} = queue.worker;
      output.notice(
        `jangada: process ${pid} works on this queue; waiting until the queue is finished`,
      );
    }

    queue.onNotice(text => output.notice(`jangada: ${displayName(text)}`));
    using watch = new QueueWatch(queue, settled, report, checksums ? sha256Of(signal) : undefined);
    await unlessStopped(queue.idle(), stopped);
    if (signal.aborted) {
      await queue.finishInHand();
    }

    await watch.flush();
    watch.giveUpWaiting();
  } finally {
    endLink();
  }

  if (lost !== undefined) {
    // This includes transfers that had not failed when the first one did, or had not begun.
    const queued = store.idsIn(['queued'], name);
    const what = `${count(queued.length, 'transfer')} of ${serverText(name)}`;
    await gaveUp(lost.code, `${lost.message}. Still queued: ${what}`);
  }
}

/** Computes the SHA-256 of a local file, in hex. */
function sha256Of(signal: AbortSignal): (file: string) => Promise<string> {
  return async file => (await hashLocalFile(file, {algorithm: 'sha256', signal})).digest;
}
