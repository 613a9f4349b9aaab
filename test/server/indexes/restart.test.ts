/** The program itself, killed and started again, and the system's count of the bytes that it reads. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {patternedBytes, until} from '../../fixtures/server/server-folder.ts';
import {json, kinds, RawPeer} from '../../fixtures/server/server-raw-peer.ts';
import {withTypeScript} from '../../fixtures/with-typescript.ts';

const cli = fileURLToPath(new URL('../../../server/cli.ts', import.meta.url));
const size = 64 * 1_048_576;

type Program = {peer: RawPeer; readBytes(): number; kill(): Promise<void>; errors(): string};

async function start(t: TestContext, root: string, state: string, ...options: string[]) {
  const words = [...withTypeScript, cli, root, '--port', '0', ...options];
  const child = spawn(process.execPath, words, {env: {...process.env, JANGADA_STATE: state}});
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', text => {
    output += text;
  });
  child.stderr.on('data', text => {
    errors += text;
  });
  await until(() => output.includes('\n') || child.exitCode !== null, 'it serves');
  const port = Number(/:(\d+)\n$/.exec(output)?.[1]);
  const peer = await RawPeer.greeted({host: '127.0.0.1', port});
  const program: Program = {
    peer,
    readBytes: () =>
      Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${child.pid}/io`, 'utf8'))?.[1]),
    async kill() {
      peer.socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'close');
    },
    errors: () => errors,
  };
  return program;
}

/** The root digest in the answers to `digests` and `roots`, and the bytes that the program reads for them. */
async function askRoots({peer, readBytes}: Program) {
  const before = readBytes();
  const digests = await peer.ask(kinds.digests, {path: 'file'});
  const rooted = await peer.ask(kinds.roots, {files: [['file', size]]});
  const told = json(digests.at(-1) ?? assert.fail()).root;
  assert.equal(rooted[0]?.payload.subarray(-32).toString('hex'), told);
  return {root: told, read: readBytes() - before};
}

for (const [where, option] of [
  ['in the folder for state', []],
  ['in a folder of digests', ['--digests', 'digests']],
] as const) {
  test(`${where}: a server that was killed does not read again for the digests that it has sent`, {
    skip: !existsSync('/proc/self/io') && 'the system does not tell what a process reads',
  }, async t => {
    const folder = temporaryFolder(t);
    const [root, state] = [join(folder, 'root'), join(folder, 'state')];
    mkdirSync(root);
    const file = join(root, 'file');
    writeFileSync(file, patternedBytes(size));
    await until(() => Date.now() > statSync(file).ctimeMs + 2100, 'the file is no longer fresh');
    const options = option.map(word => (word === 'digests' ? join(folder, word) : word));
    const first = await start(t, root, state, ...options);
    const computed = await askRoots(first);
    // The thread of the shelf also reads its own code.
    assert.ok(computed.read >= size && computed.read < size * 1.5, `${computed.read} bytes`);
    await first.kill();
    const second = await start(t, root, state, ...options);
    const known = await askRoots(second);
    assert.equal(known.root, computed.root);
    assert.ok(known.read < size / 2, `${known.read} bytes`);
    assert.equal(second.errors().includes('cannot save or load digests'), false);
    const kept = option.length > 0 ? join(folder, 'digests') : state;
    assert.ok(readdirSync(kept).length > 0);
  });
}

test('with --digests none, nothing is written, and a server that was killed reads the file again', {
  skip: !existsSync('/proc/self/io') && 'the system does not tell what a process reads',
}, async t => {
  const folder = temporaryFolder(t);
  const [root, state] = [join(folder, 'root'), join(folder, 'state')];
  mkdirSync(root);
  const file = join(root, 'file');
  writeFileSync(file, patternedBytes(size));
  await until(() => Date.now() > statSync(file).ctimeMs + 2100, 'the file is no longer fresh');
  for (let round = 0; round < 2; round++) {
    const program = await start(t, root, state, '--digests', 'none');
    const {read} = await askRoots(program);
    assert.ok(read >= size, `${read} bytes`);
    await program.kill();
  }

  assert.equal(existsSync(state), false);
});
