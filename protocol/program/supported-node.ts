/**
 * Refuses to start on a Node that is too old, with one line, instead of failing later. Importing this file runs the check,
 * so a program imports it first.
 */
import process from 'node:process';

const needed = {major: 22, minor: 15};

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < needed.major || (major === needed.major && minor < needed.minor)) {
  process.stderr.write(
    `jangada: This needs Node ${needed.major}.${needed.minor} or newer, but this Node is ${process.versions.node}. Update Node, then start it again\n`,
  );
  process.exit(1);
}
