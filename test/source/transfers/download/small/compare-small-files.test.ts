import assert from 'node:assert/strict';
import {readFileSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {RootFrame} from '../../../../../protocol/batches/root-list.ts';
import type {WireErrorCode} from '../../../../../protocol/errors.ts';
import {frameKinds} from '../../../../../protocol/frame.ts';
import {encodeAnswer, type RootQuestion} from '../../../../../protocol/messages.ts';
import {Client} from '../../../../../source/client/client.ts';
import {type ConflictPolicy, Queue} from '../../../../../source/transfers/queue/queue.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../../fixtures/harness.ts';
import {startOlderServer} from '../../../../fixtures/older-server.ts';
import {codeOf} from '../../../../fixtures/outcome.ts';
import {TcpProxy} from '../../../../fixtures/proxy.ts';
import {RequestMeter} from '../../../../fixtures/request-meter.ts';
import {startHostileServer} from '../../../../fixtures/server/hostile-server.ts';

/** Files on the server with local copies, and a queue that sends its requests through a counting proxy. */
async function startCopies(t: TestContext, names: readonly string[], options = {isOld: false}) {
  const harness = await startHarness(t);
  const {serve, server, target, download} = harness;
  for (const [index, name] of names.entries()) {
    serve(name, noise(index * 37, index));
  }

  await download(names, {sizes: true});
  const port = options.isOld ? await startOlderServer(t, server.port, 'roots') : server.port;
  const meter = new RequestMeter();
  const proxy = await TcpProxy.start(port, meter);
  const client = new Client(parseAddress(`jangada://127.0.0.1:${proxy.port}`));
  const queue = new Queue({client});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  const run = async (onConflict: ConflictPolicy) => {
    const ids = queue.add(
      names.map((name, index) => ({
        ...{remotePath: path(name), folder: target, localPath: name},
        ...{size: index * 37, onConflict},
      })),
    );
    await queue.idle();
    const rows = ids.flatMap(id => queue.transfer(id) ?? []);
    return rows.map(({state, reusedBytes}) => ({
      how: state.name === 'done' ? state.outcome : state.name,
      reusedBytes,
    }));
  };
  return {...harness, meter, run};
}

const names = Array.from({length: 600}, (_, index) => `d${index % 3}/f${index}`);

test('one request compares hundreds of equal files', async t => {
  const {meter, run} = await startCopies(t, names);
  const ended = await run('resume');
  assert.deepEqual(
    ended,
    names.map((_, index) => ({how: 'verified', reusedBytes: index * 37})),
  );
  const {roots = 0, ...others} = meter.take();
  // A group has at least 256 files.
  assert.ok(roots <= 3, `${roots} requests`);
  assert.deepEqual(others, {});
});

for (const policy of ['newer', 'skip'] as const) {
  test(`rows with ${policy} send no requests of their own`, async t => {
    const {meter, run} = await startCopies(t, names);
    const ended = await run(policy);
    assert.ok(ended.every(({how}) => how === 'skipped'));
    const {roots = 0, ...others} = meter.take();
    assert.ok(roots <= (policy === 'newer' ? 3 : 0), `${roots} requests`);
    assert.deepEqual(others, {});
  });
}

for (const isOld of [false, true]) {
  const whose = isOld ? 'an older server' : 'the server';
  test(`existing files that differ from those of ${whose} are fetched`, async t => {
    const {root, run, serve, target} = await startCopies(t, ['same', 'other', 'late', 'gone'], {
      isOld,
    });
    // `other` keeps its size; `late` differs only in its time.
    writeFileSync(join(target, 'other'), 'x'.repeat(37));
    utimesSync(join(target, 'late'), 1_500_000_000, 1_500_000_000);
    unlinkSync(join(root, 'gone'));
    const ended = await run('resume');
    assert.deepEqual(
      ended.map(({how}) => how),
      ['verified', 'verified', 'verified', 'failed'],
    );
    assert.deepEqual(readFileSync(join(target, 'other')), readFileSync(join(root, 'other')));
    const [here, there] = [target, root].map(folder => statSync(join(folder, 'late')).mtimeMs);
    assert.equal(Math.floor(here ?? 0), Math.floor(there ?? 0));
    // Now newer on the server, in content and time.
    const later = Date.now() / 1000 + 10;
    serve('other', 'newer');
    utimesSync(join(root, 'other'), later, later);
    const again = await run('newer');
    assert.deepEqual(
      again.map(({how}) => how),
      ['skipped', 'verified', 'skipped', 'failed'],
    );
    assert.equal(readFileSync(join(target, 'other'), 'utf8'), 'newer');
  });
}

test('a link with the name of a file is never followed to compare its target', async t => {
  const {run, target} = await startCopies(t, ['empty', 'a']);
  const elsewhere = join(target, '..', 'elsewhere');
  writeFileSync(elsewhere, noise(37, 1));
  unlinkSync(join(target, 'a'));
  symlinkSync(elsewhere, join(target, 'a'));
  const ended = await run('resume');
  assert.deepEqual(
    ended.map(({how}) => how),
    ['verified', 'failed'],
  );
});

test('an answer that is busy for one file ends the comparison only when the others have come, and it begins again', async t => {
  const requests: number[] = [];
  const address = await startHostileServer(
    t,
    (socket, {kind, body}) => {
      if (kind !== frameKinds.rootsRequest) {
        socket.write(encodeAnswer('error', {code: 'not_found', message: 'gone'}));
        return;
      }

      const files = body.files as RootQuestion[]; // The body that the client has sent.
      requests.push(files.length);
      const isFirst = requests.length === 1;
      const answer = (code: WireErrorCode) => {
        const frame = new RootFrame();
        frame.add({kind: 'error', code, message: 'x'});
        socket.write(frame.take() ?? assert.fail());
      };
      answer(isFirst ? 'busy' : 'forbidden');
      // By then the client has judged the first file.
      setTimeout(() => {
        answer('forbidden');
        socket.write(encodeAnswer('end', {count: 2}));
      }, 50);
    },
    ['files', 'roots'],
  );
  const target = temporaryFolder(t);
  await using client = new Client(address);
  await using queue = new Queue({client});
  const here = ['a', 'b'];
  for (const name of here) {
    writeFileSync(join(target, name), 'x');
  }

  const ids = queue.add(
    here.map(name => ({
      ...{remotePath: path(name), folder: target, localPath: name},
      ...{size: 1, onConflict: 'newer' as const},
    })),
  );
  await queue.idle();
  assert.deepEqual(
    ids.map(id => queue.transfer(id)).map(row => row && codeOf(row)),
    ['forbidden', 'forbidden'],
  );
  assert.ok(requests.length >= 2, `${requests}`);
});
