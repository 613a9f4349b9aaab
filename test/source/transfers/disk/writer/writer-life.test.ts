/** When the writer is started and ended, how much it is given, and what becomes of requests when it ends. */
import assert from 'node:assert/strict';
import {readFileSync, readlinkSync} from 'node:fs';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {Writer} from '../../../../../source/transfers/disk/writer/writer.ts';
import {WriterProcess} from '../../../../../source/transfers/disk/writer/writer-process.ts';
import {noise, until} from '../../../../fixtures/harness.ts';
import {openFolder} from '../../../../fixtures/open-folder.ts';

const skip = process.platform === 'linux' ? false : 'a writer is used on Linux alone';

/** @returns the processes that this one has started since, and that have not ended. */
function watchChildren(): () => number[] {
  const children = () => {
    const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  };
  // Those of the test before may be ending.
  const before = children();
  return () => children().filter(pid => !before.includes(pid));
}

/** Waits without timers, which the test moves itself. */
async function whenever(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'It did not happen within a minute');
    await turn();
  }
}

async function startProcess(t: TestContext): Promise<{writer: WriterProcess; ended: () => number}> {
  let isReady = false;
  let ends = 0;
  const writer = new WriterProcess(
    () => {
      isReady = true;
    },
    () => ends++,
  );
  t.after(() => writer.end());
  assert.deepEqual([writer.isReady, writer.canTake(1)], [false, false]);
  await until(() => isReady);
  return {writer, ended: () => ends};
}

suite('the writer', {skip}, () => {
  test('is started after so many small files, and not before', async t => {
    const children = watchChildren();
    const writer = new Writer(10);
    t.after(() => writer.end());
    writer.expect(4);
    writer.expect(5);
    assert.equal(children().length, 0);
    writer.expect(1);
    assert.equal(children().length, 1);
    writer.expect(100);
    assert.equal(children().length, 1);
    assert.equal(writer.take(), undefined);
    writer.end();
    await until(() => children().length === 0);
    // It is for many files again.
    writer.expect(9);
    assert.equal(children().length, 0);
    writer.expect(1);
    assert.equal(children().length, 1);
  });

  test('ends two seconds after the last group has let go of it, and no group is cut short', async t => {
    const children = watchChildren();
    t.mock.timers.enable({apis: ['setTimeout']});
    const writer = new Writer(1);
    t.after(() => writer.end());
    writer.expect(1);
    await whenever(() => writer.take() !== undefined);
    writer.take();
    t.mock.timers.tick(10_000);
    writer.letGo();
    t.mock.timers.tick(10_000);
    assert.notEqual(writer.take(), undefined);
    writer.letGo();
    writer.letGo();
    t.mock.timers.tick(1999);
    assert.equal(children().length, 1);
    assert.notEqual(writer.take(), undefined);
    writer.letGo();
    t.mock.timers.tick(2000);
    assert.equal(writer.take(), undefined);
    await whenever(() => children().length === 0);
  });

  test('ends when nobody has used it for two seconds, though it was started', async t => {
    const children = watchChildren();
    const waits: number[] = [];
    const {setTimeout} = globalThis;
    const writer = new Writer(1);
    t.after(() => writer.end());
    t.mock.method(globalThis, 'setTimeout', (work: () => void, ms: number) => {
      waits.push(ms);
      return setTimeout(work, ms === 2000 ? 0 : ms);
    });
    writer.expect(1);
    await whenever(() => waits.length > 0 && children().length === 0);
    assert.deepEqual(waits, [2000]);
  });

  test('that dies again and again is started three times', async t => {
    const children = watchChildren();
    const writer = new Writer(1);
    t.after(() => writer.end());
    for (let start = 1; start <= 5; start++) {
      writer.expect(1);
      const own = children();
      assert.equal(own.length, start <= 3 ? 1 : 0, `${start}`);
      for (const pid of own) {
        process.kill(pid, 'SIGKILL');
      }

      await until(() => children().length === 0);
      // The end is told a moment later.
      await turn();
      await turn();
    }
  });

  test('has nothing but its folder and its socket of this process, and no signal of the terminal', async t => {
    const children = watchChildren();
    const {writer, ended} = await startProcess(t);
    const [pid = 0] = children();
    assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
    assert.ok([0, 1, 2].every(fd => readlinkSync(`/proc/${pid}/fd/${fd}`) === '/dev/null'));
    // Its own process group.
    const [, , group] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    assert.equal(Number(group), pid);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.kill(pid, signal);
    }

    const flushed = await writer.request({kind: 'flush', group: 1});
    assert.deepEqual([flushed, ended()], [{kind: 'flushed'}, 0]);
  });

  test('is given eight mebibytes at most, counted until it has answered', async t => {
    const {writer} = await startProcess(t);
    const folder = openFolder(t);
    const most = 8_388_608;
    assert.deepEqual([writer.canTake(most), writer.canTake(most + 1)], [true, false]);
    const group = writer.newGroup();
    assert.notEqual(writer.newGroup(), group);
    let sent = 0;
    const answered = writer.request(
      {kind: 'write', group, folder: folder.fd ?? 0, files: [['a', 1000, 0]]},
      noise(1000),
      () => sent++,
    );
    assert.deepEqual([writer.canTake(most - 1000), writer.canTake(most - 999)], [true, false]);
    const answer = await answered;
    assert.equal(answer?.kind, 'written');
    assert.equal(sent, 1);
    assert.equal(writer.canTake(most), true);
    const named = await writer.request({kind: 'name', group, files: [[folder.fd ?? 0, 0, false]]});
    assert.deepEqual(named, {kind: 'named', files: ['named']});
    assert.ok(readFileSync(folder.at('a')).equals(noise(1000)));
  });

  test('that has ended answers nothing, and lets go of all bytes', async t => {
    const {writer, ended} = await startProcess(t);
    let sent = 0;
    const answers = [1, 2].map(group =>
      writer.request({kind: 'write', group, folder: 0, files: []}, noise(10), () => sent++),
    );
    writer.end();
    assert.deepEqual(await Promise.all(answers), [undefined, undefined]);
    assert.deepEqual([ended(), writer.isReady, writer.canTake(0)], [1, false, false]);
    await until(() => sent === 2);
    assert.equal(
      await writer.request({kind: 'flush', group: 1}, noise(10), () => sent++),
      undefined,
    );
    assert.equal(sent, 3);
  });
});
