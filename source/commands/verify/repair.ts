import {aborted, JangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import {leftWithoutRoom} from '../../transfers/disk/room.ts';
import {Queue} from '../../transfers/queue/queue.ts';
import {waitsForRoom} from '../../transfers/terms/transfer-state.ts';
import type {Job} from '../job.ts';
import {Activity} from '../progress/activity.ts';
import type {LocalCopy} from './local-copy.ts';

/** Fetch the blocks that differ. @throws JangadaError the reason why they could not be fetched. */
export async function repair(
  {name, remotePath, localPath}: LocalCopy,
  job: Job,
  store: QueueStore | undefined,
): Promise<void> {
  const {client, options, output, signal} = job;
  await using queue = new Queue({client, connections: options.connections, locks: store});
  using activity = new Activity(output);
  const {to: folder, expect} = options;
  const [id] = queue.add([{remotePath, folder, localPath, onConflict: 'resume', expect}]);
  const ended = Promise.withResolvers<void>();
  const look = () => {
    const row = id === undefined ? undefined : queue.transfer(id);
    if (row?.state.name === 'done') {
      ended.resolve();
    } else if (row?.state.name === 'failed') {
      ended.reject(new JangadaError(row.state.code, row.state.reason));
    } else if (row !== undefined && waitsForRoom(row.state)) {
      ended.reject(new JangadaError('no_space', leftWithoutRoom(row.state.noRoom)));
    } else if (row !== undefined) {
      activity.show('repairing', name, row.verifiedBytes, row.size);
    }
  };
  const stop = () => ended.reject(aborted());
  const unsubscribe = queue.subscribe(look);
  signal.addEventListener('abort', stop);
  try {
    await ended.promise;
  } finally {
    signal.removeEventListener('abort', stop);
    unsubscribe();
  }
}
