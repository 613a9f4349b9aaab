import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {frameKinds} from '../../../../protocol/frame.ts';
import {AnswerQueue} from '../../../../source/client/connection/answer-queue.ts';

const nothing = Buffer.alloc(0);

test('a connection is idle since its last answer to a caller; pings do not count', () => {
  let nowMs = 0;
  const answers = new AnswerQueue(() => nowMs);
  answers.add({control: () => true, failed: assert.fail});
  nowMs = 40_000;
  answers.control(frameKinds.end, nothing);
  assert.equal(answers.idleMs, 0);
  nowMs = 70_000;
  answers.addPing();
  answers.control(frameKinds.pong, nothing);
  assert.equal(answers.idleMs, 30_000);
});
