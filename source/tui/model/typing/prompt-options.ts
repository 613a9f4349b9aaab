/** A line to type, and what becomes of it. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Completion} from './completion.ts';

type Complaint = DisplayText | undefined;

export type PromptOptions = {
  readonly label: DisplayText;
  /** Words about Enter and Escape. */
  readonly hint: DisplayText;
  readonly text: string;
  /** Words about the text as it is, in place of the hint; asked for with each picture. */
  readonly note?: () => DisplayText | undefined;
  /** Called with each change. */
  readonly onChange?: (text: string) => void;
  /**
   * A complaint about the text, if it has a fault: then Enter shows it, and the line stays open. A
   * promise has the keys wait, and `signal` ends with Escape.
   */
  readonly check?: (text: string, signal: AbortSignal) => Complaint | Promise<Complaint>;
  /** What Tab offers for the text before the caret. Default: nothing. */
  readonly complete?: (before: string, signal: AbortSignal) => Completion | Promise<Completion>;
  /** Lines that were entered before, the last one first: up and down walk through them. */
  readonly history?: readonly string[];
  readonly onEnter: (text: string) => void;
  readonly onEscape?: () => void;
};
