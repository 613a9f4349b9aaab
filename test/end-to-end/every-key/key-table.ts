/**
 * A table of keys and their effects. For each action it has the keys, and a walk: it presses one of the keys, waits for the
 * effect on the screen, and goes back to the state at its start.
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
  /** The index of the key in its row, for walks that must differ from key to key. */
  readonly turn: number;
};

export type KeyRow = {
  readonly action: string;
  /** Names of keys as in the program's table; gestures as on the help page. */
  readonly keys: readonly string[];
  /** Presses a key and waits for its effect. It begins and ends in the state that `open` leaves. */
  readonly walk: (walk: Walk) => Promise<void>;
};

export type KeyTable = {
  /** The pane or the screen to which the keys belong. */
  readonly place: string;
  /** Starts a program and brings it to the state in which each walk begins. */
  readonly open: (t: TestContext, size: Size) => Promise<Stage>;
  readonly rows: readonly KeyRow[];
};

/** Press every key of `table` in a program of this size. @throws an error with the key that had no effect. */
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

/** Matches if the cursor is on the row of `name`. */
export const cursorOn = (name: string): RegExp => new RegExp(`▌[ ●✓✗·]+${name}`);

/** Holds if nothing on the screen matches `pattern`. */
export const without =
  (pattern: RegExp) =>
  (text: string): boolean =>
    !pattern.test(text);
