import {join} from 'node:path';
import {Client, displayName, isJangadaError, parseAddress, verify} from 'jangada';

const [address = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

await using client = new Client(parseAddress(address), {retries: 3});
for await (const entries of client.find(['fotos/**'])) {
  for (const {name} of entries) {
    try {
      const {equal} = await verify(name, join(folder, name), {server: client});
      console.log(`${displayName(name)}: ${equal ? 'equal' : 'differs'}`);
    } catch (error) {
      if (!isJangadaError(error, 'local_io', 'bad_request')) {
        throw error;
      }

      console.log(`${displayName(name)}: ${error.message}`);
    }
  }
}
