/** The second process that writes small files: what it does, and what is left when it ends. */
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {flusher} from '../../../../../source/transfers/disk/flush.ts';
import {
  type OpenFolder,
  TargetFolder,
} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {openFiles} from '../../../../../source/transfers/disk/open-files.ts';
import {PartialFile} from '../../../../../source/transfers/disk/partial-file.ts';
import {Writer} from '../../../../../source/transfers/disk/writer/writer.ts';
import {FlushGroup} from '../../../../../source/transfers/download/small/flush-group.ts';
import type {DownloadEvent} from '../../../../../source/transfers/terms/download-event.ts';
import {freePlaces} from '../../../../fixtures/free-places.ts';
import {noise, temporaryFolder, until} from '../../../../fixtures/harness.ts';
import {recordDisk} from '../../../../fixtures/record-disk.ts';
import {type Endings, smallFile} from '../../../../fixtures/small-group.ts';
import {withTypeScript} from '../../../../fixtures/with-typescript.ts';

const part = '.jangada-part';
const mtimeMs = 1_600_000_000_123.456;
const names = Array.from({length: 100}, (_, index) => `f${index}`);
const skip = process.platform === 'linux' ? false : 'a writer is used on Linux alone';

/** A writer that is ready, and the number of its process. */
async function startWriter(t: TestContext): Promise<{writer: Writer; pid: number}> {
  const before = children();
  const writer = new Writer(1);
  t.after(() => writer.end());
  writer.expect(1);
  await until(() => isReady(writer));
  const [pid = 0] = children().filter(child => !before.includes(child));
  return {writer, pid};
}

function isReady(writer: Writer): boolean {
  const taken = writer.take() !== undefined;
  if (taken) {
    writer.letGo();
  }

  return taken;
}

