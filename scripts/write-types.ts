import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdir, readFile, rm} from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const types = path.join(root, 'dist/types');
const entry = path.join(types, 'source/index.d.ts');

/**
 * Writes the types of the library to dist/types/: only the files that its entry imports.
 *
 * @throws if the types are wrong.
 */
export async function writeTypes(): Promise<void> {
  await rm(types, {recursive: true, force: true});
  await compile();
  await removeOthers(await importedFrom(entry));
}

async function compile(): Promise<void> {
  const child = spawn(
    process.execPath,
    [await typescriptProgram(), '-p', path.join(import.meta.dirname, 'tsconfig.types.json')],
    {cwd: root, stdio: ['ignore', 'inherit', 'inherit']},
  );
  const [status] = await once(child, 'exit');
  if (status !== 0) {
    throw new Error('The types of the library could not be written');
  }
}

async function typescriptProgram(): Promise<string> {
  const folder = path.join(root, 'node_modules/typescript');
  const {bin} = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, bin.tsc);
}

// `from './…'`, `import './…'`, `import('./…')`.
const importPattern = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** `file`, and all files that it imports directly or indirectly. */
async function importedFrom(file: string): Promise<ReadonlySet<string>> {
  const files = new Set([file]);
  // The loop also visits files that are added to the set meanwhile.
  for (const importer of files) {
    const text = await readFile(importer, 'utf8');
    for (const [, specifier = ''] of text.matchAll(importPattern)) {
      const source = path.join(path.dirname(importer), specifier);
      files.add(source.replace(/\.tsx?$/, '.d.ts'));
    }
  }

  return files;
}

/** Remove the other files: the compiler also writes types of modules that no user can import. */
async function removeOthers(kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(types, {recursive: true})) {
    const file = path.join(types, name);
    if (file.endsWith('.d.ts') && !kept.has(file)) {
      await rm(file);
    }
  }
}
