/** The line that is typed, of an interface without other pictures: it is what edits the text. */
import {PassThrough} from 'node:stream';
import {type Instance, render} from 'ink';
import {createElement, type ReactNode, useSyncExternalStore} from 'react';
import type {Repainter} from '../../../source/tui/model/repainter.ts';
import type {PromptView} from '../../../source/tui/model/typing/prompt.ts';
import {InkKeys} from '../../../source/tui/terminal/ink-keys.ts';
import {TypedLineView} from '../../../source/tui/view/typed-line.tsx';

/** An interface with a line to type, as far as that line is concerned. */
type Typing = {
  readonly repainter: Repainter;
  readonly typed: (text: string) => void;
  view(): {readonly prompt: PromptView | undefined};
};

type TypingView = {
  /** As `typeInto` of an interface. */
  give(stroke: string): void;
  /** Show the typed line of `app`, whenever there is one. */
  show(app: Typing): void;
};

const terminal = {
  setRawMode: () => terminal,
  ref: () => terminal,
  unref: () => terminal,
} as unknown as NodeJS.ReadStream; // Nothing else of a terminal is used.

export function typingView(t: {after(end: () => void): void}): TypingView {
  const keys = new InkKeys(terminal);
  // Nobody looks at it.
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
        stdout: stdout as unknown as NodeJS.WriteStream, // Ink only asks for its size.
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
