import {rootDigest} from '../../../protocol/block.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {Client} from '../../client/client.ts';
import type {RemoteBlocks} from './remote-blocks.ts';

/**
 * Compare the root digest of a complete plan with the expected root or, without one, with the server's.
 *
 * @param said the server's root in hex, if it is known. Otherwise the server is asked.
 * @returns undefined if they are equal; otherwise a JangadaError `changed`.
 */
export async function checkRoot(
  said: string | undefined,
  {remotePath, version, algorithm, plan, expected}: RemoteBlocks,
  client: Client,
  signal: AbortSignal,
): Promise<JangadaError | undefined> {
  if (!plan.complete) {
    throw new JangadaError('internal', 'Blocks are missing at the end of a download');
  }

  const root =
    expected?.root ??
    said ??
    (await client.digests(remotePath, {from: 0, to: 0, algorithm, version, signal})).root;
  return root === rootDigest(algorithm, plan.digests).toString('hex')
    ? undefined
    : new JangadaError(
        'changed',
        'The complete file does not have the root digest that the server sent',
      );
}
