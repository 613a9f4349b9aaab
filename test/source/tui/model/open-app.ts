/** The interface without its view, with a server of its own for each test. */
import {mkdirSync} from 'node:fs';
import type {TestContext} from 'node:test';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {App} from '../../../../source/tui/model/app.ts';
import {parentRow} from '../../../../source/tui/model/files/files-view.ts';
import {KeyParser} from '../../../../source/tui/terminal/key-parser.ts';
import {targetAt} from '../../../../source/tui/view/target-at.ts';
import {type Harness, type HarnessOptions, startHarness, until} from '../../../fixtures/harness.ts';
import {typingView} from '../typing-view.ts';
import {unicode} from '../view/lines.ts';

export const size = {columns: 120, rows: 40};

type Screen = Harness & {
  app: App;
  /** Send keys and reports of the mouse as a terminal does, all in one read. */
  type(keys: string): void;
  names(): string[];
  /** The name under the cursor. */
  current(): string;
  ready(): Promise<void>;
};

export async function openApp(
  t: TestContext,
  files: Record<string, string | Uint8Array>,
  options: HarnessOptions = {},
): Promise<Screen> {
  const harness = await startHarness(t, options);
  for (const [name, content] of Object.entries(files)) {
    harness.serve(name, content);
  }

  mkdirSync(harness.target, {recursive: true});
  const {client, queue, target} = harness;
  const typing = typingView(t);
  const app = new App({
    client,
    queue,
    folder: target,
    startPath: parseRemotePath(''),
    size,
    suspend: async () => false,
    typeInto: typing.give,
  });
  typing.show(app);
  t.after(() => app.close());
  const names = () => app.view().files.rows.map(row => (row === parentRow ? '..' : row.name));
  const screen: Screen = {
    ...harness,
    app,
    names,
    type(keys) {
      for (const input of new KeyParser().push(keys)) {
        if (input.type === 'key') {
          app.press(input.key);
        } else if (input.type === 'mouse') {
          app.point(input.mouse, targetAt(unicode, app.scene, input.mouse), performance.now());
        }
      }
    },
    current: () => names()[app.view().files.cursor] ?? '',
    ready: () => until(() => !app.view().files.loading),
  };
  await screen.ready();
  return screen;
}

/** The transfer under the cursor. */
export function currentTransfer(app: App) {
  const {rows, cursor} = app.view().transfers;
  return rows[cursor];
}

export const down = '\u001b[B';
export const left = '\u001b[D';
export const right = '\u001b[C';

/** The report of a click at a position of the screen, from 0. */
export const click = (column: number, row: number): string =>
  `\u001b[<0;${column + 1};${row + 1}M\u001b[<0;${column + 1};${row + 1}m`;

/** The report of steps of the wheel at this position; a negative number is up. */
export const wheel = (column: number, row: number, notches: number): string =>
  `\u001b[<${notches < 0 ? 64 : 65};${column + 1};${row + 1}M`.repeat(Math.abs(notches));
