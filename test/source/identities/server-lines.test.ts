import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {runAtOnce} from '../../fixtures/run-at-once.ts';

const source = new URL('../../../source/identities/server-lines.ts', import.meta.url);

test('servers that several processes remember and forget at once are all remembered and forgotten', async t => {
  const file = join(temporaryFolder(t), 'known');
  const names = ['a', 'b', 'c', 'd'];
  await runAtOnce(
    `const {ServerLines} = await import(${JSON.stringify(source.href)});
    const [file, name] = words;
    const lines = new ServerLines(file, {isSecret: true, parse: text => text, format: text => text, heading: '# known\\n', folder: 'JANGADA_STATE'});
    const server = index => ({scheme: 'jangada', host: name + index, port: 1, root: ''});
    await begin();
    for (let index = 0; index < 10; index++) {
      lines.remember(server(index), name);
      lines.remember(server('x'), String(index));
    }
    lines.forget(server('x'));`,
    names.map(name => [file, name]),
  );
  const wanted = names.flatMap(name =>
    Array.from({length: 10}, (_, at) => `${name}${at}:1 ${name}`),
  );
  const [heading, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  assert.equal(heading, '# known');
  assert.deepEqual(lines.sort(), wanted.sort());
});
