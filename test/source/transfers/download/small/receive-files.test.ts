/** Many small files in one request, from servers that are honest, old, or lie. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {readdirSync, readFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {
  encodePackedHead,
  type PackedError,
  type PackedFacts,
} from '../../../../../protocol/batches/packed-files.ts';
import {digestOf, rootDigest} from '../../../../../protocol/block.ts';
import {type FrameKind, frameKinds} from '../../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../../protocol/messages.ts';
import {Client} from '../../../../../source/client/client.ts';
import {ReceiveBuffers} from '../../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../../source/transfers/blocks/ending.ts';
import {flusher} from '../../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {
  fetchSmallFiles,
  type SmallFile,
} from '../../../../../source/transfers/download/small/small-files.ts';
import {checker} from '../../../../../source/transfers/hashing/checker.ts';
import {freePlaces} from '../../../../fixtures/free-places.ts';
import {noise, path, temporaryFolder, until} from '../../../../fixtures/harness.ts';
import {blockFrame, startHostileServer} from '../../../../fixtures/server/hostile-server.ts';

const size = 1000;
const content = noise(size);
const version = 'v1';

/** A part with right facts and bytes. */
function good(bytes = content): Part {
  const digest = digestOf('sha256', bytes);
  return {facts: {kind: 'file', size: bytes.length, mtimeMs: 1000, version, digest}, bytes};
}

function bad(code: PackedError['code']): Part {
  return {facts: {kind: 'error', code, message: `It is ${code}`}, bytes: Buffer.alloc(0)};
}

type Part = {facts: PackedFacts | PackedError; bytes: Buffer};

function packed(parts: readonly Part[]): Buffer {
  return Buffer.concat([
    encodePackedHead(parts.map(({facts}) => facts)),
    ...parts.map(({bytes}) => bytes),
  ]);
}

const end = encodeAnswer('end', {});

type Asked = {kind: FrameKind; names: string[]};
type Answer = (asked: Asked, socket: Socket, request: number) => void;

/** A server that answers `get` rightly, and `files` with `answer`. */
async function fetching(t: TestContext, answer: Answer, features: readonly string[] = ['files']) {
  const asked: Asked[] = [];
  const address = await startHostileServer(
    t,
    (socket, {kind, body}) => {
      const files = Array.isArray(body.files) ? body.files : [[body.path]];
      const request = {kind, names: files.map(([name]) => String(name))};
      asked.push(request);
      if (kind === frameKinds.filesRequest) {
        answer(request, socket, asked.length);
      } else {
        socket.write(encodeAnswer('file', {size, mtimeMs: 1000, version}));
        socket.write(blockFrame(0, content));
        const root = rootDigest('sha256', digestOf('sha256', content)).toString('hex');
        socket.write(encodeAnswer('end', {version, root}));
      }
    },
    features,
  );
  const client = new Client(address, {retries: 0});
  t.after(() => client[Symbol.asyncDispose]());
  const target = temporaryFolder(t);
  using root = new TargetFolder(target);
  const folder = root.open([]);
  t.after(() => folder.release());
  const ended = new Map<string, string>();
  /** Fetch the files of `names` that have not ended, over one connection. */
  const fetch = async (names: readonly string[], more: Partial<SmallFile> = {}) => {
    const failure = await client.withConnection(connection =>
      fetchSmallFiles(
        connection,
        names
          .filter(name => !ended.has(name))
          .map(name => ({
            ...{remotePath: path(name), folder, name, size, onConflict: 'fail'},
            wanted: () => !ended.has(name),
            tell(event) {
              if (event.type !== 'progress' && event.type !== 'finish' && event.type !== 'time') {
                assert.ok(!ended.has(name), `${name} is told once how it ended`);
                ended.set(name, event.type === 'failed' ? event.error.code : event.type);
              }
            },
            ...more,
          })),
        {
          ...{blocks: new ReceiveBuffers(8), checker, flusher, ending: new Ending()},
          ...{algorithm: 'sha256', checksums: false},
        },
        // Caught here, so that the client does not try again.
      ).then(
        () => undefined,
        (error: unknown) => ({error}),
      ),
    );
    if (failure !== undefined) {
      throw failure.error;
    }
  };

  return {asked, ended, fetch, target, names: () => readdirSync(target).sort()};
}

function namesOf(count: number): string[] {
  return Array.from({length: count}, (_, index) => `f${String(index).padStart(3, '0')}`);
}

test('three hundred files take two requests', async t => {
  const {asked, ended, fetch, names, target} = await fetching(t, (request, socket) => {
    for (let at = 0; at < request.names.length; at += 64) {
      socket.write(packed(request.names.slice(at, at + 64).map(() => good())));
    }

    socket.write(end);
  });
  const wanted = namesOf(300);
  await fetch(wanted);
  assert.equal(asked.length, 2);
  assert.deepEqual(asked.flatMap(({names}) => names).sort(), wanted);
  assert.deepEqual(names(), wanted);
  assert.ok([...ended.values()].every(how => how === 'done'));
  assert.ok(wanted.every(name => readFileSync(join(target, name)).equals(content)));
});

