/** Each setting in force, and where it comes from: an option, a variable, the file, or the default. */

import {whyNoColour} from '../shows-colour.ts';
import {showsUnicode} from '../shows-unicode.ts';
import {defaultLimits} from '../transfers/terms/limits.ts';
import type {Config} from './config.ts';
import type {ValuePath} from './jsonc.ts';
import {type Colour, type ThemeName, themeNames, toneNames} from './settings.ts';

export type Origin =
  | {readonly kind: 'default'}
  /** The line of the file. */
  | {readonly kind: 'file'; readonly line: number}
  | {readonly kind: 'environment'; readonly variable: string}
  | {readonly kind: 'option'; readonly option: string};

export type Chosen<Value> = {readonly value: Value; readonly from: Origin};

type Environment = Readonly<Record<string, string | undefined>>;
type Configured = Pick<Config, 'settings' | 'lineOf'>;

/**
 * The look of the full screen, and whether it uses the mouse.
 *
 * @param written options as written, by name.
 */
export function lookInForce(config: Configured, environment: Environment, written: Written = {}) {
  const {theme, ascii, mouse, screenReader, dates, sizes} = config.settings;
  return {
    theme: themeInForce(fileOr(config, ['theme'], theme, 'auto'), environment),
    ascii: asciiInForce(fileOr(config, ['ascii'], ascii, !showsUnicode(environment)), environment),
    mouse: fileOr(config, ['mouse'], mouse, true),
    screenReader: screenReaderInForce(
      fileOr(config, ['screenReader'], screenReader, undefined),
      environment,
      written,
    ),
    dates: fileOr(config, ['dates'], dates, 'relative'),
    sizes: fileOr(config, ['sizes'], sizes, 'decimal'),
  };
}

/** The user's own colours, by the role of the text; they apply to every theme that has colours. */
export function coloursInForce({settings, lineOf}: Configured): Record<string, Chosen<Colour>> {
  const chosen: Record<string, Chosen<Colour>> = {};
  for (const tone of toneNames) {
    const value = settings.colours?.[tone];
    if (value !== undefined) {
      chosen[tone] = {value, from: {kind: 'file', line: lineOf(['colours', tone])}};
    }
  }

  return chosen;
}

/** The keys of the actions for which the user has set keys. */
export function keysInForce({settings, lineOf}: Configured) {
  const entries = Object.entries(settings.keys ?? {});
  return Object.fromEntries(
    entries.map(([action, value]): [string, Chosen<readonly string[]>] => [
      action,
      {value: value ?? [], from: {kind: 'file', line: lineOf(['keys', action])}},
    ]),
  );
}

/** Notices outside the screen that are allowed, where the terminal can show them. */
export function noticesInForce(config: Configured) {
  const {title, progress, desktop, bell, clipboard} = config.settings.notices ?? {};
  return {
    title: fileOr(config, ['notices', 'title'], title, true),
    progress: fileOr(config, ['notices', 'progress'], progress, true),
    desktop: fileOr(config, ['notices', 'desktop'], desktop, true),
    bell: fileOr(config, ['notices', 'bell'], bell, true),
    clipboard: fileOr(config, ['notices', 'clipboard'], clipboard, true),
  };
}

type Written = Readonly<Record<string, string | true | undefined>>;

/** Limits, compression and the answer about files that exist. @param written options as written, by name. */
export function transfersInForce(config: Configured, written: Written) {
  const {limits = {}, compress, onConflict} = config.settings;
  const connections = optionOr(
    ['connections', '--connections', written],
    fileOr(config, ['limits', 'connections'], limits.connections, defaultLimits.connectionsPerFile),
  );
  return {
    files: optionOr(
      ['files', '--files', written],
      limits.files === undefined
        ? connections
        : fileOr(config, ['limits', 'files'], limits.files, defaultLimits.files),
    ),
    connections,
    speed: optionOr(
      ['limit', '--limit', written],
      fileOr<string | number>(config, ['limits', 'speed'], limits.speed, 'none'),
    ),
    compress: optionOr(
      ['compress', '--compress', written],
      fileOr<string>(config, ['compress'], compress, 'auto'),
    ),
    onConflict: optionOr(
      ['onConflict', '--on-conflict', written],
      fileOr<string>(config, ['onConflict'], onConflict, 'ask'),
    ),
  };
}

function themeInForce(chosen: Chosen<ThemeName>, environment: Environment): Chosen<ThemeName> {
  const variable = whyNoColour(environment);
  if (variable !== undefined) {
    return {value: 'mono', from: {kind: 'environment', variable}};
  }

  const asked = themeNames.find(name => name === environment.JANGADA_THEME);
  return asked === undefined
    ? chosen
    : {value: asked, from: {kind: 'environment', variable: 'JANGADA_THEME'}};
}

function asciiInForce(chosen: Chosen<boolean>, environment: Environment): Chosen<boolean> {
  const {JANGADA_ASCII} = environment;
  return JANGADA_ASCII
    ? {value: JANGADA_ASCII !== '0', from: {kind: 'environment', variable: 'JANGADA_ASCII'}}
    : chosen;
}

/** @param chosen the setting of the file; undefined if the file has none. */
function screenReaderInForce(
  {value, from}: Chosen<boolean | undefined>,
  {INK_SCREEN_READER, TERM}: Environment,
  written: Written,
): Chosen<boolean> {
  if (written.screenReader === true) {
    return {value: true, from: {kind: 'option', option: '--screen-reader'}};
  }

  if (INK_SCREEN_READER === 'true' || INK_SCREEN_READER === 'false') {
    const variable = 'INK_SCREEN_READER';
    return {value: INK_SCREEN_READER === 'true', from: {kind: 'environment', variable}};
  }

  if (value !== undefined) {
    return {value, from};
  }

  // Such a terminal cannot draw: it would print the escape sequences.
  return TERM === 'dumb'
    ? {value: true, from: {kind: 'environment', variable: 'TERM'}}
    : {value: false, from: {kind: 'default'}};
}

function fileOr<Value>(
  {lineOf}: Configured,
  path: ValuePath,
  value: Value | undefined,
  otherwise: Value,
): Chosen<Value> {
  return value === undefined
    ? {value: otherwise, from: {kind: 'default'}}
    : {value, from: {kind: 'file', line: lineOf(path)}};
}

function optionOr<Value extends string | number>(
  [name, option, written]: readonly [string, string, Written],
  otherwise: Chosen<Value>,
): Chosen<string | number> {
  const value = written[name];
  return typeof value === 'string' ? {value, from: {kind: 'option', option}} : otherwise;
}
