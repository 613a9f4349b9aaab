import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {checkFile, checkTree, circlesIn} from '../scripts/check-imports.ts';
import {findCircles} from '../scripts/import-circles.ts';

const checkout = path.join(import.meta.dirname, '..');

test('imports follow the arrows of docs/architecture.md', () => {
  assert.deepEqual(checkTree(checkout), []);
});

test('no file imports itself through others', () => {
  assert.deepEqual(circlesIn(checkout), []);
});

const against: ReadonlyArray<[file: string, code: string]> = [
  ['protocol/frame.ts', "import {x} from '../server/x.ts';"],
  ['protocol/frame.ts', "export * from '../source/index.ts';"],
  ['server/session.ts', "import {Client} from '../source/client/client.ts';"],
  ['server/session.ts', "import type {Client} from '../source/client/client.ts';"],
  ['server/operations/list.ts', "const x = await import('../../source/cli.ts');"],
  ['server/session.ts', "import React from 'react';"],
  ['source/cli.ts', "import {startServer} from '../server/server.ts';"],
  ['source/commands/serve.ts', "await import('../../server/cli.ts');"],
  ['source/client/pool.ts', "import {Queue} from '../transfers/queue/queue.ts';"],
  ['source/client/pool.ts', "import {run} from '../commands/list.ts';"],
  ['source/client/pool.ts', "import {useState} from 'react';"],
  ['source/transfers/queue/queue.ts', "import {App} from '../../tui/app.tsx';"],
  ['source/transfers/queue/queue.ts', "import {Text} from 'ink';"],
  ['source/transfers/queue/queue.ts', "import Spinner from 'ink-spinner';"],
  ['source/transfers/queue/queue.ts', "import {\n  run,\n} from '../../commands/list.ts';"],
  ['source/transfers/download/download.ts', "import {Queue} from '../queue/queue.ts';"],
  ['source/transfers/download/download.ts', "import {x} from '../database/queue-store.ts';"],
  ['source/transfers/blocks/lane.ts', "import type {Download} from '../download/download.ts';"],
  ['source/transfers/database/rows.ts', "import {localName} from '../disk/local-name.ts';"],
  ['source/transfers/hashing/checker.ts', "import {x} from '../disk/partial-file.ts';"],
  ['source/transfers/disk/partial-file.ts', "import {Checker} from '../hashing/checker.ts';"],
  ['source/transfers/terms/limits.ts', "import {room} from '../disk/room.ts';"],
  ['source/transfers/queue/queue.ts', "import {x} from '../attic/x.ts';"],
  ['source/transfers/queue/queue.ts', "import {x} from '../x.ts';"],
  ['source/transfers/attic/x.ts', "import {limits} from '../terms/limits.ts';"],
  ['source/transfers/x.ts', "import {limits} from './terms/limits.ts';"],
  ['source/tui/model/app.ts', "import type {Row} from '../../transfers/queue/row.ts';"],
  ['source/tui/model/app.ts', "import {x} from '../../transfers/database/queue-store.ts';"],
  ['source/tui/model/app.ts', "import {x} from '../../transfers/disk/local-name.ts';"],
  ['source/commands/mget.ts', "import {Rows} from '../transfers/queue/rows.ts';"],
  ['source/commands/mget.ts', "import {Lane} from '../transfers/blocks/lane.ts';"],
  ['source/commands/queue/add.ts', "import {x} from '../../transfers/hashing/checker.ts';"],
  ['source/cli.ts', "await import('./transfers/queue/limit-settings.ts');"],
  ['source/index.ts', "export type {Row} from './transfers/queue/row.ts';"],
  ['server/session.ts', "import type {FindPool} from './store/folder/find/find-pool.ts';"],
  ['server/session.ts', "import type {Root} from './store/folder/root/root.ts';"],
  ['server/server.ts', "import {listFolder} from './store/folder/list-folder.ts';"],
  ['server/store/store.ts', "import type {FolderFile} from './folder/folder-file.ts';"],
  ['server/store/folder/find/find-worker.ts', "import {x} from '../../../operations/find.ts';"],
  ['server/operations/get.ts', "import {FolderStore} from '../store/folder/folder-store.ts';"],
  ['server/classic/sget.ts', "import {FolderStore} from '../store/folder/folder-store.ts';"],
  ['server/store/folder/list-folder.ts', "import {x} from '../../classic/list.ts';"],
  ['server/operations/hash.ts', "import '../hash-worker.ts';"],
  ['server/store/folder/find/find-pool.ts', "import {x} from '../../../connection/session.ts';"],
  ['source/tui/app.tsx', "import net from 'node:net';"],
  ['source/tui/app.tsx', "import {readFile} from 'node:fs/promises';"],
  ['source/tui/app.tsx', "import fs from 'fs';"],
  ['source/tui/panes/files.tsx', "import {list} from '../../commands/list.ts';"],
  ['source/commands/list.ts', "import {App} from '../tui/app.tsx';"],
  ['source/commands/list.ts', "import '../../test/fixtures/tree.ts';"],
  ['source/index.ts', "export {run} from './cli.ts';"],
];

