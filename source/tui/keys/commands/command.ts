/** A command of the command line on the full screen. */
import type {DisplayText} from '../../../../protocol/display-text.ts';
import type {Parts} from '../../model/parts.ts';

export type Command = {
  readonly name: string;
  /** Words about what it takes, as `NAME[:POS]`; empty for nothing. */
  readonly takes: DisplayText;
  /** How many words it takes. */
  readonly words: {readonly least: number; readonly most: number};
  /** Words about what it does. */
  readonly text: DisplayText;
  /**
   * Looks whether it can be done, before the line is closed. Resolves with what does it.
   *
   * @throws JangadaError with a complaint about what is wrong.
   */
  readonly prepare: (
    parts: Parts,
    words: readonly string[],
    signal: AbortSignal,
  ) => Promise<() => void>;
};
