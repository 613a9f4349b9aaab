import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type Level, pino} from 'pino';
import {ClientLog} from '../../../server/output/client-log.ts';
import {ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

type Line = {level: number; msg: string; leftOut?: number; peer?: string};

function openLog(level: Level, processes = 1) {
  const lines: Line[] = [];
  const logger = pino({level}, {write: line => lines.push(JSON.parse(line) as Line)});
  let nowMs = 0;
  const log = ClientLog.of(logger, {nowMs: () => nowMs, processes});
  return {
    log,
    lines,
    /** Lines of this level, without those that count others. */
    count: (level: number) => lines.filter(line => line.level === level && !line.leftOut).length,
    leftOut: () => lines.reduce((sum, {leftOut = 0}) => sum + leftOut, 0),
    pass(ms: number) {
      nowMs += ms;
    },
  };
}

test('a flood of lines is cut to a rate for all connections together, and the lines left out are counted', () => {
  const {log, count, leftOut, pass} = openLog('info');
  const connections = [log.child({peer: 'a'}), log.child({peer: 'b'})];
  const flood = (lines: number) => {
    for (let line = 0; line < lines; line++) {
      connections[line % 2]?.write('info', {}, 'connection ended');
    }
  };
  flood(10_000);
  assert.equal(count(30), 200);
  // From then on ten lines a second are allowed.
  pass(3000);
  flood(10_000);
  assert.equal(count(30), 230);
  // The allowance that is saved up has a limit.
  pass(86_400_000);
  flood(10_000);
  assert.equal(count(30), 430);
  log.close();
  assert.equal(leftOut(), 30_000 - 430);
});

test('the processes of a server share the rate', () => {
  const {log, count, leftOut, pass} = openLog('info', 4);
  const flood = () => {
    for (let line = 0; line < 1000; line++) {
      log.write('info', {}, 'connection ended');
    }
  };
  flood();
  assert.equal(count(30), 50);
  pass(2000);
  flood();
  assert.equal(count(30), 55);
  log.close();
  assert.equal(leftOut(), 2000 - 55);
});

test('lines that were left out are counted every ten seconds, in a warning', t => {
  const {timers} = t.mock;
  timers.enable({apis: ['setInterval']});
  const {log, lines} = openLog('info');
  for (let line = 0; line < 203; line++) {
    log.write('info', {}, 'connection ended');
  }

  const told = () =>
    lines.filter(({leftOut}) => leftOut).map(({leftOut, level}) => [leftOut, level]);
  assert.deepEqual(told(), [[1, 40]]);
  timers.tick(9999);
  assert.equal(told().length, 1);
  timers.tick(1);
  assert.deepEqual(told(), [
    [1, 40],
    [2, 40],
  ]);
});

test('lines of one level do not use up the allowance of another', () => {
  const {log, count} = openLog('debug');
  for (let line = 0; line < 1000; line++) {
    log.write('debug', {}, 'socket');
  }

  log.write('error', {}, 'a request failed');
  log.write('info', {}, 'connection ended');
  assert.deepEqual([count(20), count(50), count(30)], [200, 1, 1]);
});

test('lines below the level are neither written nor counted as left out', () => {
  const {log, lines} = openLog('warn');
  for (let line = 0; line < 1000; line++) {
    log.write('info', {}, 'connection ended');
  }

  log.close();
  assert.deepEqual(lines, []);
});

test('a health check, which connects and leaves, is logged at debug; a connection with a request at info', async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {deadlines: {prefaceMs: 100}});
  const leaves = await folder.silentPeer();
  leaves.socket.destroy();
  const greets = await folder.peer();
  greets.socket.destroy();
  // This peer is silent until it is closed.
  const silent = await folder.silentPeer();
  await silent.end();
  await until(() => folder.ended === 3, 'they have ended');
  const levels = () => new Set(folder.logs.map(line => (JSON.parse(line) as Line).level));
  const [serving] = folder.logs.splice(0, 1);
  assert.match(serving ?? '', /serving/);
  assert.deepEqual(levels(), new Set([20]));
  const asks = await folder.peer();
  await asks.ask(kinds.stat, {path: 'a'});
  asks.socket.destroy();
  await until(() => folder.ended === 4, 'it has ended');
  assert.deepEqual(levels(), new Set([20, 30]));
});

test('a server keeps to the rate of lines, whatever its clients do', async () => {
  await using folder = await ServedFolder.start({a: 'x'});
  for (let round = 0; round < 600; round++) {
    const peer = await folder.peer();
    await peer.ask(kinds.ping, {});
    peer.socket.destroy();
  }

  await folder.server.close({graceMs: 0});
  const lines = () => folder.logs.map(line => JSON.parse(line) as Line);
  const leftOut = () => lines().reduce((sum, {leftOut = 0}) => sum + leftOut, 0);
  assert.equal(folder.ended + leftOut(), 600, 'each line is written or counted');
  assert.ok(folder.ended < 600, `${folder.ended} lines`);
});
