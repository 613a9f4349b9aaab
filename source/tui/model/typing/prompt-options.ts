/** A line to type, and what happens with its text. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Completion} from './completion.ts';

type Complaint = DisplayText | undefined;

export type PromptOptions = {
  readonly label: DisplayText;
  /** Words about Enter and Escape. */
  readonly hint: DisplayText;
  readonly text: string;
  /** A note about the present text, in place of the hint; called for each picture. */
  readonly note?: () => DisplayText | undefined;
  /** Called with each change. */
  readonly onChange?: (text: string) => void;
  /**
   * Checks the text: with a complaint, Enter shows it and the line stays open. While a promise is pending keys wait,
   * and Escape aborts `signal`.
   */
  readonly check?: (text: string, signal: AbortSignal) => Complaint | Promise<Complaint>;
  /** The completions of Tab for the text before the caret. Default: none. */
  readonly complete?: (before: string, signal: AbortSignal) => Completion | Promise<Completion>;
  /** Lines that were entered before, the newest first: up and down go through them. */
  readonly history?: readonly string[];
  readonly onEnter: (text: string) => void;
  readonly onEscape?: () => void;
};
