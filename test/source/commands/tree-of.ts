/** The tree of a folder, as tests of `mget` compare it. */
import {readdirSync} from 'node:fs';
import path from 'node:path';

/** All that is below a folder, sorted, with a slash behind what is a folder. */
export function treeOf(folder: string): string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .map(entry => {
      const name = path.relative(folder, path.join(entry.parentPath, entry.name));
      return entry.isDirectory() ? `${name}/` : name;
    })
    .sort();
}