for (const [file, code] of against) {
  test(`${file} must not have ${code.replaceAll('\n', ' ')}`, () => {
    const violations = checkFile(file, `// A comment.\n${code}\n`);
    assert.equal(violations.length, 1);
    assert.equal(violations[0]?.file, file);
  });
}

const along: ReadonlyArray<[file: string, code: string]> = [
  ['server/session.ts', "import {digestOf} from '../protocol/block.ts';"],
  ['source/client/pool.ts', "import net from 'node:net';"],
  ['source/transfers/queue/queue.ts', "import {Row} from './row.ts';"],
  ['source/transfers/queue/queue.ts', "import {x} from '../database/queue-store.ts';"],
  ['source/transfers/download/download.ts', "import {Lane} from '../blocks/lane.ts';"],
  ['source/transfers/blocks/lane.ts', "import {Client} from '../../client/client.ts';"],
  ['source/transfers/terms/limits.ts', "import {x} from '../../../protocol/errors.ts';"],
  ['source/tui/model/app.ts', "import {verifyFile} from '../../transfers/download/verify.ts';"],
  ['source/commands/queue/add.ts', "import {x} from '../../transfers/database/queue-store.ts';"],
  ['source/commands/verify.ts', "import {localName} from '../transfers/disk/local-name.ts';"],
  ['source/index.ts', "export type {TransferState} from './transfers/terms/transfer-state.ts';"],
  ['server/operations/get.ts', "import type {Store} from '../store/store.ts';"],
  ['server/operations/list.ts', "import {EntryFrames} from '../store/entry-frames.ts';"],
  ['server/server.ts', "import {FolderStore} from './store/folder/folder-store.ts';"],
  ['server/store/folder/folder-store.ts', "import {openRoot} from './root/open-root.ts';"],
  ['server/store/folder/folder-store.ts', "import type {Store} from '../store.ts';"],
  ['source/tui/app.tsx', "import {Text} from 'ink';"],
  ['source/tui/app.tsx', "import type {Queue} from '../transfers/queue/queue.ts';"],
  ['source/cli.ts', "await import('./tui/app.tsx');\nawait import('./commands/list.ts');"],
  ['source/commands/serve.ts', "new URL('../../server/cli.ts', import.meta.url);"],
  ['protocol/frame.ts', "// import {x} from '../server/x.ts';\n/* from '../source/cli.ts' */"],
];

for (const [file, code] of along) {
  test(`${file} may have ${code.replaceAll('\n', ' ')}`, () => {
    assert.deepEqual(checkFile(file, code), []);
  });
}

test('all files of a tree are checked, also in folders of folders', t => {
  const root = treeOf(t, {'source/tui/panes/a.tsx': "\nimport net from 'node:net';\n"});
  assert.deepEqual(
    checkTree(root).map(({file, line, imports}) => ({file, line, imports})),
    [{file: 'source/tui/panes/a.tsx', line: 2, imports: 'node:net'}],
  );
});

test('a circle is reported file by file, also if it goes through types or imports at run time', t => {
  const root = treeOf(t, {
    'source/b.ts': "import type {C} from './client/c.ts';",
    'source/client/c.ts': "import {a} from '../a.ts';",
    'source/a.ts': "const b = await import('./b.ts');",
    'source/outside.ts': "import {a} from './a.ts';",
    'test/fixtures/one.ts': "import {two} from './two.ts';",
    'test/fixtures/two.ts': "export * from './one.ts';",
  });
  assert.deepEqual(circlesIn(root), [
    ['source/a.ts', 'source/b.ts', 'source/client/c.ts'],
    ['test/fixtures/one.ts', 'test/fixtures/two.ts'],
  ]);
});

test('two ways to one file are not a circle, and an import in a comment does not count', t => {
  const root = treeOf(t, {
    'protocol/top.ts': "import './left.ts';\nimport './right.ts';",
    'protocol/left.ts': "import './bottom.ts';",
    'protocol/right.ts': "import './bottom.ts';",
    'protocol/bottom.ts': "// import './top.ts';",
  });
  assert.deepEqual(circlesIn(root), []);
});

test('for each file the shortest circle is reported, and each circle once', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'a']],
    ['c', ['d']],
    ['d', ['b', 'e']],
    ['e', ['e']],
  ]);
  assert.deepEqual(findCircles(graph), [['a', 'b'], ['b', 'c', 'd'], ['e']]);
});

/** Make a folder with these files. It is removed after the test. */
function treeOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(os.tmpdir(), 'jangada-imports-'));
  t.after(() => rmSync(root, {recursive: true}));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), {recursive: true});
    writeFileSync(path.join(root, name), text);
  }

  return root;
}
