/** Asks for the states and root digests of many files with one request. */
import {Buffer} from 'node:buffer';
import {decodeRoots, type RootedFile} from '../../protocol/batches/root-list.ts';
import type {DigestAlgorithm} from '../../protocol/block.ts';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {frameKinds} from '../../protocol/frame.ts';
import {maxRoots, type RootQuestion} from '../../protocol/messages.ts';
import {ask, type Progress} from './ask.ts';
import type {Connection} from './connection/connection.ts';

/** Most bytes of paths in one request: well below the server's limit, even when JSON escapes the paths. */
const mostPathBytes = 32_768;

/** Whether the server of `connection` supports `roots` requests. */
export function canAskRoots(connection: Connection): boolean {
  return connection.can('roots') === true;
}

export type RootListener = {
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Called for each file as its answer arrives, with the file's index. */
  onFound?: ((index: number, found: RootedFile | JangadaError) => void) | undefined;
};

/**
 * For each of `files`, in order: its state, or the server's error about it (for example `not_found`). All requests are
 * sent at once.
 *
 * @throws JangadaError `connection_lost`, `protocol` and other errors that concern all files.
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

/** Splits `files` into portions that each fit in one request. */
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
    throw new JangadaError(
      'protocol',
      'The server answered for fewer files than it was asked about',
    );
  }

  return found;
}
