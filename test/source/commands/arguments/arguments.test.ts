import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {askedLimits} from '../../../../source/commands/arguments/asked-limits.ts';
import {rateOf} from '../../../../source/commands/arguments/option-values.ts';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';

const wrong: readonly (readonly [string, RegExp])[] = [
  ['lst', /Unknown command 'lst'.*nearest is 'list'/],
  ['verfiy x', /nearest is 'verify'/],
  ['list --sort date', /Invalid value 'date' for --sort: use one of name, size, time/],
  ['list --jsno', /Unknown option '--jsno'.*nearest is '--json'/],
  ['sget a --on-conflit skip', /nearest is '--on-conflict'/],
  ['--retires 3 list', /nearest is '--retries'/],
  ['list -j', /Unknown option '-j'.*nearest is '--json'/],
  ['help lst', /nearest is 'jangada help list'/],
  ['bogus', /Unknown command 'bogus'\. jangada help lists them all/],
  ['completion', /SHELL is missing. Write: jangada completion SHELL/],
  ['completion tcsh', /Unknown shell 'tcsh'. Write one of: bash, zsh, fish, powershell/],
  ['completion bash zsh', /Unexpected argument 'zsh'/],
  ['constructor', /Unknown command 'constructor'/],
  ['help bogus', /No help for 'bogus'\. jangada help lists all commands$/],
  ['list --bogus', /Unknown option '--bogus'\. jangada help list lists them all$/],
  ['list -x', /Unknown option '-x'\. jangada help list lists them all$/],
  ['list --repair', /--repair belongs to verify, not to 'list'/],
  ['cget a --on-conflict skip', /--on-conflict belongs to sget, mget/],
  ['sget a --from b', /--from belongs to cget, not to 'sget'/],
  ['mget a --seed b', /--seed belongs to sget, cget, not to 'mget'/],
  ['cget a --seed', /--seed needs a value: --seed LOCAL/],
  ['list --quiet', /--quiet belongs to/],
  ['jangada://h:1 --json', /--json belongs to .* not to the full-screen client/],
  ['sget', /FILE is missing.*jangada sget FILE/],
  ['sget a b', /Unexpected argument 'b'/],
  ['list a b', /Unexpected argument/],
  ['mget', /MASK is missing/],
  ['verify', /FILE is missing/],
  [
    'hash a --algorithm md5',
    /Invalid value 'md5' for --algorithm: use one of sha1, sha256, blake3/,
  ],
  ['mget a --on-conflict maybe', /Invalid value 'maybe' for --on-conflict/],
  [
    'sget a --connections 0',
    /Invalid value '.*' for --connections: use a whole number from 1 to 16/,
  ],
  ['sget a --connections 1.5', /Invalid value '.*' for --connections/],
  ['sget a --connections -1', /Invalid value '.*' for --connections/],
  ['sget a --retries many', /Invalid value '.*' for --retries/],
  ['mget a --files 17', /Invalid value '.*' for --files: use a whole number from 1 to 16/],
  ['sget a --files 2', /--files belongs to mget, .*not to 'sget'/],
  [
    'sget a --limit fast',
    /Invalid value 'fast' for --limit: use a number of bytes a second such as 500k or 10M/,
  ],
  ['sget a --limit 0', /Invalid value '.*' for --limit/],
  ['sget a --checksums=-', /Invalid value '-' for --checksums: use the path of a file/],
  [
    'list --checksums x',
    /--checksums belongs to sget, mget, cget, verify, queue run, not to 'list'/,
  ],
  ['list --server', /--server needs a value: --server ADDRESS/],
  ['list --server --json', /--server needs a value/],
  ['sget a -o a -o b', /--to can be given only once/],
  ['list -s a/x -s b/y', /a:1234\/x and jangada:\/\/b:1234\/y name different folders/],
  ['list -s a -s ftp://b', /begins with ftp:/],
  ['queue list -s a -s b', /about one server: write --server once/],
  ['ping -s a -s b', /about one server: write --server once/],
  ['queue pause all -s a -s b', /write --server once/],
  [
    'list -s jangadas://a -s jangadas://b --fingerprint sha256:0',
    /--fingerprint is for one server/,
  ],
  [
    `list ${Array.from({length: 17}, (_, index) => `-s h${index}`).join(' ')}`,
    /17 servers are too many: name at most 16/,
  ],
  ['list --server.x=3', /--server needs a value/],
  ['list --json=yes', /--json takes no value/],
  ['list --no-mouse', /--no-mouse belongs to the full-screen client, not to 'list'/],
  ['--mouse', /Unknown option '--mouse'/],
  ['--no-mouse=yes', /--no-mouse takes no value/],
  ['list --no-json', /--json takes no value/],
  ['list -s http://x', /begins with http:/],
  ['list -s h:99999', /a port is between 1 and 65535/],
  ['jangada://h -s g', /given twice/],
  ['--help=foo', /^--help takes no value\. The help of a command: jangada help COMMAND$/],
  ['list --help=foo', /^--help takes no value/],
  ['-h=foo', /^--help takes no value/],
  ['--no-help', /^--help takes no value/],
  ['--version=2', /^--version takes no value$/],
  [
    'sget a --to -',
    /Invalid value '-' for --to: jangada saves files in a folder, never to standard output/,
  ],
  ['sget a -o -', /Invalid value '-' for --to: jangada saves files in a folder/],
  ['sget a --checksums -', /Invalid value '-' for --checksums: use the path of a file/],
  ['hash a --compare -', /Invalid value '-' for --compare: use the path of a file/],
  ['cget a --from - --to x', /Invalid value '-' for --from: use the path of a file/],
  ['sget a --connections -', /Invalid value '-' for --connections: use a whole number/],
  [
    'sget a --to=~bob',
    /Invalid value '~bob' for --to: only the shell .* Write --to ~bob, or \.\/~bob for/,
  ],
  ['cget a --from=~bob/x', /Invalid value '~bob\/x' for --from/],
  ['sget a -o package.json', /Invalid value 'package\.json' for --to: it is a file\. Use a folder/],
  ['-s h serve', /'serve' comes first/],
];

