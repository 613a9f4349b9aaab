/** A key of the interface: its names, the words about it, and the action that it performs. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import type {Move} from '../model/viewport.ts';

export type Binding = {
  /**
   * The name by which the configuration gives it other keys: it stays. Bindings of several panes that
   * mean the same have one.
   */
  readonly action: string;
  /** Names of keys, as the key parser gives them; the first is the one that is shown first. */
  readonly keys: readonly string[];
  /** The words for the help page. */
  readonly text: DisplayText;
  /** Performs it, in the pane that had the keys when it was pressed. */
  readonly perform: (parts: Parts, pane: Pane) => void;
  /** The pane in which it counts. Default: all. */
  readonly pane?: Pane;
  /** A word or two for the footer, if it stands there. */
  readonly short?: DisplayText;
  /** Whether it would do nothing now: the footer leaves it out. Default: it would do something. */
  readonly isIdle?: (parts: Parts) => boolean;
  /** How it moves the cursor, if that is its action. */
  readonly move?: Move;
  /** Whether it means nothing without an entry of the folder that is shown. */
  readonly needsEntry?: boolean;
  /** Whether it means all entries of the folder that is shown: it waits until all are here. */
  readonly needsFolder?: boolean;
};

/** Perform the action of `binding`, on the entry that the key was meant for if it needs one. */
export function perform(parts: Parts, binding: Binding): void {
  const pane = parts.panes.focus;
  const {move, needsEntry = move !== undefined, needsFolder = false} = binding;
  if ((needsEntry || needsFolder) && pane === 'files') {
    parts.browser.aim(() => binding.perform(parts, pane), {atAll: needsFolder});
  } else {
    binding.perform(parts, pane);
  }
}
