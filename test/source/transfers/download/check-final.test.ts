/** Files that have the final name already: which of them stay, and which are replaced or repaired. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawn} from 'node:child_process';
import {hash} from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {Room} from '../../../../source/transfers/disk/room.ts';
import type {DownloadTools} from '../../../../source/transfers/download/download-job.ts';
import {checksums} from '../../../../source/transfers/hashing/checksums.ts';
import type {ConflictPolicy} from '../../../../source/transfers/terms/conflict-policy.ts';
import type {DownloadEvent} from '../../../../source/transfers/terms/download-event.ts';
import {parseExpectedContent} from '../../../../source/transfers/terms/expected-content.ts';
import {stateOf} from '../../../../source/transfers/terms/file-state.ts';
import {openBelow} from '../../../fixtures/descriptors.ts';
import {noise, temporaryFolder} from '../../../fixtures/harness.ts';
import {startMetered} from '../../../fixtures/metered.ts';
import {cannotRecord} from '../../../fixtures/record-disk.ts';
import {type RunDownloadOptions, runDownload} from '../../../fixtures/run-download.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {digestsOf, rootOf} from '../../../fixtures/server/other-content.ts';

const part = 'a.jangada-part';
const content = noise(2 * blockSize + 10);
const other = noise(content.length, 7);
const seconds = 1_600_000_000;

/** The content on a server, and `here` as the file with the final name, with the server's time. */
async function startHere(t: TestContext, here: Uint8Array) {
  const metered = await startMetered(t);
  metered.serve('a', content);
  utimesSync(join(metered.root, 'a'), seconds, seconds);
  const target = temporaryFolder(t);
  const file = join(target, 'a');
  writeFileSync(file, here);
  utimesSync(file, seconds, seconds);
  const download = async (options: RunDownloadOptions) => {
    const result = await runDownload(metered.client, target, options);
    return {...result, fetchedBytes: metered.meter.blockBytes};
  };
  return {...metered, target, file, download};
}

for (const onConflict of ['fail', 'rename'] as const) {
  test(`a file that this transfer got before it could say so is done, with ${onConflict}`, async t => {
    const {download, file, target} = await startHere(t, content);
    const before = statSync(file).ino;
    const {outcome, fetchedBytes, copy} = await download({onConflict, job: {begun: true}});
    assert.deepEqual([outcome, fetchedBytes], ['verified', 0]);
    assert.deepEqual([statSync(file).ino, readdirSync(target)], [before, ['a']]);
    assert.equal(copy?.state, stateOf(statSync(file, {bigint: true})));
  });
}

const strangers: ReadonlyArray<[string, Uint8Array, number, boolean]> = [
  ['of a transfer that was not begun before', content, seconds, false],
  ['of another size', content.subarray(1), seconds, true],
  ['of another time', content, seconds - 3, true],
  ['of other bytes', other, seconds, true],
];
for (const [what, bytes, time, begun] of strangers) {
  test(`a file ${what} is not taken for its own, and stays as it is`, async t => {
    const {download, file, target} = await startHere(t, bytes);
    utimesSync(file, time, time);
    await assert.rejects(download({job: {begun}}), {code: 'exists'});
    assert.deepEqual(readdirSync(target), ['a']);
    const told: string[] = [];
    const renamed = await download({
      onConflict: 'rename',
      job: {begun},
      tell: event => event.type === 'named' && told.push(event.name),
    });
    assert.deepEqual([renamed.outcome, told], ['verified', ['a (2)']]);
    assert.ok(readFileSync(file).equals(bytes));
    assert.equal(statSync(file).mtimeMs, time * 1000);
    assert.ok(readFileSync(join(target, 'a (2)')).equals(content));
  });
}

for (const [onConflict, outcome, isReplaced] of [
  ['skip', 'skipped', false],
  ['overwrite', 'verified', true],
] as const) {
  test(`a transfer that was begun before does not look into a file with ${onConflict}`, async t => {
    const {download, file} = await startHere(t, content);
    const before = statSync(file).ino;
    const found = await download({onConflict, job: {begun: true}});
    assert.equal(found.outcome, outcome);
    assert.equal(statSync(file).ino !== before, isReplaced);
    assert.equal(found.fetchedBytes, isReplaced ? content.length : 0);
  });
}

test('with resume a file stays until its partial is complete, if it has one', async t => {
  const {download, file, target} = await startHere(t, other);
  writeFileSync(join(target, part), content.subarray(0, blockSize));
  const {fetchedBytes} = await download({
    onConflict: 'resume',
    tell: ({type}) => type === 'finish' && assert.ok(readFileSync(file).equals(other)),
  });
  assert.equal(fetchedBytes, content.length - blockSize);
  assert.ok(readFileSync(file).equals(content));
  assert.deepEqual(readdirSync(target), ['a']);
});