for (const [line, message] of wrong) {
  test(`jangada ${line} is wrong usage`, () => {
    assert.throws(
      () => parseArguments(line.split(' '), {}),
      error => isJangadaError(error, 'usage') && message.test(error.message),
    );
  });
}

test('verify needs no FILE with a list of checksums, whose path is relative to the current folder', () => {
  const invocation = parseArguments(['verify', '--checksums', 'x/y'], {});
  assert.ok(invocation.do === 'run');
  assert.deepEqual(invocation.inputs, []);
  assert.equal(invocation.options.checksums, path.resolve('x/y'));
});

test('without options there are defaults', () => {
  const invocation = parseArguments(['sget', 'a'], {});
  assert.ok(invocation.do === 'run');
  assert.equal(invocation.command, 'sget');
  assert.deepEqual(invocation.inputs, ['a']);
  assert.deepEqual(invocation.options, {
    server: {scheme: 'jangada', host: '127.0.0.1', port: 1234, path: ''},
    others: [],
    isServerGiven: false,
    ssh: {command: undefined, remoteCommand: undefined},
    token: undefined,
    to: process.cwd(),
    connections: 4,
    files: 4,
    limit: undefined,
    compress: 'auto',
    retries: 10,
    onConflict: 'ask',
    dirs: false,
    priority: 'normal',
    algorithm: 'sha256',
    root: false,
    expect: undefined,
    compare: undefined,
    from: undefined,
    seed: undefined,
    checksums: undefined,
    checksumsFrom: undefined,
    sort: 'name',
    reverse: false,
    repair: false,
    deletePartial: false,
    mouse: true,
    json: false,
    quiet: false,
    written: {},
    asked: {},
  });
});

test('the ssh program comes from an option or from the environment, and is split before anything begins', () => {
  const sshOf = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const invocation = parseArguments(['list', '-s', 'ssh://h', ...words], environment);
    return invocation.do === 'run' ? invocation.options.ssh : undefined;
  };
  const words = ['--ssh', 'ssh -J gate', '--remote-command', '~/bin/jangada-server'];
  const given = {command: 'ssh -J gate', remoteCommand: '~/bin/jangada-server'};
  assert.deepEqual(sshOf(words, {JANGADA_SSH: 'other'}), given);
  assert.equal(sshOf([], {JANGADA_SSH: 'other -v'})?.command, 'other -v');
  assert.equal(sshOf([], {JANGADA_SSH: ''})?.command, undefined);
  assert.throws(() => sshOf(['--ssh', 'ssh "x']), /for --ssh: a quote is not closed/);
  assert.throws(() => sshOf([], {JANGADA_SSH: "ssh 'x"}), /for JANGADA_SSH/);
});

test('options are accepted before and after the command, short and long', () => {
  const invocation = parseArguments(
    ['-s', 'h:5/photos', 'mget', '*', '-o', 'x', '--limit=500k', '--on-conflict', 'skip', '!y'],
    {JANGADA_SERVER: 'other:1'},
  );
  assert.ok(invocation.do === 'run');
  assert.deepEqual(invocation.inputs, ['*', '!y']);
  const {server, to, limit, onConflict} = invocation.options;
  assert.deepEqual(
    {server, to, limit, onConflict},
    {
      server: {scheme: 'jangada', host: 'h', port: 5, path: 'photos'},
      to: path.resolve('x'),
      limit: 500_000,
      onConflict: 'skip',
    },
  );
});

test('the mouse is used unless --no-mouse is given', () => {
  for (const [words, mouse] of [
    [['localhost'], true],
    [['localhost', '--no-mouse'], false],
    [['--no-mouse'], false],
  ] as const) {
    const invocation = parseArguments(words, {});
    assert.ok(invocation.do === 'run' && invocation.command === 'open');
    assert.equal(invocation.options.mouse, mouse);
  }
});

test('words after -- are never options', () => {
  const invocation = parseArguments(['sget', '--', '--json'], {});
  assert.ok(invocation.do === 'run');
  assert.deepEqual(invocation.inputs, ['--json']);
});

