import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {runCommand} from '../../../bench/running/run-command.ts';
import {familyOf} from '../../../bench/running/usage.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

const skip = process.platform !== 'linux' && 'memory and processor time come from /proc';
const node = process.execPath;

test('memory and processor time include those of child processes', {
  skip,
}, async () => {
  // The shell runs and waits for a program that uses 200 MB and 0.2 s of processor time.
  const script = `
    const kept = Buffer.alloc(200_000_000, 1);
    ${busyFor(200_000)}
    setTimeout(() => kept.fill(2), 700);
  `;
  const run = await runCommand({program: 'sh', args: ['-c', '"$0" -e "$1"; true', node, script]});
  assert.ok((run.client.peakMB ?? 0) > 200, `${run.client.peakMB}`);
  assert.ok((run.client.cpuSeconds ?? 0) >= 0.2, `${run.client.cpuSeconds}`);
  assert.deepEqual(run.server, {peakMB: undefined, cpuSeconds: undefined});
});

test('the other side counts only while the program runs', {skip}, async t => {
  const script = `
    ${busyFor(600_000)}
    console.log('idle from now on');
    setInterval(() => {}, 1000);
  `;
  const child = spawn(node, ['-e', script], {stdio: ['ignore', 'pipe', 'inherit']});
  t.after(() => child.kill());
  await once(child.stdout, 'data');
  const {server} = await runCommand({program: node, args: ['-e', '']}, {serverPid: child.pid});
  assert.ok((server.peakMB ?? 0) > 10, `${server.peakMB}`);
  assert.ok(server.cpuSeconds !== undefined && server.cpuSeconds < 0.6, `${server.cpuSeconds}`);
});

test('a program that fails causes an error with its output', async () => {
  const args = ['-e', 'console.error("no such luck"); process.exit(3)'];
  await assert.rejects(runCommand({program: node, args}), /ended with 3: no such luck/);
});

test('the output of a program goes to the file', async t => {
  const output = path.join(temporaryFolder(t), 'output');
  await runCommand({program: node, args: ['-e', 'console.log("one")'], output});
  assert.equal(readFileSync(output, 'utf8'), 'one\n');
});

test('a process belongs to its own family, and an ended process has no family', {skip}, () => {
  assert.equal(familyOf(process.pid)[0], process.pid);
  assert.deepEqual(familyOf(undefined), []);
});

/** @returns a loop that ends when the process has used `us` microseconds of processor time. */
function busyFor(us: number): string {
  return `for (let used = 0; used < ${us}; ) {
    const {user, system} = process.cpuUsage();
    used = user + system;
  }`;
}
