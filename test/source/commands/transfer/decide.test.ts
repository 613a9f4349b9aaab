import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {formatAddress} from '../../../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {endOf} from '../../../fixtures/json-output.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {Captured, runHere} from '../run.ts';

test('the events of existing files are made a thousand at once, as the reader takes them', async t => {
  const names = Array.from({length: 2500}, (_, number) => `${number}.txt`);
  const {words} = await startPlace(t, names, names);
  const stdout = new SlowReader();
  const ran = await runHere([...words, '--json'], {stdout});
  assert.equal(ran.status, 1);
  assert.deepEqual(
    stdout.writes.filter(({failed}) => failed > 0),
    [1000, 1000, 500].map(failed => ({failed, more: false})),
  );
  assert.equal(endOf(ran.stdout).failed, 2500);
});

test('the error names existing files, and there is no empty summary', async t => {
  const {words} = await startPlace(
    t,
    ['other/b.txt', '1.txt', '2.txt', '3.txt'],
    ['1.txt', '2.txt', '3.txt'],
  );
  const ran = await runHere(words);
  assert.equal(ran.status, 1);
  assert.equal(ran.stdout, '');
  assert.match(
    ran.stderr,
    /^jangada: other\/b\.txt: .* matches no mask\njangada: 1\.txt, 2\.txt and 3\.txt exist\. No file was changed\. [^\n]*\n$/,
  );
  const {stdout} = await runHere([...words, '--json']);
  assert.equal(endOf(stdout).failed, 4);
});

/** A server that finds `names`, and a target folder with the files `existing`. */
async function startPlace(t: TestContext, names: readonly string[], existing: readonly string[]) {
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find) {
      const entries = names.map(name => ({name, type: 'file', size: 3, mtimeMs: 0}));
      for (let from = 0; from < entries.length; from += 700) {
        const some = {entries: entries.slice(from, from + 700)};
        socket.write(encodeFrame(frameKinds.entries, JSON.stringify(some)));
      }

      socket.write(encodeAnswer('end', {count: names.length, bytes: 3 * names.length}));
    }
  });
  const target = path.join(temporaryFolder(t), 'to');
  mkdirSync(target);
  for (const name of existing) {
    writeFileSync(path.join(target, name), 'old');
  }

  return {words: ['mget', '*.txt', '-o', target, '-s', formatAddress(address)]};
}

/** A reader that takes the written text a little later. */
class SlowReader extends Captured {
  /** For each write: the number of failed files in it, and whether more text waited behind it. */
  readonly writes: Array<{failed: number; more: boolean}> = [];

  override _write(chunk: string, encoding: string, done: () => void): void {
    const failed = chunk.split('"event":"failed"').length - 1;
    this.writes.push({failed, more: this.writableLength > chunk.length});
    setImmediate(() => super._write(chunk, encoding, done));
  }
}
