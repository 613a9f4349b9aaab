import {homedir} from 'node:os';
import {sep} from 'node:path';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';

/** `folder`, an absolute path, in short form: `~` for the home folder, `~/x` for a folder in it. */
export function shortFolder(folder: string, home = homedir()): DisplayText {
  const inHome = home.length > 1 && (folder === home || folder.startsWith(`${home}${sep}`));
  return displayName(inHome ? `~${folder.slice(home.length)}` : folder);
}
