/** The line for a name to find in the tree. */
import {displayName} from '../../../../protocol/display-text.ts';
import {findMasks, maskFault} from '../../model/finding/find-masks.ts';
import type {Parts} from '../../model/parts.ts';
import {say} from '../../text/say.ts';

export function typeFind({browser, prompt}: Pick<Parts, 'browser' | 'prompt'>): void {
  prompt.open({
    label: say`Find in ${displayName(`/${browser.path}`)}:`,
    hint: say`part of a name, or a mask. Enter finds`,
    text: browser.search?.text ?? '',
    check: text => maskFault(findMasks(text)),
    onEnter(text) {
      if (text.trim() !== '') {
        browser.find({text, masks: findMasks(text)});
      }
    },
  });
}
