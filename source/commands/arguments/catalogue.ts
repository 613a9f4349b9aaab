/**
 * Every command there is. The parser, the help and the suggestions are made from this table and from
 * the one of options.
 */
import {type Command, fetching, reaching, several} from './command.ts';
import {queueCommands} from './queue-commands.ts';

const expecting =
  '--expect gives the required content of the file. root:ALGORITHM:HEX is checked before the first block is fetched, sha256:HEX when the whole file has arrived. A file with other content gets no final name, and the exit status is 5.';

const commands = {
  open: {
    section: 'Browse',
    usage: 'jangada [ADDRESS...]',
    summary: 'open the full screen; without ADDRESS, a list of servers',
    arguments: [0, 16],
    argument: 'ADDRESS',
    options: [...reaching, ...several, 'noMouse', 'screenReader'],
    details: [
      'The full screen needs a terminal. It saves downloads in --to.',
      'Without ADDRESS, --server and JANGADA_SERVER it first shows a list: bookmarks and recent servers. You can also type an address there. The key b returns to the list.',
      'With --screen-reader, INK_SCREEN_READER=true or TERM=dumb it draws nothing, and writes a sentence for each change. The keys are the same.',
    ],
    examples: ['jangada', 'jangada jangada://files.example.org/photos --to ~/photos'],
  },
  list: {
    section: 'Browse',
    usage: 'jangada list [PATH]',
    summary: 'list a folder, one entry on each line',
    arguments: [0, 1],
    argument: 'PATH',
    options: [...reaching, 'sort', 'reverse', 'json'],
    details: [
      'Columns: type (d folder, - file, o other), size, local time of the last change, name.',
      'Folders come first, and names are sorted. A folder of more than 10,000 entries is printed as it arrives, in the order of the server. With --sort or --reverse up to 1,000,000 entries are sorted.',
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
      'The file is saved in --to under the last part of its path.',
      '--seed LOCAL names a local file that may have equal blocks of 1 MiB, at any multiple of 1 MiB. Equal blocks are copied instead of fetched. LOCAL is only read, and may be the file that the download replaces.',
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
    summary: 'download the files that the masks match, with their folders',
    arguments: [1, 64],
    argument: 'MASK',
    instead: 'checksumsFrom',
    options: [
      ...[...reaching, ...several],
      ...['onConflict', 'dirs', 'checksums', 'checksumsFrom', 'json', 'quiet'],
    ],
    details: [
      "Masks: * and ? match within a name, [a-z] one character, {one,other} one of several texts, ** any folders. A ! in front excludes. Quote masks, so that the shell does not change them: '**' matches all files.",
      "Masks match files. With --dirs they also match folders; '**/' matches only folders.",
      '--checksums FILE writes a list of SHA-256 digests. (cd DIR && sha256sum -c FILE) checks it; DIR is the folder in --to.',
      '--checksums-from FILE reads such a list instead of masks, and fetches the files in it. A file with another SHA-256 gets no final name, and the exit status is 5.',
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
    summary: 'print the digest of a file, or of its first LENGTH bytes',
    arguments: [1, 1],
    argument: 'FILE',
    options: [...reaching, 'algorithm', 'root', 'compare', 'json', 'quiet'],
    details: [
      'Prints the digest and the name, like sha256sum. Digits after the last colon are LENGTH. If the name itself ends in a colon and digits, add a colon: FILE:10: is the whole file "FILE:10".',
      '--compare LOCALFILE computes the digest of the same number of bytes of a local file, and exits with 5 if the two digests differ.',
      '--root prints root:ALGORITHM:HEX and the name. Pass this root digest to --expect. Without --algorithm it uses blake3 if both sides support blake3, else sha256.',
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
    summary: 'resume a partial file, or repair a finished local file',
    arguments: [1, 1],
    argument: 'FILE',
    options: [...reaching, ...fetching, 'from', 'seed', 'expect', 'checksums', 'json', 'quiet'],
    details: [
      'Keeps the local blocks that are equal, and fetches the others. The local file is at the whole path of FILE in --to, as mget saves it, if that file or its partial file exists. Otherwise it is at the last part of the path in --to, as sget saves it. Without a local file, cget downloads the whole file.',
      '--from LOCAL names the unfinished file of another tool. cget renames it to the partial file in --to, and resumes from it, even if it is damaged. End the other tool first.',
      '--seed LOCAL names a local file that may have equal blocks of 1 MiB, at any multiple of 1 MiB. Equal blocks are copied instead of fetched. LOCAL is only read.',
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
      expect: 'the required content of FILE: sha256:HEX or root:ALGORITHM:HEX',
    },
    details: [
      'The local copy of photos/boat.jpg is photos/boat.jpg in --to or, if that does not exist, boat.jpg in --to.',
      'Exits with 5 if a copy differs; with --repair, only if it still differs afterwards.',
      'With --checksums it hashes the local files in the list, or only the files given as arguments, and uses no server. Names are relative to --to.',
      '--expect gives the required content of a single FILE. Exits with 5 if the copy has other content. root:ALGORITHM:HEX also checks the file on the server.',
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
      'Prints ready, draining (the server will stop soon) or unreadable (its folder does not answer), the time until the answer, and the server. Exits with 0 if the server is ready, 1 if it is not, 3 if it cannot be reached.',
      'It needs no token, and does not count as a client. Balancers send the same check.',
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
      'The configuration file is config.json in the folder that JANGADA_CONFIG names, or else in the usual folder of the user. It may have comments and trailing commas. Its JSON schema is dist/config.schema.json in the package.',
      'After each setting the command prints its source: default, a line of the file, a variable, or an option. An option overrides a variable, and a variable overrides the file. For each mistake in the file an error names the line, and the exit status is 2. The correct settings still apply.',
      'The limits that queue limits stores are not shown here: run jangada queue limits. The full screen and queue run use a stored limit if neither an option nor the file sets it.',
    ],
    examples: ['jangada config', 'jangada config --json'],
  },
  completion: {
    section: 'More',
    usage: 'jangada completion SHELL',
    summary: 'print the script that completes command lines in a shell',
    arguments: [1, 1],
    argument: 'SHELL',
    options: [],
    details: [
      'SHELL is bash, zsh, fish or powershell. Tab then completes commands, options and their values, IDs of the queue, known servers, and names on the server if it answers within a second. Completion never asks a question and stores nothing.',
      'bash: add the line of the first example to ~/.bashrc.',
      'zsh: add the line of the second example to ~/.zshrc, below compinit if the file has it.',
      'fish: run the third example once.',
      'PowerShell: add the line of the fourth example to the file that $PROFILE names. This script has not been tried in PowerShell.',
      'The server program has its own script: jangada-server completion SHELL. Load it in the same way; for fish, save it as jangada-server.fish.',
    ],
    examples: [
      'source <(jangada completion bash)',
      'source <(jangada completion zsh)',
      'jangada completion fish > ~/.config/fish/completions/jangada.fish',
      'jangada completion powershell | Out-String | Invoke-Expression',
      'source <(jangada-server completion bash)',
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
