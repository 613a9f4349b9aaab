/** The entries that keys stand for. */
import type {Entry} from '../../../protocol/messages.ts';
import type {Listed} from './s3/listing.ts';

/** A folder has no size, and no time: a bucket knows none of it. */
export function folderNamed(name: string): Entry {
  return {name, type: 'folder', size: 0, mtimeMs: 0};
}

/** The entry of a key behind its first `base` characters; undefined for the object of that folder itself. */
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
