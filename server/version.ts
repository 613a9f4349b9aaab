/** Name and version of this program, from its package. */
import {createRequire} from 'node:module';

/** The version in package.json, which is one folder above this file, both in source and in dist/. */
export function version(): string {
  const {version} = createRequire(import.meta.url)('../package.json') as {version: string};
  return version;
}

let name: string | undefined;

/** The name and version that `hello` gives for the server. */
export function programName(): string {
  name ??= `jangada-server ${version()}`;
  return name;
}
