/**
 * The full-screen client: takes the terminal, shows the server until the user quits, and gives
 * the terminal back, whatever happens.
 */
import {resolve} from 'node:path';
import {type Instance, render} from 'ink';
import type {ReactNode} from 'react';
import {formatAddress} from '../../protocol/address.ts';
import {type DisplayText, displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import type {Client} from '../client/client.ts';
import type {ScreenSettings} from '../config/screen-settings.ts';
import {JobControl} from '../job-control.ts';
import type {Queue} from '../transfers/queue/queue.ts';
import {App} from './model/app.ts';
import type {Size} from './model/layout.ts';
import {WindowWatch} from './model/window-watch.ts';
import {Background, canBeAsked} from './terminal/background.ts';
import {asciiGlyphs, unicodeGlyphs} from './terminal/glyphs.ts';
import {InkKeys} from './terminal/ink-keys.ts';
import {allowed, signsOf} from './terminal/outside.ts';
import {readKeys} from './terminal/read-keys.ts';
import {chooseTheme, followsBackground} from './terminal/theme.ts';
import {Window} from './terminal/window.ts';
import {Screen} from './view/screen.tsx';

const leaveAlternateScreen = '\u001b[?1049l';
const showCursor = '\u001b[?25h';
const saveCursor = '\u001b7';

type TuiOptions = {
  client: Client;
  queue: Queue;
  /** Where downloads are saved. */
  folder: string;
  /** The folder to begin in. */
  startPath: RemotePath;
  /** Default: those of the process. */
  stdin?: NodeJS.ReadStream;
  stdout?: NodeJS.WriteStream;
  /** A sentence to begin with, and one about something that is wrong. */
  notice?: string;
  complaint?: string;
  settings: ScreenSettings;
};

/**
 * Resolves when the user quits; client and queue are then as they were, and still run.
 *
 * @throws JangadaError `usage` without a terminal. Whatever else goes wrong inside is thrown once
 * the terminal is as it was, so that the caller can print it.
 */
export async function runTui(options: TuiOptions): Promise<void> {
  const {stdin = process.stdin, stdout = process.stdout, settings, ...rest} = options;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new JangadaError('usage', 'The full-screen client needs a terminal, and this is none');
  }

  const failure = Promise.withResolvers<never>();
  // It may be rejected while nothing waits for it.
  failure.promise.catch(() => {});
  const fail = (error: unknown): void => {
    failure.reject(error);
  };
  const job = new JobControl(fail);
  const window = new Window({
    write: sequence => stdout.write(sequence),
    signs: allowed(signsOf(process.env), settings.notices),
  });
  const inkKeys = new InkKeys(stdin);
  let instance: Instance | undefined;
  const app = new App({
    ...rest,
    folder: resolve(rest.folder),
    size: sizeOf(stdout),
    suspend: () => job.suspend(),
    typeInto(stroke) {
      app.repainter.flush();
      inkKeys.giveNext(stroke, () => instance?.rerender(screen));
    },
    ...(settings.onConflict === 'ask' ? {} : {onConflict: settings.onConflict}),
  });
  const guarded = guard(fail);
  // Before Ink hears of it, so that what Ink draws for the new size is made for it.
  const resized = guarded(() => {
    app.resize(sizeOf(stdout));
    instance?.rerender(screen);
  });
  const glyphs = settings.ascii ? asciiGlyphs : unicodeGlyphs;
  const background = new Background(sequence => stdout.write(sequence));
  const screenOn = (light?: boolean): ReactNode => {
    const theme = chooseTheme(process.env, settings.theme, {light, colours: settings.colours});
    return <Screen app={app} job={job} window={window} look={{glyphs, theme}} />;
  };
  let screen = screenOn();
  stdout.on('resize', resized);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  let stopReading = (): void => {};
  let watch: WindowWatch | undefined;
  try {
    // Before Ink asks the terminal what it can do: an answer that comes earlier would be echoed.
    stdin.setRawMode(true);
    instance = start(screen, inkKeys, stdout);
    watch = new WindowWatch({queue: rest.queue, window, server: serverName(rest.client)});
    stopReading = readKeys(stdin, {
      onKey: guarded(key => {
        if (!job.isAway) {
          app.press(key);
        }
      }),
      onPaste: guarded(text => {
        if (!job.isAway) {
          app.paste(text);
        }
      }),
      onFocus: isFocused => window.focus(isFocused),
      onAnswer: guarded(answer => inkKeys.give(answer)),
      onBackground: guarded(colour => {
        screen = screenOn(background.answer(colour));
        instance?.rerender(screen);
      }),
      isAnswerDue: () => background.isDue,
    });
    if (followsBackground(settings.theme) && canBeAsked(process.env)) {
      background.ask();
    }

    await Promise.race([app.left, instance.waitUntilExit(), failure.promise]);
    // An answer that came later would be typed at the shell.
    await background.settled();
  } finally {
    stopReading();
    stdout.off('resize', resized);
    app.close();
    watch?.close();
    instance?.unmount();
    await instance?.waitUntilExit().catch(() => {
      // The race above has thrown it already.
    });
    if (stdin.isRaw) {
      // Ink never got as far as to take the keys over.
      stdin.setRawMode(false);
    }

    process.off('uncaughtException', fail);
    process.off('unhandledRejection', fail);
  }
}

/** Have Ink draw `screen`. @throws once the terminal shows again what was on it before. */
function start(screen: ReactNode, stdin: InkKeys, stdout: NodeJS.WriteStream): Instance {
  try {
    return render(screen, {
      stdin,
      stdout,
      interactive: true,
      alternateScreen: true,
      incrementalRendering: true,
      maxFps: 60,
      exitOnCtrlC: false,
      kittyKeyboard: {mode: 'auto'},
    });
  } catch (error) {
    stdout.write(`${leaveAlternateScreen}${showCursor}`);
    // When the process exits, Ink leaves that screen once more, which moves the cursor to where it
    // was saved last.
    process.once('exit', () => stdout.write(saveCursor));
    throw error;
  }
}

function serverName({address}: Client): DisplayText {
  return displayName(formatAddress(address).replace('jangada://', ''));
}

function sizeOf({columns, rows}: NodeJS.WriteStream): Size {
  // A terminal that does not say is taken for the size that all were once.
  return {columns: columns || 80, rows: rows || 24};
}

/** Wraps listeners so that their errors reach `fail`, not the emitter that calls them. */
function guard(fail: (error: unknown) => void) {
  return <Arguments extends readonly unknown[]>(listener: (...values: Arguments) => void) =>
    (...values: Arguments): void => {
      try {
        listener(...values);
      } catch (error) {
        fail(error);
      }
    };
}