function children(): number[] {
  const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function openFolder(t: TestContext, names: readonly string[] = []): OpenFolder {
  const target = new TargetFolder(temporaryFolder(t));
  const folder = target.open(names);
  t.after(() => {
    folder.release();
    target[Symbol.dispose]();
  });
  return folder;
}

type Told = (name: string, event: DownloadEvent) => void;

/** Add a file for each of `names` to `group`. The files differ in their bytes. */
function addAll(group: FlushGroup, folder: OpenFolder, endings: Endings, told?: Told): void {
  for (const [index, name] of names.entries()) {
    assert.ok(openFiles.take());
    const file = smallFile(folder, name, 100, endings, event => told?.(name, event));
    group.add(file, {size: 100, mtimeMs, version: 'v'}, noise(100, index), undefined);
  }
}

suite('small files that the writer writes', {skip}, () => {
  test('have their bytes, times and names, and no other file is left', async t => {
    const {writer} = await startWriter(t);
    const folder = openFolder(t, ['deep', 'er']);
    const calls = recordDisk(t, join(folder.path, '../..'));
    const group = new FlushGroup(flusher, true, writer);
    const endings: Endings = new Map();
    const before = freePlaces();
    const copies: unknown[] = [];
    addAll(group, folder, endings, (_name, event) => {
      if (event.type === 'done') {
        copies.push(event.copy);
      }
    });
    await group.flush();
    // The only calls of this process: it had already made the folders.
    assert.deepEqual(calls.sort(), ['fsync .', 'fsync deep', 'fsync deep/er']);
    assert.deepEqual([...new Set(endings.values())], ['done']);
    assert.deepEqual(readdirSync(folder.path).sort(), names.toSorted());
    for (const [index, name] of names.entries()) {
      assert.ok(readFileSync(join(folder.path, name)).equals(noise(100, index)));
    }

    assert.equal(Math.round(statSync(join(folder.path, 'f7')).mtimeMs * 1000), mtimeMs * 1000);
    assert.equal(copies.filter(copy => copy !== undefined).length, names.length);
    assert.equal(freePlaces(), before);
  });

  test('that are canceled while the writer names them do not fail if their names are taken', async t => {
    const {writer} = await startWriter(t);
    const folder = openFolder(t);
    const group = new FlushGroup(flusher, false, writer);
    const endings: Endings = new Map();
    const failed: string[] = [];
    addAll(group, folder, endings, (name, event) => {
      if (name === 'f4' && event.type === 'finish') {
        writeFileSync(join(folder.path, name), 'mine');
        // After the main process has sent the request to the writer, and before it can read the answer.
        setImmediate(() => endings.set(name, 'canceled'));
      } else if (event.type === 'failed') {
        failed.push(name);
      }
    });
    await group.flush();
    assert.deepEqual(failed, []);
    assert.equal(endings.get('f4'), 'canceled');
    assert.equal(readFileSync(join(folder.path, 'f4'), 'utf8'), 'mine');
  });

  test('are left to other downloads if a partial file is in the way, and fail if their names are taken', async t => {
    const {writer} = await startWriter(t);
    const folder = openFolder(t);
    writeFileSync(join(folder.path, `f3${part}`), 'of an earlier run');
    writeFileSync(join(folder.path, 'f4'), 'mine');
    mkdirSync(join(folder.path, 'f5'));
    const group = new FlushGroup(flusher, false, writer);
    const endings: Endings = new Map();
    addAll(group, folder, endings);
    await group.flush();
    assert.equal(endings.get('f3'), 'leave');
    assert.deepEqual([endings.get('f4'), endings.get('f5')], ['exists', 'exists']);
    assert.equal(readFileSync(join(folder.path, 'f4'), 'utf8'), 'mine');
    assert.ok(readFileSync(join(folder.path, `f4${part}`)).equals(noise(100, 4)));
    assert.equal([...endings.values()].filter(how => how === 'done').length, names.length - 3);
  });

  test('get no name if they are no longer wanted, or if their partial file was replaced', async t => {
    const {writer} = await startWriter(t);
    const folder = openFolder(t);
    const group = new FlushGroup(flusher, false, writer);
    const endings: Endings = new Map();
    let isFlushed = false;
    addAll(group, folder, endings, (_name, {type}) => {
      if (type === 'finish' && !isFlushed) {
        isFlushed = true;
        endings.set('f6', 'canceled');
        const place = join(folder.path, `f7${part}`);
        writeFileSync(`${place}.new`, 'another');
        renameSync(`${place}.new`, place);
      }
    });
    await group.flush();
    assert.deepEqual([endings.get('f6'), endings.get('f7')], ['canceled', 'unsafe_target']);
    assert.ok(!existsSync(join(folder.path, 'f6')));
    assert.ok(!existsSync(join(folder.path, 'f7')));
    assert.ok(existsSync(join(folder.path, `f6${part}`)));
  });

  test('lock their partial files until they are named', async t => {
    const {writer} = await startWriter(t);
    const folder = openFolder(t);
    const group = new FlushGroup(flusher, false, writer);
    const endings: Endings = new Map();
    let error: unknown;
    addAll(group, folder, endings, (name, {type}) => {
      if (type === 'finish' && name === 'f8') {
        try {
          new PartialFile(folder, 'f8').close();
        } catch (thrown) {
          error = thrown;
        }
      }
    });
    await group.flush();
    assert.ok(error instanceof Error && 'code' in error && error.code === 'locked');
    assert.equal(endings.get('f8'), 'done');
  });

  test('stay in the folder that is held open, whatever now has its path', async t => {
    const {writer} = await startWriter(t);
    const folder = openFolder(t, ['here']);
    renameSync(folder.path, `${folder.path}.moved`);
    mkdirSync(folder.path);
    const group = new FlushGroup(flusher, false, writer);
    addAll(group, folder, new Map());
    await group.flush();
    assert.deepEqual(readdirSync(folder.path), []);
    assert.equal(readdirSync(`${folder.path}.moved`).length, names.length);
  });
});

suite('if the writer is killed', {skip}, () => {
  test('before it flushes the files, they are left to single downloads', async t => {
    const {writer, pid} = await startWriter(t);
    const folder = openFolder(t);
    const group = new FlushGroup(flusher, false, writer);
    const endings: Endings = new Map();
    const before = freePlaces();
    process.kill(pid, 'SIGSTOP');
    addAll(group, folder, endings);
    process.kill(pid, 'SIGKILL');
    await group.flush();
    assert.deepEqual([...new Set(endings.values())], ['leave']);
    assert.equal(endings.size, names.length);
    assert.equal(freePlaces(), before);
    // The writer does not stay as a zombie.
    await until(() => !children().includes(pid));
  });

  test('while it names files, the main process names the others', async t => {
    const {writer, pid} = await startWriter(t);
    const folder = openFolder(t);
    const group = new FlushGroup(flusher, false, writer);
    const endings: Endings = new Map();
    const at = (name: string) => join(folder.path, name);
    let isFlushed = false;
    addAll(group, folder, endings, (_name, {type}) => {
      if (type === 'finish' && !isFlushed) {
        isFlushed = true;
        process.kill(pid, 'SIGKILL');
        // States in which the writer may leave a file.
        linkSync(at(`f1${part}`), at('f1'));
        renameSync(at(`f2${part}`), at('f2'));
        unlinkSync(at(`f3${part}`));
        writeFileSync(at('f4'), 'mine');
      }
    });
    await group.flush();
    assert.equal(endings.get('f3'), 'unsafe_target');
    assert.equal(endings.get('f4'), 'exists');
    assert.equal([...endings.values()].filter(how => how === 'done').length, names.length - 2);
    assert.deepEqual(
      readdirSync(folder.path).sort(),
      [...names.filter(name => name !== 'f3'), `f4${part}`].sort(),
    );
  });

  test('the main process writes the next files, then a new writer', async t => {
    const {writer, pid} = await startWriter(t);
    const folder = openFolder(t);
    process.kill(pid, 'SIGKILL');
    await until(() => !isReady(writer));
    const group = new FlushGroup(flusher, false, writer);
    const endings: Endings = new Map();
    addAll(group, folder, endings);
    await group.flush();
    assert.deepEqual([...new Set(endings.values())], ['done']);
    writer.expect(1);
    await until(() => isReady(writer));
  });
});

/** A program that starts a writer, prints the pid of the writer, and then runs `then`. */
function program(then: string): string[] {
  const writer = new URL('../../../../../source/transfers/disk/writer/writer.ts', import.meta.url);
  const code = `
    import {readFileSync} from 'node:fs';
    const {Writer} = await import(${JSON.stringify(writer.href)});
    const writer = new Writer(1);
    writer.expect(1);
    while (writer.take() === undefined) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }

    console.log(readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8'));
    ${then}`;
  return [...withTypeScript, '--input-type=module', '-e', code];
}

suite('the writer', {skip}, () => {
  test('ends with its process, even if that is killed', async () => {
    const child = spawn(process.execPath, program('setInterval(() => undefined, 1000);'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await until(() => output.includes('\n'));
    const pids = output.trim().split(' ').filter(Boolean);
    assert.ok(pids.length > 0);
    child.kill('SIGKILL');
    await until(() => pids.every(pid => hasEnded(pid)));
  });

  test('keeps no process alive', () => {
    // The time limit ends a process that stays.
    const {status, signal} = spawnSync(process.execPath, program(''), {timeout: 60_000});
    assert.deepEqual([status, signal], [0, null]);
  });
});

/** Whether the process is gone, or is a zombie. */
function hasEnded(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}
