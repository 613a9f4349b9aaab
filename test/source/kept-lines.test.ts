import assert from 'node:assert/strict';
import {mkdirSync, readdirSync, statSync, truncateSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {suite, test} from 'node:test';
import {KeptLinesFile} from '../../source/kept-lines.ts';
import {temporaryFolder} from '../fixtures/harness.ts';
import {runAtOnce} from '../fixtures/run-at-once.ts';

suite('lines that are kept in a file', () => {
  test('are read back as written, only for this user, and no other file is left', t => {
    const file = join(temporaryFolder(t), 'state', 'lines');
    assert.deepEqual(new KeptLinesFile(file).read(), []);
    new KeptLinesFile(file).change(() => ['list', 'sget é 👍']);
    assert.deepEqual(new KeptLinesFile(file).read(), ['list', 'sget é 👍']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(dirname(file)).sort(), ['lines', 'lines.lock']);
  });

  test('are all there after several processes have added some at once', async t => {
    const file = join(temporaryFolder(t), 'lines');
    const source = new URL('../../source/kept-lines.ts', import.meta.url);
    const names = ['a', 'b', 'c', 'd'];
    await runAtOnce(
      `const {KeptLinesFile} = await import(${JSON.stringify(source.href)});
      const [file, name] = words;
      const lines = new KeptLinesFile(file);
      const add = line => {
        try {
          lines.change(others => [...others, line]);
        } catch {
          // On a busy machine the others may take longer than a change waits.
          add(line);
        }
      };
      await begin();
      for (let index = 0; index < 10; index++) {
        add(name + index);
      }`,
      names.map(name => [file, name]),
    );
    const wanted = names.flatMap(name => Array.from({length: 10}, (_, at) => `${name}${at}`));
    assert.deepEqual(new KeptLinesFile(file).read().sort(), wanted);
  });

  test('are not read from a file that is too large, and the error names a file that cannot be written', t => {
    const file = join(temporaryFolder(t), 'lines');
    new KeptLinesFile(file).change(() => ['a']);
    truncateSync(file, 5_000_000);
    assert.deepEqual(new KeptLinesFile(file).read(), []);
    const folder = join(temporaryFolder(t), 'lines');
    mkdirSync(folder);
    assert.throws(() => new KeptLinesFile(folder).change(() => ['a']), {
      code: 'local_io',
      message: /lines/,
    });
  });
});
