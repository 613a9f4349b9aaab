/**
 * Keys of the screen of servers. Only few letters are keys: any other letter begins an address, so that a user can type
 * it at once. Actions that panes also have share their names with those: a key of the user counts for both.
 */
import {serverName} from '../../../../protocol/address.ts';
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {ServersParts} from '../../model/servers/servers-parts.ts';
import type {Move} from '../../model/viewport.ts';
import {say} from '../../text/say.ts';
import {typeAddress} from './address-line.ts';
import {typeLabel} from './label-line.ts';

export type ServersBinding = {
  /** The name by which the configuration sets other keys; it must not change. */
  readonly action: string;
  /** Names of keys, as the key parser gives them; the first is the one that is shown first. */
  readonly keys: readonly string[];
  /** The words for the help page. */
  readonly text: DisplayText;
  /** A word or two for the bottom line, if the key is shown there. */
  readonly short?: DisplayText;
  readonly perform: (parts: ServersParts) => void;
  /** How the action moves the cursor, if it does. */
  readonly move?: Move;
};

export const serversKeys: readonly ServersBinding[] = [
  moving('up', {by: 'row', count: -1}, ['up'], say`one row up or down`),
  moving('down', {by: 'row', count: 1}, ['down'], say`one row up or down`),
  moving('page-up', {by: 'page', count: -1}, ['pageup'], say`a page up or down`),
  moving('page-down', {by: 'page', count: 1}, ['pagedown'], say`a page up or down`),
  moving('top', {to: 'top'}, ['home'], say`to the top or the bottom`),
  moving('bottom', {to: 'bottom'}, ['end'], say`to the top or the bottom`),
  {
    action: 'open',
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
    action: 'address',
    keys: ['a'],
    text: say`type an address; or just begin to type`,
    short: say`address`,
    perform: parts => typeAddress(parts),
  },
  {
    action: 'bookmark',
    keys: ['*'],
    text: say`add a bookmark with a name, or remove it`,
    short: say`bookmark`,
    perform: toggleBookmark,
  },
  {
    action: 'forget',
    keys: ['-', 'delete'],
    text: say`forget the server; its queue stays`,
    short: say`forget`,
    perform: forget,
  },
  {
    action: 'refresh',
    keys: ['ctrl-r'],
    text: say`read the list again`,
    perform: ({list}) => list.read(),
  },
  {
    action: 'back',
    keys: ['escape'],
    text: say`give up connecting; one step back`,
    perform: ({connecting}) => void connecting.dropFailure(),
  },
  {
    action: 'help',
    keys: ['?', 'f1'],
    text: say`this help`,
    short: say`help`,
    perform: ({help}) => help.open(),
  },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    text: say`to the shell; fg comes back`,
    perform: ({suspend}) => suspend(),
  },
  {
    action: 'quit',
    keys: ['q', 'f10', 'ctrl-c'],
    text: say`quit`,
    short: say`quit`,
    perform: ({quit}) => quit(),
  },
];

function moving(
  action: string,
  move: Move,
  keys: readonly string[],
  text: DisplayText,
): ServersBinding {
  return {action, keys, text, move, perform: ({list, pageRows}) => list.move(move, pageRows())};
}

function toggleBookmark(parts: ServersParts): void {
  const {list, messages} = parts;
  const {current} = list;
  if (current?.label === undefined) {
    typeLabel(parts);
    return;
  }

  list.name(current.address, undefined);
  messages.say(say`${displayName(current.label)} is not a bookmark any more.`);
}

function forget({list, messages, keyOf}: ServersParts): void {
  const {current} = list;
  if (current === undefined) {
    return;
  }

  switch (current.kind) {
    case 'bookmark':
      messages.say(
        say`This server is a bookmark: press ${keyOf('bookmark')} to remove the bookmark first.`,
      );
      break;
    case 'recent':
      list.forget(current.address);
      messages.say(say`${displayName(serverName(current.address))} is forgotten.`);
      break;
    case 'queued':
      messages.say(say`This server stays in the list: its queue has transfers left.`);
      break;
    case 'ssh':
      messages.say(say`This server is a proposal from the configuration of ssh.`);
      break;
    case 'local':
      messages.say(say`This server is only a proposal: you have not used it yet.`);
      break;
  }
}
