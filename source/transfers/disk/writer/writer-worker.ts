/**
 * The writer: a process of its own that writes, flushes and names small files for the one that receives
 * them. Its current folder is the folder of the file, which the other process holds open: names are
 * reached from it as safely as through a descriptor, in half of the time. It ends with the other process.
 */
import {constants, openSync, readlinkSync} from 'node:fs';
import {Socket} from 'node:net';
import process from 'node:process';
import {WriterFiles} from './writer-files.ts';
import {encodeMessage, type FromWriter, MessageReader, type ToWriter} from './writer-messages.ts';

/** The end of the pair of sockets that the other process gives. */
const socketFd = 3;
// Not among Node's constants: a descriptor that only marks a place.
const O_PATH = 0o10000000;

const parent = process.ppid;
// Pinned, so that a process that gets its number later is never taken for it.
const parentFd = openSync(`/proc/${parent}`, O_PATH | constants.O_DIRECTORY);
const parentPath = `/proc/self/fd/${parentFd}`;

process.title = 'jangada writer';
// It ends when its socket is closed: the other process may still need it after a signal to both.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}

const files = new WriterFiles(folder => process.chdir(`${parentPath}/fd/${folder}`));
const reader = new MessageReader<ToWriter>(({id, request}, bytes) => {
  // Whoever comes after a process that was killed may have begun with the same files.
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
// Whether descriptors of the other process can be reached; where not, this fails, and it does without.
readlinkSync(`${parentPath}/cwd`);
tell('ready');

function tell(message: FromWriter): void {
  socket.write(encodeMessage(message));
}
