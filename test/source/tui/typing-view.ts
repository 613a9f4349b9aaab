/** Draws only the typed line of an interface, because the drawn component edits the text. */
import {PassThrough} from 'node:stream';
import {type Instance, render} from 'ink';
import {createElement, type ReactNode, useSyncExternalStore} from 'react';
import type {Repainter} from '../../../source/tui/model/repainter.ts';
import type {PromptView} from '../../../source/tui/model/typing/prompt.ts';
import {InkKeys} from '../../../source/tui/terminal/ink-keys.ts';
import {TypedLineView} from '../../../source/tui/view/typed-line.tsx';

/** The part of an interface that the typed line needs. */
type Typing = {
  readonly repainter: Repainter;
  readonly typed: (text: string) => void;
  view(): {readonly prompt: PromptView | undefined};
};

type TypingView = {
  /** The function for `typeInto` of an interface. */
  give(stroke: string): void;
  /** Show the typed line of `app` whenever it has one. */
  show(app: Typing): void;
};

const terminal = {
  setRawMode: () => terminal,
  ref: () => terminal,
  unref: () => terminal,
} as unknown as NodeJS.ReadStream; // Ink uses no other methods of the terminal.

export function typingView(t: {after(end: () => void): void}): TypingView {
  const keys = new InkKeys(terminal);
  // The output is dropped.
  const stdout = Object.assign(new PassThrough(), {columns: 80, rows: 24}).resume();
  let commit = (): void => {};
  return {
    give(stroke) {
      keys.giveNext(stroke, commit);
    },
    show(app) {
      const line = createElement(TypedLine, {app});
      const instance: Instance = render(line, {
        stdin: keys,
        stdout: stdout as unknown as NodeJS.WriteStream, // Ink only reads its size.
        interactive: false,
        exitOnCtrlC: false,
        patchConsole: false,
      });
      commit = () => {
        app.repainter.flush();
        instance.rerender(line);
      };
      t.after(() => instance.unmount());
    },
  };
}

function TypedLine({app}: {app: Typing}): ReactNode {
  const view = useSyncExternalStore(
    listener => app.repainter.subscribe(listener),
    () => app.view().prompt,
  );
  return view === undefined
    ? null
    : createElement(TypedLineView, {view, columns: 80, onChange: app.typed});
}
