import {existsSync, writeFileSync} from 'node:fs';
import {Queue} from 'jangada';

const [server = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

const stop = new AbortController();
const {signal} = stop;
process.once('SIGINT', () => stop.abort());
await using queue = new Queue({server, stateFolder: `${folder}/.queue`});
const searched = `${folder}/.queue/searched`;
try {
  if (!existsSync(searched)) {
    // If the last run ended during its search, cancel its transfers and search again. Files that have arrived are kept.
    for (const {id} of queue.slice(0)) {
      queue.cancel(id);
    }

    await queue.idle({signal});
    queue.clearSettled();
    await queue.addMatching(['{mar,conchas}/**'], {folder, signal});
    writeFileSync(searched, '');
  }

  queue.retryFailed();
  await queue.idle({signal});
} catch (error) {
  if (!signal.aborted) {
    throw error;
  }

  await queue.finishInHand();
}

const {done, failed, total} = queue.totals();
console.log(`${done} of ${total} files downloaded, ${failed} failed`);
process.exitCode = done === total ? 0 : 1;
