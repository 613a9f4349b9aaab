import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {noise, startHarness, treeOf} from '../../fixtures/harness.ts';
import {Captured, type Ran, runHere, typed} from './run.ts';

const content = noise(2_500_000);

function events({stdout}: Ran): Array<Record<string, unknown>> {
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

test('sget saves one file with its own name and reports it as verified', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b/boat.jpg', content);
  const ran = await runHere(['sget', 'a/b/boat.jpg', '-o', target, '-s', server.address]);
  assert.deepEqual(ran, {
    status: 0,
    stdout: 'a/b/boat.jpg  2.5 MB  verified\n',
    stderr: '',
  });
  assert.deepEqual(treeOf(target), new Map([['boat.jpg', content]]));
});

test('the path is below the folder of the address', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b/c', 'x');
  const ran = await runHere(['sget', 'b/c', '-o', target, '-s', `${server.address}/a`]);
  assert.equal(ran.status, 0);
  assert.deepEqual([...treeOf(target).keys()], ['c']);
  const all = await runHere(['mget', '**', '-o', target, '-s', `${server.address}/a`]);
  assert.equal(all.status, 0);
  assert.deepEqual([...treeOf(target).keys()].sort(), ['b/c', 'c']);
});

test('sget of a folder says how to download the whole folder', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b', 'x');
  const ran = await runHere(['sget', 'a', '-o', target, '-s', server.address]);
  assert.equal(ran.status, 1);
  assert.equal(
    ran.stderr,
    `jangada: a: it is a folder. To download all in it: jangada mget --server ${server.address} --to ${target} 'a/**'\n`,
  );
  // mget takes no --seed, and the server was named by the argument.
  const named = ['sget', `${server.address}/a`, '-o', target, '--seed', process.execPath];
  const other = await runHere(named);
  assert.match(other.stderr, new RegExp(`: jangada mget --to \\S+ --server ${server.address} 'a/`));
  assert.doesNotMatch(other.stderr, /--seed/);
});

test('the command that sget of a folder prints works, also below a folder and with special characters', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('x/Show [1]/{b}', 'y');
  serve('x/Show 1/c', 'z');
  const at = ['-o', target, '-s', `${server.address}/x`];
  const ran = await runHere(['sget', 'Show [1]', ...at]);
  const [, mask = ''] = /jangada mget .* '(.*)'\n$/.exec(ran.stderr) ?? [];
  const all = await runHere(['mget', mask, ...at]);
  assert.equal(all.status, 0, ran.stderr + all.stderr);
  assert.deepEqual([...treeOf(target).keys()], ['Show [1]/{b}']);
});

test('mget keeps folders, leaves out excluded files, and prints a summary', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b.jpg', content);
  serve('c.jpg', 'x');
  serve('drafts/d.jpg', 'x');
  serve('e.txt', 'x');
  const words = ['mget', '**/*.jpg', '!drafts/**', '-o', target, '-s', server.address];
  const ran = await runHere(words);
  assert.equal(ran.status, 0);
  assert.equal(ran.stderr, '');
  assert.deepEqual([...treeOf(target).keys()].sort(), ['a/b.jpg', 'c.jpg']);
  const lines = ran.stdout.trimEnd().split('\n');
  assert.match(lines.pop() ?? '', /^2 files, 2\.5 MB verified in \S+, \S+ [kM]B\/s$/);
  assert.deepEqual(lines.sort(), ['a/b.jpg  2.5 MB  verified', 'c.jpg  1 B  verified']);
});

