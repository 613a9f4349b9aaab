/** Asks about many files with one request: their states, and their root digests. */
import {Buffer} from 'node:buffer';
import {decodeRoots, type RootedFile} from '../../protocol/batches/root-list.ts';
import type {DigestAlgorithm} from '../../protocol/block.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {frameKinds} from '../../protocol/frame.ts';
import {maxRoots, type RootQuestion} from '../../protocol/messages.ts';
import {ask, type Progress} from './ask.ts';
import type {Connection} from './connection/connection.ts';

/** Bytes of paths in one request: well below what a server takes, however JSON writes them. */
const mostPathBytes = 32_768;

/** Whether the server of `connection` answers such requests. */
export function canAskRoots(connection: Connection): boolean {
  return connection.offers('roots');
}

export type RootListener = {
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Told of each file as the answer comes, by its index. */
  onFound?: ((index: number, found: RootedFile | JangadaError) => void) | undefined;
};

/**
 * Of each of `files`, in their order, its state, or the server's error about it, `not_found` for example. All
 * requests that it takes are sent at once.
 *
 * @throws JangadaError `connection_lost`, `protocol` and others that concern all of them.
 */
export async function askRoots(
  connection: Connection,
  files: readonly RootQuestion[],
  algorithm: DigestAlgorithm,
  {onProgress, onFound}: RootListener = {},
): Promise<Array<RootedFile | JangadaError>> {
  let from = 0;
  const asked = [...portions(files)].map(part => {
    const first = from;
    from += part.length;
    return askPortion(connection, part, algorithm, {
      onProgress,
      onFound: (index, found) => onFound?.(first + index, found),
    });
  });
  const answers = await Promise.all(asked);
  return answers.flat();
}

/** `files` in such portions as one request holds. */
function* portions(files: readonly RootQuestion[]): Generator<readonly RootQuestion[], void, void> {
  let from = 0;
  let bytes = 0;
  for (const [index, [path]] of files.entries()) {
    const length = Buffer.byteLength(path);
    if (index - from === maxRoots || (index > from && bytes + length > mostPathBytes)) {
      yield files.slice(from, index);
      from = index;
      bytes = 0;
    }

    bytes += length;
  }

  if (from < files.length) {
    yield files.slice(from);
  }
}

async function askPortion(
  connection: Connection,
  files: readonly RootQuestion[],
  algorithm: DigestAlgorithm,
  {onProgress, onFound}: RootListener,
): Promise<Array<RootedFile | JangadaError>> {
  const found: Array<RootedFile | JangadaError> = [];
  await ask(connection, 'roots', {files: [...files], algorithm}, 'end', {
    onProgress,
    raw: frameKinds.roots,
    onRaw(payload) {
      for (const record of decodeRoots(payload, files.length - found.length)) {
        const one =
          record.kind === 'file'
            ? record
            : new JangadaError(record.code, displayName(record.message));
        found.push(one);
        onFound?.(found.length - 1, one);
      }
    },
  });
  if (found.length < files.length) {
    throw new JangadaError('protocol', 'The server told of fewer files than it was asked about');
  }

  return found;
}
