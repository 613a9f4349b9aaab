/** Checks the keys of a configuration against the actions of the full screen. */
import {type Config, withKeys} from './config/config.ts';
import {customise} from './tui/keys/custom-keys.ts';
import {setKeys, standardKeys} from './tui/keys/keymap.ts';

/** `config` with its keys checked; the valid ones become the keys of the full screen. */
export function withOwnKeys(
  config: Config,
  wanted: NonNullable<Config['settings']['keys']>,
): Config {
  const own = customise(standardKeys, wanted);
  setKeys(own);
  return withKeys(config, own.keys, own.mistakes);
}
