/**
 * The full-screen client: takes the terminal, shows servers until the user quits, and always gives the terminal back.
 */
import {resolve} from 'node:path';
import {type Instance, render} from 'ink';
import type {ReactNode} from 'react';
import {JangadaError} from '../../protocol/errors.ts';
import {JobControl} from '../job-control.ts';
import {Failures} from './failures.ts';
import type {Size} from './model/layout.ts';
import {Screens} from './model/screens.ts';
import {LineHistory} from './model/typing/line-history.ts';
import {WindowWatch} from './model/window-watch.ts';
import {Background} from './terminal/background.ts';
import {isBare} from './terminal/bare.ts';
import {asciiGlyphs, unicodeGlyphs} from './terminal/glyphs.ts';
import {InkKeys} from './terminal/ink-keys.ts';
import {allowed, signsOf} from './terminal/outside.ts';
import {readKeys} from './terminal/read-keys.ts';
import {steadyOutput} from './terminal/steady-output.ts';
import {chooseTheme, followsBackground} from './terminal/theme.ts';
import {Window} from './terminal/window.ts';
import {say} from './text/say.ts';
import type {TuiOptions} from './tui-options.ts';
import {drawColoursOf} from './view/line/paint.ts';
import type {Look} from './view/look.ts';
import {Screen} from './view/screen.tsx';
import {serversTargetAt} from './view/servers/servers-target.ts';
import {targetAt} from './view/target-at.ts';

const leaveAlternateScreen = '\u001b[?1049l';
const showCursor = '\u001b[?25h';
const saveCursor = '\u001b7';

/**
 * Resolves when the user quits; the open server stays open.
 *
 * @throws JangadaError `usage` without a terminal. Other errors are thrown once the terminal is restored, so that the
 * caller can print them.
 */
export async function runTui(options: TuiOptions): Promise<void> {
  const {stdin = process.stdin, stdout = process.stdout, mouse = true} = options;
  const {sessions, book, start: first, settings} = options;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new JangadaError(
      'usage',
      'The full-screen client needs a terminal: standard input or output is none',
    );
  }

  drawColoursOf(process.env);
  const failures = new Failures();
  const {fail, guarded} = failures;
  const job = new JobControl(fail);
  const signs = allowed(signsOf(process.env), {...settings.notices, mouse});
  const window = new Window({write: sequence => stdout.write(sequence), signs});
  const inkKeys = new InkKeys(stdin);
  let instance: Instance | undefined;
  const screens = new Screens({
    sessions,
    book,
    mouse: signs.mouse,
    history: new LineHistory(options.kept),
    folder: resolve(options.folder),
    size: sizeOf(stdout),
    suspend: () => job.suspend(),
    copy: text => window.copy(text),
    typeInto(stroke) {
      screens.flush();
      inkKeys.giveNext(stroke, () => instance?.rerender(screen));
    },
    onVisit({queue}, server) {
      const watch = new WindowWatch({queue, window, server});
      return () => {
        watch.close();
        window.showProgress({state: 'none'});
        window.showTitle(say`jangada`);
      };
    },
    ...(settings.onConflict === 'ask' ? {} : {onConflict: settings.onConflict}),
  });
  // This listener runs before Ink's, so that Ink draws the new size with a fitting picture.
  const resized = guarded(() => {
    screens.resize(sizeOf(stdout));
    instance?.rerender(screen);
  });
  const glyphs = settings.ascii ? asciiGlyphs : unicodeGlyphs;
  const background = new Background(sequence => stdout.write(sequence));
  const lookOn = (light?: boolean): Look => ({
    glyphs,
    theme: chooseTheme(process.env, settings.theme, {light, colours: settings.colours}),
  });
  const screenOf = (look: Look): ReactNode => (
    <Screen screens={screens} job={job} window={window} look={look} />
  );
  let look = lookOn();
  let screen = screenOf(look);
  stdout.on('resize', resized);
  // Keys that the user types for ssh are not read here.
  sessions.lend = use =>
    job.lend(async () => {
      stdin.pause();
      await use().finally(() => stdin.resume());
    });
  const endWatch = failures.watch();
  let stopReading = (): void => {};
  try {
    // Before Ink queries the terminal: an earlier answer would be echoed.
    stdin.setRawMode(true);
    window.showTitle(say`jangada`);
    const left = screens.run(first, options);
    instance = start(screen, inkKeys, steadyOutput(stdout));
    stopReading = readKeys(stdin, {
      onKey: guarded(key => {
        if (!job.isAway) {
          screens.press(key);
        }
      }),
      onPaste: guarded(text => {
        if (!job.isAway) {
          screens.paste(text);
        }
      }),
      onMouse: guarded((event, atMs) => {
        if (!job.isAway) {
          screens.point(event, atMs, shown =>
            shown.name === 'server'
              ? targetAt(look, shown.app.scene, event)
              : serversTargetAt(look, shown.screen.view(), event),
          );
        }
      }),
      onFocus: isFocused => window.focus(isFocused),
      onAnswer: guarded(answer => inkKeys.give(answer)),
      onBackground: guarded(colour => {
        look = lookOn(background.answer(colour));
        screen = screenOf(look);
        instance?.rerender(screen);
      }),
      isAnswerDue: () => background.isDue,
    });
    if (followsBackground(settings.theme) && !isBare(process.env)) {
      background.ask();
    }

    await Promise.race([left, instance.waitUntilExit(), failures.first]);
    // A later answer would be typed at the shell.
    await background.settled();
  } finally {
    stopReading();
    sessions.lend = undefined;
    stdout.off('resize', resized);
    screens.close();
    instance?.unmount();
    await instance?.waitUntilExit().catch(() => {
      // The race above has thrown the error already.
    });
    if (stdin.isRaw) {
      // Ink failed before it took the keys over.
      stdin.setRawMode(false);
    }

    endWatch();
  }
}

/** Let Ink draw `screen`. @throws once the terminal shows its earlier content again. */
function start(screen: ReactNode, stdin: InkKeys, stdout: NodeJS.WriteStream): Instance {
  try {
    return render(screen, {
      stdin,
      stdout,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      maxFps: 60,
      // For a screen reader, run-reader.ts runs instead of this.
      isScreenReaderEnabled: false,
      exitOnCtrlC: false,
      // Ink asks the terminal whether it supports the protocol.
      kittyKeyboard: {mode: isBare(process.env) ? 'disabled' : 'auto'},
    });
  } catch (error) {
    stdout.write(`${leaveAlternateScreen}${showCursor}`);
    // When the process exits, Ink leaves the alternate screen once more, which moves the cursor to the last saved
    // position.
    process.once('exit', () => stdout.write(saveCursor));
    throw error;
  }
}

function sizeOf({columns, rows}: NodeJS.WriteStream): Size {
  // If the terminal does not tell its size, assume the classic one.
  return {columns: columns || 80, rows: rows || 24};
}
