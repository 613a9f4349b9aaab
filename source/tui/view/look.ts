/** The signs and colours of this terminal, for every component. */
import {createContext} from 'react';
import {type Glyphs, unicodeGlyphs} from '../terminal/glyphs.ts';
import {chooseTheme, type Theme} from '../terminal/theme.ts';

export type Look = {readonly glyphs: Glyphs; readonly theme: Theme};

export const LookContext = createContext<Look>({glyphs: unicodeGlyphs, theme: chooseTheme({})});
