/** Local paths as a user writes them on the command line of either program. */
import {homedir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {displayName} from '../display-text.ts';
import {JangadaError} from '../errors.ts';

/**
 * The absolute path of `text`. A leading `~` that the shell did not replace, as in `--to=~/x`, is the user's home folder.
 *
 * @param what the option or argument with this value, for the message.
 * @throws JangadaError `usage` for the home folder of another user, `~NAME`; `local_io` for a relative path if the current
 * folder no longer exists.
 */
export function absolutePath(text: string, what: string): string {
  if (/^~(?:\/|$)/.test(text)) {
    return path.resolve(path.join(homedir(), text.slice(1)));
  }

  if (/^~[a-z_][\w-]*(?:\/|$)/i.test(text)) {
    const shown = displayName(text);
    const option = what.startsWith('-') ? `${what} ` : '';
    throw new JangadaError(
      'usage',
      `Invalid value '${shown}' for ${what}: only the shell knows the home folders of other users, and it replaces ~ only at the beginning of a word, without quotes. ` +
        `Write ${option}${shown}, or ./${shown} for a local file with that name`,
    );
  }

  const cause = path.isAbsolute(text) ? undefined : whyNoFolder();
  if (cause !== undefined) {
    throw new JangadaError(
      'local_io',
      `The current folder does not exist any more. Go to another one (cd), or write an absolute path for ${what}`,
      {cause},
    );
  }

  return path.resolve(text);
}

/** The error of the missing current folder at the time when the program left it. */
let left: unknown;

/**
 * Change to the root of the file system if the current folder was deleted, because libraries ask for the current folder
 * while they load. `absolutePath` still refuses relative paths.
 */
export function leaveDeletedFolder(): void {
  left ??= whyNoFolder();
  if (left !== undefined) {
    leaveFolder();
  }
}

/** Change to the root of the file system: nobody can delete it, and Node starts no thread in a deleted folder. */
export function leaveFolder(): void {
  process.chdir(path.parse(process.execPath).root);
}

/** The operating system's error if the current folder was deleted; undefined if it exists. */
function whyNoFolder(): unknown {
  if (left !== undefined) {
    return left;
  }

  try {
    process.cwd();
    return undefined;
  } catch (error) {
    return error;
  }
}
