import assert from 'node:assert/strict';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {parseCliOptions} from '../../../server/arguments/cli-options.ts';

test('the error for a wrong argument names the nearest right one', () => {
  const cases: [string[], RegExp][] = [
    [['--hots=::'], /'--hots=::'.*--host/],
    [['--max-conections', '3'], /--max-connections/],
    [['--maxConnections', '3'], /--max-connections/],
    [['-p'], /'-p'.*--port/],
    [['--no-host'], /--host/],
    [['--port', 'abc'], /'abc' for --port/],
    [['--port', '70000'], /65535/],
    [['--port', '-5'], /65535/],
    [['--host'], /--host needs/],
    [['--host='], /--host needs/],
    [['--host', 'http://x'], /^--host: 'http:\/\/x' is not an address/],
    [['--host', 'jangada://h:7', '--port', '8'], /--host says port 7 and --port says 8/],
    [['--host', 'jangada://h:7/photos'], /without a folder; jangada-server DIR/],
    [['--workers', '0'], /--workers/],
    [['--processes', '65'], /^Invalid value '65' for --processes: use a number from 1 to 64$/],
    [['--stdio', '--processes', '2'], /--processes does not go with --stdio/],
    [['--max-connections-per-address', '0'], /--max-connections-per-address.*1 to 10000/],
    [['--grace', '1.5'], /^Invalid value '1\.5' for --grace: use a number from 0 to 3600$/],
    [['--drain', '3601'], /'3601' for --drain: use a number from 0 to 3600/],
    [['--stdio', '--drain', '1'], /--drain does not go with --stdio/],
    [['--metrics', '9464'], /^Invalid value '9464' for --metrics: use HOST:PORT/],
    [['--metrics', '::1:9464'], /^Invalid value '::1:9464' for --metrics: .*\[::1\]:9464$/],
    [['--metrics', 'h:65536'], /^Invalid value 'h:65536' for --metrics/],
    [['--limit', '10 apples'], /--limit.*10M/],
    [['--log-level', 'loud'], /Unknown log level 'loud'; write one of .*info/],
    [['--log-level', 'inof'], /'inof'; did you mean info\?/],
    [['--digests', ''], /--digests needs a value/],
    [['--digest', 'd'], /--digests/],
    [['--bogus'], /'--bogus'; --help lists them all$/],
    [['one', 'two'], /'two'/],
    [['--help=me'], /^--help takes no value$/],
    [['--version=1'], /^--version takes no value$/],
    [['--classic=yes'], /^--classic takes no value$/],
    [
      ['--classic', '--classic-pause', '10001'],
      /for --classic-pause: use a number from 0 to 10000/,
    ],
    [['--classic-pause', '5'], /needs --classic$/],
    [['--port', '-'], /'-' for --port: use a number/],
    [[''], /DIR is empty/],
    [['--tls=yes'], /^--tls takes no value$/],
    [['--token'], /'--token'/],
    [['--tls-cert', 'c.pem'], /--tls-cert and --tls-key belong together/],
    [['--insecure', '--tls'], /--insecure turns TLS off/],
    [['--tls-min', '1.1'], /^Invalid value '1\.1' for --tls-min: use 1\.2 or 1\.3$/],
    [['--no-token', '--token-file', 'f'], /--no-token lets clients in without a token/],
    [['--token-file', ''], /--token-file needs a value/],
    [['--host', 'ssh://h'], /jangada-server --stdio/],
    [['s3://'], /'s3:\/\/' names no bucket. Write s3:\/\/BUCKET/],
    [['s3://photos/../x'], /is not the path of a folder/],
    [['s3://photos', '--s3-endpoint', 'h:1'], /S3 endpoint as http:\/\/HOST:PORT/],
    [['s3://photos', '--s3-endpoint='], /--s3-endpoint needs a value/],
    [['--s3-endpoint', 'http://h:1'], /--s3-endpoint is for buckets/],
    [['s3://photos', '--workers', '2'], /--workers is for folders/],
    [['s3://photos', '--workers', '0'], /--workers/],
    [['--stdio', 's3://photos'], /--stdio cannot serve a bucket/],
    [['--stdio', '--s3-endpoint', 'http://h:1'], /--s3-endpoint does not go with --stdio/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => parseCliOptions(args), {code: 'usage', message}, args.join(' '));
  }
});

