/** The line in which the address of a server is typed. */
import {formatAddress, parseAddress} from '../../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {ServersParts} from '../../model/servers/servers-parts.ts';
import {say} from '../../text/say.ts';

type Used = Pick<ServersParts, 'list' | 'prompt' | 'connecting' | 'open'>;

/**
 * The line begins with the address that could not be opened, if there is one: a typing error is quicker to correct than
 * to type again.
 */
export function typeAddress({list, prompt, connecting, open}: Used, text?: string): void {
  const {failure} = connecting;
  const known = list.addresses.map(address => formatAddress(address));
  prompt.open({
    label: say`Address:`,
    hint: say`HOST:PORT/FOLDER. Enter opens it`,
    text: text ?? (failure?.isToOpen ? formatAddress(failure.address) : ''),
    check: complaintAbout,
    complete: before => ({from: 0, choices: completions(known, before)}),
    history: known,
    onEnter: typed => open(parseAddress(typed)),
  });
}

/** The message of the command line for an invalid address. */
function complaintAbout(text: string): DisplayText | undefined {
  try {
    parseAddress(text);
    return undefined;
  } catch (error) {
    if (!isJangadaError(error, 'usage')) {
      throw error;
    }

    return displayName(error.message);
  }
}

/** Known addresses that begin with `before`; `before` may lack the scheme. */
function completions(known: readonly string[], before: string): string[] {
  const scheme = 'jangada://';
  const choices = before.startsWith(scheme.slice(0, before.length))
    ? known
    : known.map(address => address.replace(scheme, ''));
  return choices.filter(address => address.startsWith(before));
}
