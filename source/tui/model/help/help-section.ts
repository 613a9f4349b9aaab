/** The rows of a help page as data: keys, or a use of the mouse, and a description of the effect. */
import type {DisplayText} from '../../../../protocol/display-text.ts';

export type HelpEntry = {
  /** Names of keys; empty for a use of the mouse, and for an action without keys. */
  readonly keys: readonly string[];
  /** The keys as on the keyboard, in ASCII, or the use of the mouse. */
  readonly label: DisplayText;
  readonly text: DisplayText;
};

export type HelpSection = {
  readonly title: DisplayText;
  readonly entries: readonly HelpEntry[];
};

/**
 * The sections, with only the entries that have each word of `search` in their label or text; without words, all
 * entries.
 */
export function searchHelp(sections: readonly HelpSection[], search: string): HelpSection[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return sections
    .map(section => ({
      ...section,
      entries: section.entries.filter(({label, text}) => {
        const row = `${label} ${text}`.toLowerCase();
        return words.every(word => row.includes(word));
      }),
    }))
    .filter(({entries}) => entries.length > 0);
}