test('mget of many small files loses none', async t => {
  const {root, serve, server, target} = await startHarness(t);
  for (let number = 0; number < 1500; number++) {
    serve(`folder ${number % 7}/${number}`, `content of ${number}`);
  }

  const ran = await runHere(['mget', '**', '-o', target, '-s', server.address]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout.split('\n').length, 1502);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('mget without a match fails and says what a mask matches', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b', 'x');
  const ran = await runHere(['mget', 'a', 'z*', '-o', target, '-s', server.address]);
  assert.equal(ran.status, 1);
  assert.equal(ran.stdout, '');
  assert.match(ran.stderr, /^jangada: Nothing matches 'a' 'z\*'\. .*\n$/);
});

test('cget continues a partial file and repairs a finished file', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  mkdirSync(target);
  writeFileSync(path.join(target, 'a.jangada-part'), content.subarray(0, 1_048_576));
  const words = ['cget', 'a', '-o', target, '-s', server.address];
  const continued = await runHere(words);
  assert.equal(continued.stdout, 'a  2.5 MB  verified (1.05 MB reused)\n');
  assert.deepEqual(treeOf(target), new Map([['a', content]]));

  const damaged = Buffer.from(content);
  damaged[0] = (damaged[0] ?? 0) ^ 1;
  writeFileSync(path.join(target, 'a'), damaged);
  const repaired = await runHere(words);
  assert.equal(repaired.stdout, 'a  2.5 MB  verified (1.45 MB reused)\n');
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('cget continues and repairs a copy at the place of mget, and does not change one at the place of sget', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('músicas/a', content);
  const folder = path.join(target, 'músicas');
  mkdirSync(folder, {recursive: true});
  writeFileSync(path.join(folder, 'a.jangada-part'), content.subarray(0, 1_048_576));
  writeFileSync(path.join(target, 'a'), 'another copy');
  const words = ['cget', 'músicas/a', '-o', target, '-s', server.address];
  const there = new Map([
    ['a', Buffer.from('another copy')],
    ['músicas/a', content],
  ]);
  const continued = await runHere(words);
  assert.equal(continued.stdout, 'músicas/a  2.5 MB  verified (1.05 MB reused)\n');
  assert.deepEqual(treeOf(target), there);

  writeFileSync(path.join(folder, 'a'), Buffer.from(content).fill(0, 0, 9));
  const repaired = await runHere(words);
  assert.equal(repaired.stdout, 'músicas/a  2.5 MB  verified (1.45 MB reused)\n');
  assert.deepEqual(treeOf(target), there);
});

test('cget continues a copy at the place of sget, if there is none at the whole path', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('x/músicas/a', content);
  mkdirSync(path.join(target, 'músicas'), {recursive: true});
  writeFileSync(path.join(target, 'a.jangada-part'), content.subarray(0, 1_048_576));
  const ran = await runHere(['cget', 'músicas/a', '-o', target, '-s', `${server.address}/x`]);
  assert.equal(ran.stdout, 'x/músicas/a  2.5 MB  verified (1.05 MB reused)\n');
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('each conflict policy has its effect on an existing file', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'new');
  mkdirSync(target);
  const file = path.join(target, 'a');
  const get = (how: string) =>
    runHere(['sget', 'a', '--on-conflict', how, '-o', target, '-s', server.address]);
  for (const [how, line, names] of [
    ['skip', 'a  skipped, it exists\n', ['a']],
    ['rename', 'a  3 B  verified, saved as a (2)\n', ['a', 'a (2)']],
  ] as const) {
    writeFileSync(file, 'old');
    assert.deepEqual(await get(how), {status: 0, stdout: line, stderr: ''});
    assert.equal(readFileSync(file, 'utf8'), 'old');
    assert.deepEqual(readdirSync(target), names);
  }

  for (const how of ['overwrite', 'resume']) {
    writeFileSync(file, 'old');
    assert.deepEqual(await get(how), {status: 0, stdout: 'a  3 B  verified\n', stderr: ''});
    assert.equal(readFileSync(file, 'utf8'), 'new');
  }
});

