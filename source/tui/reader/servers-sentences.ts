/** The screen of servers as sentences: the changes between two successive views. */

import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {serversKeys} from '../keys/servers/servers-keys.ts';
import type {ServerRow} from '../model/servers/server-list.ts';
import type {ServersView} from '../model/servers/servers-screen.ts';
import {formatBytes, formatCount, plural} from '../text/format.ts';
import {joinTexts, say, sentence} from '../text/say.ts';
import {formatWhen} from '../text/when.ts';
import {helpEnd, helpPlace, helpSearchSentences} from './help-sentences.ts';
import {keySentence, messageSentences, promptSentences} from './question-sentences.ts';
import {spokenServersKeyOf} from './spoken-keys.ts';

/** @param before undefined: the screen has just been opened. */
export function serversSentences(before: ServersView | undefined, now: ServersView): DisplayText[] {
  const first = [...messageSentences(before?.message, now.message), ...workSentences(before, now)];
  if (now.prompt !== undefined) {
    return [
      ...first,
      ...promptSentences(before?.prompt, now.prompt),
      ...helpSearchSentences(before, now),
    ];
  }

  if (now.help !== undefined) {
    const isOpened = before?.help === undefined;
    return [...first, ...(isOpened ? helpSentences() : helpSearchSentences(before, now))];
  }

  if (now.work !== undefined) {
    return first;
  }

  if (before === undefined) {
    return [...first, ...opened(now), ...rowSentences(now)];
  }

  return isSameRow(before, now) ? first : [...first, ...rowSentences(now)];
}

/** The place of the focus. */
export function serversPlace(now: ServersView): DisplayText[] {
  if (now.work !== undefined) {
    return workSentences(undefined, now);
  }

  if (now.prompt !== undefined) {
    return promptSentences(undefined, now.prompt);
  }

  return now.help === undefined ? rowSentences(now) : [helpPlace(now.help)];
}

function workSentences(before: ServersView | undefined, now: ServersView): DisplayText[] {
  const {work, failure, trouble} = now;
  const isNewWork = work?.name !== before?.work?.name || work?.server !== before?.work?.server;
  return [
    ...(work === undefined || !isNewWork
      ? []
      : work.name === 'connecting'
        ? [say`Connecting to ${work.server}. ${spokenServersKeyOf('back')} gives up.`]
        : [say`Leaving ${work.server}: its transfers stop where they are.`]),
    ...(failure === undefined || failure === before?.failure
      ? []
      : [
          failure.text,
          ...(failure.isToOpen
            ? [
                say`${spokenServersKeyOf('address')} brings the address back, to be changed or tried again.`,
              ]
            : []),
        ]),
    ...(trouble === undefined || trouble === before?.trouble ? [] : [sentence(trouble)]),
  ];
}

function opened({rows}: ServersView): DisplayText[] {
  const count = (kind: ServerRow['kind']): number => rows.filter(row => row.kind === kind).length;
  return [
    say`Servers: ${plural(count('bookmark'), 'bookmark')}, ${count('recent')} recent. ${spokenServersKeyOf('open')} opens one; type an address to open another.`,
  ];
}

/** `holidays, files.example.org:1234/fotos, bookmark, used today 18:12, 3 waiting. 1 of 7.` */
function rowSentences({rows, cursor}: ServersView): DisplayText[] {
  const row = rows[cursor];
  if (row === undefined) {
    return [];
  }

  const {address, kind, label, server, usedMs, left} = row;
  const words = [
    ...(label === undefined ? [] : [displayName(label)]),
    address.path === '' ? server : say`${server}/${displayName(address.path)}`,
    ...(kindWords[kind] === undefined ? [] : [kindWords[kind]]),
    ...(usedMs === undefined ? [] : [say`used ${formatWhen(usedMs, Date.now())}`]),
    ...(left && left.waiting > 0 ? [say`${formatCount(left.waiting)} waiting`] : []),
    ...(left && left.paused > 0 ? [say`${formatCount(left.paused)} paused`] : []),
    ...(left && left.failed > 0 ? [say`${formatCount(left.failed)} failed`] : []),
    ...(left && left.bytes > 0 ? [formatBytes(left.bytes)] : []),
  ];
  return [say`${joinTexts(words, say`, `)}. ${cursor + 1} of ${rows.length}.`];
}

const kindWords: Partial<Record<ServerRow['kind'], DisplayText>> = {
  bookmark: say`bookmark`,
  local: say`this machine`,
  ssh: say`in the configuration of ssh`,
};

function isSameRow(before: ServersView, now: ServersView): boolean {
  const old = before.rows[before.cursor];
  const row = now.rows[now.cursor];
  return (
    old?.server === row?.server &&
    old?.address.path === row?.address.path &&
    old?.label === row?.label &&
    before.rows.length === now.rows.length
  );
}

function helpSentences(): DisplayText[] {
  return [say`Keys in the list of servers.`, ...serversKeys.map(keySentence), helpEnd()];
}
