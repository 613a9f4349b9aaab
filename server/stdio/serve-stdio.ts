/** Serves one client at standard input and output: the program that started this process, such as sshd. */
import process from 'node:process';
import type {Logger} from 'pino';
import {absolutePath} from '../../protocol/program/local-path.ts';
import type {ClientSocket} from '../connection/client-socket.ts';
import type {ConnectionLimits} from '../connection/connections.ts';
import type {DigestShelf} from '../indexes/digest-shelf.ts';
import {Serving} from '../serving.ts';
import {plainPath} from './raw-path.ts';
import {folderWithin, restrictedRoot} from './restricted-root.ts';
import {stdioSocket} from './stdio-socket.ts';

export type StdioOptions = Pick<ConnectionLimits, 'limit'> & {
  /** The path of the folder to serve. */
  readonly root: string;
  /** Threads that hash files. Default: the number of cores. */
  readonly workers?: number;
  /** As for `startServer`. */
  readonly shelf?: DigestShelf | undefined;
  readonly logger: Logger;
  /** Default: standard input and output. */
  readonly socket?: ClientSocket;
};

export type StdioServer = {
  /** Resolves when the client has left and everything is closed. */
  readonly ended: Promise<void>;
  /** Give a running answer five seconds to finish, and end. */
  close(): Promise<void>;
};

const graceMs = 5000;

/**
 * The path of the root: `folder`, or with `restrict` the folder that the client asked sshd for.
 *
 * @throws JangadaError `usage`, `local_io`, as `absolutePath`; as `restrictedRoot`.
 */
export function stdioRoot(
  folder: string,
  restrict: string | undefined,
  {SSH_ORIGINAL_COMMAND: asked}: NodeJS.ProcessEnv = process.env,
): string {
  if (restrict === undefined) {
    return absolutePath(folder, 'DIR');
  }

  const limit = absolutePath(restrict, '--restrict');
  return asked === undefined ? folderWithin(limit, folder) : restrictedRoot(limit, asked);
}

/** @throws JangadaError `not_found`, `not_a_folder` or `forbidden` for the root; `usage` at a terminal. */
export function serveStdio({logger, root, ...options}: StdioOptions): StdioServer {
  // No door: the user who started this process may read the same files as the process.
  const serving = new Serving({...options, root: plainPath(root), maxConnections: 1}, logger);
  // Created only now, because a socket keeps the process alive.
  const {socket = stdioSocket()} = options;
  const gone = new Promise<void>(resolve => socket.once('close', () => resolve()));
  serving.add(socket, clientAddress());
  return {
    ended: gone.then(() => serving.close(0)),
    close: () => serving.close(graceMs),
  };
}

/** The address of the client, from sshd's environment variable. */
function clientAddress(): string {
  return process.env.SSH_CONNECTION?.split(' ', 1)[0] || 'standard input';
}
