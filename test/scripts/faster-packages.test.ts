import assert from 'node:assert/strict';
import path from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {fasterPackages} from '../../scripts/faster-packages.ts';
import {temporaryFolder} from '../fixtures/harness.ts';

const root = path.join(import.meta.dirname, '..', '..');

/** The module at `file` of a package, as it is in the bundles. */
async function bundled<Module>(context: TestContext, file: string) {
  const outfile = path.join(temporaryFolder(context), 'bundled.mjs');
  await build({
    ...{outfile, bundle: true, format: 'esm', platform: 'node', plugins: [fasterPackages]},
    entryPoints: [path.join(root, 'node_modules', file)],
  });
  return (await import(pathToFileURL(outfile).href)) as Module;
}

suite('packages that are changed in the bundles', () => {
  test('the width of a text is what the package says, each time', async context => {
    type Module = {default: (text: string, options?: {ambiguousIsNarrow: boolean}) => number};
    const {default: width} = await bundled<Module>(context, 'string-width/index.js');
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', '日', '─', '·', '👩‍👩‍👧', '🇧🇷', 'e\u0301', '\u001b[31m', '±', '\t'),
        fc.string({unit: 'grapheme', maxLength: 2}),
      ),
    });
    fc.assert(
      fc.property(text, each => {
        const [plain, wide] = [stringWidth(each), stringWidth(each, {ambiguousIsNarrow: false})];
        assert.deepEqual([width(each), width(each)], [plain, plain]);
        assert.equal(width(each, {ambiguousIsNarrow: false}), wide);
        assert.equal(width(each), plain);
      }),
      {numRuns: 3000},
    );
    // More texts than are remembered.
    for (let index = 0; index < 25_000; index++) {
      assert.equal(width(`─${index}`), 1 + String(index).length);
    }
  });

  test('what is drawn over lines of an earlier frame does not change them', async context => {
    type Output = {
      write(x: number, y: number, text: string, options: {transformers: unknown[]}): void;
      get(): {output: string};
    };
    type Module = {default: new (options: {width: number; height: number}) => Output};
    const file = 'ink/build/output.js';
    const {default: Faster} = await bundled<Module>(context, file);
    const {default: Plain} = (await import(
      pathToFileURL(path.join(root, 'node_modules', file)).href
    )) as Module;
    const piece = fc.record({
      x: fc.nat(12),
      y: fc.nat(2),
      text: fc.array(fc.constantFrom('ab', '日本', '\u001b[31mred\u001b[39m', '─', '👩‍👩‍👧', ' '), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(piece, {maxLength: 6}), {maxLength: 4}), frames => {
        for (const frame of frames) {
          const outputs = [Faster, Plain].map(Output => {
            const output = new Output({width: 20, height: 3});
            for (const {x, y, text} of frame) {
              output.write(x, y, text.join(''), {transformers: []});
            }

            return output.get().output;
          });
          assert.equal(outputs[0], outputs[1]);
        }
      }),
      {numRuns: 2000},
    );
  });
});
