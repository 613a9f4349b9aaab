/**
 * The writer: a process that writes, flushes and renames small files for the process that receives them. Its current
 * folder is the folder of the file, which the other process holds open. Names are reached from there as safely as
 * through a descriptor, in half of the time. The writer ends together with the other process.
 */
import {constants, openSync, readlinkSync} from 'node:fs';
import {Socket} from 'node:net';
import process from 'node:process';
import {WriterFiles} from './writer-files.ts';
import {encodeMessage, type FromWriter, MessageReader, type ToWriter} from './writer-messages.ts';

/** This side's end of the socket pair that the other process made. */
const socketFd = 3;
// Not among Node's constants: opens a descriptor that only marks a path.
const O_PATH = 0o10000000;

const parent = process.ppid;
// Kept open, so that a later process with the same pid is not taken for the parent.
const parentFd = openSync(`/proc/${parent}`, O_PATH | constants.O_DIRECTORY);
const parentPath = `/proc/self/fd/${parentFd}`;

process.title = 'jangada writer';
// Only a closed socket ends the writer: the other process may still need it after a signal to both.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}

const files = new WriterFiles(folder => process.chdir(`${parentPath}/fd/${folder}`));
const reader = new MessageReader<ToWriter>(({id, request}, bytes) => {
  // If the parent was killed, its successor may already have begun with the same files.
  if (process.ppid !== parent) {
    process.exit();
  }

  const answer = files.answer(request, bytes);
  if (answer instanceof Promise) {
    void answer.then(late => tell({id, answer: late}));
  } else {
    tell({id, answer});
  }
});
const socket = new Socket({
  fd: socketFd,
  onread: {
    buffer: () => reader.room(),
    callback(count) {
      reader.came(count);
      return true;
    },
  },
});
socket.on('error', () => process.exit());
socket.on('close', () => process.exit());
socket.resume();
// Test whether descriptors of the other process can be reached. If not, the writer fails here, and the other process
// does without it.
readlinkSync(`${parentPath}/cwd`);
tell('ready');

function tell(message: FromWriter): void {
  socket.write(encodeMessage(message));
}
