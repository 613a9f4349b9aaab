/** The block digests of a remote file that is expected to have a certain root digest. */
import {availableAlgorithms, blockCount, digestSize, rootDigest} from '../../../protocol/block.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client, Digests, Progress} from '../../client/client.ts';
import {type ExpectedContent, type ExpectedRoot, unexpected} from '../terms/expected-content.ts';
import type {RemoteBlocks} from './remote-blocks.ts';

type Remote = {remotePath: RemotePath; version?: string; size?: number};

type Options = {signal?: AbortSignal | undefined; onProgress?: (progress: Progress) => void};

/**
 * The algorithm of a remote file's block digests; with an expected root, also the digests themselves.
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
 * The server's list of digests, after a check that its root digest is the expected one. From then on it is the client's
 * own list: everything that the server sends later is compared with it.
 *
 * @param remote.size size in bytes that the server has announced. Default: the size in the list.
 * @throws JangadaError `unexpected`; `unsupported` if one side cannot compute the algorithm; `changed` if the remote
 * file does not have `version`, any error of the server.
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
      `The server announces ${size} bytes, but its list of digests is for a file of another size`,
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
      `This system cannot compute ${algorithm}: use an expected content root:sha256:… or sha256:…`,
    );
  }

  const {algorithms} = await client.hello({signal});
  if (!algorithms.includes(algorithm)) {
    throw new JangadaError(
      'unsupported',
      `The server cannot compute ${algorithm}: use an expected content root:sha256:… or sha256:…`,
    );
  }
}
