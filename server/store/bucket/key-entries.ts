/** Makes entries from keys. */
import type {Entry} from '../../../protocol/messages.ts';
import type {Listed} from './s3/listing.ts';

/** The entry of a folder: without size and time, because a bucket has none. */
export function folderNamed(name: string): Entry {
  return {name, type: 'folder', size: 0, mtimeMs: 0};
}

/** The entry of a key, named without its first `base` characters; undefined for the object of the folder itself. */
export function entryOf(listed: Listed, base: number): Entry | undefined {
  const {key} = listed;
  if (key.length <= base) {
    return undefined;
  }

  if (listed.kind === 'folder' || key.endsWith('/')) {
    return folderNamed(key.slice(base, -1));
  }

  return {name: key.slice(base), type: 'file', size: listed.size, mtimeMs: listed.mtimeMs};
}
