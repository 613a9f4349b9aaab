import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Metafile} from 'esbuild';

const root = path.join(import.meta.dirname, '..');

/**
 * The notices of the packages whose code is in the bundles, as their licences ask for: name,
 * version and licence of each, and the text that comes with it.
 *
 * @throws if a package says neither its licence nor brings the text.
 */
export async function thirdPartyNotices({outputs}: Metafile): Promise<string> {
  const notices = await Promise.all(bundledPackages(outputs).map(noticeOf));
  return `Jangada contains code of these packages.\n\n${notices.join(`\n${'-'.repeat(72)}\n\n`)}`;
}

/** Folders of the packages that have a byte in any output; `a` may be there in two versions. */
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
  const {name, version, license} = description;
  const file = (await readdir(directory)).find(file => /^licen[cs]e(?:$|[.-])/i.test(file));
  if (file === undefined && license === undefined) {
    throw new Error(`${folder} does not say its licence`);
  }

  const text = file === undefined ? '' : await readFile(path.join(directory, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}