test('every right argument has its effect', () => {
  assert.deepEqual(parseCliOptions([]), {
    root: '.',
    host: '127.0.0.1',
    port: 1234,
    logLevel: 'info',
    door: {},
  });
  const all =
    '--host=::1 --port 0 --processes 2 --workers 3 --max-connections 9 --max-connections-per-address 4';
  const more =
    '--limit 10M --log-level debug --trust-proxy=10.0.0.0/8,::1 --drain 3 --grace=0 --metrics [::1]:0';
  assert.deepEqual(parseCliOptions([...`${all} ${more}`.split(' '), '--', '--odd']), {
    root: '--odd',
    host: '::1',
    port: 0,
    processes: 2,
    workers: 3,
    maxConnections: 9,
    maxConnectionsPerAddress: 4,
    limit: 10_000_000,
    trustProxy: ['10.0.0.0/8', '::1'],
    drainMs: 3000,
    graceMs: 0,
    metrics: {host: '::1', port: 0},
    logLevel: 'debug',
    door: {},
  });
  assert.deepEqual(parseCliOptions(['dir', '--help']), {show: 'help'});
  for (const [args, pauseMs] of [
    [['--classic', 'dir'], 25],
    [['dir', '--classic-pause=0', '--classic'], 0],
  ] as const) {
    const options = parseCliOptions(args);
    assert.ok(options.show === undefined && options.stdio === undefined);
    assert.deepEqual([options.root, options.classic], ['dir', {pauseMs}]);
  }
});

test('--digests takes a folder or none, also with --stdio', () => {
  for (const [args, digests] of [
    [[], undefined],
    [['--digests', '/d'], {kind: 'folder', folder: '/d'}],
    [['--digests=none'], {kind: 'memory'}],
    [['--digests', './none', '--stdio'], {kind: 'folder', folder: join(process.cwd(), 'none')}],
    [['--stdio', '--digests', 'none'], {kind: 'memory'}],
  ] as const) {
    const options = parseCliOptions(args);
    assert.ok(options.show === undefined);
    assert.deepEqual(options.digests, digests, args.join(' '));
  }
});

test('a bucket is accepted as a root', () => {
  const options = parseCliOptions(['s3://photos/a', '--s3-endpoint', 'http://[::1]:7480']);
  assert.ok(options.show === undefined && options.stdio === undefined);
  assert.deepEqual([options.root, options.s3Endpoint], ['s3://photos/a', 'http://[::1]:7480']);
  const folder = parseCliOptions(['./s3://photos']);
  assert.ok(folder.show === undefined && folder.root === './s3://photos');
});

test('every option about TLS and tokens has its effect', () => {
  for (const [args, door] of [
    [['--tls'], {tls: true}],
    [['--no-token'], {noToken: true}],
    [['--insecure', '--no-token'], {insecure: true, noToken: true}],
    [['--tls-min', '1.2'], {allowsTls12: true}],
    [['--tls-min', '1.3'], {}],
    [['--token-file', '/t'], {tokenFile: '/t'}],
    [['--tls-key', '/k', '--tls-cert', '/c'], {tlsFiles: {key: '/k', certificate: '/c'}}],
  ] as const) {
    const options = parseCliOptions(args);
    assert.ok(options.show === undefined && options.stdio === undefined);
    assert.deepEqual(options.door, door, args.join(' '));
  }
});

