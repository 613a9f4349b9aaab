import assert from 'node:assert/strict';
import {test} from 'node:test';
import {nearest} from '../../protocol/nearest.ts';
import {parseRate} from '../../protocol/parse-rate.ts';
import {parseCliOptions} from '../../server/cli-options.ts';
import {FairQueue} from '../../server/fair-queue.ts';
import {whyNotWindowsPath} from '../../server/store/windows-names.ts';

test('wrong arguments are told with the nearest right ones', () => {
  const cases: [string[], RegExp][] = [
    [['--hots=::'], /'--hots=::'.*--host/],
    [['--max-conections', '3'], /--max-connections/],
    [['--maxConnections', '3'], /--max-connections/],
    [['-h'], /'-h'.*--host/],
    [['--no-host'], /--host/],
    [['--port', 'abc'], /--port.*'abc'/],
    [['--port', '70000'], /65535/],
    [['--port', '-5'], /65535/],
    [['--host'], /--host needs/],
    [['--host='], /--host needs/],
    [['--workers', '0'], /--workers/],
    [['--limit', '10 apples'], /--limit.*10M/],
    [['--log-level', 'loud'], /no log level 'loud'; write one of .*info/],
    [['--log-level', 'inof'], /'inof'; did you mean info\?/],
    [['--bogus'], /'--bogus'; --help lists them all$/],
    [['one', 'two'], /'two'/],
  ];
  for (const [args, message] of cases) {
    assert.throws(() => parseCliOptions(args), {code: 'usage', message}, args.join(' '));
  }
});

test('arguments that are right are all heeded', () => {
  assert.deepEqual(parseCliOptions([]), {
    root: '.',
    host: '127.0.0.1',
    port: 1234,
    logLevel: 'info',
  });
  const all = '--host=::1 --port 0 --workers 3 --max-connections 9 --limit 10M --log-level debug';
  assert.deepEqual(parseCliOptions([...all.split(' '), '--', '--odd']), {
    root: '--odd',
    host: '::1',
    port: 0,
    workers: 3,
    maxConnections: 9,
    limit: 10_000_000,
    logLevel: 'debug',
  });
  assert.deepEqual(parseCliOptions(['dir', '--help']), {show: 'help'});
});

test('rates are read in bytes per second', () => {
  const cases: [string, number | undefined][] = [
    ['1', 1],
    ['500k', 500_000],
    ['10M', 10_000_000],
    ['1.5m', 1_500_000],
    ['2G', 2_000_000_000],
    ['10MB/s', 10_000_000],
    ['0', undefined],
    ['0.1', undefined],
    ['-5', undefined],
    ['', undefined],
    ['k', undefined],
    ['1e9', undefined],
    ['10 M', undefined],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseRate(text), expected, text);
  }
});

test('the nearest name is the one with the fewest changes', () => {
  const names = ['host', 'port', 'help', 'log-level', 'max-connections'];
  assert.equal(nearest('prot', names), 'port');
  assert.equal(nearest('loglevel', names), 'log-level');
  assert.equal(nearest('Host', names), 'host');
  for (const far of ['bogus', 'x', '', 'x'.repeat(10_000)]) {
    assert.equal(nearest(far, names), undefined, far);
  }
});

test('rows 11, 12: names that mean something else to Windows are not asked for there', () => {
  const refused = [
    'a\\b',
    'C:x',
    'CON',
    'con.txt',
    'x/NUL',
    'f:stream',
    'dot.',
    'space ',
    'a /b',
    'COM¹',
  ];
  for (const path of refused) {
    assert.notEqual(whyNotWindowsPath(path), undefined, path);
  }

  for (const path of ['', 'a/b', 'console', '.hidden', 'com10', 'a b']) {
    assert.equal(whyNotWindowsPath(path), undefined, path);
  }
});

test('turns are fair: one key never has more than its share, and each is served in turn', async () => {
  const queue = new FairQueue({total: 2, perKey: 1});
  const {signal} = new AbortController();
  const started: string[] = [];
  const enter = async (key: string) => {
    const leave = await queue.enter(key, signal);
    started.push(key);
    return leave;
  };
  const first = await enter('a');
  const others = ['a', 'a', 'b', 'c'].map(enter);
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['a', 'b']);
  first();
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['a', 'b', 'a']);
  (await others[2])?.();
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(started, ['a', 'b', 'a', 'c']);
});

test('who gives up waiting loses nobody else a turn', async () => {
  const queue = new FairQueue({total: 1, perKey: 1});
  const leave = await queue.enter('a', new AbortController().signal);
  const givesUp = new AbortController();
  const gone = queue.enter('b', givesUp.signal);
  const stays = queue.enter('c', new AbortController().signal);
  givesUp.abort();
  await assert.rejects(gone, {code: 'aborted'});
  leave();
  (await stays)();
  (await queue.enter('d', new AbortController().signal))();
});
