import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';

test('an error names white space around an address, and says what to type instead', () => {
  for (const [words, variable] of [
    [['list', '-s', ' jangada://h:1'], ''],
    [[' jangada://h:1'], ''],
    [['sget', ' jangada://h:1/a'], ''],
    [['list'], ' jangada://h:1\n'],
  ] as const) {
    assert.throws(
      () => parseArguments(words, {JANGADA_SERVER: variable}),
      error =>
        isJangadaError(error, 'usage') &&
        /white space around it.*Write 'jangada:\/\/h:1(?:\/a)?'$/.test(error.message),
    );
  }
});

test('an error names a bad JANGADA_SERVER', () => {
  assert.throws(
    () => parseArguments(['list'], {JANGADA_SERVER: 'ftp://x'}),
    error => isJangadaError(error, 'usage') && error.message.startsWith('JANGADA_SERVER: '),
  );
});

test('JANGADA_SERVER is the server unless an option names another one', () => {
  const invocation = parseArguments(['list'], {JANGADA_SERVER: 'jangada://other:7'});
  assert.ok(invocation.do === 'run');
  assert.equal(invocation.options.server.host, 'other');
});

test('a server comes from an address, an option or the environment; otherwise the user has given none', () => {
  for (const [words, environment, isGiven] of [
    [[], {}, false],
    [[], {JANGADA_SERVER: ''}, false],
    [[], {JANGADA_SERVER: 'h'}, true],
    [['h:1'], {}, true],
    [['--server', 'h'], {}, true],
  ] as const) {
    const invocation = parseArguments(words, environment);
    assert.ok(invocation.do === 'run');
    assert.equal(invocation.options.isServerGiven, isGiven, words.join(' '));
  }
});

test('several servers of one root come from options, words, or the environment, each once', () => {
  for (const [words, JANGADA_SERVER] of [
    [['list', '-s', 'h:1/x y', '--server=jangadas://g/x y', '-s', 'H:1/x y'], ''],
    [['h:1/x y', 'jangadas://g/x y', 'h:1/x y'], ''],
    [['list'], 'h:1/x y jangadas://g/x y\n\tjangada://h:1/x y'],
  ] as const) {
    const invocation = parseArguments(words, {JANGADA_SERVER});
    assert.ok(invocation.do === 'run');
    const {server, others, isServerGiven} = invocation.options;
    assert.deepEqual(
      {server, others, isServerGiven},
      {
        server: {scheme: 'jangada', host: 'h', port: 1, path: 'x y'},
        others: [{scheme: 'jangadas', host: 'g', port: 1234, path: 'x y'}],
        isServerGiven: true,
      },
    );
  }
});

test('a command about one server takes only the first server of the environment', () => {
  const environment = {JANGADA_SERVER: 'jangada://a jangada://b'};
  const invocation = parseArguments(['ping'], environment);
  assert.ok(invocation.do === 'run');
  assert.equal(invocation.options.server.host, 'a');
  assert.deepEqual(invocation.options.others, []);
});

test('commands that work on the queue, and those without a server, ignore JANGADA_SERVER', () => {
  for (const line of [
    'queue list',
    'queue run',
    'queue limits',
    'queue pause all',
    'queue resume all',
    'queue priority high all',
    'queue move 1 1',
    'queue cancel 1',
    'queue retry failed',
    'queue clear',
    'config',
  ]) {
    for (const JANGADA_SERVER of ['ftp://x', 'jangada://a jangada://b', 'jangada://a/x b://']) {
      const invocation = parseArguments(line.split(' '), {JANGADA_SERVER});
      assert.ok(invocation.do === 'run');
      const {server, others, isServerGiven} = invocation.options;
      assert.deepEqual([server.host, others, isServerGiven], ['127.0.0.1', [], false], line);
    }
  }
});

test('JANGADA_SERVER is the server that files are added from', () => {
  const environment = {JANGADA_SERVER: 'jangada://a jangada://b'};
  const invocation = parseArguments(['queue', 'add', 'file'], environment);
  assert.ok(invocation.do === 'run');
  const {server, others} = invocation.options;
  assert.deepEqual([server.host, ...others.map(({host}) => host)], ['a', 'b']);
});

test('an address in place of a file belongs to the first server, and the other servers serve it as well', () => {
  const words = ['sget', 'jangada://a/x/file', '-s', 'a/x', '-s', 'b/x'];
  const invocation = parseArguments(words, {});
  assert.ok(invocation.do === 'run');
  assert.deepEqual(invocation.inputs, ['file']);
  assert.equal(invocation.options.others.length, 1);
  const alone = parseArguments(words.slice(0, 2), {JANGADA_SERVER: 'jangada://c jangada://d'});
  assert.ok(alone.do === 'run');
  assert.deepEqual(alone.options.others, []);
});

test('an address opens the full-screen client there, and without one it opens on this machine', () => {
  for (const [words, host] of [
    [[], '127.0.0.1'],
    [['jangada://h:7/photos'], 'h'],
    [['localhost'], 'localhost'],
    [['files.example.org'], 'files.example.org'],
    [['[::1]:1234'], '::1'],
  ] as const) {
    const invocation = parseArguments(words, {});
    assert.ok(invocation.do === 'run');
    assert.equal(invocation.command, 'open');
    assert.equal(invocation.options.server.host, host);
  }
});
