import {download, isJangadaError} from 'jangada';

const [server = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
try {
  const {fetchedBytes} = await download('mar/mar.bin', `${folder}/mar.bin`, {
    server,
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(600_000)]),
    onProgress({state, doneBytes, totalBytes = Number.NaN}) {
      process.stderr.write(`\r${state}: ${Math.floor((100 * doneBytes) / totalBytes)} % `);
    },
  });
  console.log(`Done: ${fetchedBytes} bytes fetched`);
} catch (error) {
  if (!isJangadaError(error, 'aborted')) {
    throw error;
  }

  console.log('Stopped. The next run resumes the download');
  process.exitCode = 130;
}
