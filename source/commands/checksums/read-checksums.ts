/** Reads a list of checksums line by line, because it may be long, or not a list at all. */
import {Buffer} from 'node:buffer';
import {constants} from 'node:fs';
import {type FileHandle, open, stat} from 'node:fs/promises';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {nameFromBytes} from '../../../protocol/remote-path.ts';
import {localError} from '../../transfers/terms/local-error.ts';
import {type ChecksumLine, parseChecksumLine} from './checksum-line.ts';

export type ListLine = {
  /** Counted from 1. */
  readonly number: number;
  /** The bytes of the line, without its line feed. */
  readonly bytes: Buffer;
  readonly says: ChecksumLine | 'nothing' | 'bad';
  /** Whether a line feed ends the line: only the last line may lack one. */
  readonly ended: boolean;
};

/** A path of 4,096 escaped bytes, the digest, and some space to spare. */
const maxLineBytes = 16_384;

const lineFeed = 0x0a;

/**
 * @throws JangadaError `local_io` if the file cannot be read, or has a line that is too long for a list of checksums.
 */
export async function* readChecksums(file: string): AsyncGenerator<ListLine> {
  await using handle = await openList(file);
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of chunksOf(handle, file)) {
    const bytes = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, from)) {
      yield lineOf(bytes.subarray(from, end), ++number, true);
      from = end + 1;
    }

    rest = bytes.subarray(from);
    if (rest.length > maxLineBytes) {
      throw notAList(file, `line ${number + 1} is too long for a checksum`);
    }
  }

  if (rest.length > 0) {
    yield lineOf(rest, number + 1, false);
  }
}

/**
 * All lines of a list, and the numbers of its bad lines.
 *
 * @throws JangadaError `local_io` if the file cannot be read, or has no valid line.
 */
export async function readList(list: string): Promise<{lines: ChecksumLine[]; bad: number[]}> {
  const lines: ChecksumLine[] = [];
  const bad: number[] = [];
  for await (const {says, number} of readChecksums(list)) {
    if (says === 'bad') {
      bad.push(number);
    } else if (says !== 'nothing') {
      lines.push(says);
    }
  }

  if (lines.length === 0) {
    throw notAList(list, 'no line has a checksum');
  }

  return {lines, bad};
}

/** The error for a file that is not a list of checksums. */
export function notAList(file: string, why: string): JangadaError {
  return new JangadaError(
    'local_io',
    `${displayName(file)} is not a list of SHA-256 checksums: ${why}`,
  );
}

async function openList(file: string): Promise<FileHandle> {
  try {
    // Reading a FIFO would block, and opening a device may have effects.
    if (!(await stat(file)).isFile()) {
      throw new JangadaError('local_io', `${displayName(file)} is not a file`);
    }

    return await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw localError(error, file);
  }
}

async function* chunksOf(handle: FileHandle, file: string): AsyncGenerator<Buffer> {
  try {
    yield* handle.createReadStream({autoClose: false}) as AsyncIterable<Buffer>;
  } catch (error) {
    throw localError(error, file);
  }
}

function lineOf(bytes: Buffer, number: number, ended: boolean): ListLine {
  return {number, bytes, says: parseChecksumLine(nameFromBytes(bytes)), ended};
}
