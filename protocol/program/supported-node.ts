/**
 * Refuses to start on a Node that is too old, in one line, rather than fail somewhere later.
 * Importing this file does it; a program imports it first.
 */
import process from 'node:process';

const needed = {major: 22, minor: 15};

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < needed.major || (major === needed.major && minor < needed.minor)) {
  process.stderr.write(
    `jangada: This needs Node ${needed.major}.${needed.minor} or newer, and runs on ${process.versions.node}. Update Node, then start it again\n`,
  );
  process.exit(1);
}
