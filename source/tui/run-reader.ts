/**
 * The interface for a screen reader, and for a terminal that cannot draw: the keys of the full screen, and a sentence
 * for each change, one below the other. Nothing is drawn, moved or erased.
 */

import {resolve} from 'node:path';
import type {DisplayText} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import {JobControl} from '../job-control.ts';
import {Failures} from './failures.ts';
import type {Size} from './model/layout.ts';
import {Screens} from './model/screens.ts';
import {LineHistory} from './model/typing/line-history.ts';
import {Announcer} from './reader/announcer.ts';
import {RawKeys} from './reader/raw-keys.ts';
import {spokenKeyOf} from './reader/spoken-keys.ts';
import {textAfter} from './reader/stroke.ts';
import {allowed, signsOf} from './terminal/outside.ts';
import {readKeys} from './terminal/read-keys.ts';
import {Window} from './terminal/window.ts';
import {say} from './text/say.ts';
import type {TuiOptions} from './tui-options.ts';

/** The size of pages, as on a screen of this size; the size of the window does not matter. */
const size: Size = {columns: 120, rows: 40};

/**
 * Resolves when the user quits; the open server stays open.
 *
 * @throws JangadaError `usage` without a terminal. Other errors are thrown once the terminal is given back.
 */
export async function runReader(options: TuiOptions): Promise<void> {
  const {stdin = process.stdin, stdout = process.stdout} = options;
  const {sessions, book, start, settings} = options;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new JangadaError(
      'usage',
      'The full-screen client needs a terminal: standard input or output is none',
    );
  }

  const failures = new Failures();
  const {fail} = failures;
  const job = new JobControl(fail);
  const isDumb = process.env.TERM === 'dumb';
  const keys = new RawKeys({stdin, stdout, marksPastes: !isDumb});
  const signs = allowed(signsOf(process.env), {...settings.notices, mouse: false});
  const window = new Window({write: sequence => stdout.write(sequence), signs});
  const screens = new Screens({
    sessions,
    book,
    history: new LineHistory(options.kept),
    folder: resolve(options.folder),
    size,
    mouse: false,
    suspend: () => job.suspend(),
    copy: text => window.copy(text),
    typeInto: stroke => typeInto(screens, stroke),
    onVisit: () => () => {},
    ...(settings.onConflict === 'ask' ? {} : {onConflict: settings.onConflict}),
  });
  const tell = (sentences: readonly DisplayText[]): void => {
    stdout.write(sentences.map(sentence => `${sentence}\n`).join(''));
  };
  // Keys that the user types for ssh are not read here.
  sessions.lend = use =>
    job.lend(async () => {
      stdin.pause();
      await use().finally(() => stdin.resume());
    });
  const endWatch = failures.watch();
  let announcer: Announcer | undefined;
  const endJob = job.begin(async meanwhile => {
    keys.giveBack();
    await meanwhile();
    keys.take();
    announcer?.pressed();
  });
  let stopReading = (): void => {};
  try {
    keys.take();
    tell(greeting(isDumb));
    const left = screens.run(start, options);
    announcer = new Announcer({screens, tell});
    const pressed = (press: () => void): void => {
      if (!job.isAway) {
        press();
        announcer?.pressed();
      }
    };
    stopReading = readKeys(stdin, {
      onKey: failures.guarded(key => pressed(() => screens.press(key))),
      onPaste: failures.guarded(text => pressed(() => screens.paste(text))),
    });
    await Promise.race([left, failures.first]);
    announcer.flush();
    tell([say`Jangada has ended.`]);
  } finally {
    stopReading();
    sessions.lend = undefined;
    announcer?.close();
    screens.close();
    endJob();
    keys.giveBack();
    endWatch();
  }
}

function greeting(isDumb: boolean): DisplayText[] {
  return [
    ...(isDumb
      ? [say`This terminal cannot show the full screen (TERM=dumb): changes are told as sentences.`]
      : []),
    say`Jangada: ${spokenKeyOf('help')} lists the keys, ${spokenKeyOf('quit')} quits.`,
  ];
}

/** Give a key to the typed line. */
function typeInto(screens: Screens, stroke: string): void {
  const {shown} = screens;
  const receiver = shown.name === 'server' ? shown.app : shown.screen;
  const {prompt} = receiver.view();
  if (prompt !== undefined) {
    receiver.typed(textAfter(prompt, stroke));
  }
}
