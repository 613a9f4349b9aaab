/** What counts besides the words of a command line: for the help and the manual page. Each row is a name and what it means. */
type Rows = ReadonlyArray<readonly [name: string, meaning: string]>;

export const variables: Rows = [
  ['JANGADA_SERVER', 'the server, where --server names none'],
  ['JANGADA_TOKEN', 'its token, where --token-file names none'],
  ['JANGADA_SSH', 'the ssh for ssh://HOST, as --ssh'],
  ['JANGADA_CONFIG', 'the folder of config.json, in place of the usual one'],
  ['JANGADA_STATE', 'the folder of the queue and of what is remembered, in place of the usual one'],
  ['JANGADA_THEME', 'colours of the full screen: auto, dark, light, high-contrast, mono'],
  ['JANGADA_ASCII', '1: signs and bars in ASCII alone; 0: not so'],
  ['INK_SCREEN_READER', 'true or false, as --screen-reader'],
  ['NO_COLOR, FORCE_COLOR', 'no colours; 0 to 3: so many of them'],
  ['JANGADA_DEBUG', '1: an error says where in the program it comes from'],
];

export const files: Rows = [
  ['~/.config/jangada', 'config.json (jangada config shows what is in force), known-servers'],
  ['~/.local/state/jangada', 'queue.db, servers.json, known-tokens, commands.history'],
  ['NAME.jangada-part', 'what has arrived of NAME, beside it; the next run goes on with it'],
];

/** Below `files`. */
export const otherSystems =
  'XDG_CONFIG_HOME and XDG_STATE_HOME count. macOS: ~/Library/Preferences/jangada and ~/Library/Application Support/jangada. Windows: %APPDATA%\\jangada\\Config and %LOCALAPPDATA%\\jangada\\Data.';

export const statuses: Rows = [
  ['0', 'all done'],
  ['1', 'something failed; each file that did is named'],
  ['2', 'wrong usage'],
  ['3', 'no connection'],
  ['4', 'refused by the server, or not the server that is meant'],
  ['5', 'content differs, or is not what was expected'],
  ['130', 'interrupted; what has arrived is kept'],
];

export const mainExamples: Rows = [
  ['jangada', 'choose a server, and browse it on the full screen'],
  ['jangada ssh://nas/srv/photos', 'over ssh: nothing has to listen there'],
  ["jangada mget '**/*.jpg' -s files.example.org -o ~/photos", 'fetch by mask'],
  ['jangada cget disk.img', 'continue, or repair, what is here'],
  ['jangada verify disk.img --repair', 'compare with the server, fetch what differs'],
];

export const pages = 'https://github.com/jangada/jangada#readme';
