import {createWriteStream} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {pipeline} from 'node:stream/promises';
import {read, readBytes} from 'jangada';

const [server = 'jangada://127.0.0.1:1234', folder = 'downloads'] = process.argv.slice(2);

const header = await readBytes('músicas/ondas.wav', {server, length: 44});
const rate = new DataView(header.buffer).getUint32(24, true);
console.log(`${rate} samples a second`);

await mkdir(folder, {recursive: true});
const sound = read('músicas/ondas.wav', {server, offset: 44});
await pipeline(sound, createWriteStream(`${folder}/ondas.pcm`));
