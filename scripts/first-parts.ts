/**
 * Puts code that is loaded together into one file. esbuild makes a separate file for the code of each set of parts that
 * share it: fourteen files for the code of each start, eight more for the code of a command, and Node takes half a
 * millisecond for each file, however small. If every later part imports all of that code, which is loaded by then anyway,
 * all of it belongs to one set, and so to one file.
 */
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Loader, Metafile, Plugin} from 'esbuild';

const moduleName = 'what-is-loaded-first';
const loaders: Readonly<Record<string, Loader>> = {'.ts': 'ts', '.tsx': 'tsx'};

/** A part of the client, and the later parts that need most of its imported code. */
export type Stage = {readonly entry: string; readonly later: readonly string[] | 'all'};

/** @param bundle the bundle of the client in parts; its stages are in the order of loading. */
export function firstParts(
  {inputs, outputs}: Metafile,
  stages: readonly Stage[],
  root: string,
): Plugin {
  const entries = Object.values(outputs).flatMap(({entryPoint}) => entryPoint ?? []);
  const withStage = stages.map(({entry, later}) => ({
    files: importedBy(inputs, entry),
    entries: new Set(later === 'all' ? entries : [entry, ...later]),
  }));
  return {
    name: 'first-parts',
    setup(build) {
      build.onResolve({filter: new RegExp(`^${moduleName}-\\d+$`)}, ({path}) => ({
        path,
        namespace: moduleName,
      }));
      build.onLoad({filter: /./, namespace: moduleName}, ({path: name}) => ({
        contents: (withStage[Number(name.slice(moduleName.length + 1))]?.files ?? [])
          .map(file => `import ${JSON.stringify(path.join(root, file))};`)
          .join('\n'),
        resolveDir: root,
      }));
      build.onLoad({filter: /\.(?:tsx?|js)$/}, async ({path: file}) => {
        const part = path.relative(root, file).replaceAll(path.sep, '/');
        const needed = withStage.flatMap((stage, index) =>
          stage.entries.has(part) ? [`import '${moduleName}-${index}';`] : [],
        );
        return needed.length === 0
          ? undefined
          : {
              contents: `${needed.join('')}${await readFile(file, 'utf8')}`,
              loader: loaders[path.extname(file)] ?? 'js',
            };
      });
    },
  };
}

/** Our own files that `entry` imports directly or indirectly; packages come with them. */
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
