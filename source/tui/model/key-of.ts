import type {DisplayText} from '../../../protocol/display-text.ts';
import type {Pane} from './layout.ts';

/**
 * The key of an action, for a sentence: the keys in force.
 *
 * @param pane the pane in which it is pressed. Default: the first one that has the action.
 */
export type KeyOf = (action: string, pane?: Pane) => DisplayText;
