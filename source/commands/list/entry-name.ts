import {isRemotePath} from '../../../protocol/remote-path.ts';

/** Whether a folder can hold an entry of this name: a server may send any name. */
export function isEntryName(name: string): boolean {
  return name !== '' && !name.includes('/') && isRemotePath(name);
}
