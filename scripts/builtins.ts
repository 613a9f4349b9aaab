/**
 * Loads Node's modules with less work than an `import`. An `import` reads every export of a module, and so loads the code
 * behind each: standard input for `node:process`, file streams for `node:fs`, Web Crypto for `node:crypto`. This plugin
 * reads only the exports that the bundles use. Modules that Node has not already loaded at the start of a program are loaded
 * at the first use of their functions or classes: loading `node:tls` takes as long as all our own code for a command.
 */
import {getBuiltinModule} from 'node:process';
import type {Plugin} from 'esbuild';

/** Modules that Node has already loaded before a program starts, or whose classes the bundles extend. */
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
  'vm',
  'worker_threads',
  'zlib',
];

const processAsItIs = [
  'export default globalThis.process;',
  'export const {env} = globalThis.process;',
  'export const cwd = () => globalThis.process.cwd();',
];

/** The build fails if code imports a name that a module does not have. */
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

/** The source of a module that exports the names of one of Node's modules. esbuild removes unused ones. */
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

/** A class that is loaded at its first use. No object is an instance of a class that is not loaded yet. */
const laterClass = `
const laterClass = name => {
  const Later = function (...given) { return new (all()[name])(...given); };
  Object.defineProperty(Later, Symbol.hasInstance, {value: it => loaded !== undefined && it instanceof loaded[name]});
  return Later;
};`;
