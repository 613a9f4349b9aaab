/** The rows of a help page as data: keys, or what is done with the mouse, and words about their effect. */
import type {DisplayText} from '../../../../protocol/display-text.ts';

export type HelpEntry = {
  /** Names of keys; none for what is done with the mouse, and for an action that has none. */
  readonly keys: readonly string[];
  /** The keys as they stand on the keyboard, in ASCII, or what is done with the mouse. */
  readonly label: DisplayText;
  readonly text: DisplayText;
};

export type HelpSection = {
  readonly title: DisplayText;
  readonly entries: readonly HelpEntry[];
};

/** The sections with the entries that have each word of `search` in their label or text; all for no words. */
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
