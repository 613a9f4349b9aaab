/** The colours of the terminal, according to the environment. */
import {whyNoColour} from '../../shows-colour.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `none`: no colours; `basic`: eight and their bright ones; `rich`: 256 or more. */
export type ColourDepth = 'none' | 'basic' | 'rich';

/**
 * The number of colours; `none` if `NO_COLOR` is set to anything. A number in `FORCE_COLOR` wins over the name of the
 * terminal: 1 for sixteen, 2 and 3 for more.
 */
export function colourDepth(environment: Environment): ColourDepth {
  if (whyNoColour(environment) !== undefined) {
    return 'none';
  }

  const {COLORTERM, FORCE_COLOR = '', TERM = ''} = environment;
  if (/^\d+$/.test(FORCE_COLOR)) {
    return Number(FORCE_COLOR) === 1 ? 'basic' : 'rich';
  }

  return /truecolor|24bit/.test(COLORTERM ?? '') || /256|direct|kitty|ghostty/.test(TERM)
    ? 'rich'
    : 'basic';
}

/** The numbers of light backgrounds among the sixteen colours: white, and the bright colours except grey. */
const lightNumbers: ReadonlySet<string> = new Set(['7', '9', '10', '11', '12', '13', '14', '15']);

/** Whether the background is light, according to `COLORFGBG` (`0;15`, `15;default;0`); undefined if that is not set. */
export function isLight({COLORFGBG}: Environment): boolean | undefined {
  const background = COLORFGBG?.split(';').at(-1) ?? '';
  return /^\d{1,2}$/.test(background) ? lightNumbers.has(background) : undefined;
}
