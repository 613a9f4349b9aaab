import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {JangadaError} from '../../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {foreignAnswer, Opening} from '../../../../source/client/connection/foreign-server.ts';

const text = (content: string) => Buffer.from(content, 'utf8');

for (const [what, bytes, how] of [
  ['HTTP', text('HTTP/1.1 400 Bad Request\r\n'), 'like HTTP'],
  ['HTML without a header', text('<!DOCTYPE HTML>\n<html>'), 'like HTTP'],
  ['a banner of ssh', text('SSH-2.0-OpenSSH_9.2p1\r\n'), 'like ssh'],
  ['an alert of TLS', Buffer.from('15030100020246', 'hex'), 'like TLS'],
  ['the first two bytes of an alert of TLS', Buffer.from('1503', 'hex'), 'like TLS'],
  ['a handshake of TLS', Buffer.from('1603030031020000', 'hex'), 'like TLS'],
  [
    'a banner of mail',
    text('220 mail.example.org ESMTP\r\n'),
    "with the text '220 mail.example.org ESMTP'",
  ],
  ['a dialogue', text('Envie o nome do arquivo: '), "with the text 'Envie o nome do arquivo: '"],
  ['a long line', text(`${'é'.repeat(100)}\n`), `with the text '${'é'.repeat(60)}…'`],
  ['signs that turn text round', text('OK \u202eexe.txt\n'), "with the text 'OK \\u{202e}exe.txt'"],
  ['few letters', text('OK'), "with the text 'OK'"],
  ['text with escapes', text('\u001b[2Jred\n'), 'with unknown bytes'],
  ['an empty line', text('\r\n\r\n'), 'with unknown bytes'],
  ['bytes', Buffer.from('00000000ff', 'hex'), 'with unknown bytes'],
  ['another frame', encodeAnswer('pong', {}), 'with unknown bytes'],
  ['a frame that is too large', Buffer.from('0004000140', 'hex'), 'with unknown bytes'],
] as const) {
  test(`a server that begins with ${what} answers ${how}`, () => {
    assert.equal(foreignAnswer(bytes), how);
  });
}

test('a greeting and a refusal are recognised as those of a jangada-server, wherever they are cut', () => {
  for (const frame of [
    encodeFrame(frameKinds.hello, 'x'.repeat(300)),
    encodeAnswer('error', {code: 'busy', message: 'full'}),
  ]) {
    for (let length = 0; length <= 40; length++) {
      assert.equal(foreignAnswer(frame.subarray(0, length)), undefined, `${length}`);
    }
  }
});

test('an answer that arrives in pieces is judged as a whole', () => {
  const opening = new Opening();
  for (const byte of text('SSH-2.0-OpenSSH_9.2')) {
    opening.heard(Buffer.from([byte]));
  }

  for (let count = 0; count < 100; count++) {
    opening.heard(Buffer.alloc(65_536));
  }

  const address = {scheme: 'jangada', host: '::1', port: 22, path: rootPath} as const;
  const error = opening.foreignAt(address, new JangadaError('connection_lost', 'It is closed'));
  assert.deepEqual(
    [error?.code, error?.message, error?.brief],
    [
      'unreachable',
      'The program that listens on [::1]:22 is not a jangada-server (it answered like ssh). Check the address',
      'it is not a jangada-server (it answered like ssh)',
    ],
  );
});