test('in a terminal the user is asked what to do, and a capital letter answers for the rest', async t => {
  const {serve, server, target} = await startHarness(t);
  mkdirSync(target);
  for (const name of ['a', 'b', 'c', 'd']) {
    serve(name, 'new');
    writeFileSync(path.join(target, name), 'old');
  }

  const ran = await runHere(['mget', '*', '-o', target, '-s', server.address], {
    stdin: typed('s', 'what?', 'O'),
    stderr: new Captured(80),
  });
  assert.equal(ran.status, 0);
  const contents = readdirSync(target).map(name => readFileSync(path.join(target, name), 'utf8'));
  assert.deepEqual(contents.sort(), ['new', 'new', 'new', 'old']);
  assert.equal(
    ran.stderr.match(/exists \(here: 3 B, [^)]*, there: 3 B\)\. r, o, w, n or s\?/g)?.length,
    3,
  );
  assert.match(ran.stderr, /r {2}resume: keep the blocks that are equal/);
  assert.match(ran.stderr, /A capital letter answers for all the rest\./);
  assert.match(ran.stdout, /3 files, 9 B verified .*; 1 skipped\n$/);
});

test('a question without an answer changes nothing', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'new');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), 'old');
  const ran = await runHere(['sget', 'a', '-o', target, '-s', server.address], {
    stdin: typed(),
    stderr: new Captured(80),
  });
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /No answer was given: no file was changed\n$/);
  // Capital letters are not offered, because there is no further file.
  assert.doesNotMatch(ran.stderr, /capital/);
  assert.deepEqual(treeOf(target), new Map([['a', Buffer.from('old')]]));
});

test('a file that fails is reported, and the others arrive', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b', 'x');
  serve('c', 'x');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), 'a file where a folder has to be');
  const ran = await runHere([
    ...['mget', '**', '--on-conflict', 'overwrite', '-o', target, '-s', server.address],
  ]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: a\/b: .*\n$/);
  assert.match(
    ran.stdout,
    /^c {2}1 B {2}verified\n1 file, 1 B verified .*; 1 failed\nfailed {2}a\/b: .*\n$/,
  );
});

test('the JSON events of a download have the documented fields', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  const ran = await runHere(['sget', 'a', '--json', '-o', target, '-s', server.address]);
  assert.equal(ran.status, 0);
  const told = events(ran).filter(({event}) => event !== 'progress');
  assert.equal(typeof told[1]?.elapsedMs, 'number');
  delete told[1]?.elapsedMs;
  const file = path.join(target, 'a');
  assert.deepEqual(told, [
    {event: 'done', path: 'a', target: file, size: 2_500_000, reusedBytes: 0, copiedBytes: 0},
    {
      event: 'end',
      outcome: 'success',
      code: null,
      status: 0,
      files: 1,
      bytes: 2_500_000,
      reusedBytes: 0,
      copiedBytes: 0,
      failed: 0,
      skipped: 0,
      interrupted: false,
    },
  ]);

  const skip = ['sget', 'a', '--json', '--on-conflict', 'skip', '-o', target, '-s', server.address];
  assert.deepEqual(events(await runHere(skip))[0], {event: 'skipped', path: 'a', target: file});

  const asked = await runHere(['mget', 'a', '--json', '-o', target, '-s', server.address]);
  assert.equal(asked.status, 1);
  assert.deepEqual(
    events(asked).map(({event, code}) => [event, code]),
    ['failed', 'error', 'end'].map(event => [event, 'exists']),
  );
});

test('a file that prevents a download has its event, and the last event has the reason', async t => {
  const {serve, server, target} = await startHarness(t);
  mkdirSync(target);
  for (const name of ['a', 'b', 'c', 'folder/d']) {
    serve(name, 'new');
  }

  writeFileSync(path.join(target, 'a'), 'old');
  for (const [words, name, code, message] of [
    [['sget', 'a'], 'a', 'exists', /^a exists\. No file was changed\. Say what to do/],
    [['mget', '*'], 'a', 'exists', /^a exists\. No file was changed\. /],
    [['sget', 'nope'], 'nope', 'not_found', /^The server has no file or folder 'nope'/],
    [['cget', 'folder'], 'folder', 'not_a_file', /^folder: it is a folder/],
  ] as const) {
    const ran = await runHere([...words, '--json', '-o', target, '-s', server.address]);
    assert.equal(ran.status, 1);
    const told = events(ran);
    assert.deepEqual(
      told.map(({event, path, code}) => [event, path, code]),
      [
        ['failed', name, code],
        ['error', undefined, code],
        ['end', undefined, code],
      ],
    );
    const end = told.at(-1);
    assert.match(String(end?.message), message);
    assert.equal(end?.failed, 1);
    assert.equal(ran.stderr, `jangada: ${end?.message}\n`);
  }
});

