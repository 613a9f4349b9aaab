import assert from 'node:assert/strict';
import {existsSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {Client, type ClientOptions} from '../../../../source/client/client.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, startHarness, treeOf, until} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {Delays} from '../../../fixtures/server/effort.ts';
import {blockFrame, startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** A server behind a proxy that a test can slow down, and that counts the sent bytes. */
async function startLine(t: TestContext) {
  const {root, target, serve, server} = await startHarness(t);
  const sent = {bytes: 0};
  const proxy = await TcpProxy.start(server.port, {
    forwarded(_link, direction, bytes) {
      sent.bytes += direction === 'down' ? bytes.length : 0;
    },
    ended() {},
  });
  t.after(() => proxy[Symbol.asyncDispose]());
  const address = {scheme: 'jangada', host: '127.0.0.1', port: proxy.port, path: rootPath} as const;
  return {
    ...{root, target, serve, proxy, sent},
    /** Queue files of known size in a client of their own, like another process. */
    begin(sizes: Readonly<Record<string, number>>, options: ClientOptions = {}, connections = 1) {
      const client = new Client(address, options);
      const queue = new Queue({client, connections});
      t.after(async () => {
        await queue[Symbol.asyncDispose]();
        await client[Symbol.asyncDispose]();
      });
      queue.add(
        Object.entries(sizes).map(([name, size]) => ({
          ...{remotePath: path(name), folder: target, localPath: name, size},
          onConflict: 'resume' as const,
        })),
      );
      const end = async () => {
        await queue[Symbol.asyncDispose]();
        await client[Symbol.asyncDispose]();
      };
      return {client, queue, end};
    },
  };
}

/** Serve 300 small files. */
function serveMany({serve}: {serve(name: string, content: Buffer): void}) {
  const size = 8000;
  const sizes = Object.fromEntries(Array.from({length: 300}, (_, index) => [`f${index}`, size]));
  for (const name of Object.keys(sizes)) {
    serve(name, noise(size));
  }

  return {size, sizes};
}

const stateNames = (queue: Queue) => queue.snapshot().rows.map(({state}) => state.name);

// A block has 48 further bytes, and an answer a few hundred.
const aLittle = 16_384;

suite('a queue that finishes what it has in hand', () => {
  for (const [what, slow, connections] of [
    ['a slow line', {}, 1],
    ['a slow line, over two connections', {}, 2],
    ['a limit', {limiter: new RateLimiter(4_000_000)}, 1],
  ] as const) {
    test(`keeps every byte that the server has sent: ${what}`, async t => {
      const line = await startLine(t);
      const size = 68 * blockSize + 5;
      const content = noise(size);
      line.serve('a', content);
      line.proxy.bytesPerSecond = 'limiter' in slow ? Number.POSITIVE_INFINITY : 4_000_000;
      const first = line.begin({a: size}, slow, connections);
      const verified = () => first.queue.snapshot().rows[0]?.verifiedBytes ?? 0;
      // In the middle of a block, when the rate is known.
      await until(() => verified() >= 5 * blockSize && verified() % blockSize === 0);
      const whole = verified();
      await until(() => line.sent.bytes > whole + 1.3 * blockSize);
      using delays = new Delays();
      const startMs = performance.now();
      // More than the default time, for a busy machine.
      await first.queue.finishInHand(60_000);
      const tookMs = performance.now() - startMs - delays.totalMs;
      assert.ok(tookMs < 3000, `it ended by itself, in ${tookMs} ms`);
      assert.deepEqual(stateNames(first.queue), ['queued']);
      const partial = statSync(join(line.target, 'a.jangada-part'));
      assert.equal(partial.size, verified());
      assert.equal(partial.size % blockSize, 0);
      await first.end();

      line.proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
      const {queue} = line.begin({a: size}, {}, connections);
      await queue.idle();
      assert.deepEqual(stateNames(queue), ['done']);
      assert.ok(readFileSync(join(line.target, 'a')).equals(content));
      const wasted = line.sent.bytes - size;
      assert.ok(wasted < 2 * aLittle, `${wasted} bytes for nothing`);
    });
  }

  test('ends after the arriving block if the rest would take too long', async t => {
    const line = await startLine(t);
    const size = 20 * blockSize;
    line.serve('a', noise(size));
    // One block takes 5.6 s, and two take 11.2 s. The limit lies between them, with a margin for delays.
    line.proxy.bytesPerSecond = 187_500;
    const {queue, end} = line.begin({a: size});
    const verified = () => queue.snapshot().rows[0]?.verifiedBytes ?? 0;
    await until(() => verified() >= 2 * blockSize);
    const before = verified();
    await queue.finishInHand(8400);
    assert.equal(verified(), before + blockSize);
    await end();
    assert.equal(statSync(join(line.target, 'a.jangada-part')).size, before + blockSize);
  });

  test('finishes a transfer whose last block is arriving', async t => {
    const line = await startLine(t);
    const content = noise(2 * blockSize + 700_000);
    line.serve('a', content);
    line.proxy.bytesPerSecond = 2_000_000;
    const {queue} = line.begin({a: content.length});
    await until(() => (queue.snapshot().rows[0]?.verifiedBytes ?? 0) >= 2 * blockSize);
    await queue.finishInHand(60_000);
    assert.deepEqual(stateNames(queue), ['done']);
    assert.ok(readFileSync(join(line.target, 'a')).equals(content));
  });

  test('gives small files that have arrived their names, and requests no more', async t => {
    const line = await startLine(t);
    // So large that the first requests, before the rate is known, do not cover all files.
    const size = 40_000;
    const files = Object.fromEntries(
      Array.from({length: 400}, (_, index) => [`f${index}`, noise(size, index + 1)]),
    );
    const sizes = Object.fromEntries(Object.keys(files).map(name => [name, size]));
    for (const [name, content] of Object.entries(files)) {
      line.serve(name, content);
    }

    line.proxy.bytesPerSecond = 1_000_000;
    const first = line.begin(sizes);
    // Fewer files than a flush takes together, so none has its name yet.
    await until(() => line.sent.bytes > 40 * size);
    await first.queue.finishInHand(60_000);
    const sentFirst = line.sent.bytes;
    const saved = treeOf(line.target);
    assert.ok([...saved.keys()].every(name => !name.endsWith('.jangada-part')));
    assert.ok(saved.size >= 40 && saved.size < 200, `${saved.size} files`);
    // Every sent byte belongs to a saved file.
    assert.ok(sentFirst - saved.size * size < saved.size * 400 + aLittle);
    const {active, queued, done} = first.queue.snapshot();
    assert.deepEqual([active, queued + done, done], [0, 400, saved.size]);
    await first.end();

    line.proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
    const {queue} = line.begin(sizes);
    await queue.idle();
    assert.equal(queue.snapshot().done, 400);
    for (const [name, content] of Object.entries(files)) {
      assert.ok(readFileSync(join(line.target, name)).equals(content));
    }
  });

  test('waits for a stalled connection no longer than allowed, and received files have their names', async t => {
    const line = await startLine(t);
    const {sizes} = serveMany(line);

    line.serve('big', noise(8 * blockSize));
    line.proxy.bytesPerSecond = 1_000_000;
    const {queue, end} = line.begin({...sizes, big: 8 * blockSize}, {}, 2);
    await until(() => line.sent.bytes > 500_000);
    const ended = Promise.withResolvers<void>();
    line.proxy.stall(ended.promise);
    t.after(() => ended.resolve());
    const before = line.sent.bytes;
    using delays = new Delays();
    const startMs = performance.now();
    await queue.finishInHand(2000);
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs >= 1400 && tookMs - delays.totalMs < 2600, `${tookMs} ms`);
    await end();
    assert.equal(line.sent.bytes, before);
    const {done, failed} = queue.snapshot();
    assert.equal(failed, 0);
    const names = [...treeOf(line.target).keys()];
    assert.equal(names.filter(name => name.startsWith('f')).length, done);
    assert.ok(done >= 1 && names.every(name => name !== 'big'));
    assert.ok(names.every(name => !/^f.*part$/.test(name)));
  });

  test('leaves small files for the next time if its connection is lost', async t => {
    const line = await startLine(t);
    const {size, sizes} = serveMany(line);

    line.proxy.bytesPerSecond = 1_000_000;
    const {queue} = line.begin(sizes);
    await until(() => line.sent.bytes > 40 * size);
    const [link] = line.proxy.links;
    assert.ok(link);
    const ended = queue.finishInHand(60_000);
    void line.proxy.cutAfter(link, 'down', size / 2, 'reset');
    await ended;
    const {active, queued, done, failed} = queue.snapshot();
    assert.deepEqual([active, queued + done, failed], [0, 300, 0]);
    assert.ok(queued > 0);
  });

  test('ends at once while small files wait for their lost server', async t => {
    const line = await startLine(t);
    const {size, sizes} = serveMany(line);

    line.proxy.bytesPerSecond = 1_000_000;
    const {client, queue} = line.begin(sizes, {retries: 1000});
    await until(() => line.sent.bytes > 40 * size);
    await line.proxy[Symbol.asyncDispose]();
    await until(() => client.link.name === 'waiting');
    using delays = new Delays();
    const startMs = performance.now();
    await queue.finishInHand(60_000);
    const tookMs = performance.now() - startMs - delays.totalMs;
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
    const {active, queued, done} = queue.snapshot();
    assert.deepEqual([active, queued + done], [0, 300]);
  });

  test('does not begin a file again if its root digest is wrong', async t => {
    const content = noise(2 * blockSize);
    let stats = 0;
    let end: (() => void) | undefined;
    const address = await startHostileServer(t, (socket, {kind}) => {
      const {length: size} = content;
      if (kind === frameKinds.stat) {
        stats++;
        const entry = {name: 'a', type: 'file' as const, size, mtimeMs: 1000, version: 'v'};
        socket.write(encodeAnswer('entry', entry));
        return;
      }

      socket.write(encodeAnswer('file', {size, mtimeMs: 1000, version: 'v'}));
      socket.write(blockFrame(0, content.subarray(0, blockSize)));
      socket.write(blockFrame(blockSize, content.subarray(blockSize)));
      end = () => socket.write(encodeAnswer('end', {version: 'v', root: '0'.repeat(64)}));
    });
    const {target} = await startHarness(t);
    await using client = new Client(address);
    await using queue = new Queue({client});
    const job = {folder: target, onConflict: 'fail' as const};
    queue.add([{...job, remotePath: path('a'), localPath: 'a', size: content.length}]);
    await until(() => queue.snapshot().rows[0]?.verifiedBytes === content.length);
    const ended = queue.finishInHand(60_000);
    end?.();
    await ended;
    assert.deepEqual([stateNames(queue), stats], [['queued'], 1]);
    assert.equal(statSync(join(target, 'a.jangada-part')).size, content.length);
  });

  test('keeps no process alive when nothing is in hand', async t => {
    const {queue} = (await startLine(t)).begin({});
    const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
    const before = timers();
    await queue.finishInHand(60_000);
    assert.equal(timers(), before);
  });

  test('stops at once a transfer without a block in hand', async t => {
    // The server greets, and then never answers.
    const address = await startHostileServer(t, () => undefined);
    const {target} = await startHarness(t);
    await using client = new Client(address);
    await using queue = new Queue({client});
    const job = {folder: target, onConflict: 'fail' as const};
    queue.add([
      {...job, remotePath: path('a'), localPath: 'a', size: 5 * blockSize},
      {...job, remotePath: path('b'), localPath: 'b'},
    ]);
    await until(() => queue.snapshot().active === 2);
    using delays = new Delays();
    const startMs = performance.now();
    await queue.finishInHand();
    assert.ok(performance.now() - startMs - delays.totalMs < 1000);
    assert.deepEqual(stateNames(queue), ['queued', 'queued']);
    queue.add([{...job, remotePath: path('c'), localPath: 'c'}]);
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
    assert.deepEqual(stateNames(queue), ['queued', 'queued', 'queued']);
    assert.ok(!existsSync(join(target, 'c.jangada-part')));
  });
});
