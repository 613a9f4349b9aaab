/**
 * Colours and weights of the tones of the interface. A tone never says more than the sign and the word beside it, so a
 * terminal without colours, or a colour-blind user, misses nothing.
 *
 * Colours are those of the terminal's own palette. The row with the cursor has one background on which every tone is
 * readable, so that a row keeps its colours under the cursor.
 */
import type {Colour, Colours, ThemeName} from '../../config/settings.ts';
import {type ColourDepth, colourDepth, type Environment, isLight} from './colours.ts';

/** The role of a piece of text; the theme gives it a colour. */
export type Tone =
  | 'plain'
  | 'faint'
  | 'strong'
  | 'accent'
  | 'folder'
  | 'good'
  | 'warning'
  | 'bad'
  /** The walls of the focused pane, and of the others. */
  | 'frameActive'
  | 'frame';

/** Properties of a piece of text, as Ink takes them. */
export type Style = {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
};

export type Tones = Readonly<Record<Tone, Style>>;

export type Theme = {
  readonly tones: Tones;
  /** The row with the cursor. Without a background, its tones and its sign distinguish it from other rows. */
  readonly cursor: {readonly background?: string; readonly tones: Tones};
  /** Whether nothing is ever drawn faint. */
  readonly isStark: boolean;
};

type Colourful = Exclude<ColourDepth, 'none'>;

type Palette = {readonly tones: Tones; readonly cursor: Record<Colourful, Theme['cursor']>};

const tones: Tones = {
  plain: {},
  faint: {dimColor: true},
  strong: {bold: true},
  accent: {color: 'cyan', bold: true},
  folder: {color: 'blueBright', bold: true},
  good: {color: 'green'},
  warning: {color: 'yellow'},
  bad: {color: 'red', bold: true},
  frameActive: {color: 'cyan'},
  frame: {dimColor: true},
};

/** Tones on our own dark background, whichever background the terminal has. */
const onDark: Tones = {
  plain: {color: 'whiteBright'},
  faint: {color: 'ansi256(250)'},
  strong: {color: 'whiteBright', bold: true},
  accent: {color: 'ansi256(123)', bold: true},
  folder: {color: 'ansi256(117)', bold: true},
  good: {color: 'ansi256(120)'},
  warning: {color: 'ansi256(228)'},
  bad: {color: 'ansi256(217)', bold: true},
  frameActive: {color: 'ansi256(123)'},
  frame: {color: 'ansi256(250)'},
};

/** The same in eight colours and their bright ones. */
const onBlue: Tones = {
  plain: {color: 'whiteBright'},
  faint: {color: 'white'},
  strong: {color: 'whiteBright', bold: true},
  accent: {color: 'cyanBright', bold: true},
  folder: {color: 'whiteBright', bold: true},
  good: {color: 'greenBright'},
  warning: {color: 'yellowBright'},
  bad: {color: 'whiteBright', bold: true},
  frameActive: {color: 'cyanBright'},
  frame: {color: 'white'},
};

const darkRow: Palette['cursor'] = {
  rich: {background: 'ansi256(238)', tones: onDark},
  basic: {background: 'blue', tones: onBlue},
};

const lightTones: Tones = {
  ...tones,
  accent: {color: 'blue', bold: true},
  folder: {color: 'blue', bold: true},
  // Yellow on white cannot be seen.
  warning: {color: 'magenta'},
  frameActive: {color: 'blue'},
};

// Dimmed text on a grey background is too faint.
const lightRow = {...lightTones, faint: {}, frame: {}};

const highContrast: Tones = {
  plain: {bold: true},
  faint: {},
  strong: {bold: true},
  accent: {bold: true},
  folder: {bold: true},
  good: {bold: true},
  warning: {bold: true},
  bad: {bold: true},
  frameActive: {bold: true},
  frame: {},
};

/** The row with the cursor in only two colours. */
function starkRow(background: string, color: string): Theme['cursor'] {
  const style = {color, bold: true};
  const names = Object.keys(highContrast) as Tone[]; // The record has no other keys.
  return {background, tones: Object.fromEntries(names.map(tone => [tone, style])) as Tones};
}

const onWhite = starkRow('whiteBright', 'black');
const onBlack = starkRow('black', 'whiteBright');

const palettes = {
  /** For a terminal with an unknown background: readable on dark and on light. */
  auto: {tones: {...tones, warning: {color: 'magenta'}}, cursor: darkRow},
  dark: {tones, cursor: darkRow},
  light: {
    tones: lightTones,
    cursor: {
      rich: {background: 'ansi256(254)', tones: lightRow},
      basic: {background: 'white', tones: lightRow},
    },
  },
  'high-contrast': {tones: highContrast, cursor: {rich: onWhite, basic: onWhite}},
} as const satisfies Record<Exclude<ThemeName, 'mono'>, Palette>;

const monoTones: Tones = {
  plain: {},
  faint: {},
  strong: {bold: true},
  accent: {bold: true},
  folder: {bold: true},
  good: {},
  warning: {},
  bad: {bold: true},
  frameActive: {bold: true},
  frame: {},
};

const mono: Theme = {tones: monoTones, cursor: {tones: highContrast}, isStark: false};

/**
 * The theme `name`; `auto` is the theme for the background of the terminal, as far as that is known. Without colours
 * (`NO_COLOR`, `TERM=dumb`) it is always `mono`.
 */
export function chooseTheme(
  environment: Environment,
  name: ThemeName = 'auto',
  {
    light = isLight(environment),
    colours = {},
  }: {light?: boolean | undefined; colours?: Colours} = {},
): Theme {
  const depth = colourDepth(environment);
  if (depth === 'none' || name === 'mono') {
    return mono;
  }

  const fitting = light === undefined ? 'auto' : light ? 'light' : 'dark';
  const {tones, cursor}: Palette = palettes[name === 'auto' ? fitting : name];
  const isStark = name === 'high-contrast';
  const theme = {tones, cursor: isStark && light === true ? onBlack : cursor[depth], isStark};
  return withColours(theme, colours);
}

/** Whether the theme depends on the background of the terminal. */
export function followsBackground(name: ThemeName): boolean {
  return name === 'auto' || name === 'high-contrast';
}

/** `theme` with the user's own colours. */
function withColours(theme: Theme, {cursor: row, ...colours}: Colours): Theme {
  const own = (tones: Tones): Tones =>
    Object.fromEntries(
      Object.entries(tones).map(([tone, style]) => {
        const colour = colours[tone as Tone]; // The record has no other keys.
        return [tone, colour === undefined ? style : {...style, color: inkColour(colour)}];
      }),
    ) as Tones; // The same keys as before.
  const {cursor} = theme;
  return {
    ...theme,
    tones: own(theme.tones),
    // Only the theme's own tones are known to be readable on its background.
    cursor: row === undefined ? cursor : {background: inkColour(row), tones: own(cursor.tones)},
  };
}

function inkColour(colour: Colour): string {
  return typeof colour === 'number' ? `ansi256(${colour})` : colour;
}

/** `theme` for the panes behind a dialog: everything stays visible, and nothing stands out. */
export function dimmed(theme: Theme): Theme {
  if (theme.isStark) {
    return theme;
  }

  const names = Object.keys(theme.tones) as Tone[]; // The record has no other keys.
  const faint = Object.fromEntries(names.map(tone => [tone, {dimColor: true}])) as Tones;
  return {...theme, tones: faint, cursor: {tones: faint}};
}