test('of many existing files the message names twenty, and each has its event', async t => {
  const {serve, server, target} = await startHarness(t);
  mkdirSync(target);
  for (let number = 100; number < 125; number++) {
    serve(`${number}`, 'new');
    writeFileSync(path.join(target, `${number}`), 'old');
  }

  const ran = await runHere(['mget', '*', '--json', '-o', target, '-s', server.address]);
  assert.match(ran.stderr, /^jangada: (\d+, ){19}\d+ and 5 more exist\. No file was changed/);
  const failed = events(ran).filter(({event}) => event === 'failed');
  assert.equal(new Set(failed.map(({path}) => path)).size, 25);
});

test('a slow download reports its progress in events', async t => {
  const {serve, server, target} = await startHarness(t, {server: {limit: 1_500_000}});
  serve('a', content);
  const ran = await runHere(['sget', 'a', '--json', '-o', target, '-s', server.address]);
  const [progress] = events(ran);
  assert.deepEqual(Object.keys(progress ?? {}), [
    ...['event', 'path', 'target', 'state', 'size', 'receivedBytes', 'verifiedBytes'],
    'reusedBytes',
    'copiedBytes',
    'bytesPerSecond',
  ]);
  assert.equal(progress?.event, 'progress');
});

test('--limit slows a download down', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  const startMs = performance.now();
  const ran = await runHere(['sget', 'a', '--limit', '2M', '-o', target, '-s', server.address]);
  assert.equal(ran.status, 0);
  assert.ok(performance.now() - startMs > 900);
});

test('in a terminal there are bars, and the cursor is visible again afterwards', async t => {
  const {JANGADA_ASCII: before = ''} = process.env;
  // Independent of the locale of this machine.
  process.env.JANGADA_ASCII = '0';
  t.after(() => {
    process.env.JANGADA_ASCII = before;
  });
  const {serve, server, target} = await startHarness(t, {server: {limit: 3_000_000}});
  serve('a', content);
  serve('b', content);
  const ran = await runHere(['mget', '*', '-o', target, '-s', server.address], {
    stdout: new Captured(80),
    stderr: new Captured(80),
  });
  assert.equal(ran.status, 0);
  assert.match(ran.stderr, /a +█/);
  assert.match(ran.stderr, /of 2 files/);
  assert.ok(ran.stderr.endsWith('\u001b[?25h'));
  assert.match(ran.stdout, /^2 files, 5 MB verified in .*\n$/);
});

test('the target folder is made, and nothing but the files is left in it', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  const deep = path.join(target, 'x/y');
  await runHere(['sget', 'a', '-o', deep, '-s', server.address]);
  assert.deepEqual(readdirSync(deep), ['a']);
  assert.equal(existsSync(path.join(target, 'a')), false);
});

test('two files with the same local name are not mixed up', async t => {
  const {root, serve, server, target} = await startHarness(t);
  serve('caf%E9', 'percent');
  writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), 'raw');
  const ran = await runHere([
    ...['mget', '*', '-o', target, '--on-conflict', 'overwrite', '-s', server.address],
  ]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: caf(%E9|\\xe9): another file is saved under the same name$/m);
  assert.match(ran.stdout, /1 file, .*; 1 failed\nfailed {2}caf%E9: .*\n$/);
  assert.equal(treeOf(target).size, 1);
});
