import {Queue} from 'jangada';

const [server = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

await using queue = new Queue({server, checksums: true});
const masks = ['fotos/**/*.{jpg,png}', '!**/rascunhos/**'];
const {refused} = await queue.addMatching(masks, {folder});
for (const {name, reason} of refused) {
  console.error(`${JSON.stringify(name)} is left out: ${reason}`);
}

for await (const event of queue.events()) {
  if (event.type === 'done') {
    console.log(`${event.transfer.state.sha256}  ${event.transfer.target}`);
  } else if (event.type === 'failed') {
    console.error(`${JSON.stringify(event.transfer.remotePath)}: ${event.error.message}`);
    process.exitCode = 1;
  } else if (event.type === 'idle') {
    break;
  }
}
