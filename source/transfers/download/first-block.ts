/** Fetches single blocks of a remote file, to look at it without a download. */
import {Buffer} from 'node:buffer';
import {blockLength, blockSize} from '../../../protocol/block.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {type Answers, answerSchemas, decodePayload} from '../../../protocol/messages.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import type {Connection} from '../../client/connection/connection.ts';
import {checkBlock} from '../blocks/lane.ts';

export type FirstBlock = {
  /** The verified bytes; the whole file, if it is that short. */
  readonly bytes: Uint8Array;
  /** Size of the file, in bytes. */
  readonly size: number;
};

type FirstBlockOptions = {
  signal: AbortSignal;
  /** Called with the number of received bytes, and of bytes to receive. */
  onProgress?: (bytes: number, totalBytes: number) => void;
};

/**
 * Fetch the first block, or the whole of a shorter file.
 *
 * @param size size of the file in bytes, from the listing.
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
    // No range is valid in an empty file.
    return {bytes: new Uint8Array(), size: (await client.stat(path, {signal})).size};
  }

  const algorithm = await client.digestAlgorithm({signal});
  const get = (bytes: number) =>
    client.withConnection(
      connection => getBlock(connection, {...options, path, algorithm, index: 0, size: bytes}),
      {signal},
    );
  try {
    return await get(size);
  } catch (error) {
    if (!isJangadaError(error, 'bad_request')) {
      throw error;
    }

    // The file has another size by now.
    const {size: now} = await client.stat(path, {signal});
    return now === 0 ? {bytes: new Uint8Array(), size: 0} : await get(now);
  }
}

/**
 * Fetch block `index` of a file.
 *
 * @param block.size size of the file, in bytes.
 * @param block.version the required version of the file. Default: any.
 * @throws JangadaError `not_found`, `not_a_file`, `changed`, `bad_request` for another size, `digest_mismatch`,
 * `aborted`.
 */
export async function oneBlock(
  client: Client,
  path: RemotePath,
  block: {index: number; size: number; version?: string | undefined; signal: AbortSignal},
): Promise<Uint8Array> {
  const {signal} = block;
  const algorithm = await client.digestAlgorithm({signal});
  const {bytes} = await client.withConnection(
    connection => getBlock(connection, {...block, path, algorithm}),
    {signal},
  );
  return bytes;
}

function getBlock(
  connection: Connection,
  {
    path,
    algorithm,
    index,
    size,
    version,
    onProgress,
  }: FirstBlockOptions & {
    path: RemotePath;
    algorithm: Awaited<ReturnType<Client['digestAlgorithm']>>;
    index: number;
    size: number;
    version?: string | undefined;
  },
): Promise<FirstBlock> {
  const offset = index * blockSize;
  const length = blockLength(size, index);
  return new Promise((resolve, reject) => {
    let file: Answers['file'] | undefined;
    let bytes: Buffer | undefined;
    let landedBytes = 0;
    const protocolError = (): JangadaError =>
      new JangadaError('protocol', 'The server did not send the block that was asked for');
    connection.request(
      'get',
      {
        ...{path, algorithm, ranges: [[offset, length]], progress: true},
        ...(version === undefined ? {} : {version}),
      },
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
          if (bytes !== undefined || header.offset !== offset || header.length !== length) {
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
