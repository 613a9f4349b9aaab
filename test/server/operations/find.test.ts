import assert from 'node:assert/strict';
import {test} from 'node:test';
import {displayName} from '../../../protocol/display-text.ts';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

test('control sequences in path and places are escaped in the log line of a search', async () => {
  const base = '\u202egpj.exe';
  const inner = 'a\x1b[2Jb';
  // The path of the file has one part more than is allowed.
  const deepest = [inner, ...Array.from({length: 62}, () => 'd')].join('/');
  await using folder = await ServedFolder.start({[`${base}/${deepest}/file`]: ''});
  const peer = await folder.peer();
  const last = (await peer.ask(kinds.find, {path: base, masks: ['**']})).at(-1);
  assert.equal(last?.kind, kinds.end);
  const line = folder.logs.find(text => text.includes('could not read every folder'));
  const {path, first} = JSON.parse(line ?? assert.fail()) as {path: unknown; first: unknown};
  assert.equal(path, displayName(base));
  assert.notEqual(path, base);
  assert.deepEqual(first, [`${displayName(deepest)}: too_large`]);
});
