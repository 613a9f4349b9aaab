/** Copies paths to the clipboard of the terminal. */
import {displayName} from '../../../protocol/display-text.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';

/**
 * Copy `path`, unless the screen cannot show it as it is: pasted, it would differ from what the user saw, and a newline
 * in it could make a shell run the rest.
 */
export function copyPath({copy, messages}: Pick<Parts, 'copy' | 'messages'>, path: string): void {
  const shown = displayName(path);
  if (shown !== path) {
    messages.say(
      say`Not copied: the path has characters that the screen cannot show as they are: ${shown}`,
    );
  } else if (copy(path)) {
    messages.say(say`Copied: ${shown}`);
  } else {
    messages.say(
      say`Nothing was copied: this terminal cannot copy, or notices.clipboard is false.`,
    );
  }
}
