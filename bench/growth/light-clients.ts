/**
 * Many clients in one process; each requests a whole file and drops the received bytes, so that the server is measured.
 * Prints as JSON the seconds until each client had the whole file:
 * `node bench/growth/light-clients.ts PORT CLIENTS PATH BYTES`.
 */
import {Buffer} from 'node:buffer';
import {connect} from 'node:net';
import {blockSize} from '../../protocol/block.ts';
import {blockHeaderSize, preface} from '../../protocol/frame.ts';
import {encodeRequest} from '../../protocol/messages.ts';
import {parseRemotePath} from '../../protocol/remote-path.ts';

const [port = '', clients = '', path = '', bytes = ''] = process.argv.slice(2);
/** All received bytes go to the same memory. */
const memory = Buffer.allocUnsafe(blockSize);
const request = Buffer.concat([preface, encodeRequest('get', {path: parseRemotePath(path)})]);
/** Bytes of the blocks and their headers; a greeting and an end come besides. */
const awaited = Number(bytes) + Math.ceil(Number(bytes) / blockSize) * blockHeaderSize;

const start = performance.now();
const times = await Promise.all(Array.from({length: Number(clients)}, fetchOnce));
console.log(JSON.stringify(times));

/** @returns seconds since the start of all clients. */
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