for (const [onConflict, outcome, begun] of [
  ['fail', 'verified', true],
  ['rename', 'verified', true],
  ['resume', 'verified', false],
  ['skip', 'skipped', false],
] as const) {
  test(`a file that got its name, but kept that of its partial, loses the latter and stays, with ${onConflict}`, async t => {
    const {download, file, target} = await startHere(t, content);
    // As a kill between `link` and `unlink` leaves it.
    linkSync(file, join(target, part));
    const before = statSync(file).ino;
    const found = await download({onConflict, job: {begun}});
    assert.deepEqual([found.outcome, found.fetchedBytes], [outcome, 0]);
    assert.deepEqual([statSync(file).ino, readdirSync(target)], [before, ['a']]);
  });
}

const sleep = '/bin/sleep';

/** Ways in which a file cannot become a partial. `hold` returns a function that ends it, and why this is not possible here. */
const held: ReadonlyArray<[string, (file: string) => (() => void) | string]> = [
  [
    'that has a second name',
    file => {
      linkSync(file, `${file}.second`);
      return () => rmSync(`${file}.second`, {force: true});
    },
  ],
  [
    'that may not be written',
    file => {
      if (process.getuid?.() === 0) {
        return 'root may write each file';
      }

      chmodSync(file, 0o444);
      return () => {};
    },
  ],
  [
    'that is a running program',
    file => {
      if (process.platform !== 'linux' || !existsSync(sleep)) {
        return 'only Linux protects a running program';
      }

      const child = spawn(file, ['1000']);
      return () => child.kill('SIGKILL');
    },
  ],
];
for (const [what, hold] of held) {
  test(`with resume a file ${what} keeps its name until the new one is complete, which takes its equal blocks`, async t => {
    const program = existsSync(sleep) ? readFileSync(sleep) : Buffer.alloc(0);
    const old = Buffer.concat([program, noise(3 * blockSize - program.length, 5)]);
    const wanted = Buffer.from(old);
    wanted.write('changed', 2 * blockSize + 5);
    const {client, meter, root, serve, target, file} = await startHere(t, old);
    chmodSync(file, 0o755);
    serve('a', wanted);
    utimesSync(join(root, 'a'), seconds, seconds);
    const letGo = hold(file);
    if (typeof letGo === 'string') {
      t.skip(letGo);
      return;
    }

    t.after(letGo);
    const before = readdirSync(target);
    const room = Object.assign(new Room(), {
      claim: () => {
        throw new JangadaError('no_space', 'full');
      },
    });
    const resume = {onConflict: 'resume'} as const;
    await assert.rejects(runDownload(client, target, {...resume, tools: {room}}), {
      code: 'no_space',
    });
    assert.deepEqual(readdirSync(target), before);
    assert.ok(readFileSync(file).equals(old));

    const seen: boolean[] = [];
    const tell = ({type}: DownloadEvent) =>
      type === 'finish' && seen.push(readFileSync(file).equals(old));
    const {outcome} = await runDownload(client, target, {...resume, tell});
    assert.deepEqual([outcome, seen, meter.blockBytes], ['verified', [true], blockSize]);
    assert.ok(readFileSync(file).equals(wanted));
    assert.deepEqual(readdirSync(target), before);
    if (existsSync(`${file}.second`)) {
      assert.ok(readFileSync(`${file}.second`).equals(old));
    }
  });
}

test('a partial that has another name elsewhere is not that of the finished file, and is replaced', async t => {
  const {download, file, target} = await startHere(t, other);
  const elsewhere = join(target, 'elsewhere');
  writeFileSync(elsewhere, content.subarray(0, blockSize));
  linkSync(elsewhere, join(target, part));
  await download({onConflict: 'resume'});
  assert.ok(readFileSync(file).equals(content));
  assert.ok(readFileSync(elsewhere).equals(content.subarray(0, blockSize)));
  assert.deepEqual(readdirSync(target).toSorted(), ['a', 'elsewhere']);
});

test('a complete file is reported with its SHA-256, its root, its state and its times', async t => {
  const {download, file} = await startHere(t, content);
  utimesSync(file, seconds - 60, seconds - 60);
  const told: DownloadEvent[] = [];
  const found = await download({
    onConflict: 'resume',
    tools: {checksums, roots: true},
    tell: event => told.push(event),
  });
  assert.equal(found.sha256, hash('sha256', content, 'hex'));
  assert.equal(found.root && `root:blake3:${found.root.hex}`, rootOf(content, 'blake3'));
  assert.equal(statSync(file).mtimeMs, seconds * 1000);
  assert.equal(found.copy?.state, stateOf(statSync(file, {bigint: true})));
  const {size, mtimeMs} = found.copy?.remote ?? {};
  assert.deepEqual([size, mtimeMs], [content.length, seconds * 1000]);
  const checks = told.filter(event => event.type === 'check');
  assert.deepEqual(checks.at(-1), {
    ...{type: 'check', checkedBytes: content.length, totalBytes: content.length},
  });
  const progress = told.findLast(event => event.type === 'progress');
  assert.equal(progress?.reusedBytes, content.length);
});

