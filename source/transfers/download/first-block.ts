/** The first block of a remote file, to look at without downloading the file. */
import {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {type Answers, answerSchemas, decodePayload} from '../../../protocol/messages.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import type {Connection} from '../../client/connection/connection.ts';
import {checkBlock} from '../blocks/lane.ts';

export type FirstBlock = {
  /** As it came, and was checked; all of the file, if it is that short. */
  readonly bytes: Uint8Array;
  /** Of the file. */
  readonly size: number;
};

type FirstBlockOptions = {
  signal: AbortSignal;
  /** Told bytes that have come, of how many. */
  onProgress?: (bytes: number, totalBytes: number) => void;
};

/**
 * Fetch the first block, or the whole of a shorter file.
 *
 * @param size of the file, in bytes, as it was listed.
 * @throws JangadaError `not_found`, `not_a_file`, `changed`, `digest_mismatch`, `aborted`.
 */
export async function firstBlock(
  client: Client,
  path: RemotePath,
  size: number,
  options: FirstBlockOptions,
): Promise<FirstBlock> {
  const {signal} = options;
  if (size === 0) {
    // No range begins in an empty file.
    return {bytes: new Uint8Array(), size: (await client.stat(path, {signal})).size};
  }

  const algorithm = await client.digestAlgorithm({signal});
  const get = (bytes: number) =>
    client.withConnection(
      connection => getFirst(connection, {...options, path, algorithm, size: bytes}),
      {signal},
    );
  try {
    return await get(size);
  } catch (error) {
    if (!isJangadaError(error, 'bad_request')) {
      throw error;
    }

    // It has another size by now.
    const {size: now} = await client.stat(path, {signal});
    return now === 0 ? {bytes: new Uint8Array(), size: 0} : await get(now);
  }
}

function getFirst(
  connection: Connection,
  {
    path,
    algorithm,
    size,
    onProgress,
  }: FirstBlockOptions & {
    path: RemotePath;
    algorithm: Awaited<ReturnType<Client['digestAlgorithm']>>;
    size: number;
  },
): Promise<FirstBlock> {
  const length = Math.min(size, blockSize);
  return new Promise((resolve, reject) => {
    let file: Answers['file'] | undefined;
    let bytes: Buffer | undefined;
    let landedBytes = 0;
    const protocolError = (): JangadaError =>
      new JangadaError('protocol', 'The server sent something else than the first block');
    connection.request(
      'get',
      {path, algorithm, ranges: [[0, length]]},
      {
        control(kind, payload) {
          if (kind === frameKinds.file && file === undefined) {
            file = decodePayload(answerSchemas.file, payload, 'protocol');
            return false;
          }

          if (kind !== frameKinds.end || file === undefined || bytes === undefined) {
            throw protocolError();
          }

          resolve({bytes, size: file.size});
          return true;
        },
        blockMemory(header) {
          if (bytes !== undefined || header.offset !== 0 || header.length !== length) {
            throw protocolError();
          }

          return Buffer.allocUnsafeSlow(blockSize);
        },
        landed(count) {
          landedBytes += count;
          onProgress?.(landedBytes, length);
        },
        block(header, memory) {
          checkBlock(algorithm, header, memory);
          bytes = memory.subarray(0, length);
        },
        failed: reject,
      },
    );
  });
}
