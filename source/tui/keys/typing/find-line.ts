/** The line in which a name is typed that is looked for in the tree. */
import {displayName} from '../../../../protocol/display-text.ts';
import {findMasks, maskFault} from '../../model/finding/find-masks.ts';
import type {Parts} from '../../model/parts.ts';
import {say} from '../../text/say.ts';

export function typeFind({browser, prompt}: Pick<Parts, 'browser' | 'prompt'>): void {
  prompt.open({
    label: say`Find below ${displayName(`/${browser.path}`)}:`,
    hint: say`a part of the name, or a mask as *.jpg. Enter looks for it, Esc goes back`,
    text: browser.search?.text ?? '',
    check: text => maskFault(findMasks(text)),
    onEnter(text) {
      if (text.trim() !== '') {
        browser.find({text, masks: findMasks(text)});
      }
    },
  });
}