test('the SHA-256 of a complete file is computed while its blocks are hashed', async t => {
  const {download} = await startHere(t, content);
  const calls: string[] = [];
  const follow = () => ({
    hashedBytes: content.length,
    reach: (bytes: number) => calls.push(`reach ${bytes}`),
    async digest(bytes: number) {
      calls.push(`digest ${bytes}`);
      return 'the digest';
    },
    async [Symbol.asyncDispose]() {},
  });
  // Only these parts of the tool are used.
  const tools = {checksums: {follow}} as unknown as Partial<DownloadTools>;
  const tell = ({type}: DownloadEvent) => type === 'check' && calls.push('hash');
  const {sha256} = await download({onConflict: 'resume', tools, tell});
  assert.equal(sha256, 'the digest');
  const steps = calls.filter((call, at) => call !== calls[at - 1]);
  assert.deepEqual(steps, [`reach ${content.length}`, 'hash', `digest ${content.length}`]);
});

test('neither SHA-256 nor root is reported to whoever did not ask for them', async t => {
  const {download} = await startHere(t, content);
  const found = await download({onConflict: 'resume'});
  assert.deepEqual([found.sha256, found.root], [undefined, undefined]);
});

test('a file whose blocks are those of the server, and its root is not, stays as it is', async t => {
  const digests = digestsOf(content);
  const address = await startHostileServer(t, (socket, {kind}) => {
    const about = {size: content.length, mtimeMs: 0, version: 'v'};
    if (kind === frameKinds.stat) {
      socket.write(encodeAnswer('entry', {name: 'a', type: 'file', ...about}));
    } else {
      socket.write(encodeFrame(frameKinds.digests, digests));
      socket.write(encodeAnswer('end', {...about, root: '0'.repeat(64)}));
    }
  });
  await using client = new Client(address);
  const target = temporaryFolder(t);
  writeFileSync(join(target, 'a'), content);
  const tools = {pause: async () => undefined};
  const download = runDownload(client, target, {onConflict: 'resume', tools});
  await assert.rejects(download, {code: 'changed', message: /keeps changing on the server/});
  assert.deepEqual(readdirSync(target), ['a']);
});

test('a file that grows when it was just checked is not complete, also if it gets its old time back', async t => {
  const {download, file} = await startHere(t, content);
  let changes = 0;
  const {outcome} = await download({
    ...{onConflict: 'resume', tools: {pause: async () => undefined}},
    tell(event) {
      if (event.type === 'check' && event.checkedBytes === event.totalBytes && changes++ === 0) {
        appendFileSync(file, 'more');
        utimesSync(file, seconds, seconds);
      }
    },
  });
  assert.ok(changes > 0);
  assert.equal(outcome, 'verified');
  assert.ok(readFileSync(file).equals(content));
});

const endings: ReadonlyArray<[string, Uint8Array, ConflictPolicy, boolean]> = [
  ['is complete', content, 'resume', false],
  ['is damaged', other, 'resume', false],
  ['is its own', content, 'fail', true],
  ['is in the way', other, 'fail', true],
];
for (const [what, bytes, onConflict, begun] of endings) {
  test(`no descriptor is left of a file here that ${what}`, {skip: cannotRecord}, async t => {
    const {download, target} = await startHere(t, bytes);
    await download({onConflict, job: {begun}, tools: {checksums}}).catch(() => undefined);
    assert.deepEqual(openBelow(target), []);
  });
}

for (const [what, expect] of [
  ['a root', rootOf(content)],
  ['a SHA-256', `sha256:${hash('sha256', content, 'hex')}`],
] as const) {
  const job = {expect: parseExpectedContent(expect)};

  test(`a file that is compared with ${what}, whatever comes of it, leaves no descriptor`, {
    skip: cannotRecord,
  }, async t => {
    for (const bytes of [content, other]) {
      const {download, target} = await startHere(t, bytes);
      assert.equal((await download({onConflict: 'resume', job})).outcome, 'verified');
      assert.deepEqual(openBelow(target), []);
    }
  });

  test(`a file that is changed while it is compared with ${what} is not taken for the expected one`, async t => {
    const {download, file} = await startHere(t, content);
    let changes = 0;
    const {outcome} = await download({
      ...{onConflict: 'resume', job, tools: {pause: async () => undefined}},
      tell(event) {
        if (event.type === 'check' && event.checkedBytes === event.totalBytes && changes++ === 0) {
          writeFileSync(`${file}.new`, other);
          renameSync(file, `${file}.old`);
          renameSync(`${file}.new`, file);
          // The open one is written to.
          writeFileSync(`${file}.old`, Buffer.from('x'));
        }
      },
    });
    assert.ok(changes > 0);
    assert.equal(outcome, 'verified');
    assert.ok(readFileSync(file).equals(content));
  });

  test(`with a policy other than resume a file is not compared with ${what}`, async t => {
    const {download, file, target} = await startHere(t, content);
    await assert.rejects(download({job}), {code: 'exists'});
    assert.equal((await download({onConflict: 'skip', job})).outcome, 'skipped');
    const before = statSync(file).ino;
    const found = await download({onConflict: 'overwrite', job});
    assert.deepEqual([found.outcome, found.fetchedBytes], ['verified', content.length]);
    assert.notEqual(statSync(file).ino, before);
    assert.ok(!existsSync(join(target, part)));
  });
}
