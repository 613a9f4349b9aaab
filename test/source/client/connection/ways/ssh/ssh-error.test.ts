import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sshError} from '../../../../../../source/client/connection/ways/ssh/ssh-error.ts';

const server = {scheme: 'ssh', host: 'nas', root: '.'} as const;

function errorOf(status: number | string, lines: readonly string[], hasAnswered = false) {
  const {code, message} = sshError(
    server,
    {status, lines},
    {hasAnswered, isSilent: true, remoteCommand: 'jangada-server'},
  );
  return {code, message};
}

test('an error has the last words of ssh, and a code that says whether another attempt may help', () => {
  for (const [status, lines, code, words] of [
    [
      255,
      ['ssh: Could not resolve hostname nas: Name or service not known'],
      'unreachable',
      /^No connection to ssh:\/\/nas: ssh: Could not resolve/,
    ],
    [255, ['Connection closed by 192.0.2.7 port 22'], 'unreachable', /Connection closed by 192/],
    [
      255,
      ['me@nas: Permission denied (publickey,password).'],
      'unauthorized',
      /denied \(publickey,password\)\. Keys and agents/,
    ],
    [255, ['Received disconnect: Too many authentication failures'], 'unauthorized', /Too many/],
    [
      255,
      ['No ED25519 host key is known for nas', 'Host key verification failed.'],
      'untrusted',
      /does not know its host key\. Log in once with ssh.*: ssh nas$/,
    ],
    [
      255,
      ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @', 'Host key verification failed.'],
      'untrusted',
      /not the one that ssh knows/,
    ],
    [
      255,
      [
        'mux_client_request_session: session request failed: Session open refused by peer',
        'Permission denied.',
      ],
      'busy',
      /MaxSessions/,
    ],
    [255, [], 'unreachable', /without an error message/],
    [
      127,
      ['sh: 1: jangada-server: not found'],
      'unreachable',
      /jangada-server is not installed on nas\. Run npm install -g jangada on that machine, or .*--remote-command/,
    ],
    [1, ['fish: Unknown command: jangada-server'], 'unreachable', /is not installed on nas/],
    [
      1,
      ['{"level":40,"msg":"x"}', "jangada-server: The folder 'x' does not exist"],
      'unreachable',
      /jangada-server on that machine says: The folder 'x' does not exist$/,
    ],
    [
      1,
      ['at file.js:1', "Error: Cannot find module 'x'", 'Node.js v24.0.0'],
      'unreachable',
      /Error: Cannot find module/,
    ],
    [3, [], 'unreachable', /jangada-server ended with status 3/],
    ['SIGKILL', [], 'unreachable', /was ended by SIGKILL/],
  ] as const) {
    const error = errorOf(status, lines);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
  }
});

test('if the server had already answered, the connection is lost, whatever ssh says', () => {
  const error = errorOf(255, ['client_loop: send disconnect: Broken pipe'], true);
  assert.deepEqual(error, {
    code: 'connection_lost',
    message: 'The connection is lost: client_loop: send disconnect: Broken pipe',
  });
  assert.match(errorOf(255, [], true).message, /ssh has ended/);
});

test('control characters in words of the other side become visible', () => {
  assert.match(errorOf(1, ['\u001b[2Joops']).message, /\\x1b\[2Joops/);
  assert.match(errorOf(1, ['jangada-server: \u001b[2Joops']).message, /\\x1b\[2Joops/);
});
