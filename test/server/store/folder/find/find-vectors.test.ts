import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {test} from 'node:test';
import {nameToBytes, pathFromWire} from '../../../../../protocol/remote-path.ts';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {entriesIn, kinds} from '../../../../fixtures/server/server-raw-peer.ts';
import {maskVectorsSchema, namesOf} from '../../../../protocol/masks/mask-vectors.ts';

const file = new URL('../../../../../docs/protocol-vectors.json', import.meta.url);
const vectors = maskVectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8')).masks);

test('a search finds the results of the vectors, and only files unless the request asks for folders', async () => {
  await using folder = await ServedFolder.start();
  const place = (name: string) =>
    Buffer.concat([Buffer.from(`${folder.path}/`), nameToBytes(name)]);
  const names = vectors.names.map(pathFromWire);
  for (const name of names.filter(name => name.endsWith('/'))) {
    mkdirSync(place(name), {recursive: true});
  }

  for (const name of names.filter(name => !name.endsWith('/'))) {
    writeFileSync(place(name), 'x');
  }

  const peer = await folder.peer();
  const find = async (masks: readonly string[], folders: boolean) => {
    const frames = await peer.ask(kinds.find, {path: '', masks, folders});
    assert.equal(frames.at(-1)?.kind, kinds.end, JSON.stringify(masks));
    return entriesIn(frames)
      .map(({name, type}) => pathFromWire(name) + (type === 'folder' ? '/' : ''))
      .sort();
  };
  for (const {masks, expected} of namesOf(vectors)) {
    assert.deepEqual(await find(masks, true), expected.toSorted(), JSON.stringify(masks));
    assert.deepEqual(
      await find(masks, false),
      expected.filter(name => !name.endsWith('/')).sort(),
      `files of ${JSON.stringify(masks)}`,
    );
  }
});
