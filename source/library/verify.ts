/** `verify`: compares a local copy with the server's file, block by block. */
import {
  type VerifyOptions as Options,
  type VerifyReport,
  verifyFile,
} from '../transfers/download/verify.ts';
import {type ExpectedContent, parseExpectedContent} from '../transfers/terms/expected-content.ts';
import {withReason} from './abort-reason.ts';
import {Reached, type Server} from './reach.ts';

export type VerifyOptions = Omit<Options, 'expect'> & {
  /** The server for the path in `remote`. Default: `remote` is a whole address. */
  server?: Server | undefined;
  /** `sha256:HEX` or `root:ALGORITHM:HEX`: the content that both files are expected to have. */
  expect?: string | ExpectedContent | undefined;
};

/**
 * Compare a local copy with the file on the server, block by block; nothing is fetched or changed.
 *
 * @param remote `jangada://HOST:PORT/PATH` and the like; with a `server` only the path.
 * @throws JangadaError `not_found`, `not_a_file` (on the server); `local_io` (here); `changed` if the file changes on
 * either side meanwhile; `unexpected` if the server's file does not have the expected root; `usage`, `aborted`, any
 * error of the connection.
 */
export async function verify(
  remote: string,
  localFile: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const {server, expect, ...others} = options;
  const expected = typeof expect === 'string' ? parseExpectedContent(expect) : expect;
  await using reached = new Reached(remote, server);
  const {client, path} = reached;
  const work = () => verifyFile(client, path, localFile, {...others, expect: expected});
  return await withReason(others.signal, work);
}