test('--host takes an address as the server prints it, and in any of its forms', () => {
  for (const [args, host, port] of [
    [['--host', 'jangada://127.0.0.1:7'], '127.0.0.1', 7],
    [['--host', `jangadas://t@127.0.0.1:7#sha256:${'a'.repeat(64)}`], '127.0.0.1', 7],
    [['--host', 'jangada://[fe80::1%eth0]:7/', '--port', '7'], 'fe80::1%eth0', 7],
    [['--host', '[::1]'], '::1', 1234],
    [['--host', 'fe80::1%eth0'], 'fe80::1%eth0', 1234],
    [['--host', '::'], '::', 1234],
    [['--host', 'files.example.org', '--port', '0'], 'files.example.org', 0],
  ] as const) {
    const options = parseCliOptions(args);
    assert.ok(options.show === undefined && options.stdio === undefined);
    assert.deepEqual([options.host, options.port], [host, port], args.join(' '));
  }
});

test('each number has its bounds, and both of them may be written', () => {
  for (const [option, low, high] of [
    ['port', 0, 65_535],
    ['processes', 1, 64],
    ['workers', 1, 256],
    ['max-connections', 1, 10_000],
    ['max-connections-per-address', 1, 10_000],
    ['drain', 0, 3600],
    ['grace', 0, 3600],
  ] as const) {
    for (const value of [low, high]) {
      parseCliOptions([`--${option}`, `${value}`]);
    }

    for (const value of [low - 1, high + 1, '', '1e1', '0x1', ' 1', '1.0']) {
      assert.throws(() => parseCliOptions([`--${option}=${value}`]), {code: 'usage'}, `${value}`);
    }
  }

  parseCliOptions(['--classic', '--classic-pause', '10000']);
  parseCliOptions(['--metrics', 'h:65535']);
});

test('an option that needs a network does not go with --stdio', () => {
  for (const words of [
    ['--host', '::1'],
    ['--port', '1'],
    ['--processes', '1'],
    ['--max-connections', '1'],
    ['--max-connections-per-address', '1'],
    ['--trust-proxy', '::1'],
    ['--drain', '1'],
    ['--grace', '1'],
    ['--metrics', '::1:1'],
    ['--tls'],
    ['--tls-cert', 'c'],
    ['--tls-key', 'k'],
    ['--tls-min', '1.3'],
    ['--token-file', 't'],
    ['--insecure'],
    ['--classic'],
    ['--classic-pause', '1'],
    ['--no-token'],
  ]) {
    assert.throws(() => parseCliOptions(['--stdio', ...words]), {
      code: 'usage',
      message: new RegExp(`^${words[0]} does not go with --stdio`),
    });
  }

  assert.throws(() => parseCliOptions(['--restrict', '/']), {
    message: /^--restrict needs --stdio$/,
  });
  assert.deepEqual(
    parseCliOptions('--stdio --restrict r --workers 2 --limit 5k --log-level error d'.split(' ')),
    {stdio: true, root: 'd', restrict: 'r', workers: 2, limit: 5000, logLevel: 'error'},
  );
  assert.deepEqual(parseCliOptions(['--stdio']), {stdio: true, root: '.', logLevel: 'warn'});
});

test('TLS options do not go with --insecure, and files of the door are found from every folder', () => {
  for (const words of [
    ['--tls-min', '1.2'],
    ['--tls-cert', 'c', '--tls-key', 'k'],
  ]) {
    assert.throws(() => parseCliOptions(['--insecure', ...words]), {
      code: 'usage',
      message: /^--insecure turns TLS off/,
    });
  }

  assert.throws(() => parseCliOptions(['--tls-key', 'k']), {message: /belong together/});
  const options = parseCliOptions(
    '--tls-cert c --tls-key k --token-file t --trust-proxy 10.0.0.1,,::1'.split(' '),
  );
  assert.ok(options.show === undefined && options.stdio === undefined);
  const here = (name: string) => join(process.cwd(), name);
  assert.deepEqual(options.door, {
    tlsFiles: {certificate: here('c'), key: here('k')},
    tokenFile: here('t'),
  });
  assert.deepEqual(options.trustProxy, ['10.0.0.1', '', '::1']);
});
