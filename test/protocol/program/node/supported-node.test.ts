import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import manifest from '../../../../package.json' with {type: 'json'};
import {complaintAboutNode} from '../../../../protocol/program/node/supported-node.ts';
import {withTypeScript} from '../../../fixtures/with-typescript.ts';

const complaint =
  'Node 20.20.2 is too old: Jangada needs Node 22.15 or later. Update Node, then start the program again';

test('Node is too old before the version that package.json names, and not from that version on', () => {
  assert.equal(complaintAboutNode('20.20.2'), complaint);
  for (const [version, isOld] of [
    ['8.9.0', true],
    ['22.14.9', true],
    ['22.15.0', false],
    ['23.0.0', false],
    ['100.1.0', false],
  ] as const) {
    assert.equal(complaintAboutNode(version) !== undefined, isOld, version);
  }

  assert.equal(manifest.engines.node, '>=22.15');
});

/** Code that runs first and gives Node the version number of an old one. */
const pretence =
  'Object.defineProperty(process, "versions", {value: {...process.versions, node: "20.20.2"}})';

function onOldNode(...words: string[]) {
  const old = [...withTypeScript, '--import', `data:text/javascript,${pretence}`];
  return spawnSync(process.execPath, [...old, ...words], {encoding: 'utf8'});
}

for (const program of ['source/jangada.ts', 'server/cli.ts']) {
  test(`${program} ends with one line and status 1 on a Node that is too old`, () => {
    const file = fileURLToPath(new URL(`../../../../${program}`, import.meta.url));
    const {status, stderr, stdout} = onOldNode(file, '--version');
    assert.deepEqual([status, stdout, stderr], [1, '', `jangada: ${complaint}\n`]);
  });
}

test('the library throws the same sentence on a Node that is too old, and leaves the process running', () => {
  const library = new URL('../../../../source/index.ts', import.meta.url);
  const program = `import(${JSON.stringify(library)}).catch(error => console.log(error.message))`;
  const {status, stderr, stdout} = onOldNode('--eval', program);
  assert.deepEqual([status, stdout, stderr], [0, `${complaint}\n`, '']);
});
