/** The promises of a store, for a folder and for a store in memory. For a bucket: test/engines/bucket.engine.ts. */
import {Buffer} from 'node:buffer';
import {mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {nameToBytes, parentOf, parseRemotePath} from '../../../protocol/remote-path.ts';
import {FolderStore} from '../../../server/store/folder/folder-store.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {mtimeMs, type Subject, testContract} from './store-contract.ts';

function folderSubject(remote: boolean): Subject {
  const root = mkdtempSync(join(tmpdir(), 'jangada-store-'));
  const store = new FolderStore(root, {hashThreads: 1, maskMs: 2000, remote});
  const place = (name: string) => Buffer.concat([Buffer.from(`${root}/`), nameToBytes(name)]);
  const makeFolder = (name: string) => mkdirSync(place(name), {recursive: true});
  return {
    ...{store, hasRawNames: true, keepsTimes: true},
    makeFolder,
    write(name, bytes) {
      makeFolder(parentOf(parseRemotePath(name)));
      // Replace the file by a new one, as most programs do.
      writeFileSync(place(`${name}.new`), bytes);
      utimesSync(place(`${name}.new`), mtimeMs / 1000, mtimeMs / 1000);
      renameSync(place(`${name}.new`), place(name));
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      rmSync(root, {recursive: true});
    },
  };
}

function memorySubject(): Subject {
  const store = new MemoryStore();
  return {
    ...{store, hasRawNames: true, keepsTimes: true},
    write: (name, bytes) => store.write(name, bytes, mtimeMs),
    makeFolder: name => store.makeFolder(name),
    async [Symbol.asyncDispose]() {},
  };
}

const subjects: Record<string, () => Subject> = {
  'a folder': () => folderSubject(false),
  'a folder that is read from threads': () => folderSubject(true),
  memory: memorySubject,
};

for (const [kind, make] of Object.entries(subjects)) {
  testContract(kind, make);
}
