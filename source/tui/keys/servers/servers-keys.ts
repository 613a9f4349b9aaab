/**
 * Keys of the screen of servers. Letters are few: any other key that types something begins an address,
 * so that one can be typed at once.
 */
import {hostAndPort} from '../../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {ServersParts} from '../../model/servers/servers-parts.ts';
import type {Move} from '../../model/viewport.ts';
import {say} from '../../text/say.ts';
import {typeAddress} from './address-line.ts';
import {typeLabel} from './label-line.ts';

export type ServersBinding = {
  /** Names of keys, as the key parser gives them; the first is the one that is shown first. */
  readonly keys: readonly string[];
  /** The words for the help page. */
  readonly text: DisplayText;
  /** A word or two for the footer, if it stands there. */
  readonly short?: DisplayText;
  readonly perform: (parts: ServersParts) => void;
  /** How it moves the cursor, if that is its action. */
  readonly move?: Move;
};

export const serversKeys: readonly ServersBinding[] = [
  moving({by: 'row', count: -1}, ['up'], say`one row up`),
  moving({by: 'row', count: 1}, ['down'], say`one row down`),
  moving({by: 'page', count: -1}, ['pageup'], say`a page up`),
  moving({by: 'page', count: 1}, ['pagedown'], say`a page down`),
  moving({to: 'top'}, ['home'], say`to the top`),
  moving({to: 'bottom'}, ['end'], say`to the bottom`),
  {
    keys: ['enter', 'right'],
    text: say`open the server`,
    short: say`open`,
    perform({list, open}) {
      if (list.current !== undefined) {
        open(list.current.address);
      }
    },
  },
  {
    keys: ['a'],
    text: say`type an address; or begin to type it at once`,
    short: say`address`,
    perform: parts => typeAddress(parts),
  },
  {
    keys: ['*'],
    text: say`make it a bookmark with a name, or none any more`,
    short: say`bookmark`,
    perform: toggleBookmark,
  },
  {
    keys: ['-', 'delete'],
    text: say`forget it; its queue stays`,
    short: say`forget`,
    perform: forget,
  },
  {keys: ['ctrl-r'], text: say`read the list again`, perform: ({list}) => list.read()},
  {
    keys: ['escape'],
    text: say`give up connecting; one step back`,
    perform: ({connecting}) => void connecting.dropFailure(),
  },
  {keys: ['?', 'f1'], text: say`this help`, short: say`help`, perform: ({help}) => help.open()},
  {keys: ['ctrl-z'], text: say`to the shell; fg comes back`, perform: ({suspend}) => suspend()},
  {
    keys: ['q', 'f10', 'ctrl-c'],
    text: say`quit`,
    short: say`quit`,
    perform: ({quit}) => quit(),
  },
];

/** The binding of a key on the screen of servers. */
export function serversBindingOf(key: string): ServersBinding | undefined {
  return serversKeys.find(({keys}) => keys.includes(key));
}

function moving(move: Move, keys: readonly string[], text: DisplayText): ServersBinding {
  return {keys, text, move, perform: ({list, pageRows}) => list.move(move, pageRows())};
}

function toggleBookmark(parts: ServersParts): void {
  const {list, messages} = parts;
  const {current} = list;
  if (current?.label === undefined) {
    typeLabel(parts);
    return;
  }

  list.name(current.address, undefined);
  messages.say(say`${displayName(current.label)} is no bookmark any more.`);
}

function forget({list, messages}: ServersParts): void {
  const {current} = list;
  if (current === undefined) {
    return;
  }

  switch (current.kind) {
    case 'bookmark':
      messages.say(say`It is a bookmark. Press * first: then it can be forgotten.`);
      break;
    case 'recent':
      list.forget(current.address);
      messages.say(say`${displayName(hostAndPort(current.address))} is forgotten.`);
      break;
    case 'queued':
      messages.say(say`It is here because of its queue, which has transfers left.`);
      break;
    case 'local':
      messages.say(say`It is only proposed: nobody has used it yet.`);
      break;
  }
}
