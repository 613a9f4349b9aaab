/** The commands of the command line on the full screen; their names are those of the shell commands. */
import {displayName} from '../../../../protocol/display-text.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {MarkedEntry} from '../../model/files/marks/marks.ts';
import {maskFault, onlyExcludes} from '../../model/finding/find-masks.ts';
import type {Parts} from '../../model/parts.ts';
import {typedPath} from '../../model/typing/typed-path.ts';
import {say} from '../../text/say.ts';
import {confirmQuit} from '../dialogs/quit-dialog.ts';
import {wayTo} from '../typing/go-line.ts';
import type {Command} from './command.ts';

const one = {least: 1, most: 1};
const none = {least: 0, most: 0};

export const commands: readonly Command[] = [
  {
    name: 'list',
    takes: say`[PATH]`,
    words: {least: 0, most: 1},
    text: say`go to a folder, or to a file in its folder`,
    prepare: (parts, [text = ''], signal) => wayTo(parts, pathOf(parts, text), signal),
  },
  {
    name: 'sget',
    takes: say`NAME`,
    words: one,
    text: say`download a file`,
    async prepare(parts, [name = ''], signal) {
      const file = await fileAt(parts, name, signal);
      return () => parts.downloads.fetch([file]);
    },
  },
  {
    name: 'mget',
    takes: say`MASK...`,
    words: {least: 1, most: 64},
    text: say`download all files that masks match; !MASK leaves files out`,
    async prepare({downloads, browser}, masks) {
      const fault = onlyExcludes(masks) ?? maskFault(masks);
      if (fault !== undefined) {
        throw new JangadaError('bad_mask', fault);
      }

      return () => downloads.fetchMatching(masks, browser.path);
    },
  },
  {
    name: 'hash',
    takes: say`NAME[:POS]`,
    words: one,
    text: say`hash the first POS bytes of a file there and here, or all`,
    async prepare(parts, [text = ''], signal) {
      const {name, length} = splitPosition(text);
      const {path} = await fileAt(parts, name, signal);
      const {here, browser, verifier, verifyList, preview, panes} = parts;
      const copy = await here.copyOf(path, browser.path);
      return () => {
        verifyList.stepBehind();
        preview.close();
        void verifier.verify(path, copy, browser.current()?.path);
        void verifier.hash(length);
        panes.focusOn('verifier');
      };
    },
  },
  {
    name: 'cget',
    takes: say`NAME`,
    words: one,
    text: say`continue or repair a file: equal blocks stay, the others are fetched`,
    async prepare(parts, [name = ''], signal) {
      const file = await fileAt(parts, name, signal);
      const {here, browser, downloads} = parts;
      const copy = await here.copyOf(file.path, browser.path);
      return () =>
        copy === undefined ? downloads.fetch([file]) : downloads.repair(file.path, copy);
    },
  },
  {
    name: 'help',
    takes: say``,
    words: none,
    text: say`show all keys`,
    prepare:
      async ({help}) =>
      () =>
        help.open(),
  },
  {
    name: 'quit',
    takes: say``,
    words: none,
    text: say`leave`,
    prepare: async parts => () => void confirmQuit(parts),
  },
];

function pathOf({browser, remote}: Pick<Parts, 'browser' | 'remote'>, text: string): RemotePath {
  return typedPath(text, {folder: browser.path, server: remote.server});
}

/** @throws JangadaError `not_found`, `not_a_file`. */
async function fileAt(
  parts: Pick<Parts, 'browser' | 'remote'>,
  name: string,
  signal: AbortSignal,
): Promise<MarkedEntry> {
  const path = pathOf(parts, name);
  const entry = path === rootPath ? undefined : await parts.remote.entryAt(path, signal);
  if (entry?.type !== 'file') {
    throw new JangadaError(
      'not_a_file',
      `${displayName(`/${path}`)} is not a file. For all in a folder: mget 'FOLDER/**'`,
    );
  }

  return {path, type: 'file', size: entry.size, mtimeMs: entry.mtimeMs};
}

/**
 * Split at the last colon if digits follow it: they are a position.
 *
 * @throws JangadaError `usage` if the position is too large.
 */
function splitPosition(text: string): {name: string; length: number | undefined} {
  const {name = text, digits} = /^(?<name>.+):(?<digits>\d*)$/s.exec(text)?.groups ?? {};
  const length = digits === undefined || digits === '' ? undefined : Number(digits);
  if (length !== undefined && !Number.isSafeInteger(length)) {
    throw new JangadaError('usage', `Invalid position ${digits}: type a number of bytes.`);
  }

  return {name, length};
}
