import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Connection} from '../../../../../source/client/connection/connection.ts';
import {ReceiveBuffers} from '../../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../../source/transfers/blocks/ending.ts';
import {Pace} from '../../../../../source/transfers/blocks/pace.ts';
import {flusher} from '../../../../../source/transfers/disk/flush.ts';
import type {OpenFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {FilesRequest} from '../../../../../source/transfers/download/small/files-request.ts';
import {FlushGroup} from '../../../../../source/transfers/download/small/flush-group.ts';
import type {SmallFile, Turn} from '../../../../../source/transfers/download/small/small-file.ts';
import {checker} from '../../../../../source/transfers/hashing/checker.ts';
import {smallFile} from '../../../../fixtures/small-group.ts';

type Body = {algorithm: string; files: Array<[path: string, size: number]>};

/** A common request over a connection that notes what is sent. */
function startRequest({pace = new Pace(undefined), isOffered = true} = {}) {
  const sent: Body[] = [];
  // Of a connection, only these are used.
  const connection = {
    can: (feature: string) => feature === 'files' && isOffered,
    request: (_name: 'files', body: Body) => sent.push(body),
  } as unknown as Connection;
  const tools = {
    ...{blocks: new ReceiveBuffers(1), checker, flusher, ending: new Ending()},
    ...({algorithm: 'blake3', checksums: false, group: new FlushGroup(flusher)} as const),
  };
  // Nothing arrives here.
  const request = new FilesRequest(connection, pace, tools, {} as Turn);
  return {request, sent, counts: () => sent.map(({files}) => files.length)};
}

function fileOf(name: string, size: number): SmallFile {
  // Nothing is written here.
  return smallFile({} as OpenFolder, name, size, new Map());
}

const add = (request: FilesRequest, count: number, size: number, name = 'f') => {
  for (let index = 0; index < count; index++) {
    request.add(fileOf(name, size));
  }
};

test('a request names the files that were added, with the sizes that they are listed with', () => {
  const {request, sent} = startRequest();
  assert.equal(request.isEmpty, true);
  request.send();
  assert.deepEqual(sent, []);
  request.add(fileOf('a', 5));
  request.add(fileOf('b/c', 0));
  assert.equal(request.isEmpty, false);
  request.send();
  const files = [
    ['a', 5],
    ['b/c', 0],
  ];
  assert.deepEqual(sent, [{algorithm: 'blake3', files}]);
  assert.equal(request.isEmpty, true);
});

for (const {what, size, name, most} of [
  {what: '256 files', size: 0, name: 'f', most: 256},
  {what: '256 KiB of files', size: 2048, name: 'f', most: 128},
  {what: '32,768 characters of paths', size: 0, name: 'f'.repeat(255), most: 129},
]) {
  test(`a request is sent when it has ${what}, and the next one counts from nothing`, () => {
    const {request, counts} = startRequest();
    add(request, most - 1, size, name);
    assert.deepEqual(counts(), []);
    add(request, 1, size, name);
    assert.deepEqual(counts(), [most]);
    add(request, most - 1, size, name);
    assert.deepEqual(counts(), [most]);
    add(request, 1, size, name);
    assert.deepEqual(counts(), [most, most]);
  });
}

test('on a slow way a request has as many bytes as arrive in 200 ms, and a larger file is asked for alone', () => {
  const {request, counts} = startRequest({pace: new Pace(100_000)});
  assert.equal(request.portion, 20_000);
  assert.deepEqual(
    [20_000, 20_001].map(size => request.takes(fileOf('a', size))),
    [true, false],
  );
  add(request, 3, 6000);
  assert.deepEqual(counts(), []);
  add(request, 1, 6000);
  assert.deepEqual(counts(), [4]);
});

test('a file of more than 64 KiB is asked for alone, and each file where the server cannot pack them', () => {
  const {request} = startRequest();
  assert.equal(request.portion, 262_144);
  assert.deepEqual(
    [0, 65_536, 65_537].map(size => request.takes(fileOf('a', size))),
    [true, true, false],
  );
  assert.equal(startRequest({isOffered: false}).request.takes(fileOf('a', 1)), false);
});
