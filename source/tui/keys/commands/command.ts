/** A command of the command line on the full screen. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Parts} from '../../model/parts.ts';

export type Command = {
  readonly name: string;
  /** Its argument, as `NAME[:POS]`; empty if it has none. */
  readonly takes: DisplayText;
  /** How many words its argument has. */
  readonly words: {readonly least: number; readonly most: number};
  /** What the command does. */
  readonly text: DisplayText;
  /**
   * Checks whether the command can be done, before the line is closed. Resolves with a function that does it.
   *
   * @throws JangadaError with a complaint about the mistake.
   */
  readonly prepare: (
    parts: Parts,
    words: readonly string[],
    signal: AbortSignal,
  ) => Promise<() => void>;
};
