/**
 * Modules of Node, loaded with less than an `import` of them. That asks for each of their names, and so
 * loads what is behind it: the keyboard for `node:process`, streams of files for `node:fs`, the ciphers of
 * browsers for `node:crypto`. Here only the names that the bundles use are asked for, and modules that
 * Node has not loaded by itself when it starts a program are loaded when any of their functions or classes is used:
 * `node:tls` alone takes as long as all of our own code for a command.
 */
import {getBuiltinModule} from 'node:process';
import type {Plugin} from 'esbuild';

/** Node has loaded these before it begins with a program, or classes of the bundles are built on theirs. */
const loadedAtOnce = ['buffer', 'events', 'fs', 'module', 'os', 'path', 'stream', 'url', 'util'];

const loadedLater = [
  'child_process',
  'crypto',
  'dns/promises',
  'fs/promises',
  'http',
  'https',
  'net',
  'perf_hooks',
  'readline',
  'sqlite',
  'timers/promises',
  'tls',
  'tty',
  'v8',
  'worker_threads',
  'zlib',
];

const processAsItIs = [
  'export default globalThis.process;',
  'export const {env} = globalThis.process;',
  'export const cwd = () => globalThis.process.cwd();',
];

/** The build fails at an import of a name that a module does not have. */
export const builtins: Plugin = {
  name: 'builtins',
  setup(build) {
    const names = ['process', ...loadedAtOnce, ...loadedLater];
    const filter = new RegExp(`^(?:node:)?(?:${names.join('|')})$`);
    build.onResolve({filter}, ({kind, path}) =>
      kind === 'import-statement'
        ? {path: path.replace('node:', ''), namespace: 'builtins', sideEffects: false}
        : undefined,
    );
    build.onLoad({filter: /./, namespace: 'builtins'}, ({path}) => ({
      contents: (path === 'process' ? processAsItIs : contentsOf(path)).join('\n'),
    }));
  },
};

/** A module that gives the names of one of Node's. esbuild leaves out those that nothing imports. */
function contentsOf(name: string): string[] {
  const members = Object.entries(getBuiltinModule(`node:${name}`) ?? {});
  const isLater = loadedLater.includes(name);
  return [
    'let loaded;',
    `const all = () => loaded ??= globalThis.process.getBuiltinModule('node:${name}');`,
    'const valueOf = name => all()[name];',
    'export default /* @__PURE__ */ all();',
    ...(isLater
      ? [
          'const later = (name, isClass) => isClass ? laterClass(name) : (...given) => all()[name](...given);',
          laterClass,
        ]
      : []),
    ...members.flatMap(([member, value], index) => {
      const made =
        isLater && typeof value === 'function'
          ? `later('${member}', ${/^[A-Z]/.test(member)})`
          : `valueOf('${member}')`;
      return [`const _${index} = /* @__PURE__ */ ${made};`, `export {_${index} as ${member}};`];
    }),
  ];
}

/** Nothing is of a class that nobody has loaded. */
const laterClass = `
const laterClass = name => {
  const Later = function (...given) { return new (all()[name])(...given); };
  Object.defineProperty(Later, Symbol.hasInstance, {value: it => loaded !== undefined && it instanceof loaded[name]});
  return Later;
};`;
