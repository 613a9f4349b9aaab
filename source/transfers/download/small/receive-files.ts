/** Receives the answer to a request for many small files. Each file is checked on its own, then written as a whole. */
import type {Buffer} from 'node:buffer';
import {
  decodePackedFiles,
  type PackedError,
  type PackedFile,
} from '../../../../protocol/batches/packed-files.ts';
import {digestOf} from '../../../../protocol/block.ts';
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import type {AnswerReceiver} from '../../../client/connection/answer-queue.ts';
import {openFiles} from '../../disk/open-files.ts';
import type {FlushGroup} from './flush-group.ts';
import {costsConnection, endWithError, expectEnd, writeWhole} from './receive-small-file.ts';
import {
  costOf,
  isOther,
  leave,
  leaveOrMiss,
  type SmallFile,
  type SmallFileTools,
  type Turn,
} from './small-file.ts';

/**
 * Receives the answer to a `files` request for `files`. Their places among the open files go to `group` with them, or
 * are given back. A file that the server cannot send, or that arrived damaged, does not affect the others.
 */
export function receiveFiles(
  files: readonly SmallFile[],
  tools: SmallFileTools,
  group: FlushGroup,
  turn: Turn,
): AnswerReceiver {
  let next = 0;
  let hasFailed = false;
  return {
    control(kind, payload) {
      if (kind !== frameKinds.files) {
        expectEnd(kind, payload);
        refuseUnless(next === files.length);
        turn.settle(0);
        return true;
      }

      let cost = 0;
      for (const packed of decodePackedFiles(payload)) {
        const file = files[next];
        refuseUnless(file !== undefined);
        next++;
        cost += costOf(file);
        take(file, packed, tools, group, turn);
        if (hasFailed) {
          // The error has closed the connection, and the remaining files were given up.
          return true;
        }
      }

      turn.came(cost);
      return false;
    },
    failed(error) {
      hasFailed = true;
      const left = files.slice(next);
      for (const _ of left) {
        openFiles.give();
      }

      if (costsConnection(error)) {
        turn.reject(error);
        return;
      }

      // The whole request was refused. Each file is requested again alone, and then gets its own reason.
      for (const file of left) {
        leave(file);
      }

      turn.settle(left.reduce((sum, file) => sum + costOf(file), 0));
    },
  };
}

function refuseUnless(isRight: boolean): asserts isRight {
  if (!isRight) {
    throw new JangadaError('protocol', 'The server did not send the files it was asked for');
  }
}

function take(
  file: SmallFile,
  packed: PackedFile | PackedError,
  tools: SmallFileTools,
  group: FlushGroup,
  turn: Turn,
): void {
  if (packed.kind === 'error') {
    openFiles.give();
    endWithError(file, turn, new JangadaError(packed.code, displayName(packed.message)));
  } else if (isOther(file, packed.version)) {
    openFiles.give();
  } else if (packed.size !== file.size || !isWhole(packed, tools)) {
    openFiles.give();
    leaveOrMiss(file);
  } else {
    const {size, mtimeMs, version, bytes, digest} = packed;
    // Only what must be kept: the file must not hold the memory of the frame.
    writeWhole({file, remote: {size, mtimeMs, version}, bytes, digest}, tools, group, turn);
  }
}

function isWhole({bytes, digest}: {bytes: Buffer; digest: Buffer}, tools: SmallFileTools): boolean {
  return digestOf(tools.algorithm, bytes).equals(digest);
}
