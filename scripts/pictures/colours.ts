/** The colours for pictures of a terminal: a dark one and a light one. */
import type {CellColour} from '../../test/fixtures/cells.ts';

export type Shade = 'dark' | 'light';
export const shades = ['dark', 'light'] as const;

type Palette = {
  readonly foreground: string;
  readonly background: string;
  /** The colour of the window's edge. */
  readonly edge: string;
  /** The sixteen colours that a user can choose in a terminal. */
  readonly ansi: readonly string[];
};

/** The terminal colours of GitHub's themes, which readers see around the pictures. */
const palettes: Readonly<Record<Shade, Palette>> = {
  dark: {
    foreground: '#e6edf3',
    background: '#0d1117',
    edge: '#30363d',
    ansi: [
      ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
      ...['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'],
    ],
  },
  light: {
    foreground: '#1f2328',
    background: '#ffffff',
    edge: '#d0d7de',
    ansi: [
      ...['#24292f', '#cf222e', '#116329', '#4d2d00', '#0969da', '#8250df', '#1b7c83', '#6e7781'],
      ...['#57606a', '#a40e26', '#1a7f37', '#633c01', '#218bff', '#a475f9', '#3192aa', '#8c959f'],
    ],
  },
};

export function paletteOf(shade: Shade): Palette {
  return palettes[shade];
}

/** `colour` as `#rrggbb`; undefined for the terminal's own. */
export function hexOf(colour: CellColour, shade: Shade): string | undefined {
  switch (colour.kind) {
    case 'default':
      return undefined;
    case 'rgb':
      return hex(colour.value >> 16, (colour.value >> 8) & 255, colour.value & 255);
    case 'palette':
      return palettes[shade].ansi[colour.index] ?? cubeColour(colour.index);
  }
}

/** One of the 240 colours that are the same in all terminals: a cube of 6 × 6 × 6, and 24 greys. */
function cubeColour(index: number): string {
  if (index >= 232) {
    const grey = 8 + 10 * (index - 232);
    return hex(grey, grey, grey);
  }

  const step = (at: number) => {
    const level = Math.floor((index - 16) / at) % 6;
    return level === 0 ? 0 : 55 + 40 * level;
  };
  return hex(step(36), step(6), step(1));
}

function hex(...parts: readonly number[]): string {
  return `#${parts.map(part => part.toString(16).padStart(2, '0')).join('')}`;
}
