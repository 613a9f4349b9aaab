import {homedir} from 'node:os';
import {sep} from 'node:path';
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';

/** `folder`, an absolute path, as people write it: `~` for the home folder, `~/x` for one in there. */
export function shortFolder(folder: string, home = homedir()): DisplayText {
  const inHome = home.length > 1 && (folder === home || folder.startsWith(`${home}${sep}`));
  return displayName(inHome ? `~${folder.slice(home.length)}` : folder);
}
