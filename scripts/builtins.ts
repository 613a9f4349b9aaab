/**
 * Modules of Node, loaded with less than an `import` of them: that asks for each of their names, and so
 * loads what is behind it, the keyboard for `node:process`, the ciphers of browsers for `node:crypto`.
 */
import type {Plugin} from 'esbuild';

const modules: Readonly<Record<string, readonly string[]>> = {
  process: [
    'export default globalThis.process;',
    'export const {env} = globalThis.process;',
    'export const cwd = () => globalThis.process.cwd();',
  ],
  // Node has loaded it already.
  util: [
    `const util = globalThis.process.getBuiltinModule('node:util');`,
    'export default util;',
    'export const {format, parseArgs, promisify, stripVTControlCharacters, types} = util;',
  ],
  child_process: later('child_process', ['execFile', 'execFileSync', 'spawn', 'spawnSync']),
  crypto: later('crypto', [
    'createHash',
    'createHmac',
    'generateKeyPairSync',
    'hash',
    'randomBytes',
    'randomFillSync',
    'randomUUID',
    'sign',
    'timingSafeEqual',
    'X509Certificate',
  ]),
};

/** Functions and classes of a module that is loaded when any of them is used. */
function later(module: string, functions: readonly string[]): string[] {
  return [
    'let loaded;',
    `const module = () => loaded ??= globalThis.process.getBuiltinModule('node:${module}');`,
    ...functions.map(name =>
      /^[A-Z]/.test(name)
        ? `export function ${name}(...given) { return new (module().${name})(...given); }`
        : `export const ${name} = (...given) => module().${name}(...given);`,
    ),
  ];
}

/** The build fails at an import of something that is not named above. */
export const builtins: Plugin = {
  name: 'builtins',
  setup(build) {
    const filter = new RegExp(`^(?:node:)?(?:${Object.keys(modules).join('|')})$`);
    build.onResolve({filter}, ({kind, path}) =>
      kind === 'import-statement'
        ? {path: path.replace('node:', ''), namespace: 'builtins'}
        : undefined,
    );
    build.onLoad({filter: /./, namespace: 'builtins'}, ({path}) => ({
      contents: (modules[path] ?? []).join('\n'),
    }));
  },
};
