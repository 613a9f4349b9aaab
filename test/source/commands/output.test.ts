import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Output} from '../../../source/commands/output.ts';
import {Captured} from './run.ts';

test('whoever stops reading ends the output quietly', async () => {
  const stdout = new Captured();
  using output = new Output({stdout, stderr: new Captured(), environment: {}});
  await output.result('one\n');
  assert.equal(output.closed.aborted, false);
  stdout.emit('error', Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}));
  assert.equal(output.closed.aborted, true);
  await output.result('two\n');
  assert.equal(stdout.text, 'one\n');
});

test('a result waits until the reader can take more', async () => {
  const stdout = new Captured();
  const written: Array<() => void> = [];
  stdout._write = (_chunk, _encoding, done) => {
    written.push(done);
  };
  using output = new Output({stdout, stderr: new Captured(), environment: {}});
  let taken = false;
  const result = output.result('x'.repeat(1_000_000)).then(() => {
    taken = true;
  });
  await new Promise(setImmediate);
  assert.equal(taken, false);
  written.shift()?.();
  await result;
  assert.equal(taken, true);
});

test('a footer that a narrower terminal has wrapped is taken away as a whole', () => {
  const stderr = new Captured(80);
  using output = new Output({stdout: new Captured(), stderr, environment: {TERM: 'xterm'}});
  output.footer(['x'.repeat(79), 'y']);
  Object.assign(stderr, {columns: 40});
  stderr.text = '';
  output.footer([]);
  assert.ok(stderr.text.startsWith('\u001b[3A\r'));
});

test('where nothing can be redrawn nothing is', () => {
  for (const [columns, environment] of [
    [undefined, {TERM: 'xterm'}],
    [80, {TERM: 'dumb'}],
  ] as const) {
    const stderr = new Captured(columns);
    using output = new Output({stdout: new Captured(), stderr, environment});
    output.footer(['x']);
    output.notice('hello');
    assert.equal(stderr.text, 'hello\n');
  }
});
