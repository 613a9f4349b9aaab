/**
 * Signs outside the screen: the title of the window, the progress in the task bar, and a notification when long work
 * has ended while the user looks elsewhere. Each is one whole sequence that does not move the cursor, so that it can be
 * written between two frames. A terminal might print a sequence that it does not know, so only terminals that are known
 * to support one get it.
 */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {nameToBytes} from '../../../protocol/remote-path.ts';
import {cutEnd} from '../text/width.ts';
import {isBare} from './bare.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type OutsideSigns = {
  readonly title: boolean;
  /** Whether the terminal supports OSC 9;4. */
  readonly progress: boolean;
  readonly notice: NoticeForm;
  /** Whether the terminal reports the mouse in the form without limits (mode 1006). */
  readonly mouse: boolean;
  /** Whether the terminal reports that its window gets or loses the focus. */
  readonly focus: boolean;
  /** How text is put into its clipboard. */
  readonly clipboard: ClipboardForm;
};

type NoticeForm = 'osc9' | 'osc99' | 'osc777' | 'bell' | 'none';

type ClipboardForm = 'osc52' | 'tmux' | 'none';

export type Progress =
  | {readonly state: 'none'}
  | {readonly state: 'running'; readonly percent: number}
  /** The total is not known. */
  | {readonly state: 'unknown'}
  | {readonly state: 'failed'; readonly percent: number};

const titleColumns = 120;
const noticeColumns = 200;

/** The signs that the terminal of `environment` is known to support. */
export function signsOf(environment: Environment): OutsideSigns {
  const {TERM = '', TERM_PROGRAM = '', VTE_VERSION, WT_SESSION, ConEmuANSI} = environment;
  // A multiplexer keeps sequences that it does not know, or passes them to the attached terminal.
  const isInside = environment.TMUX !== undefined || TERM.startsWith('screen');
  const bare = isBare(environment);
  const isKitty = environment.KITTY_WINDOW_ID !== undefined || TERM === 'xterm-kitty';
  const isGhostty = TERM_PROGRAM === 'ghostty';
  const isWezTerm = TERM_PROGRAM === 'WezTerm';
  const vte = Number(VTE_VERSION ?? 0);
  const knowsProgress =
    WT_SESSION !== undefined || ConEmuANSI === 'ON' || isGhostty || isWezTerm || vte >= 7900;
  return {
    title: !bare,
    progress: !isInside && !bare && knowsProgress,
    notice: bare ? 'none' : isInside ? 'bell' : noticeForm(),
    mouse: !bare,
    focus: !bare,
    // Terminals that know the sequence use or ignore it, and show nothing. `screen` would print a long one.
    clipboard:
      bare || (isInside && environment.TMUX === undefined)
        ? 'none'
        : environment.TMUX === undefined
          ? 'osc52'
          : 'tmux',
  };

  function noticeForm(): NoticeForm {
    if (isKitty) {
      return 'osc99';
    }

    if (isGhostty || isWezTerm || TERM_PROGRAM === 'iTerm.app') {
      return 'osc9';
    }

    return vte > 0 || /^(?:foot|rxvt)/.test(TERM) ? 'osc777' : 'bell';
  }
}

/** Those of `signs` that the user allows. */
export function allowed(
  signs: OutsideSigns,
  {
    title,
    progress,
    desktop,
    bell,
    clipboard,
    mouse,
  }: Readonly<Record<'title' | 'progress' | 'desktop' | 'bell' | 'clipboard' | 'mouse', boolean>>,
): OutsideSigns {
  const rings = signs.notice === 'bell' || (signs.notice !== 'none' && !desktop);
  return {
    title: signs.title && title,
    progress: signs.progress && progress,
    mouse: signs.mouse && mouse,
    focus: signs.focus,
    clipboard: clipboard ? signs.clipboard : 'none',
    notice: rings ? (bell ? 'bell' : 'none') : signs.notice,
  };
}

const escapeCharacter = '\u001b';
const bell = '\u0007';
const end = `${escapeCharacter}\\`;

/** Saves the present title of the window, for `restoreTitle`. */
export const saveTitle = `${escapeCharacter}[22;0t`;
export const restoreTitle = `${escapeCharacter}[23;0t`;

export function titleSequence(title: DisplayText): string {
  return `${escapeCharacter}]2;${cutEnd(title, titleColumns, plainCut)}${end}`;
}

export function progressSequence(progress: Progress): string {
  const {state} = progress;
  const codes = {none: 0, running: 1, failed: 2, unknown: 3} as const;
  const percent = 'percent' in progress ? Math.round(clampPercent(progress.percent)) : 0;
  return `${escapeCharacter}]9;4;${codes[state]};${percent}${end}`;
}

function clampPercent(percent: number): number {
  return Number.isFinite(percent) ? Math.max(0, Math.min(100, percent)) : 0;
}

/** A notification; empty if the terminal has none. */
export function noticeSequence(form: NoticeForm, text: DisplayText): string {
  // Semicolons separate the fields of a sequence.
  const words = cutEnd(displayName(text.replaceAll(';', ',')), noticeColumns, plainCut);
  switch (form) {
    case 'none':
      return '';
    case 'bell':
      return bell;
    case 'osc9':
      return `${escapeCharacter}]9;${words}${end}`;
    case 'osc99':
      return `${escapeCharacter}]99;;${words}${end}`;
    case 'osc777':
      return `${escapeCharacter}]777;notify;jangada;${words}${end}`;
  }
}

/** The sequence that puts `text`, a string of names, into the clipboard; empty if the terminal has none. */
export function copySequence(form: ClipboardForm, text: string): string {
  const whole = `${escapeCharacter}]52;c;${Buffer.from(nameToBytes(text)).toString('base64')}${end}`;
  switch (form) {
    case 'none':
      return '';
    case 'osc52':
      return whole;
    case 'tmux': {
      // tmux uses the sequence itself (set-clipboard on), passes it to its terminal (allow-passthrough on), or drops
      // it.
      const inside = whole.replaceAll(escapeCharacter, escapeCharacter.repeat(2));
      return `${whole}${escapeCharacter}Ptmux;${inside}${end}`;
    }
  }
}

const plainCut = {ellipsis: displayName('...')};
