/** Receives the answer to a request for one small file. The file is checked, then written as a whole. */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {rootDigest} from '../../../../protocol/block.ts';
import {isTransient, JangadaError} from '../../../../protocol/errors.ts';
import {type FrameKind, frameKinds} from '../../../../protocol/frame.ts';
import {type Answers, answerSchemas, decodePayload} from '../../../../protocol/messages.ts';
import type {AnswerReceiver} from '../../../client/connection/answer-queue.ts';
import type {Connection} from '../../../client/connection/connection.ts';
import {BlockMemory} from '../../../client/connection/receive-buffers.ts';
import {checkBlock} from '../../blocks/lane.ts';
import {openFiles} from '../../disk/open-files.ts';
import {unexpected} from '../../terms/expected-content.ts';
import type {RemoteVersion} from '../../terms/verdict.ts';
import type {FlushGroup} from './flush-group.ts';
import {
  costOf,
  fail,
  isOther,
  leaveOrMiss,
  type SmallFile,
  type SmallFileTools,
  type Turn,
  tellReceived,
} from './small-file.ts';

/**
 * Receives the answer to `get`. A file that differs from its announcement is left. Its place among the open files goes
 * to `group` with it, or is given back.
 */
export function receiveSmallFile(
  connection: Connection,
  file: SmallFile,
  tools: SmallFileTools,
  group: FlushGroup,
  turn: Turn,
): AnswerReceiver {
  let announced: Answers['file'] | undefined;
  const memory = new BlockMemory(tools.blocks, () => connection.resume());
  let received: Buffer | undefined;
  let digest: Buffer | undefined;
  let landedBytes = 0;
  let isTold = false;
  return {
    control(kind, payload) {
      if (kind === frameKinds.file && announced === undefined) {
        announced = decodePayload(answerSchemas.file, payload, 'protocol');
        return false;
      }

      const {root} = expectEnd(kind, payload);
      // An empty or shorter answer must not be taken for the file.
      const digests = digest ?? new Uint8Array();
      const whole = announced?.size === file.size && (digest !== undefined) === file.size > 0;
      if (isOther(file, announced?.version)) {
        openFiles.give();
      } else if (
        announced === undefined ||
        !whole ||
        root !== rootDigest(tools.algorithm, digests).toString('hex')
      ) {
        openFiles.give();
        leaveOrMiss(file);
      } else {
        const bytes = received ?? digests;
        writeWhole({file, remote: announced, bytes, digest: digests}, tools, group, turn);
      }

      memory.giveBack();
      turn.settle(costOf(file));
      return true;
    },
    blockMemory(header) {
      const expected = digest === undefined && announced?.size === file.size;
      if (!expected || header.offset !== 0 || header.length !== file.size) {
        throw new JangadaError('protocol', 'The server sent a block that was not asked for');
      }

      return memory.take();
    },
    landed(bytes) {
      landedBytes += bytes;
      if (landedBytes < file.size && turn.due.passed()) {
        isTold = true;
        tellReceived(file, landedBytes);
      }
    },
    block(header, filled) {
      checkBlock(tools.algorithm, header, filled);
      received = filled.subarray(0, file.size);
      digest = header.digest;
    },
    failed(error) {
      memory.giveBack();
      openFiles.give();
      if (isTold) {
        tellReceived(file, 0);
      }

      failAnswer(file, turn, error);
    },
  };
}

/** A complete file that matches its digest. */
type Whole = {
  file: SmallFile;
  remote: RemoteVersion;
  bytes: Uint8Array;
  /** The digest of `bytes`; empty if it is not known. */
  digest: Uint8Array;
};

/**
 * Write a received file, if it is still wanted and has the expected content. Its place among the open files goes to
 * `group` with it, or is given back.
 */
export function writeWhole(
  {file, remote, bytes, digest}: Whole,
  tools: SmallFileTools,
  group: FlushGroup,
  turn: Turn,
): void {
  if (!file.wanted()) {
    openFiles.give();
    return;
  }

  const sha256 = checksumOf(bytes, digest, tools, file);
  if (file.sha256 !== undefined && file.sha256 !== sha256) {
    openFiles.give();
    fail(file, unexpectedBytes(sha256 ?? '', file.sha256));
  } else if (!group.add(file, remote, bytes, sha256)) {
    turn.again(file);
  }
}

/** An error frame ends only this file; any other failure ends the connection. */
export function failAnswer(file: SmallFile, turn: Turn, error: JangadaError): void {
  endWithError(file, turn, error);
  if (!costsConnection(error)) {
    turn.settle(costOf(file));
  }
}

/** The server cannot send the file because of `error`. */
export function endWithError(file: SmallFile, turn: Turn, error: JangadaError): void {
  if (costsConnection(error)) {
    turn.reject(error);
  } else if (
    file.agreed !== undefined ||
    error.code === 'bad_request' ||
    error.code === 'changed'
  ) {
    // Its size has changed since it was listed: a separate download requests it again.
    leaveOrMiss(file, error);
  } else {
    fail(file, error);
  }
}

/** Whether the connection cannot be used any more, or not now. */
export function costsConnection(error: JangadaError): boolean {
  return isTransient(error) || ['aborted', 'protocol', 'digest_mismatch'].includes(error.code);
}

/** @throws JangadaError `protocol` for any other frame. */
export function expectEnd(kind: FrameKind, payload: Buffer): Answers['end'] {
  if (kind !== frameKinds.end) {
    throw new JangadaError('protocol', 'The server answered with a frame of another request');
  }

  return decodePayload(answerSchemas.end, payload, 'protocol');
}

/** Nothing of the file is written, not even to a partial. */
function unexpectedBytes(hex: string, expected: string): JangadaError {
  const kind = 'sha256';
  return unexpected('The server sends', {kind, hex}, {kind, hex: expected});
}

/** The SHA-256 of `bytes` (one block or none, with its digest in `digests`), if it is wanted. */
function checksumOf(
  bytes: Uint8Array,
  digests: Uint8Array,
  {algorithm, checksums}: SmallFileTools,
  {sha256}: SmallFile,
): string | undefined {
  if (!checksums && sha256 === undefined) {
    return undefined;
  }

  return algorithm === 'sha256' && digests.length > 0
    ? Buffer.from(digests).toString('hex')
    : hash('sha256', bytes, 'hex');
}
