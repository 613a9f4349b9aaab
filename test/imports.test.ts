import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {checkFile, checkTree} from '../scripts/check-imports.ts';

test('imports follow the arrows of docs/architecture.md', () => {
  assert.deepEqual(checkTree(path.join(import.meta.dirname, '..')), []);
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
  ['source/client/pool.ts', "import {Queue} from '../transfers/queue.ts';"],
  ['source/client/pool.ts', "import {run} from '../commands/list.ts';"],
  ['source/client/pool.ts', "import {useState} from 'react';"],
  ['source/transfers/queue.ts', "import {App} from '../tui/app.tsx';"],
  ['source/transfers/queue.ts', "import {Text} from 'ink';"],
  ['source/transfers/queue.ts', "import Spinner from 'ink-spinner';"],
  ['source/transfers/queue.ts', "import {\n  run,\n} from '../commands/list.ts';"],
  ['source/tui/app.tsx', "import net from 'node:net';"],
  ['source/tui/app.tsx', "import {readFile} from 'node:fs/promises';"],
  ['source/tui/app.tsx', "import fs from 'fs';"],
  ['source/tui/panes/files.tsx', "import {list} from '../../commands/list.ts';"],
  ['source/commands/list.ts', "import {App} from '../tui/app.tsx';"],
  ['source/commands/list.ts', "import '../../test/fixtures/tree.ts';"],
  ['source/index.ts', "export {run} from './cli.ts';"],
];

for (const [file, code] of against) {
  test(`${file} may not say ${code.replaceAll('\n', ' ')}`, () => {
    const violations = checkFile(file, `// A comment.\n${code}\n`);
    assert.equal(violations.length, 1);
    assert.equal(violations[0]?.file, file);
  });
}

const along: ReadonlyArray<[file: string, code: string]> = [
  ['server/session.ts', "import {digestOf} from '../protocol/block.ts';"],
  ['source/client/pool.ts', "import net from 'node:net';"],
  ['source/tui/app.tsx', "import {Text} from 'ink';"],
  ['source/tui/app.tsx', "import type {Queue} from '../transfers/queue.ts';"],
  ['source/cli.ts', "await import('./tui/app.tsx');\nawait import('./commands/list.ts');"],
  ['source/commands/serve.ts', "new URL('../../server/cli.ts', import.meta.url);"],
  ['protocol/frame.ts', "// import {x} from '../server/x.ts';\n/* from '../source/cli.ts' */"],
];

for (const [file, code] of along) {
  test(`${file} may say ${code.replaceAll('\n', ' ')}`, () => {
    assert.deepEqual(checkFile(file, code), []);
  });
}

test('a whole tree is looked through, folders below folders too', t => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'jangada-imports-'));
  t.after(() => rmSync(root, {recursive: true}));
  mkdirSync(path.join(root, 'source/tui/panes'), {recursive: true});
  writeFileSync(path.join(root, 'source/tui/panes/a.tsx'), "\nimport net from 'node:net';\n");
  assert.deepEqual(
    checkTree(root).map(({file, line, imports}) => ({file, line, imports})),
    [{file: 'source/tui/panes/a.tsx', line: 2, imports: 'node:net'}],
  );
});
