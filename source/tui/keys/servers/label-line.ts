/** The line in which the name of a bookmark is typed. */
import {serverName} from '../../../../protocol/address.ts';
import {displayName} from '../../../../protocol/display-text.ts';
import type {ServersParts} from '../../model/servers/servers-parts.ts';
import {say} from '../../text/say.ts';

/** Most characters of a name: the screen never shows more. */
const mostCharacters = 60;

export function typeLabel({list, prompt, messages}: Omit<ServersParts, 'open'>): void {
  const address = list.current?.address;
  if (address === undefined) {
    return;
  }

  prompt.open({
    label: say`Name of the bookmark:`,
    hint: say`for ${displayName(serverName(address))}. Enter keeps it, Esc goes back`,
    text: address.host,
    check(text) {
      const {length} = [...text.trim()];
      return length === 0
        ? say`A bookmark needs a name.`
        : length > mostCharacters
          ? say`A name has at most ${mostCharacters} characters.`
          : undefined;
    },
    onEnter(text) {
      const label = text.trim();
      list.name(address, label);
      messages.say(say`${displayName(label)} is a bookmark.`);
    },
  });
}