test('a server that cannot send many files at once gets a request for each file', async t => {
  const {asked, fetch, names} = await fetching(t, () => assert.fail(), []);
  const wanted = namesOf(150);
  await fetch(wanted);
  assert.deepEqual(names(), wanted);
  assert.ok(asked.every(({kind}) => kind === frameKinds.get));
});

test('a damaged or missing file does not affect the others', async t => {
  const before = freePlaces();
  const {ended, fetch, names} = await fetching(t, (_request, socket) => {
    const damaged = good();
    const other = good(noise(size - 1));
    const parts = [good(), bad('not_found'), {...damaged, bytes: noise(size, 7)}, bad('changed')];
    socket.write(packed([...parts, other, bad('forbidden'), good()]));
    socket.write(end);
  });
  await fetch(namesOf(7));
  assert.deepEqual(
    [...ended].sort().map(([, how]) => how),
    ['done', 'not_found', 'leave', 'leave', 'leave', 'forbidden', 'done'],
  );
  assert.deepEqual(names(), ['f000', 'f006']);
  assert.equal(freePlaces(), before);
});

test('if a request is refused as a whole, each file is left to a request of its own', async t => {
  const before = freePlaces();
  const {ended, fetch, names} = await fetching(t, (_request, socket) => {
    socket.write(encodeAnswer('error', {code: 'forbidden', message: 'None of these'}));
  });
  await fetch(namesOf(3));
  assert.deepEqual([...ended.values()], ['leave', 'leave', 'leave']);
  assert.deepEqual(names(), []);
  assert.equal(freePlaces(), before);
});

test('after a lost connection, only missing files are requested again', async t => {
  const before = freePlaces();
  const {asked, ended, fetch, names} = await fetching(t, (request, socket, count) => {
    if (count === 1) {
      socket.write(packed([good(), good()]));
      socket.end(packed([good()]).subarray(0, 500));
    } else {
      socket.write(packed(request.names.map(() => good())));
      socket.write(end);
    }
  });
  const wanted = namesOf(5);
  await assert.rejects(fetch(wanted), {code: 'connection_lost'});
  assert.deepEqual(names(), ['f000', 'f001']);
  await fetch(wanted);
  assert.deepEqual(asked.at(-1)?.names, ['f002', 'f003', 'f004']);
  assert.deepEqual(names(), wanted);
  assert.equal(ended.size, 5);
  assert.equal(freePlaces(), before);
});

test('if a server is too busy for one file, the missing files are requested again later', async t => {
  const before = freePlaces();
  const {ended, fetch, names} = await fetching(t, (_request, socket) => {
    socket.write(packed([good(), bad('busy'), good()]));
    socket.write(end);
  });
  await assert.rejects(fetch(namesOf(3)), {code: 'busy'});
  assert.equal(ended.get('f000'), 'done');
  assert.equal(ended.get('f001'), undefined);
  assert.ok(!names().some(name => name.endsWith('.jangada-part')));
  assert.equal(freePlaces(), before);
});

test('row 44: more or fewer files than requested, or a frame without content, end the connection', async t => {
  const before = freePlaces();
  const three = packed([good(), good(), good()]);
  const lies: Record<string, Buffer[]> = {
    more: [packed([good(), good(), good(), good()]), end],
    'more, in a frame of their own': [three, packed([good()]), end],
    fewer: [packed([good(), good()]), end],
    nothing: [Buffer.from('000000024a0000000000', 'hex'), end],
    'a block': [blockFrame(0, content), end],
    'a size that is too large': [
      Buffer.concat([
        encodePackedHead([{...good().facts, size: 70_000} as PackedFacts]),
        Buffer.alloc(70_000),
      ]),
    ],
  };
  for (const [what, frames] of Object.entries(lies)) {
    const {fetch, names} = await fetching(t, (_request, socket) => {
      socket.write(Buffer.concat(frames));
    });
    await assert.rejects(fetch(namesOf(3)), {code: 'protocol'}, what);
    assert.ok(
      names().every(name => /^f00[012]$/.test(name)),
      what,
    );
    assert.equal(freePlaces(), before, what);
  }
});

test('a file with unexpected content gets no name, and is not written', async t => {
  const {ended, fetch, names} = await fetching(t, (request, socket) => {
    socket.write(packed(request.names.map(() => good())));
    socket.write(end);
  });
  await fetch(['f000'], {sha256: 'ab'.repeat(32)});
  await fetch(['f001'], {sha256: digestOf('sha256', content).toString('hex')});
  assert.deepEqual(Object.fromEntries(ended), {f000: 'unexpected', f001: 'done'});
  assert.deepEqual(names(), ['f001']);
});

test('as many files are requested ahead as fill a link with a long round trip, and no more', async t => {
  const large = 16_384;
  let seen = 0;
  const {asked, fetch} = await fetching(t, (request, socket) => {
    seen += request.names.length;
    // Until then the server sends nothing.
    void until(() => asked.length >= 16).then(() => socket.destroy());
  });
  const fetched = fetch(namesOf(1000), {size: large});
  await assert.rejects(fetched, {code: 'connection_lost'});
  assert.ok(seen * large > 3_900_000, `${seen} files`);
  assert.ok(seen * large < 4_600_000, `${seen} files`);
});
