/**
 * Every command there is. The parser, the help and the suggestions are made from this table and from
 * the one of options.
 */
import {type Command, fetching, reaching, several} from './command.ts';
import {queueCommands} from './queue-commands.ts';

const expecting =
  '--expect says what the file has to be: root:ALGORITHM:HEX is checked before anything is fetched, sha256:HEX when all has come. Any other file gets no name, and the exit status is 5.';

const commands = {
  open: {
    section: 'Browse',
    usage: 'jangada [ADDRESS...]',
    summary: 'open the full screen; without ADDRESS, a list of servers',
    arguments: [0, 16],
    argument: 'ADDRESS',
    options: [...reaching, ...several, 'noMouse', 'screenReader'],
    details: [
      'Needs a terminal. Downloads are saved in --to.',
      'Without ADDRESS, --server and JANGADA_SERVER it begins with the servers that were used last and the bookmarks, and takes an address in a line. The key b comes back to them.',
      'With --screen-reader nothing is drawn: a sentence for each change is written, and the keys are the same. So it is with INK_SCREEN_READER=true, and on a terminal that says TERM=dumb.',
    ],
    examples: ['jangada', 'jangada jangada://files.example.org/photos --to ~/photos'],
  },
  list: {
    section: 'Browse',
    usage: 'jangada list [PATH]',
    summary: 'list a folder, one entry a line',
    arguments: [0, 1],
    argument: 'PATH',
    options: [...reaching, 'sort', 'reverse', 'json'],
    details: [
      'Columns: type (d folder, - file, o other), size, local time of the last change, name.',
      'Folders come first, then names in order. Without --sort and --reverse a folder of more than 10,000 entries is printed as it arrives, in the order of the server; with them one of up to 1,000,000 is sorted.',
    ],
    examples: [
      'jangada list',
      'jangada list photos/2025 --sort time --reverse',
      'jangada list photos/2025 --json',
    ],
  },
  sget: {
    section: 'Download',
    usage: 'jangada sget FILE',
    summary: 'download one file',
    arguments: [1, 1],
    argument: 'FILE',
    options: [
      ...reaching,
      ...fetching,
      'onConflict',
      'seed',
      'expect',
      'checksums',
      'json',
      'quiet',
    ],
    details: [
      'The file is saved in --to under its own name, without the folders before it.',
      '--seed LOCAL names a local file that may share blocks of 1 MiB with it, at whatever place: those are copied and not fetched. It is only read, and may be the file that is replaced.',
      expecting,
    ],
    examples: [
      'jangada sget photos/2025/boat.jpg --to ~/photos',
      'jangada sget jangada://files.example.org/photos/2025/boat.jpg',
      'jangada sget disk.img --seed disk-old.img',
      'jangada sget disk.img --expect root:blake3:5cba21…',
    ],
  },
  mget: {
    section: 'Download',
    usage: 'jangada mget MASK...',
    summary: 'download all that the masks match, folders kept',
    arguments: [1, 64],
    argument: 'MASK',
    instead: 'checksumsFrom',
    options: [
      ...[...reaching, ...several],
      ...['onConflict', 'dirs', 'checksums', 'checksumsFrom', 'json', 'quiet'],
    ],
    details: [
      "Masks: * and ? within a name, [a-z], {one,other}, ** for any folders, and ! in front to exclude. Quote them, so that the shell leaves them alone: '**' is everything.",
      "Masks match files. With --dirs they match folders too, and '**/' those alone.",
      '--checksums FILE keeps a list: (cd DIR && sha256sum -c FILE) checks it where --to was DIR.',
      '--checksums-from FILE takes such a list in place of masks: the files that it names are fetched, and any that has another SHA-256 gets no name. The exit status is 5 then.',
    ],
    examples: [
      "jangada mget '**/*.jpg' '!drafts/**' --to ~/photos",
      "jangada mget '**' --dirs --to ~/copy",
      "jangada mget '**' --to ~/photos --checksums ~/photos.sha256",
      'jangada mget --checksums-from SHA256SUMS --to ~/photos',
    ],
  },
  hash: {
    section: 'Check',
    usage: 'jangada hash FILE[:LENGTH]',
    summary: 'digest of the first LENGTH bytes, or of all',
    arguments: [1, 1],
    argument: 'FILE',
    options: [...reaching, 'algorithm', 'root', 'compare', 'json', 'quiet'],
    details: [
      'Prints the digest and the name, like sha256sum. Digits after the last colon are LENGTH; for a name that itself ends so, add a colon: FILE:10: is all of the file "FILE:10".',
      '--compare LOCALFILE says whether the same number of bytes of a local file have the same digest, and exits with 5 if not.',
      '--root prints root:ALGORITHM:HEX and the name: it names all of the content, for --expect. Without --algorithm it is blake3, where both sides have it.',
    ],
    examples: [
      'jangada hash disk.img:1000000',
      'jangada hash disk.img --algorithm sha1 --compare ./disk.img',
      'jangada hash --root disk.img',
    ],
  },
  cget: {
    section: 'Download',
    usage: 'jangada cget FILE',
    summary: 'continue (or repair) a partial or a finished local file',
    arguments: [1, 1],
    argument: 'FILE',
    options: [...reaching, ...fetching, 'from', 'seed', 'expect', 'checksums', 'json', 'quiet'],
    details: [
      'Blocks that are on disk and equal stay, the others are fetched. Without a local file it downloads all of it.',
      '--from LOCAL is what another tool has left of the download, under whatever name. It is renamed to the partial in --to and continued, whatever is wrong with it. That tool must have ended.',
      '--seed LOCAL names a local file that may share blocks of 1 MiB with it, at whatever place: those are copied and not fetched. It is only read.',
      expecting,
    ],
    examples: [
      'jangada cget disk.img',
      'jangada cget disk.img --from ~/Downloads/disk.img.crdownload',
    ],
  },
  verify: {
    section: 'Check',
    usage: 'jangada verify FILE...',
    summary: 'compare local copies with the server, block by block',
    arguments: [1, Number.POSITIVE_INFINITY],
    argument: 'FILE',
    instead: 'checksums',
    options: [...reaching, ...fetching, 'checksums', 'repair', 'expect', 'json', 'quiet'],
    summaries: {
      checksums: 'compare with the SHA-256 in FILE; no server is needed',
      expect: 'the content that FILE has to have: sha256:HEX, root:ALGORITHM:HEX',
    },
    details: [
      'The local copy of photos/boat.jpg is photos/boat.jpg in --to or, if that does not exist, boat.jpg in --to.',
      'Exits with 5 if a copy differs; with --repair only if it still does afterwards.',
      'With --checksums the files that a list names are hashed, all of them or those that are given as arguments. Names are relative to --to; no server is asked.',
      '--expect says what the one FILE has to be. Exits with 5 if the copy, or with root:ALGORITHM:HEX the file on the server, is another.',
    ],
    examples: [
      'jangada verify disk.img',
      'jangada verify photos/boat.jpg --to ~/photos --repair',
      'jangada verify --checksums ~/photos.sha256 --to ~/photos',
    ],
  },
  ping: {
    section: 'Browse',
    usage: 'jangada ping',
    summary: 'ask the server whether it is ready',
    arguments: [0, 0],
    argument: '',
    options: ['server', 'fingerprint', 'ssh', 'remoteCommand', 'json'],
    details: [
      'Prints ready, draining (it is about to stop) or unreadable (its folder does not answer), how long the answer took, and the server. Exits with 0 if it is ready, else with 1; with 3 if there is no server.',
      'It needs no token and takes no place of a client, as the checks of a balancer, which ask the same.',
    ],
    examples: ['jangada ping -s files.example.org'],
  },
  ...queueCommands,
  config: {
    section: 'More',
    usage: 'jangada config',
    summary: 'show the settings in force, and where they come from',
    arguments: [0, 0],
    argument: '',
    options: ['connections', 'files', 'limit', 'compress', 'onConflict', 'screenReader', 'json'],
    details: [
      'The configuration is config.json in the folder that JANGADA_CONFIG names, or else in that of this user. It may have comments and trailing commas; its JSON schema is dist/config.schema.json of the package.',
      'Behind each setting stands where it comes from: default, the line of the file, a variable, or an option. An option wins over a variable, that over the file. What is wrong in the file is named with its line, and the exit status is 2; all that is right counts.',
    ],
    examples: ['jangada config', 'jangada config --json'],
  },
  completion: {
    section: 'More',
    usage: 'jangada completion SHELL',
    summary: 'print the script with which a shell completes command lines',
    arguments: [1, 1],
    argument: 'SHELL',
    options: [],
    details: [
      'SHELL is bash, zsh or fish. Tab then completes commands, options and their values, IDs of the queue, servers that are known, and names on the server, if that answers within a second: nothing is asked, and nothing is remembered of it.',
      'bash: put the line of the first example into ~/.bashrc.',
      'zsh: put that of the second into ~/.zshrc, below the line with compinit.',
      'fish: run the third once.',
    ],
    examples: [
      'source <(jangada completion bash)',
      'source <(jangada completion zsh)',
      'jangada completion fish > ~/.config/fish/completions/jangada.fish',
    ],
  },
  serve: {
    section: 'More',
    usage: 'jangada serve [DIR]',
    summary: 'serve a folder; the same as jangada-server [DIR]',
    arguments: [0, 1],
    argument: 'DIR',
    options: [],
    details: [],
    examples: ['jangada serve ~/public --port 0'],
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

/** The words that a command line can begin with. */
export const commandWords = Object.keys(commands).filter(name => name !== 'open') as Exclude<
  CommandName,
  'open'
>[];

/** Other words for commands: what other programs have taught fingers to type. */
const aliases: ReadonlyMap<string, CommandName> = new Map([
  ['ls', 'list'],
  ['queue ls', 'queue list'],
]);

/** Other words for the command. */
export function aliasesOf(command: CommandName): string[] {
  return [...aliases].flatMap(([word, name]) => (name === command ? [word] : []));
}

/** The command that a line begins with: `word`, or the two words of one in a group. */
export function commandCalled(word: string): CommandName | undefined {
  return commandWords.find(known => known === word) ?? aliases.get(word);
}

/** First words of commands that are two words. */
export const commandGroups = {
  queue: 'prepare the queue of transfers and run it unattended',
} as const;

export type CommandGroup = keyof typeof commandGroups;

/** What there is help for: a command, a group of them, or all options; undefined is the program. */
export type Topic = CommandName | CommandGroup | 'options' | undefined;

export const groupWords = Object.keys(commandGroups) as CommandGroup[];

/** The commands whose first word is `group`. */
export function commandsOf(group: CommandGroup): CommandName[] {
  return commandWords.filter(word => word.startsWith(`${group} `));
}

/** The command, with the types of the table widened. */
export function commandOf(name: CommandName): Command {
  return commands[name];
}

/** A word alone is a command, perhaps a mistyped one, and never a host. */
export function looksLikeAddress(word: string): boolean {
  return word === 'localhost' || /[:./[]/.test(word);
}
