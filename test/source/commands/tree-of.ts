/** The tree of a folder, in the form that tests of `mget` compare. */
import {readdirSync} from 'node:fs';
import path from 'node:path';

/** All paths below a folder, sorted, with a slash after folders. */
export function treeOf(folder: string): string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .map(entry => {
      const name = path.relative(folder, path.join(entry.parentPath, entry.name));
      return entry.isDirectory() ? `${name}/` : name;
    })
    .sort();
}
