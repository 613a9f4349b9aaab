/**
 * A table of keys with their effects: for each action its keys, and a walk that presses one of them,
 * waits for the effect on the screen, and goes back to where it began.
 */
import type {TestContext} from 'node:test';
import type {Size} from '../../../source/tui/model/layout.ts';
import {bytesOf} from '../../fixtures/key-bytes.ts';
import type {Terminal} from '../../fixtures/terminal.ts';
import type {startJourney} from '../journey.ts';

export type Stage = {
  readonly screen: Terminal;
  readonly size: Size;
} & Pick<Awaited<ReturnType<typeof startJourney>>, 'root' | 'target' | 'saved' | 'keep'>;

export type Walk = Stage & {
  readonly t: TestContext;
  readonly key: string;
  /** Press the key of this walk. */
  readonly press: () => void;
  /** Its place among the keys of the row, from 0: for what can be done only once. */
  readonly turn: number;
};

export type KeyRow = {
  readonly action: string;
  /** Names of keys as the table of the program has them; gestures as the help page names them. */
  readonly keys: readonly string[];
  /** Presses a key and waits for its effect; begins and ends where the table begins. */
  readonly walk: (walk: Walk) => Promise<void>;
};

export type KeyTable = {
  /** The pane or the screen of the keys. */
  readonly place: string;
  /** Starts a program and goes to where the rows begin. */
  readonly open: (t: TestContext, size: Size) => Promise<Stage>;
  readonly rows: readonly KeyRow[];
};

/** Press every key of `table` in a program of this size; an error names the key that had no effect. */
export async function walkThrough(t: TestContext, table: KeyTable, size: Size): Promise<void> {
  const stage = await table.open(t, size);
  for (const {action, keys, walk} of table.rows) {
    for (const [turn, key] of keys.entries()) {
      try {
        await walk({...stage, t, key, turn, press: () => stage.screen.send(bytesOf(key))});
      } catch (error) {
        throw new Error(`${key} (${action}) of ${table.place} had not its effect`, {cause: error});
      }
    }
  }
}

/** The row with the cursor is that of `name`. */
export const cursorOn = (name: string): RegExp => new RegExp(`▌[ ●✓✗·]+${name}`);

/** Whether there is nothing of `pattern` on the screen. */
export const without =
  (pattern: RegExp) =>
  (text: string): boolean =>
    !pattern.test(text);
