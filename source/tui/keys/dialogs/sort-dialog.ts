import type {SortKey} from '../../model/files/table/entry-table.ts';
import type {Parts} from '../../model/parts.ts';
import {say} from '../../text/say.ts';

const sortKeys: Readonly<Record<string, SortKey>> = {n: 'name', s: 'size', t: 'time', y: 'type'};

/** Ask for the order of the files, and sort them. */
export async function chooseSort({
  browser,
  dialogs,
}: Pick<Parts, 'browser' | 'dialogs'>): Promise<void> {
  const {key, reverse} = browser.options.sort;
  const answer = await dialogs.ask({
    title: say`Sort by`,
    body: [],
    preset: Object.keys(sortKeys).find(name => sortKeys[name] === key) ?? 'n',
    choices: [
      {key: 'n', label: say`Name`, detail: say`numbers by their value`},
      {key: 's', label: say`Size`, detail: say`the smallest first`},
      {key: 't', label: say`Time`, detail: say`the oldest first`},
      {key: 'y', label: say`Type`, detail: say`by the part after the last dot`},
      {key: 'r', label: say`Reverse`, detail: say`reverse the order`},
    ],
  });
  if (answer?.key === 'r') {
    browser.change({sort: {key, reverse: !reverse}});
  } else if (answer !== undefined) {
    browser.change({sort: {key: sortKeys[answer.key] ?? 'name', reverse: false}});
  }
}
