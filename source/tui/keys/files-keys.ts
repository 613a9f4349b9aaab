/** Keys of the files pane. */
import {displayName} from '../../../protocol/display-text.ts';
import type {Parts} from '../model/parts.ts';
import {say} from '../text/say.ts';
import type {Binding} from './binding.ts';
import {copyPath} from './copy-path.ts';
import {chooseSort} from './dialogs/sort-dialog.ts';
import {repairCurrent} from './repair-current.ts';
import {typeDownload} from './typing/download-line.ts';
import {typeFilter} from './typing/filter-line.ts';
import {typeFind} from './typing/find-line.ts';
import {typeMarks} from './typing/mark-line.ts';
import {verifyCurrent} from './verify-current.ts';

const inFiles: readonly Omit<Binding, 'pane'>[] = [
  {
    action: 'open',
    keys: ['right', 'l', 'enter'],
    text: say`open the folder; go to the found entry`,
    short: say`open`,
    needsEntry: true,
    perform: open,
  },
  {
    action: 'parent',
    keys: ['left', 'h', 'backspace'],
    text: say`to the folder above`,
    perform({browser, messages}) {
      if (!browser.leave()) {
        messages.say(say`This is the top folder of the server.`);
      }
    },
  },
  {
    action: 'mark',
    keys: ['space', 'insert'],
    text: say`mark or unmark`,
    short: say`mark`,
    needsEntry: true,
    perform: ({browser}) => browser.toggleMark(),
  },
  {
    action: 'mark-all',
    keys: ['ctrl-a', 'a'],
    text: say`mark all shown entries`,
    needsFolder: true,
    perform: ({browser}) => browser.marking.markShown(),
  },
  {
    action: 'mark-others',
    keys: ['*'],
    text: say`mark the unmarked, unmark the marked`,
    needsFolder: true,
    perform: ({browser}) => browser.marking.invert(),
  },
  {
    action: 'mark-none',
    keys: ['\\'],
    text: say`unmark all, also in other folders`,
    perform: ({browser}) => browser.marking.clear(),
  },
  {
    action: 'mark-by-mask',
    keys: ['+'],
    text: say`mark entries by mask`,
    perform: parts => typeMarks(parts, 'mark'),
  },
  {
    action: 'unmark-by-mask',
    keys: ['-'],
    text: say`unmark entries by mask`,
    perform: parts => typeMarks(parts, 'unmark'),
  },
  {
    action: 'download',
    keys: ['d', 'f5'],
    text: say`download marked entries, or this one`,
    short: say`download`,
    needsEntry: true,
    perform: ({downloads}) => downloads.start(),
  },
  {
    action: 'download-by-mask',
    keys: ['m'],
    text: say`download by mask, counted before`,
    perform: typeDownload,
  },
  {
    action: 'verify',
    keys: ['v'],
    text: say`compare marked entries, or this one`,
    short: say`verify`,
    needsEntry: true,
    perform: verifyCurrent,
  },
  {
    action: 'repair',
    keys: ['R'],
    text: say`repair differing files, once compared`,
    needsEntry: true,
    perform: repairCurrent,
  },
  {
    action: 'copy-path',
    keys: ['y'],
    text: say`copy its path on the server`,
    needsEntry: true,
    perform(parts) {
      const entry = parts.browser.current();
      if (entry !== undefined) {
        copyPath(parts, entry.path);
      }
    },
  },
  {
    action: 'filter',
    keys: ['/'],
    text: say`show only names with this in them`,
    short: say`filter`,
    perform: typeFilter,
  },
  {
    action: 'find',
    keys: ['f'],
    text: say`find here and below, by name or mask`,
    short: say`find`,
    perform: typeFind,
  },
  {
    action: 'sort',
    keys: ['s'],
    text: say`sort by name, size, time or type`,
    short: say`sort`,
    perform: parts => void chooseSort(parts),
  },
  {
    action: 'reverse',
    keys: ['S'],
    text: say`sort the other way round`,
    perform: ({browser}) =>
      browser.change({sort: {...browser.options.sort, reverse: !browser.options.sort.reverse}}),
  },
  {
    action: 'hidden',
    keys: ['.'],
    text: say`show or hide names with a dot first`,
    perform: ({browser}) => browser.change({showHidden: !browser.options.showHidden}),
  },
  {
    action: 'refresh',
    keys: ['r', 'ctrl-r'],
    text: say`read the folder again`,
    perform({browser, preview}) {
      preview.renew();
      browser.refresh();
    },
  },
];

export const filesKeys: readonly Binding[] = inFiles.map(key => ({...key, pane: 'files'}));

function open({browser, messages, keyOf}: Pick<Parts, 'browser' | 'messages' | 'keyOf'>): void {
  const entry = browser.current();
  if (!browser.enter() && entry !== undefined) {
    messages.say(
      say`${displayName(entry.path)} is not a folder. Press ${keyOf('download')} to download it.`,
    );
  }
}
