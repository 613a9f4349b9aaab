/**
 * Many clients in one process, each of which asks for a whole file and throws away what comes: so the server is what is
 * measured. Prints, as JSON, the seconds until each had all of it:
 * `node bench/growth/light-clients.ts PORT CLIENTS PATH BYTES`.
 */
import {Buffer} from 'node:buffer';
import {connect} from 'node:net';
import {blockSize} from '../../protocol/block.ts';
import {blockHeaderSize, preface} from '../../protocol/frame.ts';
import {encodeRequest} from '../../protocol/messages.ts';
import {parseRemotePath} from '../../protocol/remote-path.ts';

const [port = '', clients = '', path = '', bytes = ''] = process.argv.slice(2);
/** All that comes is written to the same memory. */
const memory = Buffer.allocUnsafe(blockSize);
const request = Buffer.concat([preface, encodeRequest('get', {path: parseRemotePath(path)})]);
/** Blocks and their headers; what else comes is a greeting and an end. */
const awaited = Number(bytes) + Math.ceil(Number(bytes) / blockSize) * blockHeaderSize;

const start = performance.now();
const times = await Promise.all(Array.from({length: Number(clients)}, fetchOnce));
console.log(JSON.stringify(times));

/** @returns seconds since all began. */
function fetchOnce(): Promise<number> {
  const {promise, resolve, reject} = Promise.withResolvers<number>();
  let count = 0;
  const socket = connect({
    ...{port: Number(port), host: '127.0.0.1'},
    onread: {
      buffer: memory,
      callback(size) {
        count += size;
        if (count >= awaited) {
          resolve((performance.now() - start) / 1000);
          socket.destroy();
        }

        return true;
      },
    },
  });
  socket.once('error', reject);
  socket.once('close', () => reject(new Error(`The server has closed after ${count} bytes`)));
  socket.once('connect', () => socket.write(request));
  return promise;
}
