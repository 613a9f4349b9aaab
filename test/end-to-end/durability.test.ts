import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../protocol/block.ts';
import {noise, startHarness, temporaryFolder, treeOf} from '../fixtures/harness.ts';
import {cannotTrace} from '../fixtures/strace.ts';
import {programWords} from './journey.ts';

/** The calls in the output of `strace -f -y`, without results, in the order in which they ended. */
function endedCalls(trace: string): string[] {
  const begun = new Map<string, string>();
  return trace.split('\n').flatMap(line => {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(text)?.[1];
    if (unfinished !== undefined) {
      begun.set(thread, unfinished);
      return [];
    }

    return text.startsWith('<... ') ? (begun.get(thread) ?? []) : text === '' ? [] : text;
  });
}

test('the built program flushes a file, names it, flushes its folders, and only then reports it', {
  skip: cannotTrace,
}, async t => {
  const {root, target, server, serve} = await startHarness(t);
  serve('large', noise(3 * blockSize));
  serve('d/one', '1');
  serve('d/two', '2');
  const trace = join(temporaryFolder(t), 'trace');
  const [file = '', ...words] = programWords('jangada', ['mget', '**', '-o', target]);
  const calls = 'trace=fsync,link,linkat,rename,renameat,renameat2,mkdir,mkdirat,write,writev';
  const environment = {
    ...process.env,
    JANGADA_SERVER: server.address,
    JANGADA_STATE: temporaryFolder(t),
  };
  const ran = await new Promise<{status: number | null; stderr: string}>(resolve => {
    // `spawn` does not block: the server of this test must answer meanwhile.
    const child = spawn(
      'strace',
      ['-f', '-y', '-qq', '-s', '200', '-e', calls, '-o', trace, file, ...words],
      {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stderr = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('close', status => resolve({status, stderr}));
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(treeOf(target), treeOf(root));

  const ended = endedCalls(readFileSync(trace, 'utf8'));
  const at = (what: string, found: (call: string) => boolean, from = 0) => {
    const index = ended.findIndex((call, place) => place >= from && found(call));
    assert.notEqual(index, -1, `${what} in ${JSON.stringify(ended, null, 1)}`);
    return index;
  };
  const flushes = (path: string) => (call: string) =>
    call.startsWith('fsync(') && call.includes(`<${path}>`);
  for (const name of ['large', 'd/one', 'd/two']) {
    const folder = name.startsWith('d/') ? join(target, 'd') : target;
    const flushed = at(`the flush of ${name}`, flushes(join(target, `${name}.jangada-part`)));
    const isNamed = (call: string) =>
      /^(?:link|rename)/.test(call) && call.includes(`/${basename(name)}"`);
    assert.equal(ended.slice(0, flushed).some(isNamed), false, `${name} was named before`);
    const named = at(`the name of ${name}`, isNamed, flushed);
    const kept = at(`the flush of the folder of ${name}`, flushes(folder), named);
    const isSaid = (call: string) => /^writev?\(1</.test(call) && call.includes(`${name}  `);
    assert.equal(ended.slice(0, kept).some(isSaid), false, `${name} was said before`);
    at(`the line of ${name}`, isSaid, kept);
  }

  for (const parent of [target, join(target, '..')]) {
    at(`the flush of ${parent}, in which a folder was made`, flushes(parent));
  }
});
