/** A key of the interface: its names, its description, and the action that it performs. */
import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Pane} from '../model/layout.ts';
import type {Parts} from '../model/parts.ts';
import type {Move} from '../model/viewport.ts';

export type Binding = {
  /**
   * The name by which the configuration sets other keys; it must not change. Bindings of several panes with one meaning
   * share a name.
   */
  readonly action: string;
  /** Names of keys, as the key parser gives them; the first is the one that is shown first. */
  readonly keys: readonly string[];
  /** The words for the help page. */
  readonly text: DisplayText;
  /** Performs the action, in the pane that had the focus when the key was pressed. */
  readonly perform: (parts: Parts, pane: Pane) => void;
  /** The pane in which the key counts. Default: all. */
  readonly pane?: Pane;
  /** A word or two for the footer, if the key is shown there. */
  readonly short?: DisplayText;
  /** Whether the action would do nothing now: then the footer leaves it out. Default: it would do something. */
  readonly isIdle?: (parts: Parts) => boolean;
  /** How the action moves the cursor, if it does. */
  readonly move?: Move;
  /** Whether the action needs an entry of the shown folder. */
  readonly needsEntry?: boolean;
  /** Whether the action concerns all entries of the shown folder: then it waits until all have arrived. */
  readonly needsFolder?: boolean;
};

/**
 * Perform the action of `binding`. If it needs an entry, it acts on the entry that was under the cursor when the key
 * was pressed.
 */
export function perform(parts: Parts, binding: Binding): void {
  const pane = parts.panes.focus;
  const {move, needsEntry = move !== undefined, needsFolder = false} = binding;
  if ((needsEntry || needsFolder) && pane === 'files') {
    parts.browser.aim(() => binding.perform(parts, pane), {atAll: needsFolder});
  } else {
    binding.perform(parts, pane);
  }
}
