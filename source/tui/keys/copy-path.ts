/** Copies paths to the clipboard of the terminal. */
import {displayName} from '../../../protocol/display-text.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';

/**
 * Copy `path`. One that is not shown as it is would not be pasted as it is shown: a newline in it, for one, could have a shell run the
 * rest.
 */
export function copyPath({copy, messages}: Pick<Parts, 'copy' | 'messages'>, path: string): void {
  const shown = displayName(path);
  if (shown !== path) {
    messages.say(say`Not copied, as it has signs that are not shown as they are: ${shown}`);
  } else if (copy(path)) {
    messages.say(say`Copied: ${shown}`);
  } else {
    messages.say(
      say`Nothing was copied: this terminal takes no copy, or notices.clipboard is false.`,
    );
  }
}
