/** The digests of the blocks of a remote file that is expected to have a certain root digest. */
import {availableAlgorithms, blockCount, digestSize, rootDigest} from '../../../protocol/block.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client, Digests, Progress} from '../../client/client.ts';
import {type ExpectedContent, type ExpectedRoot, unexpected} from '../terms/expected-content.ts';
import type {RemoteBlocks} from './remote-blocks.ts';

type Remote = {remotePath: RemotePath; version?: string; size?: number};

type Options = {signal?: AbortSignal | undefined; onProgress?: (progress: Progress) => void};

/**
 * The algorithm of the digests that name the blocks of a remote file; with an expected root, the digests
 * themselves.
 *
 * @throws JangadaError as `expectedDigests`.
 */
export async function digestsToGoBy(
  remote: Remote,
  expect: ExpectedContent | undefined,
  client: Client,
  options: Options,
): Promise<Pick<RemoteBlocks, 'algorithm' | 'expected'>> {
  return expect?.kind === 'root'
    ? {
        algorithm: expect.algorithm,
        expected: await expectedDigests(remote, expect, client, options),
      }
    : {algorithm: await client.digestAlgorithm({signal: options.signal})};
}

/**
 * The server's list of digests, once it has the expected root digest. From then on it is the client's own
 * list: all that the server says later is compared with it.
 *
 * @param remote.size in bytes, as the server has announced it. Default: as the list says.
 * @throws JangadaError `unexpected`; `unsupported` where a side cannot compute the algorithm; `changed` if
 * it is not `version`, any error of the server.
 */
export async function expectedDigests(
  remote: Remote,
  expected: ExpectedRoot,
  client: Client,
  options: Options = {},
): Promise<Digests> {
  const {algorithm} = expected;
  await refuseUnknown(expected, client, options.signal);
  const {remotePath, version} = remote;
  const known = version === undefined ? {} : {version};
  const list = await client.digests(remotePath, {algorithm, ...known, ...options});
  const hex = rootDigest(algorithm, list.digests).toString('hex');
  if (hex !== expected.hex) {
    throw unexpected('The server has', {...expected, hex}, expected);
  }

  const size = remote.size ?? list.size;
  if (list.size !== size || list.digests.length !== blockCount(size) * digestSize) {
    throw new JangadaError(
      'unexpected',
      `The server announces ${size} bytes, which are not as many as its list of digests is for`,
    );
  }

  return {...list, root: hex};
}

/** @throws JangadaError `unsupported`. */
async function refuseUnknown(
  {algorithm}: ExpectedRoot,
  client: Client,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!availableAlgorithms().includes(algorithm)) {
    throw new JangadaError(
      'unsupported',
      `This system cannot compute ${algorithm}: expect root:sha256:… or sha256:…`,
    );
  }

  const {algorithms} = await client.hello({signal});
  if (!algorithms.includes(algorithm)) {
    throw new JangadaError(
      'unsupported',
      `The server cannot compute ${algorithm}: expect root:sha256:… or sha256:…`,
    );
  }
}
