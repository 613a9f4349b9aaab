/**
 * Builds dist/: the two programs, the library with its types, and the workers beside them.
 *
 *     source/cli.ts         → dist/jangada.js
 *     server/cli.ts         → dist/jangada-server.js
 *     source/index.ts       → dist/index.js, dist/types/
 *     (any)/NAME-worker.ts  → dist/NAME-worker.js
 *
 * Everything is bundled but the native module, which is optional.
 */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
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
import {type BuildOptions, build as bundle, type Plugin} from 'esbuild';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

// These begin with `#!`, which esbuild keeps.
const programs = {jangada: 'source/cli.ts', 'jangada-server': 'server/cli.ts'};
const library = {index: 'source/index.ts'};

/**
 * Build everything; without `types`, only what runs.
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
  const entryPoints = {...programs, ...library, ...(await findWorkers())};
  const {outputFiles} = await bundle({...options, entryPoints});
  return outputFiles.map(file => {
    const name = path.basename(file.path);
    return {name, contents: file.contents, executable: path.basename(name, '.js') in programs};
  });
}

// CommonJS packages call `require`, which a module does not have.
const requireBanner =
  "import {createRequire as createBundleRequire} from 'node:module';\n" +
  'const require = createBundleRequire(import.meta.url);';

// Ink loads React's developer tools only if asked to; they are not shipped.
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
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minifySyntax: true,
  legalComments: 'eof',
  banner: {js: requireBanner},
  logLevel: 'warning',
  define: {'process.env.NODE_ENV': '"production"'},
  external: ['@napi-rs/blake-hash'],
  plugins: [noDeveloperTools],
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

// Replaced one by one and never missing: a program of the last build may be running.
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

async function removeOthers(kept: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(dist, {withFileTypes: true})) {
    if (entry.isFile() && !kept.has(entry.name)) {
      await rm(path.join(dist, entry.name));
    }
  }
}

async function writeTypes(): Promise<void> {
  await rm(path.join(dist, 'types'), {recursive: true, force: true});
  const compiler = await typescriptProgram();
  const child = spawn(
    process.execPath,
    [compiler, '-p', path.join(import.meta.dirname, 'tsconfig.types.json')],
    {cwd: root, stdio: ['ignore', 'inherit', 'inherit']},
  );
  const [status] = await once(child, 'exit');
  if (status !== 0) {
    throw new Error('The types of the library could not be written');
  }
}

async function typescriptProgram(): Promise<string> {
  const folder = path.join(root, 'node_modules/typescript');
  const {bin} = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, bin.tsc);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
}
