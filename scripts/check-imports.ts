/**
 * Checks the rules of imports of docs/architecture.md (import-rules.ts), and finds circles of imports. `npm run lint` and
 * test/imports.test.ts run it. Imports of types count, too; code that a running program loads by URL (a worker, the server
 * program of `jangada serve`) does not.
 */
import {globSync, readFileSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {findCircles} from './import-circles.ts';
import {rules} from './import-rules.ts';

type Violation = {file: string; line: number; imports: string; why: string};

/** Every import in the tree under `root` that violates a rule. */
export function checkTree(root: string): Violation[] {
  return [...readFiles(root)].flatMap(([file, text]) => checkFile(file, text));
}

/** Every violation in one file; `file` is its path from the root of the checkout. */
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

/** Circles of imports in the tree under `root`: the files of each in the order of the imports. */
export function circlesIn(root: string): string[][] {
  const graph = new Map<string, string[]>();
  for (const [file, text] of readFiles(root)) {
    const imports = [...importsOf(text)].map(({specifier}) => resolveImport(file, specifier));
    graph.set(file, imports);
  }

  return findCircles(graph);
}

/** The texts of all files of the project, by their paths from `root`. */
function readFiles(root: string): Map<string, string> {
  const files = globSync('{protocol,server,source,test,bench,scripts}/**/*.{ts,tsx}', {cwd: root});
  return new Map(
    files
      .sort()
      .map(file => [file.replaceAll('\\', '/'), readFileSync(path.join(root, file), 'utf8')]),
  );
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

/** Replace comments by blanks; line breaks stay, and strings that contain `//` stay. */
function withoutComments(text: string): string {
  const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;
  return text.replace(token, found =>
    found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found,
  );
}

/** A path from the root of the checkout, `node:…` for a module of Node, or a package name. */
function resolveImport(file: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return path.posix.join(path.posix.dirname(file), specifier);
  }

  return isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.join(import.meta.dirname, '..');
  const violations = checkTree(root);
  for (const {file, line, imports, why} of violations) {
    console.error(`${file}:${line} imports ${imports}: ${why}`);
  }

  const circles = circlesIn(root);
  for (const circle of circles) {
    console.error(`a circle of imports:\n  ${[...circle, circle[0]].join('\n  → ')}`);
  }

  process.exitCode = violations.length + circles.length === 0 ? 0 : 1;
}
