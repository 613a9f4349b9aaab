/**
 * Keeps the arrows of docs/architecture.md: which part may import which. Run by `npm run lint`
 * and by test/imports.test.ts. Imports of types count too; what is loaded by URL while the
 * program runs (a worker, the server program of `jangada serve`) does not.
 */
import {globSync, readFileSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export type Violation = {file: string; line: number; imports: string; why: string};

type Rule = {from: RegExp; never: RegExp; why: string};

const rules: readonly Rule[] = [
  {
    from: /^protocol\//,
    never: /^(?:server|source)\//,
    why: 'both sides import the protocol; it imports neither',
  },
  {from: /^server\//, never: /^source\//, why: 'the server knows nothing of the client'},
  {from: /^source\//, never: /^server\//, why: 'the client knows nothing of the server'},
  {
    from: /^(?:protocol|server|source)\//,
    never: /^(?:test|bench|scripts)\//,
    why: 'what is shipped needs nothing of what is not',
  },
  {
    from: /^(?:protocol|server|source\/(?:client|transfers|commands))\//,
    never: /^(?:react|react-[\w-]+|ink|ink-[\w-]+)(?:\/|$)/,
    why: 'only the full-screen client draws with React',
  },
  {
    from: /^source\/client\//,
    never: /^source\/(?!client\/)/,
    why: 'the client library imports the protocol alone',
  },
  {
    from: /^source\/transfers\//,
    never: /^source\/(?!client\/|transfers\/)/,
    why: 'transfers know nothing of those who watch them',
  },
  {
    from: /^source\/commands\//,
    never: /^source\/tui\//,
    why: 'only source/cli.ts loads both the commands and the full-screen client',
  },
  {
    from: /^source\/tui\//,
    never: /^(?:source\/commands\/|node:(?:net|tls|fs|http|dgram|child_process|sqlite)(?:\/|$))/,
    why: 'the full-screen client knows nothing of sockets, files or commands',
  },
  {
    from: /^source\/(?!cli\.ts$)/,
    never: /^source\/cli\.ts$/,
    why: 'the program imports the parts, not the other way round',
  },
];

/** Every import in the tree under `root` that goes against an arrow. */
export function checkTree(root: string): Violation[] {
  const files = globSync('{protocol,server,source}/**/*.{ts,tsx}', {cwd: root});
  return files
    .sort()
    .flatMap(file =>
      checkFile(file.replaceAll('\\', '/'), readFileSync(path.join(root, file), 'utf8')),
    );
}

/** The same for one file; `file` is its path from the root of the checkout. */
export function checkFile(file: string, text: string): Violation[] {
  const violations: Violation[] = [];
  for (const {specifier, line} of importsOf(text)) {
    const imports = resolveImport(file, specifier);
    for (const {from, never, why} of rules) {
      if (from.test(file) && never.test(imports)) {
        violations.push({file, line, imports, why});
      }
    }
  }

  return violations;
}

// `from '…'`, `import '…'`, `import('…')`, `require('…')`.
const importPattern = /\b(?:from|import|require)\s*\(?\s*['"`]([^'"`\n]+)['"`]/g;

function* importsOf(text: string): Generator<{specifier: string; line: number}> {
  const code = withoutComments(text);
  for (const match of code.matchAll(importPattern)) {
    const line = code.slice(0, match.index).split('\n').length;
    yield {specifier: match[1] ?? '', line};
  }
}

/** Comments become blank, line breaks stay; a string with `//` in it is left alone. */
function withoutComments(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;
  return text.replace(token, found =>
    found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found,
  );
}

/** A path from the root of the checkout, `node:…` for what Node brings, or a package's name. */
function resolveImport(file: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return path.posix.join(path.posix.dirname(file), specifier);
  }

  return isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const violations = checkTree(path.join(import.meta.dirname, '..'));
  for (const {file, line, imports, why} of violations) {
    console.error(`${file}:${line} imports ${imports}: ${why}`);
  }

  process.exitCode = violations.length === 0 ? 0 : 1;
}
