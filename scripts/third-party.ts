import {glob, readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Metafile} from 'esbuild';

const root = path.join(import.meta.dirname, '..');

/**
 * The notices that the licences of the bundled packages require: name, version, licence and author of each package, and its
 * licence texts.
 *
 * @throws if a package neither names its licence nor contains the text.
 */
export async function thirdPartyNotices(outputs: Metafile['outputs']): Promise<string> {
  const notices = await Promise.all(bundledPackages(outputs).map(noticeOf));
  return `Jangada contains code of these packages.\n\n${notices.join(`\n${'-'.repeat(72)}\n\n`)}`;
}

/** Folders of the packages that contribute a byte to any output; a package may occur in two versions. */
function bundledPackages(outputs: Metafile['outputs']): string[] {
  const folders = new Set<string>();
  for (const {inputs} of Object.values(outputs)) {
    for (const [file, {bytesInOutput}] of Object.entries(inputs)) {
      const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
      if (folder !== undefined && bytesInOutput > 0) {
        folders.add(folder);
      }
    }
  }

  return [...folders].sort();
}

async function noticeOf(folder: string): Promise<string> {
  const directory = path.join(root, folder);
  const description = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8'));
  const {name, version, license, author} = description;
  const files = await Array.fromAsync(glob(licenceFiles, {cwd: directory}));
  if (files.length === 0 && license === undefined) {
    throw new Error(`${folder} does not say its licence`);
  }

  const texts = await Promise.all(
    files.sort().map(file => readFile(path.join(directory, file), 'utf8')),
  );
  const lines = texts.map(text => `${text.replaceAll('\r\n', '\n').trim()}\n`);
  const holder = author === undefined ? '' : `, ${author.name ?? author}`;
  return [`${name} ${version} (${license}${holder})\n`, ...lines].join('\n');
}

// build/ has the licences of packages that a package has bundled itself.
const licenceFiles = '{,build/}[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]{,s,.*,s.*,-*}';
