/** Variables, files and exit statuses, for the help and the manual page. Each row is a name and its meaning. */
type Rows = ReadonlyArray<readonly [name: string, meaning: string]>;

export const variables: Rows = [
  ['JANGADA_SERVER', 'the server, if there is no --server'],
  ['JANGADA_TOKEN', 'the token of the server, if there is no --token-file'],
  ['JANGADA_SSH', 'the ssh program for ssh://HOST, as --ssh'],
  ['JANGADA_CONFIG', 'the folder of config.json, instead of the usual one'],
  ['JANGADA_STATE', 'the folder of the queue, known tokens and history, instead of the usual one'],
  ['JANGADA_THEME', 'colours of the full screen: auto, dark, light, high-contrast, mono'],
  ['JANGADA_ASCII', '1: draw signs and bars in ASCII only; 0: never'],
  ['INK_SCREEN_READER', 'true or false, as --screen-reader'],
  ['NO_COLOR, FORCE_COLOR', 'NO_COLOR: no colours; FORCE_COLOR: 0 none, 1 sixteen, 2 or 3 more'],
  ['JANGADA_DEBUG', '1: print the stack trace of an error'],
];

export const files: Rows = [
  ['~/.config/jangada', 'config.json (jangada config shows the settings), known-servers'],
  ['~/.local/state/jangada', 'queue.db, servers.json, known-tokens, commands.history'],
  [
    'NAME.jangada-part',
    'the partial file of NAME, in the same folder; the next run resumes from it',
  ],
];

/** A note below the rows of `files`. */
export const otherSystems =
  'XDG_CONFIG_HOME and XDG_STATE_HOME change these folders. macOS: ~/Library/Preferences/jangada and ~/Library/Application Support/jangada. Windows: %APPDATA%\\jangada\\Config and %LOCALAPPDATA%\\jangada\\Data.';

export const statuses: Rows = [
  ['0', 'success'],
  ['1', 'something failed; an error names each file'],
  ['2', 'wrong usage'],
  ['3', 'no connection'],
  ['4', 'the server refused this client, or did not prove its identity'],
  ['5', 'content differs, or is not the expected content'],
  ['130', 'interrupted; partial files are kept'],
];

export const mainExamples: Rows = [
  ['jangada', 'browse a server on the full screen'],
  ['jangada ssh://nas/srv/photos', 'over ssh: no server has to run there'],
  [
    "jangada mget '**/*.jpg' -s files.example.org -o ~/photos",
    'download the files that a mask matches',
  ],
  ['jangada cget disk.img', 'resume or repair a local file'],
  ['jangada verify disk.img --repair', 'compare, and fetch the blocks that differ'],
];

export const pages = 'https://github.com/jangada/jangada#readme';