test('everything after serve goes to the server program', () => {
  assert.deepEqual(parseArguments(['serve', 'dir', '--port', '0', '--json'], {}), {
    do: 'serve',
    words: ['dir', '--port', '0', '--json'],
  });
});

test('help is requested with a word or an option, in general and for a command', () => {
  for (const [words, topic] of [
    [['help'], undefined],
    [['--help'], undefined],
    [['-h'], undefined],
    [['help', 'sget'], 'sget'],
    [['sget', '--help'], 'sget'],
    [['mget', '-h', 'x'], 'mget'],
    [['help', 'serve'], 'serve'],
    [['help', 'help'], undefined],
    [['help', 'options'], 'options'],
    [['help', 'queue', 'ls'], 'queue list'],
    [['ls', '--help'], 'list'],
  ] as const) {
    assert.deepEqual(parseArguments(words, {}), {do: 'help', topic});
  }

  assert.deepEqual(parseArguments(['--version'], {}), {do: 'version'});
  assert.deepEqual(parseArguments(['-V'], {}), {do: 'version'});
});

test('the number of files at once is the number of connections, unless it is given', () => {
  for (const [line, connections, files] of [
    ['mget a --connections 2', 2, 2],
    ['mget a --files 2', 4, 2],
    ['queue run --connections 2 --files 8', 2, 8],
    ['sget a --connections 9', 9, 9],
  ] as const) {
    const invocation = parseArguments(line.split(' '), {});
    assert.ok(invocation.do === 'run');
    const {options} = invocation;
    assert.deepEqual([options.connections, options.files], [connections, files], line);
  }
});

test('the requested limits are the written options, and nothing else', () => {
  for (const [line, limits] of [
    ['queue run', {}],
    ['queue run --connections 2', {connectionsPerFile: 2, files: 2}],
    ['queue run --files 2', {files: 2}],
    ['queue run --limit none', {bytesPerSecond: undefined}],
    [
      'queue run --connections 8 --files 1 --limit 1k',
      {connectionsPerFile: 8, files: 1, bytesPerSecond: 1000},
    ],
  ] as const) {
    const invocation = parseArguments(line.split(' '), {});
    assert.ok(invocation.do === 'run');
    assert.deepEqual(askedLimits(invocation.options), limits, line);
  }
});

test('the configuration applies to unwritten options of a command that has them', () => {
  const settings = {
    limits: {files: 3, connections: 8, speed: '2M'},
    onConflict: 'ask',
  } as const;
  for (const [line, limits, onConflict] of [
    ['mget a', {connectionsPerFile: 8, files: 3, bytesPerSecond: 2_000_000}, 'ask'],
    ['mget a --connections 2 --on-conflict skip', {connectionsPerFile: 2, files: 3}, 'skip'],
    ['mget a --limit none', {bytesPerSecond: undefined}, 'ask'],
    ['sget a', {connectionsPerFile: 8, files: 8}, 'ask'],
    ['cget a', {connectionsPerFile: 8}, 'ask'],
    // `queue add` cannot ask the user later, so `ask` does not apply to it.
    ['queue add a', {}, 'resume'],
  ] as const) {
    const invocation = parseArguments(line.split(' '), {}, settings);
    assert.ok(invocation.do === 'run');
    const {options} = invocation;
    assert.deepEqual({...askedLimits(options), ...limits}, askedLimits(options), line);
    assert.equal(options.onConflict, onConflict, line);
  }

  for (const [line, compress] of [
    ['sget a', 'never'],
    ['mget a --compress auto', 'auto'],
    ['verify a', 'never'],
    ['queue run', 'never'],
    ['', 'never'],
    ['list', 'auto'],
  ] as const) {
    const words = line.split(' ').filter(Boolean);
    const invocation = parseArguments(words, {}, {compress: 'never'});
    assert.ok(invocation.do === 'run');
    assert.equal(invocation.options.compress, compress, line);
  }

  const invocation = parseArguments(['queue', 'add', 'a'], {}, {onConflict: 'newer'});
  assert.ok(invocation.do === 'run');
  assert.equal(invocation.options.onConflict, 'newer');
  assert.deepEqual(invocation.options.written, {});
});

test('a rate is a number, optionally with k, M or G', () => {
  for (const [text, rate] of [
    ['1', 1],
    ['500k', 500_000],
    ['10M', 10_000_000],
    ['10m', 10_000_000],
    ['1.5G', 1_500_000_000],
    ['none', undefined],
  ] as const) {
    assert.equal(rateOf('--limit', text), rate);
  }

  for (const text of ['', '0', '0.5', '-1', '1e9', '10 M', 'k', '1T', '1.M', '9'.repeat(30)]) {
    assert.throws(() => rateOf('--limit', text), {code: 'usage'}, text);
  }
});

test('a command can also be written with the word that other programs use', () => {
  for (const [word, command] of [
    ['ls', 'list'],
    ['queue ls', 'queue list'],
  ] as const) {
    const invocation = parseArguments(word.split(' '), {});
    assert.equal(invocation.do === 'run' && invocation.command, command);
  }

  assert.deepEqual(parseArguments(['completion', 'zsh'], {}), {do: 'completion', shell: 'zsh'});
});
