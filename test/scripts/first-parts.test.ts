import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {build, type Metafile, type Plugin} from 'esbuild';
import {firstParts} from '../../scripts/first-parts.ts';
import {temporaryFolder} from '../fixtures/harness.ts';

const stages = [
  {entry: 'source/first.ts', later: 'all'},
  {entry: 'source/one.ts', later: ['source/other.tsx', 'source/third.ts']},
] as const;

const files = {
  'first.ts': `import {a} from './a.ts'; import {b} from './b.ts'; import {c} from './c.ts';
    console.log(a, b, c); await import('./one.ts'); await import('./other.tsx');
    await import('./third.ts'); await import('./small.ts');`,
  'one.ts': `import {a} from './a.ts'; import {b} from './b.ts'; import {d} from './d.ts';
    import {e} from './e.ts'; console.log(a, b, d, e);`,
  'other.tsx': `import {b} from './b.ts'; import {c} from './c.ts'; import {d} from './d.ts'; console.log(b, c, d);`,
  'third.ts': `import {e} from './e.ts'; console.log(e);`,
  'small.ts': `import {c} from './c.ts'; console.log(c);`,
  'a.ts': `import {c} from './c.ts'; export const a = ['a', c];`,
  'b.ts': `export const b: string = 'b';`,
  'c.ts': `export const c = 'c';`,
  'd.ts': `export const d = 'd';`,
  'e.ts': `export const e = 'e';`,
};

/** Bundles a small program, and groups its files by the part that contains them. */
async function partsOf(t: TestContext) {
  const root = temporaryFolder(t);
  mkdirSync(path.join(root, 'source'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(root, 'source', name), text);
  }

  const bundled = async (plugins: Plugin[]): Promise<Metafile> => {
    const {metafile} = await build({
      ...{absWorkingDir: root, outdir: root, bundle: true, splitting: true, write: false, plugins},
      ...{metafile: true, format: 'esm', logLevel: 'silent', entryPoints: ['source/first.ts']},
    });
    return metafile;
  };
  const metafile = await bundled([]);
  const together = await bundled([firstParts(metafile, stages, root)]);
  return {apart: namesIn(metafile), together: namesIn(together)};
}

function namesIn({outputs}: Metafile): string[] {
  return Object.values(outputs)
    .map(({inputs}) =>
      Object.keys(inputs)
        .map(file => path.basename(file))
        .sort()
        .join(),
    )
    .sort();
}

test('modules that load together are in one file, and modules that load later are in others', async t => {
  const {apart, together} = await partsOf(t);
  const parts = ['first.ts', 'one.ts', 'other.tsx', 'small.ts', 'third.ts'];
  assert.deepEqual(apart, ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts', ...parts]);
  assert.deepEqual(together, ['a.ts,b.ts,c.ts', 'd.ts,e.ts', ...parts]);
});
