/** The help page of the screen of servers: all of its keys, from their table. */
import type {HelpSection} from '../../model/help/help-section.ts';
import {say} from '../../text/say.ts';
import {entriesOf} from '../help/help-sections.ts';
import {mouseSection} from '../help/mouse-section.ts';
import {serversBindings} from '../keymap.ts';

/** @param mouse whether the screen uses the mouse. */
export function serversHelp(mouse: boolean): HelpSection[] {
  return [
    {title: say`In the servers`, entries: entriesOf(serversBindings)},
    ...(mouse ? [mouseSection(false)] : []),
  ];
}
