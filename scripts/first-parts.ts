/**
 * Puts all that the client loads first into one file. Where parts are loaded later, esbuild puts what several of
 * them share into a file for each set of those that share it: fourteen for the code that each start
 * needs, and Node takes half a millisecond for each, however small it is. When every part imports all of that code, which
 * is there by then, it is one set.
 */
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Loader, Metafile, Plugin} from 'esbuild';

const moduleName = 'what-is-loaded-first';
const loaders: Readonly<Record<string, Loader>> = {'.ts': 'ts', '.tsx': 'tsx'};

/** @param bundle of the client in parts, the first of which begins at `entry`. */
export function firstParts({inputs, outputs}: Metafile, entry: string, root: string): Plugin {
  const modules = importedBy(inputs, entry).map(file => path.join(root, file));
  const entries = new Set(
    Object.values(outputs).flatMap(({entryPoint}) =>
      entryPoint === undefined ? [] : path.join(root, entryPoint),
    ),
  );
  return {
    name: 'first-parts',
    setup(build) {
      build.onResolve({filter: new RegExp(`^${moduleName}$`)}, () => ({
        path: moduleName,
        namespace: moduleName,
      }));
      build.onLoad({filter: /./, namespace: moduleName}, () => ({
        contents: modules.map(file => `import ${JSON.stringify(file)};`).join('\n'),
        resolveDir: root,
      }));
      build.onLoad({filter: /\.(?:tsx?|js)$/}, async ({path: file}) =>
        entries.has(file)
          ? {
              contents: `import '${moduleName}';${await readFile(file, 'utf8')}`,
              loader: loaders[path.extname(file)] ?? 'js',
            }
          : undefined,
      );
    },
  };
}

/** Our own files that `entry` imports, and those that they import: what packages have comes with them. */
function importedBy(inputs: Metafile['inputs'], entry: string): string[] {
  const found = new Set([entry]);
  for (const file of found) {
    for (const {path: imported, kind, external} of inputs[file]?.imports ?? []) {
      if (
        kind === 'import-statement' &&
        external !== true &&
        /^(?:source|protocol)\//.test(imported)
      ) {
        found.add(imported);
      }
    }
  }

  found.delete(entry);
  return [...found];
}
