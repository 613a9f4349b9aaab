/** The tree that is downloaded: some large files, many small ones, empty files and odd names. */
import {mkdirSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {blockSize} from '../../protocol/block.ts';
import {nameToBytes} from '../../protocol/remote-path.ts';
import {Random} from './random.ts';

export type Tree = {
  /** The content of each file, by remote path. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The remote path of each file, by its local path. */
  readonly remoteOf: ReadonlyMap<string, string>;
  readonly bytes: number;
};

export type TreeOptions = {
  /** Sizes of the large files in MiB. Some files get a part of a block more. */
  largeMiB: readonly number[];
  smallFiles: number;
};

/** Legal names that cause trouble in shells, terminals, masks or path handling. */
const oddNames = [
  ...[
    'with space.txt',
    ' leading and trailing ',
    'quotes \' and ".txt',
    'back\\slash',
    '$HOME `x`',
  ],
  ...[
    '-rf',
    '--on-conflict',
    '.hidden',
    '...',
    'semi;colon&amp',
    'star*?.txt',
    '[a-z]{b,c}!',
    '!no',
  ],
  ...['ção', 'é de outra forma.txt', '日本語.txt', '🛶 jangada.bin', 'rtl \u202etxt.exe'],
  ...['line\nend', 'tab\tand\rreturn', 'escape \u001b[31mred', 'bell\u0007', 'del\u007f'],
  ...['percent%41.txt', '%2e%2e%2f', 'CON', 'aux.txt', 'x'.repeat(255), 'y'.repeat(242)],
  ...['a/b/c/d/e/f/g/h/i/j/k/l/deep.txt', 'downloads.jangada-part.txt', 'partial.jangada-par'],
];

/** A name that is not UTF-8, as `protocol/remote-path.ts` represents it, and its local name. */
const rawName = 'caf\udce9.txt';
const rawLocalName = 'caf%E9.txt';

/** Write a tree under `root`. */
export function growTree(root: string, seed: number, options: TreeOptions): Tree {
  const random = new Random(seed);
  const files = new Map<string, Buffer>();
  for (const [index, size] of options.largeMiB.entries()) {
    const odd = random.pick([0, 1, blockSize - 1, random.between(2, blockSize)]);
    files.set(`large/${index} of ${size}.bin`, random.bytes(size * blockSize + odd));
  }

  for (let index = 0; index < options.smallFiles; index++) {
    const folder = random.pick(['', 'small/', 'small/inner/', 'médio/']);
    files.set(`${folder}file ${index}`, random.bytes(smallSize(random)));
  }

  for (const [index, name] of oddNames.entries()) {
    files.set(`odd/${name}`, random.bytes(index % 3 === 0 ? 0 : smallSize(random)));
  }

  if (process.platform === 'linux') {
    files.set(`odd/${rawName}`, random.bytes(3000));
  }

  return writeTree(root, files, random);
}

/** The files of `tree` in the folder `name` of its root. */
export function partOf(tree: Tree, name: string): Tree {
  const isInside = (path: string) => path.startsWith(`${name}/`);
  const files = new Map([...tree.files].filter(([path]) => isInside(path)));
  const remoteOf = new Map([...tree.remoteOf].filter(([, path]) => isInside(path)));
  const bytes = [...files.values()].reduce((sum, content) => sum + content.length, 0);
  return {files, remoteOf, bytes};
}

/** At most one block: such files travel in groups over one connection. */
function smallSize(random: Random): number {
  const size = Math.floor(2 ** (random.fraction() * 17));
  const edges = {usual: 88, empty: 6, packet: 3, block: 3};
  return {usual: size, empty: 0, packet: 65_536, block: blockSize - random.between(0, 1)}[
    random.weighted(edges)
  ];
}

function writeTree(root: string, files: ReadonlyMap<string, Buffer>, random: Random): Tree {
  const remoteOf = new Map<string, string>();
  let bytes = 0;
  for (const [path, content] of files) {
    const file = Buffer.concat([Buffer.from(`${root}/`), nameToBytes(path)]);
    mkdirSync(join(root, dirname(path)), {recursive: true});
    writeFileSync(file, content);
    // A time long past: a server remembers no digests of a file that has just changed.
    utimesSync(file, 1_600_000_000, 1_600_000_000 + random.between(0, 1e8));
    remoteOf.set(path.replace(rawName, rawLocalName), path);
    bytes += content.length;
  }

  return {files, remoteOf, bytes};
}
