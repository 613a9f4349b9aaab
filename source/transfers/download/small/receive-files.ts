/** The answer to a request for many small files: each is checked by itself, and then written as a whole. */
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
 * Receives the answer to `files`, which asked for `files`. Their places among the open ones go to `group`
 * with them, or are given back. A file that cannot be had, or that came damaged, does not cost the others.
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
          // It has cost the connection, and the files behind it have been given up.
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

      // The request as a whole was refused: each file tells its own reason when it is asked for by itself.
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
    // What is remembered of it must not keep the memory of the frame.
    writeWhole({file, remote: {size, mtimeMs, version}, bytes, digest}, tools, group, turn);
  }
}

function isWhole({bytes, digest}: {bytes: Buffer; digest: Buffer}, tools: SmallFileTools): boolean {
  return digestOf(tools.algorithm, bytes).equals(digest);
}
