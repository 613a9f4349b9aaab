import {Queue} from 'jangada';

const [server = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

await using queue = new Queue({server, stateFolder: `${folder}/.queue`});
if (queue.totals().total === 0) {
  await queue.addMatching(['{mar,conchas}/**'], {folder});
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
queue.retryFailed();
try {
  await queue.idle({signal: stop.signal});
} catch (error) {
  if (!stop.signal.aborted) {
    throw error;
  }

  await queue.finishInHand();
}

const {done, failed, total} = queue.totals();
console.log(`${done} of ${total} files are here, ${failed} failed`);
