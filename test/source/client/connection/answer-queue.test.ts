import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {JangadaError} from '../../../../protocol/errors.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {AnswerQueue} from '../../../../source/client/connection/answer-queue.ts';

const nothing = Buffer.alloc(0);
const error = new JangadaError('busy', 'full');

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

test('a ping is no request of a caller: the connection stays free, and whoever asks next is due', () => {
  const answers = new AnswerQueue(() => 0);
  assert.equal(answers.beatState, 'idle');
  answers.addPing();
  assert.deepEqual([answers.pending, answers.beatState], [0, 'pinged']);
  answers.add({control: () => true, failed: assert.fail});
  assert.deepEqual([answers.pending, answers.beatState], [1, 'busy']);
  answers.control(frameKinds.pong, nothing);
  assert.deepEqual([answers.pending, answers.beatState], [1, 'busy']);
  answers.control(frameKinds.entry, nothing);
  assert.deepEqual([answers.pending, answers.beatState], [0, 'idle']);
});

test('a ping that is answered by an error is over, and one by another frame breaks the protocol', () => {
  const answers = new AnswerQueue(() => 0);
  answers.addPing();
  assert.throws(() => answers.control(frameKinds.entry, nothing), {code: 'protocol'});
  assert.equal(answers.failOldest(error), true);
  assert.deepEqual([answers.pending, answers.beatState], [0, 'idle']);
});

test('an error ends the oldest request alone, and tells whether there was one', () => {
  const answers = new AnswerQueue(() => 0);
  assert.equal(answers.failOldest(error), false);
  const failed: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    answers.add({control: () => true, failed: ({code}) => failed.push(`${name}: ${code}`)});
  }

  assert.equal(answers.failOldest(error), true);
  assert.deepEqual([failed, answers.pending], [['first: busy'], 2]);
  answers.failAll(new JangadaError('connection_lost', 'gone'));
  assert.deepEqual(failed.slice(1), ['second: connection_lost', 'third: connection_lost']);
  assert.equal(answers.pending, 0);
  assert.throws(() => answers.control(frameKinds.end, nothing), {code: 'protocol'});
});

test('a compressed block that the oldest request did not ask for breaks the protocol', () => {
  const answers = new AnswerQueue(() => 0);
  const header = {offset: 0, digest: Buffer.alloc(32), length: 10, compressedLength: 5};
  const memory = Buffer.alloc(10);
  const receiver = {control: () => true, blockMemory: () => memory, failed: assert.fail};
  answers.add(receiver);
  assert.throws(() => answers.blockMemory(header), {code: 'protocol', message: /compressed/});
  assert.equal(answers.blockMemory({...header, compressedLength: undefined}), memory);
  answers.control(frameKinds.end, nothing);
  answers.add({...receiver, takesCompressed: true});
  assert.equal(answers.blockMemory(header), memory);
});
