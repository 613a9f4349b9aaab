/** The oldest Node that the programs and the library run on: `engines` of package.json has the same version. */
import process from 'node:process';

const needed = {major: 22, minor: 15};

/** The sentence for a user whose Node is too old; undefined if Node is new enough. */
export function complaintAboutNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < needed.major || (major === needed.major && minor < needed.minor);
  return isOld
    ? `Node ${version} is too old: Jangada needs Node ${needed.major}.${needed.minor} or later. Update Node, then start the program again`
    : undefined;
}
