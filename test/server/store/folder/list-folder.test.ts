import assert from 'node:assert/strict';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseRemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import {FolderStore} from '../../../../server/store/folder/folder-store.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

for (const remote of [false, true]) {
  test(`a listing${remote ? ' from threads' : ''} ends when its client has left`, async t => {
    const root = temporaryFolder(t);
    for (let index = 0; index < 300; index++) {
      writeFileSync(join(root, `${index}`), '');
    }

    const store = new FolderStore(root, {hashThreads: 1, maskMs: 2000, remote});
    t.after(() => store.close());
    const client = new AbortController();
    let slices = 0;
    await assert.rejects(
      async () => {
        for await (const _entries of store.list(rootPath, client.signal)) {
          slices++;
          client.abort();
        }
      },
      {code: 'aborted'},
    );
    assert.equal(slices, 1);
  });

  test(`a folder that is removed while it is listed${remote ? ' from threads' : ''} does not seem complete`, async t => {
    const root = temporaryFolder(t);
    const folder = join(root, 'folder');
    mkdirSync(folder);
    for (let index = 0; index < 1000; index++) {
      writeFileSync(join(folder, `${index}`), '');
    }

    const store = new FolderStore(root, {hashThreads: 1, maskMs: 2000, remote});
    t.after(() => store.close());
    const {signal} = new AbortController();
    let slices = 0;
    await assert.rejects(
      async () => {
        for await (const entries of store.list(parseRemotePath('folder'), signal)) {
          assert.ok(entries.length > 0 || slices > 0);
          slices++;
          rmSync(folder, {recursive: true, force: true});
        }
      },
      {code: 'not_found'},
    );
    assert.ok(slices > 0);
  });
}
