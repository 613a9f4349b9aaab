/** Questions of commands: an interruption ends them, also one that came before. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {PassThrough} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {Client} from '../../../source/client/client.ts';
import {CertificateError} from '../../../source/client/connection/certificate-error.ts';
import {askAboutCertificate} from '../../../source/commands/certificate-question.ts';
import {connect} from '../../../source/commands/connect.ts';
import {CommandOutput} from '../../../source/commands/results/output.ts';
import {askAboutConflicts} from '../../../source/commands/transfer/conflict-question.ts';
import type {Conflict} from '../../../source/transfers/queue/queue.ts';
import {path} from '../../fixtures/harness.ts';
import {Captured} from './run.ts';

const conflict: Conflict = {
  transfer: {remotePath: path('a'), folder: '/', localPath: 'a', onConflict: 'fail'},
  path: '/a',
  size: 1,
  mtimeMs: 0,
  state: '',
  freeName: 'a (2)',
};

function askedAboutFile(t: TestContext, input: PassThrough, signal: AbortSignal) {
  const stderr = new Captured(80);
  const output = new CommandOutput({stdout: new Captured(), stderr, environment: {}});
  t.after(() => output[Symbol.dispose]());
  return {stderr, answers: askAboutConflicts([conflict], output, input, signal)};
}

function askedAboutCertificate(input: PassThrough, signal: AbortSignal) {
  const said: string[] = [];
  const error = new CertificateError(parseAddress('jangadas://h'), 'ab'.repeat(32), undefined);
  const answer = askAboutCertificate(error, {prompt: text => said.push(text), input, signal});
  return {said, answer};
}

test('an interruption before a question is obeyed, and the question is not asked', async t => {
  const signal = AbortSignal.abort();
  const file = askedAboutFile(t, new PassThrough(), signal);
  await assert.rejects(file.answers, {code: 'aborted'});
  assert.equal(file.stderr.text, '');
  const certificate = askedAboutCertificate(new PassThrough(), signal);
  await assert.rejects(certificate.answer, {code: 'aborted'});
  assert.deepEqual(certificate.said, []);
});

test('an interruption during a question ends it', async t => {
  const stop = new AbortController();
  const file = askedAboutFile(t, new PassThrough(), stop.signal);
  const certificate = askedAboutCertificate(new PassThrough(), stop.signal);
  stop.abort();
  await assert.rejects(file.answers, {code: 'aborted'});
  await assert.rejects(certificate.answer, {code: 'aborted'});
});

test('an input that has ended before answers no question', async t => {
  const input = new PassThrough();
  input.end();
  input.resume();
  await once(input, 'end');
  const {signal} = new AbortController();
  await assert.rejects(askedAboutFile(t, input, signal).answers, {code: 'exists'});
  assert.equal(await askedAboutCertificate(input, signal).answer, false);
});

// A connection without a greeting is given up after 10 s.
test('an interruption is obeyed while several servers over TLS are asked for their certificates', {
  timeout: 8000,
}, async t => {
  const stop = new AbortController();
  const listener = createServer(socket => {
    socket.on('error', () => {});
    // The server never answers.
    stop.abort();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  const {port} = listener.address() as AddressInfo;
  await using client = new Client(parseAddress(`jangadas://127.0.0.1:${port}`), {
    others: [parseAddress(`jangadas://localhost:${port}`)],
  });
  await assert.rejects(connect(client, stop.signal), {code: 'aborted'});
});
