/**
 * Builds dist/: the two programs, the library with its types, and the workers beside them.
 *
 *     source/jangada.ts     → dist/jangada.js
 *     source/cli.ts         → dist/cli-HASH.js, and NAME-HASH.js for code that only some commands load
 *     server/cli.ts         → dist/jangada-server.js
 *     source/index.ts       → dist/index.js, dist/types/
 *     (any)/NAME-worker.ts  → dist/NAME-worker.js
 *
 *     source/config/        → dist/config.schema.json, for editors of a configuration
 *     tables of the help    → dist/jangada.1, dist/jangada-server.1: manual pages
 *     node_modules          → dist/THIRD-PARTY.txt: licences of the packages in the bundles
 *     the previous build    → dist/.npmignore: names of its files, which stay until the next build
 *
 * Everything is bundled except the optional native module.
 */
import {
  chmod,
  glob,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {type BuildOptions, build as bundle, type Metafile, type Plugin} from 'esbuild';
import * as z from 'zod';
import {settingsSchema} from '../source/config/settings.ts';
import {actionNames} from '../source/tui/keys/custom-keys.ts';
import {standardKeys} from '../source/tui/keys/keymap.ts';
import {builtins} from './builtins.ts';
import {fasterPackages} from './faster-packages.ts';
import {firstParts, type Stage} from './first-parts.ts';
import {clientManual, serverManual} from './manual.ts';
import {thirdPartyNotices} from './third-party.ts';
import {writeTypes} from './write-types.ts';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

// These files begin with `#!`, which esbuild keeps.
const programs = {jangada: 'source/jangada.ts', 'jangada-server': 'server/cli.ts'};
const client = {cli: 'source/cli.ts'};
const library = {index: 'source/index.ts'};

/** Every start loads the first stage; every command and the full screen load the imports of the second stage. */
const stages: readonly Stage[] = [
  {entry: client.cli, later: 'all'},
  {
    entry: 'source/commands/run-command.ts',
    later: [
      'source/commands/completion/servers-and-names.ts',
      'source/commands/config.ts',
      'source/commands/fetching.ts',
      'source/commands/ping.ts',
      'source/open-screen.ts',
      'source/own-keys.ts',
      'source/tui/run-reader.ts',
    ],
  },
];

/**
 * Build everything; without `types`, only the programs.
 *
 * @throws if the code cannot be bundled, or its types are wrong.
 */
export async function build({types = true} = {}): Promise<void> {
  await mkdir(dist, {recursive: true});
  const [outputs] = await Promise.all([bundleAll(), types ? writeTypes() : undefined]);
  await replaceFiles(outputs);
  await removeOthers(new Set(outputs.map(({name}) => name)));
}

type Output = {name: string; contents: Uint8Array; executable: boolean};

async function bundleAll(): Promise<Output[]> {
  // A client command starts twice as fast without the code of the full screen.
  const inParts = {...options, entryPoints: client, entryNames: '[name]-[hash]', splitting: true};
  const {metafile} = await bundle(inParts);
  const first = firstParts(metafile, stages, root);
  const parts = await bundle({...inParts, plugins: [...options.plugins, first]});
  const wholes = await bundle({
    ...options,
    entryPoints: {...programs, ...library, ...(await findWorkers())},
    plugins: [...options.plugins, partsAsTheyAre(parts.metafile)],
  });
  const outputs = [...parts.outputFiles, ...wholes.outputFiles].map(file => {
    const name = path.basename(file.path);
    return {name, contents: file.contents, executable: path.basename(name, '.js') in programs};
  });
  const notices = await thirdPartyNotices({...parts.metafile.outputs, ...wholes.metafile.outputs});
  return [
    ...outputs.sort(byParts),
    {name: 'THIRD-PARTY.txt', contents: Buffer.from(notices), executable: false},
    ...(await manuals()),
    {name: 'config.schema.json', contents: Buffer.from(configSchema()), executable: false},
  ];
}

async function manuals(): Promise<Output[]> {
  const {version} = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const pages = {'jangada.1': clientManual(version), 'jangada-server.1': serverManual(version)};
  return Object.entries(pages).map(([name, page]) => ({
    name,
    contents: Buffer.from(page),
    executable: false,
  }));
}

/** The JSON schema of a configuration. */
function configSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(settingsSchema(actionNames(standardKeys))), undefined, 2)}\n`;
}

/** Sort a program after the parts that it loads, because somebody may start it at any moment. */
function byParts(one: Output, other: Output): number {
  return Number(one.executable) - Number(other.executable);
}

/** Redirect imports of client parts to the files that the parts were bundled to. */
function partsAsTheyAre({outputs}: Metafile): Plugin {
  const files = new Map(
    Object.entries(outputs).map(([file, {entryPoint}]) => [entryPoint, path.basename(file)]),
  );
  return {
    name: 'parts-as-they-are',
    setup(build) {
      build.onResolve({filter: /./}, ({kind, path: name, resolveDir}) => {
        const source = path.relative(root, path.join(resolveDir, name)).replaceAll(path.sep, '/');
        const file = kind === 'dynamic-import' ? files.get(source) : undefined;
        return file === undefined ? undefined : {path: `./${file}`, external: true};
      });
    },
  };
}

// CommonJS packages call `require`, which ES modules do not have. In the bundles they call it only for Node's modules.
const requireBanner = 'const require = name => globalThis.process.getBuiltinModule(name);';

// Ink loads React's developer tools only on request; the package does not contain them.
const noDeveloperTools: Plugin = {
  name: 'no-developer-tools',
  setup(build) {
    build.onResolve({filter: /^react-devtools-core$/}, ({path}) => ({path, namespace: 'none'}));
    build.onLoad({filter: /.*/, namespace: 'none'}, () => ({contents: 'export default {};'}));
  },
};

const options = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  // Every supported Node knows these features; otherwise esbuild would create each expression with `new RegExp` at each use.
  supported: {'regexp-set-notation': true, 'regexp-unicode-property-escapes': true},
  minifySyntax: true,
  legalComments: 'eof',
  banner: {js: requireBanner},
  logLevel: 'warning',
  define: {'process.env.NODE_ENV': '"production"'},
  inject: [path.join(import.meta.dirname, 'performance.ts')],
  external: ['@napi-rs/blake-hash'],
  plugins: [noDeveloperTools, fasterPackages, builtins],
} satisfies BuildOptions;

async function findWorkers(): Promise<Record<string, string>> {
  const workers: Record<string, string> = {};
  for await (const file of glob('{server,source}/**/*-worker.ts', {cwd: root})) {
    const name = path.basename(file, '.ts');
    if (workers[name] !== undefined) {
      throw new Error(`${file} and ${workers[name]} would be one file in dist/`);
    }

    workers[name] = file;
  }

  return workers;
}

// Replace files one by one, so that none is ever missing: a program of the last build may be running.
async function replaceFiles(outputs: readonly Output[]): Promise<void> {
  const fresh = await mkdtemp(path.join(dist, '.build-'));
  try {
    for (const {name, contents, executable} of outputs) {
      const file = path.join(fresh, name);
      await writeFile(file, contents);
      await chmod(file, executable ? 0o755 : 0o644);
      await rename(file, path.join(dist, name));
    }
  } finally {
    await rm(fresh, {recursive: true});
  }
}

/** Names of the previous build's files, one on each line. npm reads this file, and leaves them out of the package. */
const beforeList = path.join(dist, '.npmignore');

/**
 * Remove all files except those of this build and of the previous one: a program of the previous build may just be starting,
 * or may load a part later.
 */
async function removeOthers(kept: ReadonlySet<string>): Promise<void> {
  const others = (await readdir(dist, {withFileTypes: true}))
    .filter(entry => entry.isFile() && !kept.has(entry.name))
    .map(({name}) => name)
    .filter(name => name !== path.basename(beforeList));
  const known = await namesBefore();
  const replaced = others.filter(name => !known.has(name));
  // A build without changes keeps the older files.
  const before = replaced.length > 0 ? replaced : others;
  await writeFile(beforeList, before.map(name => `${name}\n`).join(''));
  for (const name of others.filter(name => !before.includes(name))) {
    await rm(path.join(dist, name));
  }
}

async function namesBefore(): Promise<ReadonlySet<string>> {
  try {
    return new Set((await readFile(beforeList, 'utf8')).split('\n'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return new Set();
    }

    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
}
