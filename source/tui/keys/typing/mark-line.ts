/** The lines for a mask whose matches in this folder are marked, or unmarked. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {MaskTally} from '../../model/finding/mask-tally.ts';
import type {Parts} from '../../model/parts.ts';
import {formatBytes, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';

type Used = Pick<Parts, 'browser' | 'prompt' | 'messages' | 'repainter'>;
type Deed = 'mark' | 'unmark';

const words = {
  mark: {label: say`Mark by mask:`, done: say`Marked`},
  unmark: {label: say`Unmark by mask:`, done: say`Unmarked`},
} as const;

export function typeMarks(parts: Used, deed: Deed): void {
  const {browser, prompt, messages} = parts;
  let tally: MaskTally | undefined;
  const count = (mask: string): MaskTally | undefined => {
    tally?.stop();
    tally = mask === '' ? undefined : new MaskTally(mask, browser.listing, parts.repainter);
    return tally;
  };
  prompt.open({
    label: words[deed].label,
    hint: say`*.jpg, ???, [a-c]*, {a,b}*: of the entries that are shown. Esc goes back`,
    text: '',
    note: () => tally && tallyNote(tally),
    onChange: count,
    async check(mask) {
      const counted = count(mask);
      await counted?.done;
      return counted === undefined || counted.rows.length > 0
        ? undefined
        : say`Nothing that is shown here matches ${displayName(mask)}.`;
    },
    onEnter() {
      if (tally !== undefined) {
        browser.marking.markRows(tally, deed);
        messages.say(say`${words[deed].done} ${tallyWords(tally)}.`);
      }
    },
    onEscape: () => tally?.stop(),
  });
}

function tallyNote(tally: MaskTally): DisplayText {
  if (tally.error !== undefined) {
    return say`not a mask yet`;
  }

  const counting = tally.isDone ? say`` : say`counting: `;
  return say`${counting}${tallyWords(tally)} here. Enter does it, Esc goes back`;
}

function tallyWords({rows, bytes}: MaskTally): DisplayText {
  return say`${plural(rows.length, 'entry', 'entries')}, ${formatBytes(bytes)}`;
}
