import {displayName, Queue} from 'jangada';

const [server = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

await using queue = new Queue({server, checksums: true});
const masks = ['fotos/**/*.{jpg,png}', '!**/rascunhos/**'];
const {refused, unsearched, moreUnsearched} = await queue.addMatching(masks, {folder});
for (const {name, reason} of refused) {
  console.error(`${displayName(name)} was not added: ${reason}`);
  process.exitCode = 1;
}

for (const {remotePath, reason} of unsearched) {
  console.error(`${displayName(remotePath)}: ${reason}`);
  process.exitCode = 1;
}

if (moreUnsearched > 0) {
  console.error(`${moreUnsearched} more places could not be searched`);
}

for await (const event of queue.events()) {
  if (event.type === 'done') {
    console.log(`${event.transfer.state.sha256}  ${displayName(event.transfer.target)}`);
  } else if (event.type === 'failed') {
    console.error(`${displayName(event.transfer.remotePath)}: ${event.error.message}`);
    process.exitCode = 1;
  } else if (event.type === 'idle') {
    break;
  }
}

const {done, total} = queue.totals();
if (done < total) {
  // Failed, or paused because the disk is full.
  console.error(`${done} of ${total} files arrived`);
  process.exitCode = 1;
}
