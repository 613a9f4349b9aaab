import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type ChildProcess, spawn} from 'node:child_process';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {decodePackedFiles} from '../../../../../protocol/batches/packed-files.ts';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {
  blockOf,
  entriesIn,
  json,
  kinds,
  type RawFrame,
  type RawPeer,
} from '../../../../fixtures/server/server-raw-peer.ts';

const skip = process.platform === 'linux' ? false : 'only Linux can be sure of it';
const raceMs = 1500;
/** The longest time until all wanted results must have been seen. */
const patienceMs = 60_000;

/** Exchanges the names `door` and `spare` in a folder as fast as possible, until it is killed. */
const swapper = `
  const {renameSync} = require('node:fs');
  process.chdir(process.argv[1]);
  for (;;) {
    for (const [from, to] of [['door', 'a'], ['spare', 'door'], ['a', 'spare']]) renameSync(from, to);
  }
`;

async function race(
  t: TestContext,
  served: ServedFolder,
  wanted: string[],
  look: (peer: RawPeer, seen: Set<string>) => Promise<void>,
): Promise<Set<string>> {
  mkdirSync(join(served.outside, 'secret'));
  writeFileSync(join(served.outside, 'secret/file'), 'secret');
  writeFileSync(join(served.outside, 'secret/only-outside'), '');
  symlinkSync('../secret', join(served.path, 'spare'));
  const seen = new Set<string>();
  const child: ChildProcess = spawn(process.execPath, ['-e', swapper, served.path]);
  t.after(() => child.kill('SIGKILL'));
  try {
    const peer = await served.peer();
    const startedAt = performance.now();
    for (let ms = 0; ms < patienceMs; ms = performance.now() - startedAt) {
      await look(peer, seen);
      if (ms > raceMs && wanted.every(what => seen.has(what))) {
        break;
      }
    }
  } finally {
    child.kill('SIGKILL');
  }

  return seen;
}

function said(frames: RawFrame[]): string {
  const last = frames.at(-1);
  return last?.kind === kinds.error ? String(json(last).code) : 'answered';
}

test('row 17: a folder that is replaced by a link while a file is opened leads to no file outside', {
  skip,
}, async t => {
  await using served = await ServedFolder.start({'door/file': 'inside'});
  const seen = await race(t, served, ['inside', 'not_found'], async (peer, seen) => {
    for (let count = 0; count < 20; count++) {
      peer.request(kinds.get, {path: 'door/file'});
    }

    for (let count = 0; count < 20; count++) {
      const frames = await peer.answer();
      const block = frames.find(({kind}) => kind === kinds.block);
      seen.add(block === undefined ? said(frames) : blockOf(block).bytes.toString());
    }
  });
  assert.ok(seen.has('inside'), [...seen].join());
  assert.ok(seen.has('not_found'), [...seen].join());
  assert.ok(!seen.has('secret') && !seen.has('internal'), [...seen].join());
});

test('row 17: a folder that is replaced by a link while many small files are read leads to no file outside', {
  skip,
}, async t => {
  await using served = await ServedFolder.start({'door/file': 'inside', 'door/other': 'beside'});
  const seen = await race(t, served, ['inside', 'not_found'], async (peer, seen) => {
    // A swap may happen between any two of them. The file outside has the requested size.
    const some = [
      ['door/file', 6],
      ['door/other', 6],
    ];
    const frames = await peer.ask(kinds.filesRequest, {
      files: Array.from({length: 20}, () => some).flat(),
    });
    for (const {kind, payload} of frames) {
      for (const file of kind === kinds.files ? decodePackedFiles(Buffer.from(payload)) : []) {
        seen.add(file.kind === 'file' ? file.bytes.toString() : file.code);
      }
    }
  });
  assert.ok(seen.has('beside'), [...seen].join());
  assert.ok(!seen.has('secret') && !seen.has('internal'), [...seen].join());
});

test('row 17: a folder that is replaced by a link while it is listed or searched leads to nothing outside', {
  skip,
}, async t => {
  await using served = await ServedFolder.start({'door/file': 'inside'});
  const seen = await race(t, served, ['file', 'door/file'], async (peer, seen) => {
    peer.request(kinds.list, {path: 'door'});
    peer.request(kinds.find, {path: '', masks: ['**', 'door/*']});
    for (const frames of [await peer.answer(), await peer.answer()]) {
      seen.add(said(frames));
      for (const {name} of entriesIn(frames)) {
        seen.add(name);
      }
    }
  });
  assert.ok(seen.has('file') && seen.has('door/file'), [...seen].join());
  assert.ok(!seen.has('only-outside') && !seen.has('door/only-outside'), [...seen].join());
  assert.ok(!seen.has('internal'), [...seen].join());
});
