/** The settings of the full screen that are in force. */
import type {OnConflict} from '../transfers/terms/conflict-policy.ts';
import {type Config, mistakeLine} from './config.ts';
import {lookInForce, noticesInForce} from './in-force.ts';
import type {Colours, ThemeName} from './settings.ts';

export type ScreenSettings = {
  readonly theme: ThemeName;
  readonly colours: Colours;
  /** Whether the screen is drawn with ASCII only. */
  readonly ascii: boolean;
  /** Whether the screen uses the mouse. */
  readonly mouse: boolean;
  /** Whether changes are written as sentences, and nothing is drawn. */
  readonly screenReader: boolean;
  /** Notices outside the screen that are allowed. */
  readonly notices: Readonly<
    Record<'title' | 'progress' | 'desktop' | 'bell' | 'clipboard', boolean>
  >;
  readonly onConflict: OnConflict;
};

/**
 * The settings, and a sentence about the mistakes of the configuration if it has any.
 *
 * @param written options as written, by name.
 */
export function screenSettings(
  config: Config,
  environment: NodeJS.ProcessEnv,
  written: Readonly<Record<string, string | true | undefined>> = {},
): {settings: ScreenSettings; complaint: {complaint?: string}} {
  const {theme, ascii, mouse, screenReader} = lookInForce(config, environment, written);
  const {title, progress, desktop, bell, clipboard} = noticesInForce(config);
  return {
    settings: {
      theme: theme.value,
      colours: config.settings.colours ?? {},
      ascii: ascii.value,
      mouse: mouse.value,
      screenReader: screenReader.value,
      notices: {
        title: title.value,
        progress: progress.value,
        desktop: desktop.value,
        bell: bell.value,
        clipboard: clipboard.value,
      },
      onConflict: config.settings.onConflict ?? 'ask',
    },
    complaint: complaintOf(config),
  };
}

function complaintOf({mistakes}: Config): {complaint?: string} {
  const [first] = mistakes;
  if (first === undefined) {
    return {};
  }

  const more = mistakes.length - 1;
  const others = more === 0 ? '' : ` ${more} more: jangada config`;
  // The full path would take the room of the message.
  return {complaint: `${mistakeLine({file: 'config.json'}, first)}.${others}`};
}
