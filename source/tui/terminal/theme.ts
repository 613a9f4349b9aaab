/**
 * Colours and weights of the tones of the interface. A tone never says more than the sign and the
 * word beside it, so a terminal without colours, or an eye without them, misses nothing.
 */

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
  /** The frame of the pane that has the keys, and of the others. */
  | 'frameActive'
  | 'frame';

type Style = {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
};

export type Theme = Readonly<Record<Tone, Style>>;

const colours: Theme = {
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

const noColours: Theme = {
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

/** The colours of the interface, or none if `NO_COLOR` is set to anything. */
export function chooseTheme(environment: Readonly<Record<string, string | undefined>>): Theme {
  const asked = environment.NO_COLOR;
  return asked === undefined || asked === '' ? colours : noColours;
}
